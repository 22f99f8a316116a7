from datetime import UTC, datetime, timedelta

import pytest

from voicebot.clock import ScaledClock, SystemClock

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_time_of_day_is_aware_and_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_call_time_runs_as_many_times_faster_as_it_was_told() -> None:
    real = BEGIN
    clock = ScaledClock(10, lambda: real)
    assert clock.now() == BEGIN
    real = BEGIN + timedelta(seconds=3)
    assert clock.now() == BEGIN + timedelta(seconds=30)


def test_clocks_of_one_origin_agree_whenever_they_were_made() -> None:
    real = BEGIN + timedelta(seconds=5)
    first, second = (ScaledClock(4, lambda: real, origin=BEGIN) for _ in range(2))
    assert first.now() == second.now() == BEGIN + timedelta(seconds=20)


def test_a_clock_of_scale_one_is_the_time_of_day() -> None:
    before = SystemClock().now()
    assert before <= ScaledClock(1).now() <= SystemClock().now()


@pytest.mark.parametrize("scale", [0, -1])
def test_time_does_not_stand_still_or_go_back(scale: float) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        ScaledClock(scale)
