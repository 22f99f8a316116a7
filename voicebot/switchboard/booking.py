"""Takes on a callback, within one open transaction: the same number once, and no more than the rules and the staff allow."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.dialogue.actions import BookCallback, PlanCallback
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import BookedBy
from voicebot.dialogue.events import CallbackBooked
from voicebot.dialogue.outbound import BookingResult, CallbackRules
from voicebot.dialogue.values import Assurance
from voicebot.floor.values import AgentState
from voicebot.keyring import Keyring
from voicebot.ports.accounts import TryLimit
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.store import Ledger

DAY, HOUR = 86_400, 3_600  # seconds
ALL_WITHHELD = "withheld"


@dataclass(frozen=True)
class Origin:
    """Who asks. `counted`: what wishes that are not verified are counted by, a calling number or the address of a browser; empty:
    nothing tells them apart, so all of this way count together.
    """

    by: BookedBy
    verified: bool = False
    counted: str = field(default="", repr=False)


def foreseen(ledger: Ledger, keyring: Keyring, call: Call, wanted: BookCallback | PlanCallback, at: datetime) -> BookingResult:
    """Whether it would be promised. A number that this queue is to call already costs nothing, and keeps its earlier place."""
    if ledger.is_wished(wanted.queue, wanted.number):
        return BookingResult.MERGED
    limits = limits_of(ledger, keyring, wanted.queue, wanted.number, call.line.callbacks, _origin(call))
    return BookingResult.LIMITED if wait_for(ledger, limits, at) else BookingResult.PROMISED


def book(ledger: Ledger, keyring: Keyring, call: Call, wanted: BookCallback, at: datetime) -> CallbackBooked:
    """Promise it, if it may be. Whoever chose a time of their own gets in line then, and not before those who wait longer."""
    result, window, rules = foreseen(ledger, keyring, call, wanted, at), wanted.window, call.line.callbacks
    if result is not BookingResult.PROMISED:
        return CallbackBooked(at, result)
    ledger.load_floor()  # locked, so that nobody else takes the last place of the slot meanwhile
    if window is not None and ledger.wished_in(wanted.queue, window.start, window.until) >= rules.a_slot:
        return CallbackBooked(at, BookingResult.FULL)
    since = call.waiting.since if call.waiting and window is None else window.start if window else at
    wish = CallbackWish(
        call.id, wanted.queue, wanted.number, since, at, due_at=window.start if window else at, window=window,
        customer=call.customer.ref if call.customer else "",
    )  # fmt: skip
    if not ledger.keep_wish(wish):
        return CallbackBooked(at, BookingResult.MERGED)  # somebody was faster
    count(ledger, limits_of(ledger, keyring, wanted.queue, wanted.number, rules, _origin(call)), at)
    return CallbackBooked(at, BookingResult.PROMISED)


def limits_of(
    ledger: Ledger, keyring: Keyring, queue: str, number: str, rules: CallbackRules, origin: Origin
) -> tuple[TryLimit, ...]:
    """What counts a wish for this number, by phone or not."""
    an_hour = rules.an_hour_an_agent * max(1, _at_work(ledger, queue))
    limits = (
        TryLimit(keyring.blind("callbacks-to", number), rules.a_number_a_day, DAY),
        TryLimit(keyring.blind("callbacks-of", queue), an_hour, HOUR),
    )
    if origin.verified:
        return limits
    most, within = (rules.unverified_a_day, DAY) if origin.counted else (rules.an_hour_an_agent, HOUR)
    everybody = ALL_WITHHELD if origin.by is BookedBy.CALL else f"all of {origin.by}"
    return (*limits, TryLimit(keyring.blind("callbacks-from", origin.counted or everybody), most, within))


def wait_for(ledger: Ledger, limits: Iterable[TryLimit], at: datetime) -> int:
    """Seconds until there is room within all of them; 0: now."""
    return max((ledger.wait_for(limit, at) for limit in limits), default=0)


def count(ledger: Ledger, limits: Iterable[TryLimit], at: datetime) -> None:
    """One more."""
    for limit in limits:
        ledger.mark(limit.key, at)


def _origin(call: Call) -> Origin:
    calling = call.ani.number if call.ani and call.ani.number else ""
    return Origin(BookedBy.CALL, call.assurance is Assurance.VERIFIED, calling)


def _at_work(ledger: Ledger, queue: str) -> int:
    return sum(agent.state is not AgentState.OFFLINE and queue in agent.queues for agent in ledger.load_floor()[0].agents)
