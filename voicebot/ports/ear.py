"""Hearing: audio of a call's listening phase in, words for the open question out.

The line (telephony) opens a `HearingLine` per audio stream and gives it µ-law bytes; the ear tells what it made of them by
calling `on_event(call_id, event)` with EntrySpoken or SpeechLost, from a thread of its own.
"""

from dataclasses import dataclass
from typing import Protocol

from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.values import Shape


@dataclass(frozen=True)
class Sayable:
    """What may be said at a question."""

    shape: Shape
    grammar: Grammar
    check: CheckDigit = CheckDigit.NONE


@dataclass(frozen=True)
class Listening:
    """What the ear is to listen for now. `turn` numbers the question; the words that matter come from `grammar`."""

    turn: int
    phase: int
    shape: Shape
    grammar: Grammar
    secret: bool = False  # 1-best, no search, kept in memory only
    check: CheckDigit = CheckDigit.NONE  # of the number that is asked for
    among: str = ""  # the list of customers' numbers that a doubtful one is heard among, where the ear was told it


class HearingLine(Protocol):
    """One open audio stream. Methods never block and never raise."""

    def hear(self, mulaw: bytes) -> None:
        """8 kHz µ-law, any length, in order."""
        ...

    def close(self, *, lost: bool) -> None:
        """The stream has ended. `lost` if it should not have."""
        ...


class Ear(Protocol):
    """Never raises: hearing that fails is SpeechLost, and the keys go on."""

    def can_listen(self, language: str) -> bool:
        """Whether there is a model for this language and room for one more stream."""
        ...

    def attend(self, call_id: str, listening: Listening) -> None:
        """This question is open now. Repeating the same turn changes nothing."""
        ...

    def ignore(self, call_id: str) -> None:
        """No question is open: drop what is heard, and forget what was."""
        ...

    def speech_active(self, call_id: str, turn: int) -> bool:
        """Whether the caller is speaking, or was and is still being decoded. Answers at once."""
        ...

    def open_line(self, call_id: str, phase: int) -> HearingLine | None:
        """A stream for this phase has connected. None: refused (already open, or no room)."""
        ...
