"""Nobody is written to at night, where they are."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from voicebot.messages.quiet import quiet_until, zones_of

NIGHT = (time(21), time(8))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "now", "until"),
    [
        ("+4521345678", "2026-03-02 19:59", None),  # 20:59 there
        ("+4521345678", "2026-03-02 20:00", "2026-03-03 07:00"),
        ("+4521345678", "2026-07-02 19:30", "2026-07-03 06:00"),  # summer time
        ("+821012345678", "2026-03-02 14:07", "2026-03-02 23:00"),
        ("+12025550110", "2026-03-02 01:59", None),  # 20:59 the evening before
        ("+12025550110", "2026-03-02 02:00", "2026-03-02 13:00"),
        ("nonsense", "2026-03-02 20:30", "2026-03-03 07:00"),  # the company's night
    ],
)
def test_it_is_their_night_that_counts(number: str, now: str, until: str | None) -> None:
    assert quiet_until(at(now), zones_of(number, "Europe/Copenhagen"), NIGHT) == (at(until) if until else None)


def test_a_number_that_may_be_in_many_zones_is_written_to_when_it_is_day_in_all() -> None:
    zones = [ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")]
    assert quiet_until(at("2026-03-02 14:00"), zones, NIGHT) == at("2026-03-02 16:00")  # eight in the west
    assert quiet_until(at("2026-03-02 20:00"), zones, NIGHT) is None


def test_where_somebody_always_sleeps_the_first_zone_counts() -> None:
    zones = [ZoneInfo(name) for name in ("UTC", "Asia/Shanghai", "America/Los_Angeles")]
    assert quiet_until(at("2026-01-02 12:00"), zones, NIGHT) is None
    assert quiet_until(at("2026-01-02 22:00"), zones, NIGHT) == at("2026-01-03 08:00")


def test_a_night_that_does_not_pass_midnight_and_none_at_all() -> None:
    zone = [ZoneInfo("UTC")]
    assert quiet_until(at("2026-03-02 13:00"), zone, (time(12), time(14))) == at("2026-03-02 14:00")
    assert quiet_until(at("2026-03-02 15:00"), zone, (time(12), time(14))) is None
    assert quiet_until(at("2026-03-02 03:00"), zone, (time(0), time(0))) is None
