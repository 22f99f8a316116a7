"""Who a leg belongs to, what it is told to do next, and how it ends: the plain values that legs, rooms and the API share."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias
from urllib.parse import urlsplit

from voicebot.simulator.webhooks import Params, Request, ordered

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

    def params(self, account_sid: str, call_sid: str, status: str, more: Params) -> Params:
        """What every webhook about this party's leg tells; `more` comes behind, and in the place of what it names again."""
        base = ordered(
            {
                "AccountSid": account_sid,
                "ApiVersion": "2010-04-01",
                "CallSid": call_sid,
                "CallStatus": status,
                "Direction": self.direction,
                "From": self.from_,
                "Caller": self.from_,
                "To": self.to,
                "Called": self.to,
                "AddedWithoutNotice": "1",  # parameters come and go; whoever minds fails here
            },
            self.extra,
        )
        given = {name for name, _ in more}
        return (*(pair for pair in base if pair[0] not in given), *more)


def rfc2822() -> str:
    """Now, as Twilio writes times."""
    return format_datetime(datetime.now(UTC))


def speaking_time(text: str) -> float:
    """Seconds that a text takes to say, about fifteen characters a second."""
    return len(text) / 15


def shown_path(url: str) -> str:
    """A URL's path without what nobody should see: tokens and long identifiers."""
    return "/".join("…" if len(part) > 19 else part for part in urlsplit(url).path.split("/"))
