"""When keys on a two-way stream are a whole entry."""

from voicebot.dialogue.actions import KeyPlan
from voicebot.telephony.entering import Entering


def test_a_fixed_count_ends_the_entry_and_what_comes_then_is_not_in_it() -> None:
    entering = Entering(KeyPlan(2))
    for key in "987":
        entering.press(key, 0.0)
    assert (entering.keys, entering.is_over(0.0), entering.by_terminator) == ("98", True, False)
    assert "98" not in repr(entering)


def test_the_terminator_ends_it_even_with_nothing_before_it() -> None:
    entering = Entering(KeyPlan(None))
    entering.press("#", 0.0)
    assert (entering.keys, entering.is_over(0.0), entering.by_terminator) == ("", True, True)


def test_without_a_terminator_the_same_key_is_a_key() -> None:
    entering = Entering(KeyPlan(None, terminator=""))
    entering.press("#", 0.0)
    assert (entering.keys, entering.is_over(0.0)) == ("#", False)


def test_silence_counts_from_the_end_of_the_prompts_and_from_each_key() -> None:
    entering = Entering(KeyPlan(None, timeout=6))
    assert not entering.is_over(100)
    entering.prompts_ended(0)
    entering.prompts_ended(5)  # they ended once
    assert not entering.is_over(5.9)
    entering.press("1", 5.9)
    assert not entering.is_over(11.8)
    assert entering.is_over(11.9)


def test_no_question_is_open_for_longer_than_ten_seconds_of_silence_and_no_entry_is_endless() -> None:
    entering = Entering(KeyPlan(None, timeout=60))
    for _ in range(100):
        entering.press("7", 0.0)
    assert len(entering.keys) == 64
    assert entering.is_over(10)


def test_speech_is_no_silence_but_noise_holds_a_question_open_for_half_a_minute_only() -> None:
    entering = Entering(KeyPlan(None, timeout=6))
    entering.speaks(1.0)  # before the prompts have ended nothing counts
    assert not entering.is_over(100)
    entering.prompts_ended(10.0)
    for at in range(10, 60):
        entering.speaks(float(at))
    assert not entering.is_over(44.9)
    assert entering.is_over(45.0)
