"""The phrase by which we prove to a customer who is calling: theirs, read out by the agent when we call back. Never a PIN.

It may be read back when it is agreed (`Spoken`), which a secret may not; all else that holds for a secret holds for it.
"""

import re
import unicodedata
from typing import NoReturn

SHORTEST, LONGEST = 3, 20  # letters and digits of one that a customer chooses (docs/security.md)
LONGEST_KEPT = 60  # with the spaces of a made one
FEWEST_DIGITS = 5  # of one made of digits alone: four look like the PIN of a card


class CallbackPhrase:
    """What an agent is to read out. `reveal` is called in three places only: where it is sealed, read back, and shown.

    It has no useful repr, cannot be compared, hashed, formatted, copied or pickled.
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment]  # unhashable on purpose: no set or dict may hold one

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "CallbackPhrase(•••)"

    def __format__(self, spec: str) -> str:
        return "•••"

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("a callback phrase is not compared: the customer hears whether it is theirs")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a callback phrase is never pickled or copied")


def chosen(text: str, fewest_digits: int = FEWEST_DIGITS) -> CallbackPhrase | None:
    """What a customer has chosen, tidied; None where it is no phrase: 3 to 20 letters and digits of any script, with single
    spaces, hyphens or apostrophes between them, and at least `fewest_digits` where there are digits only.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    kept = re.sub(r"[ '’-]", "", plain)
    if not (SHORTEST <= len(kept) <= LONGEST and len(plain) <= LONGEST_KEPT and all(map(_is_letter_or_digit, kept))):
        return None
    if not (_is_letter_or_digit(plain[0]) and _is_letter_or_digit(plain[-1])) or re.search(r"[ '’-]{2}", plain):
        return None
    return None if all(unicodedata.category(one) == "Nd" for one in kept) and len(kept) < fewest_digits else CallbackPhrase(plain)


def _is_letter_or_digit(character: str) -> bool:
    """Letters with marks of their own (of Indic scripts, say) are letters."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"
