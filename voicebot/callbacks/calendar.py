"""A callback as an entry of the customer's own calendar (iCalendar, RFC 5545), in the company's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from voicebot.dialogue.calling_back import WishStatus
from voicebot.ports.callback_wishes import CallbackWish

KIND = "text/calendar; charset=utf-8; method=PUBLISH"


def as_calendar(wish: CallbackWish, zone: ZoneInfo, summary: str, about: str, host: str, now: datetime) -> bytes:
    """One entry, for one that has a window. The same callback is the same entry, however often it is moved: `UID` stays, and what
    was made later counts. Never the number, and never the phrase.
    """
    assert wish.window is not None  # whoever asks has looked  # noqa: S101
    event = Event()
    event.add("uid", f"{wish.call_id}@{host}")
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", int((now - wish.at).total_seconds()) if now > wish.at else 0)
    event.add("dtstart", wish.window.start.astimezone(zone))
    event.add("dtend", wish.window.until.astimezone(zone))
    event.add("summary", summary)
    event.add("description", about)
    event.add("status", "CANCELLED" if wish.status is WishStatus.CANCELLED else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Voicebot//Callbacks//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written
