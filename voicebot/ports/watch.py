"""Who watches how the house does: how long its work takes and what became of it, and what the journals are told.

Learns kinds and results only, which are words of this program: no name, number, text or id of anybody ever comes here.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from voicebot.dialogue.notes import Note

DONE, FAILED = "done", "failed"


class Work(StrEnum):
    """Kinds of work. Pieces of them have names: an endpoint, a kind of errand, a kind of effect."""

    REQUEST = "request"  # from the carrier, a browser, or the company's systems
    TRANSACTION = "transaction"
    ERRAND = "errand"  # at the back end
    EFFECT = "effect"  # at the carrier


@dataclass
class Piece:
    """One piece of work under way. Whoever does it says what became of it; an exception that leaves it is `failed`."""

    result: str = DONE


class Watch(Protocol):
    """Methods may be called from any thread, return at once, and never raise."""

    def piece(self, work: Work, name: str) -> AbstractContextManager[Piece]:
        """A piece of work that is done inside of this context."""
        ...

    def noted(self, notes: Sequence[Note]) -> None:
        """Journals were told this, and it is committed."""
        ...


class Unwatched:
    """Nobody looks."""

    @contextmanager
    def piece(self, work: Work, name: str) -> Iterator[Piece]:
        """Is done all the same."""
        del work, name
        yield Piece()

    def noted(self, notes: Sequence[Note]) -> None:
        """Is not counted."""
