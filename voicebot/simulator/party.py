"""Who a leg belongs to, what it is told to do next, and how it ends: the plain values that legs, rooms and the API share."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias
from urllib.parse import urlsplit

from voicebot.simulator.webhooks import Params, Request

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class HangsUp(Exception):
    """Raised while performing: this leg ends now, by `who` (caller, agent, product, error, carrier), with this final status."""

    def __init__(self, who: str, status: str = "completed") -> None:
        super().__init__(who)
        self.who = who
        self.status = status


@dataclass(frozen=True)
class Inline:
    """A document that is given rather than fetched. `url` is what relative addresses in it start from."""

    text: str
    url: str


Step: TypeAlias = Request | Inline


@dataclass(frozen=True)
class Party:
    """Who a leg belongs to and how the carrier reports it. `role` is caller or agent."""

    from_: str
    to: str
    direction: str
    role: str
    extra: Params = ()
    fallback: Step | None = None
    status_callback: str | None = None
    status_events: frozenset[str] = frozenset({"completed"})


def rfc2822() -> str:
    """Now, as Twilio writes times."""
    return format_datetime(datetime.now(UTC))


def speaking_time(text: str) -> float:
    """Seconds that a text takes to say, about fifteen characters a second."""
    return len(text) / 15


def shown_path(url: str) -> str:
    """A URL's path without what nobody should see: tokens and long identifiers."""
    return "/".join("…" if len(part) > 19 else part for part in urlsplit(url).path.split("/"))
