"""What a calling number is worth: withheld, bogus, or a number that can be looked up. Decides nothing about the caller.

The words and numbers that carriers send for "withheld" are known before any number is parsed: `+17378742833` spells
RESTRICTED on a keypad and would pass for a valid number in the United States.
"""

import re

import phonenumbers

from voicebot.dialogue.phone import written
from voicebot.dialogue.values import Ani, AniStanding, Attestation

WITHHELD_WORDS = frozenset(
    {"", "anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "withheld", "nocallerid", "outofarea"}
)
SPELLED_WORDS = ("anonymous", "restricted", "unavailable", "unknown", "blocked", "private")
OTHER_SENTINELS = frozenset({"7378742883", "464"})  # a well-known misprint of RESTRICTED; seen in the field

_KEYS = dict(zip("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999", strict=True))
_NUMBER = re.compile(r"\+?[0-9 ().\-]{3,40}", re.ASCII)
_PASSED = re.compile(r"tn-validation-passed-([abc])(-diverted|-passthrough)?", re.ASCII)


def spelled_on_keypad(word: str) -> str:
    """A word as the digits that carry its letters: `blocked` is 2562533."""
    return "".join(_KEYS[letter] for letter in word)


WITHHELD_DIGITS = frozenset(map(spelled_on_keypad, SPELLED_WORDS)) | OTHER_SENTINELS


def ani_of(from_: str, region: str, stir_verstat: str | None) -> Ani:
    """The calling number as a claim.

    `from_` is what the carrier sent (E.164 if it could, else anything: a word, `client:…`, `sip:…`); `region` (ISO 3166) is
    where a number in national format is read; `stir_verstat` is the carrier's STIR/SHAKEN statement, if any.
    """
    attestation = attestation_of(stir_verstat)
    address = _without_scheme(from_)
    number = _e164(address, region)
    # Behind an exit code a sentinel shows only when the number has been read: 011 1 737 874 2833.
    if _is_withheld(address) or (number is not None and _is_withheld(number)):
        return Ani(AniStanding.WITHHELD, None, attestation)
    return Ani(AniStanding.BOGUS if number is None else AniStanding.USABLE, number, attestation)


def attestation_of(stir_verstat: str | None) -> Attestation:
    """The carrier's statement about the number. What is not known to us is no evidence."""
    statement = (stir_verstat or "").strip().casefold()
    if statement.startswith("tn-validation-failed"):
        return Attestation.FAILED
    passed = _PASSED.fullmatch(statement)
    if passed is None:
        return Attestation.NONE
    if passed[1] == "a" and passed[2] == "-diverted":
        return Attestation.A_DIVERTED  # true of the number first called, not of who calls us
    return Attestation(passed[1].upper())


def _without_scheme(from_: str) -> str:
    """`sip:+4533124567@host;user=phone` -> `+4533124567`; case never matters."""
    address = from_.strip().casefold()
    for scheme in ("sips:", "sip:", "tel:", "client:"):
        if address.startswith(scheme):
            address = address.removeprefix(scheme)
            return address.partition("@")[0].partition(";")[0].strip()
    return address


def _is_withheld(address: str) -> bool:
    if re.sub(r"[\s_\-]", "", address) in WITHHELD_WORDS:
        return True
    digits = re.sub(r"\D", "", address)
    return digits in WITHHELD_DIGITS or (digits.startswith("1") and digits[1:] in WITHHELD_DIGITS)


def _e164(address: str, region: str) -> str | None:
    if not _NUMBER.fullmatch(address):
        return None  # letters, extensions: nothing that a network sends for a caller
    try:
        number = phonenumbers.parse(address, region.upper())
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return written(number)
