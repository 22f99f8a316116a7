"""Text on its way into a document: nothing that XML forbids, nothing endless. Knows no TwiML."""

import unicodedata
from dataclasses import replace

from voicebot.dialogue.actions import Say
from voicebot.dialogue.spoken import Spoken, Words

LONGEST_PERSONAL = 100  # characters of somebody's data: a name, a line from the company's records
LONGEST_SPOKEN = 4000  # the carrier refuses to speak more than 4096 at once

_NOT_IN_A_DOCUMENT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def speakable(text: str, longest: int = LONGEST_SPOKEN) -> str:
    """The text without control, format, surrogate, private and unassigned characters, in single spaces, cut to `longest`."""
    spaced = " ".join(text.split())
    kept = "".join(character for character in spaced if unicodedata.category(character) not in _NOT_IN_A_DOCUMENT)
    return " ".join(kept[:longest].split())


def tamed(say: Say) -> Say:
    """The same prompt, with people's data made safe to put into a sentence."""
    return replace(say, args=tuple((name, _tamed(value)) for name, value in say.args))


def _tamed(value: Spoken) -> Spoken:
    return Words(speakable(value.text, LONGEST_PERSONAL)) if isinstance(value, Words) else value
