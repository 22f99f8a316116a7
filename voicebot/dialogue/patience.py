"""How long a caller is kept in line: the queue's own limit, and closing time."""

from datetime import datetime, timedelta

from voicebot.dialogue.actions import Action, WakeAt
from voicebot.dialogue.call import Call
from voicebot.dialogue.timers import CLOSED_MEANWHILE, WAITED_TOO_LONG

ONE_MORE_RING = timedelta(seconds=60)  # nobody is sent away before another telephone could be rung


def ends_of_waiting(call: Call, until: datetime, at: datetime) -> list[Action]:
    """The two times at which nobody is kept in line any longer. Neither comes before one more telephone could ring."""
    last = served_until(call)
    closing: list[Action] = [WakeAt(max(last, at + ONE_MORE_RING), CLOSED_MEANWHILE)] if last else []
    return [WakeAt(until, WAITED_TOO_LONG), *closing]


def served_until(call: Call) -> datetime | None:
    """When those who are in line at closing time are served no more."""
    return call.closes_at + timedelta(seconds=call.queue.serve_after_closing) if call.closes_at else None
