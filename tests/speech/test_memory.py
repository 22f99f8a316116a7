"""What is remembered of a call, and for how long."""

from collections.abc import Callable

from voicebot.ports.ear import Listening
from voicebot.speech.memory import MOST_CALLS, CallMemory, Calls


def test_a_turn_is_opened_once(question: Callable[..., Listening]) -> None:
    call: CallMemory[object] = CallMemory()
    assert call.begin(question(1))
    assert not call.begin(question(1))
    call.spend()
    assert not call.begin(question(1))
    assert call.begin(question(2))
    assert not call.begin(question(1))


def test_a_turn_that_was_ignored_without_an_answer_can_be_opened_again(question: Callable[..., Listening]) -> None:
    call: CallMemory[object] = CallMemory()
    call.begin(question(1))
    call.open, call.ignored = False, True
    assert call.begin(question(1))
    assert not call.ignored


def test_the_longest_unused_calls_without_a_stream_are_forgotten() -> None:
    calls: Calls[object] = Calls()
    calls.of("with a stream").line = object()
    for number in range(MOST_CALLS + 10):
        calls.of(str(number))
    assert len(calls.by_id) == MOST_CALLS
    assert calls.find("with a stream") is not None
    assert calls.find("0") is None
