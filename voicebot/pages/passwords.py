"""Which passwords are good enough to be the only lock on the door. Says why not in words that help; keeps none."""

import unicodedata
from collections.abc import Sequence

from zxcvbn import zxcvbn

from voicebot.dialogue.values import Secret

SHORTEST, LONGEST = 15, 256  # NIST SP 800-63B-4 asks for 15 characters where there is no second factor
ENOUGH = 10.0  # 10^10 guesses, by zxcvbn's reckoning
WEIGHED = 72  # characters that zxcvbn takes
FIELD = "password"


def normal(typed: str) -> Secret:
    """The same password, whichever way a keyboard composes its letters."""
    return Secret(unicodedata.normalize("NFKC", typed))


def account_of(agent: str) -> str:
    """What an agent's hash is bound to; no customer's id, since those have their own."""
    return f"agent {agent}"


def objection(password: Secret, about: Sequence[str]) -> str | None:
    """Why it is not taken, as a sentence; None: it is. `about`: what others know of its person (name, company)."""
    text = password.reveal()
    if len(text) < SHORTEST:
        return f"A password needs {SHORTEST} characters or more. Several words that do not belong together are easy to remember."
    if len(text) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if not text.isprintable():
        return "A password is made of characters that can be seen."
    known = [part for word in about for part in (word, *word.split())]
    if zxcvbn(text[:WEIGHED], user_inputs=known)["guesses_log10"] < ENOUGH:
        return "This one is easy to guess: common words, names, rows of keys, repetitions. Several unrelated words are better."
    return None
