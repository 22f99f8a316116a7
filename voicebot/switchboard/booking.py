"""Takes on a callback, within one open transaction: the same number once, and no more than the rules and the staff allow."""

from datetime import datetime

from voicebot.dialogue.actions import AssignWish, BookCallback, SettleWish
from voicebot.dialogue.call import Call
from voicebot.dialogue.events import CallbackBooked, Event
from voicebot.dialogue.outbound import BookingResult
from voicebot.dialogue.values import Assurance
from voicebot.floor.values import AgentState
from voicebot.keyring import Keyring
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.store import Ledger

DAY, HOUR = 86_400, 3_600  # seconds
ALL_WITHHELD = "withheld"


def of_wish(
    ledger: Ledger, keyring: Keyring, call: Call, action: BookCallback | AssignWish | SettleWish, at: datetime
) -> list[Event]:
    """What a call does about a wish, its own or the one that it is made for; the events that follow at once."""
    match action:
        case BookCallback():
            return [book(ledger, keyring, call, action, at)]
        case AssignWish(wish=wish, agent=agent):
            ledger.assign_wish(wish, agent, at)
        case SettleWish():
            ledger.settle_wish(action, at, call.serving.agent if call.serving else "")
    return []


def book(ledger: Ledger, keyring: Keyring, call: Call, wanted: BookCallback, at: datetime) -> CallbackBooked:
    """Whether it is promised. A number that this queue is to call already costs nothing more, and keeps its earlier place."""
    if ledger.is_wished(wanted.queue, wanted.number):
        return CallbackBooked(at, BookingResult.MERGED)
    counted = _counted(ledger, keyring, call, wanted)
    if any(ledger.count(key, at, window) >= limit for key, window, limit in counted):
        return CallbackBooked(at, BookingResult.LIMITED)
    since = call.waiting.since if call.waiting else at
    customer = call.customer.ref if call.customer else ""
    if not ledger.keep_wish(CallbackWish(call.id, wanted.queue, wanted.number, since, at, due_at=at, customer=customer)):
        return CallbackBooked(at, BookingResult.MERGED)  # somebody was faster
    for key, _, _ in counted:
        ledger.mark(key, at)
    return CallbackBooked(at, BookingResult.PROMISED)


def _counted(ledger: Ledger, keyring: Keyring, call: Call, wanted: BookCallback) -> list[tuple[str, int, int]]:
    """What counts this wish: key, seconds, and how many there may be in them."""
    rules = call.line.callbacks
    an_hour = rules.an_hour_an_agent * max(1, _at_work(ledger, wanted.queue))
    counted = [
        (keyring.blind("callbacks-to", wanted.number), DAY, rules.a_number_a_day),
        (keyring.blind("callbacks-of", wanted.queue), HOUR, an_hour),
    ]
    if call.assurance is not Assurance.VERIFIED:
        calling = call.ani.number if call.ani and call.ani.number else ""
        limit = (DAY, rules.unverified_a_day) if calling else (HOUR, rules.an_hour_an_agent)
        counted.append((keyring.blind("callbacks-from", calling or ALL_WITHHELD), *limit))
    return counted


def _at_work(ledger: Ledger, queue: str) -> int:
    return sum(agent.state is not AgentState.OFFLINE and queue in agent.queues for agent in ledger.load_floor()[0].agents)
