"""When somebody sleeps: the night of the country, or the part of it, that a number belongs to. Must not look at a clock."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

STEP = timedelta(minutes=15)  # zones differ by multiples of it
UNKNOWN = "Etc/Unknown"


def zones_of(number: str, usual: str) -> list[ZoneInfo]:
    """The time zones in which this number (E.164) may be; the usual one where nobody knows."""
    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        names = ()
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):  # Etc/Unknown above all
            continue
    return found or [ZoneInfo(usual)]


def quiet_until(at: datetime, zones: Sequence[ZoneInfo], quiet: tuple[time, time]) -> datetime | None:
    """When one may write again, if it is night now in any of these zones; None: now. Where some zone always sleeps, the first
    one's night counts alone.
    """
    if not _sleeps(at, zones, quiet):
        return None
    begins = at.replace(second=0, microsecond=0, minute=at.minute - at.minute % 15)
    for steps in range(1, 24 * 4 + 1):
        later = begins + steps * STEP
        if not _sleeps(later, zones, quiet):
            return later
    return quiet_until(at, zones[:1], quiet) if len(zones) > 1 else None


def _sleeps(at: datetime, zones: Sequence[ZoneInfo], quiet: tuple[time, time]) -> bool:
    begins, ends = quiet
    for zone in zones:
        here = at.astimezone(zone).time()
        if (begins <= here < ends) if begins <= ends else (here >= begins or here < ends):
            return True
    return False
