"""Journals for tests: written by hand, or by real conversations with the times at which they noted."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.dialogue.conversation import Conversation
from voicebot.dialogue.actions import Action
from voicebot.dialogue.events import Event
from voicebot.dialogue.notes import Note
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import Facts, Known

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    at: datetime
    what: str
    facts: dict[str, Any] = field(default_factory=dict)


def at(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def row(after: float, what: str, **facts: Any) -> Row:
    return Row(at(after), what, facts)


def journal(*rows: Row, ending: str = "served", ended: float = 300.0) -> list[Row]:
    """A call on line `billing`, from its ring at 0 to its end; what the rows tell comes between, or after."""
    whole = [row(0, "arrived", line="billing", language="en"), *rows]
    whole.append(row(ended, "ended", ending=ending, assurance="verified"))
    return sorted(whole, key=lambda one: one.at)


def folded(rows: list[Row], customer: str = "", called_back_at: datetime | None = None) -> Facts:
    facts = facts_of(Known("call-1", customer, called_back_at), rows)
    assert facts is not None
    return facts


class NotedConversation(Conversation):
    """A conversation that remembers when it noted what."""

    rows: list[Row]

    def happens(self, event: Event) -> list[Action]:
        actions = super().happens(event)
        self.rows = getattr(self, "rows", [])
        self.rows += [row_of(action, event.at) for action in actions if isinstance(action, Note)]
        return actions


def row_of(note: Note, when: datetime) -> Row:
    return Row(when, note.what.value, dict(note.facts))
