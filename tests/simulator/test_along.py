"""Keys that a robot caller presses while it speaks."""

import pytest

from voicebot.simulator.robot import KEY_PACE, REACTION, Caller, Gathering, Speech
from voicebot.simulator.script import Script, parse_turns

TURNS = parse_turns(["audio:account.wav", "keys:4071@along", "keys:493817"])


def caller() -> Caller:
    return Caller(Script("+15550100", "+15550199", TURNS), {TURNS[0]: Speech("account.wav", ("",))})


def question(turn: int, now: float = 0.0) -> Gathering:
    return Gathering(f"/voice/entry/call/{turn}-0/token", 1.0, now)


def test_keys_along_with_speech_begin_with_it() -> None:
    plan = caller().plan(question(1))
    assert plan.speech is not None
    assert plan.speaks_at == 1.0 + REACTION
    assert [press.key for press in plan.presses] == list("4071")
    assert [press.at for press in plan.presses] == [plan.speaks_at + KEY_PACE * place for place in range(4)]


def test_keys_that_speech_was_faster_than_are_pressed_at_the_next_question_and_the_turn_is_used_whole() -> None:
    robot = caller()
    plan = robot.plan(question(1))
    robot.carried_out(plan, 0.0, presses=1, spoke=True)
    after = robot.plan(question(2, now=plan.speaks_at + 0.1))
    assert [press.key for press in after.presses] == [*"071", *"493817"]
    assert [press.own for press in after.presses] == [False] * 3 + [True] * 6


@pytest.mark.parametrize("turns", [["keys:1@along"], ["keys:1", "keys:2@along"], ["silence", "keys:2@along"]])
def test_keys_go_along_with_speech_only(turns: list[str]) -> None:
    with pytest.raises(ValueError, match="must come after audio: or say:"):
        parse_turns(turns)


def test_only_keys_go_along() -> None:
    with pytest.raises(ValueError, match="only keys can"):
        parse_turns(["audio:a.wav", "audio:b.wav@along"])
