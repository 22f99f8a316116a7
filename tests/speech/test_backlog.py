"""How far behind a worker may be."""

import numpy as np
import pytest

from voicebot.speech.backlog import Backlog
from voicebot.speech.codec import SILENCE, to_mulaw

BLOCK = SILENCE * 800
VOICE = to_mulaw(np.full(800, 4000, np.int16))


def test_a_line_that_is_worked_off_is_never_hopeless() -> None:
    backlog = Backlog()
    for block in range(600):
        backlog.sent(BLOCK, block / 10)
        backlog.worked_off(800)
        assert not backlog.hopeless(block / 10 + 100)


def test_a_line_in_its_own_time_is_given_up_when_two_seconds_behind() -> None:
    backlog = Backlog()
    for block in range(20):
        backlog.sent(BLOCK, block / 10)
    assert not backlog.hopeless(1.9)
    assert backlog.hopeless(2.1)


def test_audio_that_came_all_at_once_may_take_as_long_as_it_lasts() -> None:
    backlog = Backlog()
    for _ in range(100):
        backlog.sent(BLOCK, 0.0)
    assert not backlog.hopeless(7.9)
    assert backlog.hopeless(8.1)


def test_more_than_a_minute_is_too_much() -> None:
    backlog = Backlog()
    for _ in range(601):
        backlog.sent(BLOCK, 0.0)
    assert backlog.hopeless(0.0)


def test_a_voice_that_waits_to_be_decoded_is_a_voice() -> None:
    backlog = Backlog()
    backlog.sent(BLOCK, 0.0)
    assert not backlog.loud
    backlog.sent(VOICE, 0.1)
    assert backlog.loud
    backlog.worked_off(800)
    assert backlog.loud
    backlog.worked_off(800)
    assert not backlog.loud


def test_a_worker_that_is_still_starting_is_given_longer() -> None:
    backlog = Backlog()
    for block in range(20):
        backlog.sent(BLOCK, block / 10)
    assert not backlog.hopeless(5.9, None)
    assert backlog.hopeless(6.1, None)
    assert not backlog.hopeless(5.9, 4.0)  # it is there since then, and works it off
    assert backlog.hopeless(6.1, 4.0)


@pytest.mark.parametrize("now", [0.0, 1000.0])
def test_what_is_cleared_is_no_backlog(now: float) -> None:
    backlog = Backlog()
    backlog.sent(VOICE, 0.0)
    backlog.clear()
    assert not backlog.hopeless(now)
    assert not backlog.loud
