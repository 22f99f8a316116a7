"""What a twin is told at the start: where the product is, whose account, how fast time goes, what goes wrong on purpose.

Holds values only; it opens nothing and reads no environment.
"""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from voicebot.simulator.mishaps import Strikes

DOCUMENTED_OVERRIDES = "ct=1500&rt=4000&rc=2&rp=ct,rt,5xx"


def new_sid(prefix: str) -> str:
    """A fresh identifier in Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True)
class TwinSettings:
    """One twin. Times are seconds; `time_scale` makes call time (ringing, gathering, waiting) run that much faster.

    `public_url` is what the product believes to be its address; it is answered at `product_url` on this machine.
    `incoming_path`, `status_path`, `message_path` and `overrides` are what an operator enters for a number in the console;
    `fallback_document` is the static TwiML behind the number's fallback URL, or None where the operator has none.
    `hearing_limit` is real time: how long the call's clock stands still after speech under `fast`.
    `secondary_token` opens the REST API like the first one, and signs nothing.
    """

    product_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str = "https://voicebot.test"
    time_scale: float = 1.0
    fast: bool = False
    incoming_path: str = "/voice/incoming"
    status_path: str = "/voice/status"
    message_path: str = "/voice/message"
    overrides: str = DOCUMENTED_OVERRIDES
    fallback_document: str | None = None
    hearing_limit: float = 3.0
    calls_per_second: float | None = None
    api_host: str = "127.0.0.1"
    api_port: int = 0
    secondary_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.time_scale <= 0:
            raise ValueError(f"time_scale must be greater than 0, not {self.time_scale}")

    @classmethod
    def made(cls, product_url: str = "http://127.0.0.1:8000", **rest: Any) -> "TwinSettings":
        """Settings with an account and a token that exist for this run only."""
        return cls(product_url=product_url, account_sid=new_sid("AC"), auth_token=secrets.token_hex(16), **rest)


class StreamFault(StrEnum):
    """What happens to the media socket."""

    REFUSED = "refused"  # it never opens
    DROPPED = "dropped"  # the connection breaks
    STALLED = "stalled"  # it stays open and nothing comes any more
    GARBAGE = "garbage"  # something that is no message comes, then audio goes on
    STOPPED = "stopped"  # the carrier says that it is over, and closes it
    MUTE = "mute"  # it opens, and never says whose it is
    DOUBLED = "doubled"  # a second one opens with the same credentials
    FOREIGN = "foreign"  # another one opens before it, for a call that nobody knows
    RAGGED = "ragged"  # messages hold anything from a byte to a fifth of a second
    GAP = "gap"  # a third of a second is lost
    SWAPPED = "swapped"  # each tenth frame is overtaken by the next
    MARKLESS = "markless"  # on a two-way stream marks never come back
    BURST = "burst"  # nothing comes for a second, then all of it at once


@dataclass(frozen=True)
class Faults:
    """What goes wrong on purpose, for a whole run or for one call. Delays are real seconds.

    `webhooks` and `rest` strike single requests of a call, in order; their words are in `mishaps`. Raises ValueError there.
    `lose_callbacks` names statuses (`completed`) or conference events (`participant-leave`); `*` means all.
    `late_callbacks` come so many seconds of call time late (`late_by`); the others do not wait for them.
    `stream` strikes when `stream_after` frames have been sent, the first `stream_times` streams of a call (None: all of them).
    """

    duplicate_webhooks: bool = False
    webhooks: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    delay: float = 0.0
    reorder_callbacks: bool = False
    duplicate_callbacks: bool = False
    lose_callbacks: frozenset[str] = frozenset()
    late_callbacks: frozenset[str] = frozenset()
    late_by: float = 10.0
    stream: StreamFault | None = None
    stream_after: int = 0
    stream_times: int | None = None

    def __post_init__(self) -> None:
        self.strikes()

    def strikes(self) -> Strikes:
        """All that is to strike one call, none of it used."""
        return Strikes(self.webhooks, self.rest)

    def loses(self, event: str) -> bool:
        """Whether a callback about this event never arrives."""
        return event in self.lose_callbacks or "*" in self.lose_callbacks
