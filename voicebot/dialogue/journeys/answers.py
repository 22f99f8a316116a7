"""What an answer may be, of whatever came: a value, nothing to be had, or one of the ways to go on asking. Values only."""

from dataclasses import dataclass, field
from typing import TypeAlias

from voicebot.dialogue.call import Call
from voicebot.dialogue.notes import Note
from voicebot.dialogue.values import Modality, Reason, Secret


@dataclass(frozen=True)
class Value:
    """A complete value to be checked. `doubtful`: the ear was not sure of it, but its check digit is right."""

    call: Call
    value: Secret
    modality: Modality
    notes: tuple[Note, ...]
    doubtful: bool = False


@dataclass(frozen=True)
class WithoutIt:
    """The caller does not have it, or has been asked often enough."""

    call: Call
    reason: Reason
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class AskAgain:
    """Ask the same field once more, with this prompt. `free`: through no fault of the caller, so it does not count."""

    call: Call
    what: str
    attempt: int
    notes: tuple[Note, ...]
    free: bool = False


@dataclass(frozen=True)
class AskOn:
    """Hold the question open: silently, or `aloud` because a stray key has cut it off."""

    aloud: bool


@dataclass(frozen=True)
class Confirm:
    """Read what was heard back for a yes or no. `free`: through no fault of the caller, so it does not count."""

    call: Call
    notes: tuple[Note, ...]
    free: bool = False


@dataclass(frozen=True)
class LookFor:
    """Doubtful: before the caller is asked, which of these does anybody have? The call is as if the first were read back."""

    call: Call
    values: tuple[str, ...] = field(repr=False)
    notes: tuple[Note, ...]


Answer: TypeAlias = LookFor | Value | WithoutIt | AskAgain | AskOn | Confirm
