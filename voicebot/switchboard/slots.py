"""When a customer may choose to be called: slots in which somebody is there, and in which their queue has room.

Slots begin at whole parts of the hour or the day as the company's own clock shows it, also on days on which that clock changes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.outbound import CallbackRules

LOOK = timedelta(minutes=15)  # every time zone in use differs from UTC by a multiple of this
NOT_BEFORE = timedelta(minutes=15)  # from now: who wants it sooner wants it as soon as possible


@dataclass(frozen=True)
class Slot:
    """`left`: how many more may choose it."""

    window: Window
    left: int


def slots(rules: CallbackRules, zone: str, is_open: Callable[[datetime], bool], now: datetime) -> Iterator[Window]:
    """All of them from now on, earliest first, in UTC; none overlaps another. `is_open`: whether somebody can call then."""
    length, local = timedelta(minutes=rules.slot_minutes), ZoneInfo(zone)
    at = _next_look(now + NOT_BEFORE)
    last = now + timedelta(days=rules.days_ahead)
    while at < last:
        wall = at.astimezone(local)
        begins = (wall.hour * 60 + wall.minute) % rules.slot_minutes == 0
        if begins and all(is_open(at + part * LOOK) for part in range(length // LOOK)) and is_open(at + length - _MOMENT):
            yield Window(at, at + length)
            at += length
        else:
            at += LOOK


_MOMENT = timedelta(minutes=1)


def with_room(found: Iterator[Window], taken: Mapping[datetime, int], rules: CallbackRules) -> Iterator[Slot]:
    """Those that are not full. `taken`: how many have chosen each, by its start in UTC."""
    for window in found:
        left = rules.a_slot - taken.get(window.start, 0)
        if left > 0:
            yield Slot(window, left)


def _next_look(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    whole = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    return whole if whole == at else whole + LOOK
