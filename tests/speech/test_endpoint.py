"""When it is over: at once where nothing can follow, patiently where something may."""

import pytest

from voicebot.dialogue.understand import Understood
from voicebot.dialogue.values import Command, Shape
from voicebot.speech.endpoint import Progress, Stop, judge

FULL = Understood(digits=("1234",))


def progress(understood: Understood, **changes: float) -> Progress:
    facts = {"quiet": 0.0, "pause": 0.0, "updates": 0, "only_noise": False, "lasted": 3.0, "spoken": 1.0} | changes
    return Progress(understood=understood, **facts)


@pytest.mark.parametrize(
    ("shape", "so_far", "verdict"),
    [
        ("digits:4", progress(FULL), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.26), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.12, updates=2), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.0, updates=2), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.0, updates=5), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.4, updates=2, rhythm=0.5), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.62, rhythm=0.5), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=1.0, rhythm=2.0), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.0, updates=5, rhythm=0.6), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.0, updates=8, rhythm=0.6), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.7, pause=0.7, longer=True), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.8, pause=0.8, longer=True), Stop.DECIDE),
        ("digits:4-8", progress(FULL, quiet=1.0, pause=1.0, updates=9), Stop.GO_ON),
        ("digits:4-8", progress(FULL, quiet=1.5, pause=1.5), Stop.DECIDE),
        ("digits:2-4", progress(FULL, quiet=0.26), Stop.DECIDE),
        ("date", progress(Understood(digits=("19800305",)), quiet=1.0, pause=1.0, updates=9), Stop.GO_ON),
        ("date", progress(Understood(digits=("19800305",)), quiet=1.5, pause=1.5), Stop.DECIDE),
        ("amount:2", progress(Understood(digits=("123456789",)), quiet=1.0, pause=1.0), Stop.GO_ON),
        ("digits:4", progress(Understood(partial="12"), pause=2.0, quiet=2.0), Stop.GO_ON),
        ("digits:4", progress(Understood(partial="12"), pause=2.5, quiet=2.5), Stop.DECIDE),
        ("digits:4", progress(Understood(command=Command.AGENT), pause=0.3), Stop.GO_ON),
        ("digits:4", progress(Understood(command=Command.AGENT), pause=0.5), Stop.DECIDE),
        ("digits:4", progress(Understood(command=Command.START_OVER), pause=0.6), Stop.GO_ON),
        ("digits:4", progress(Understood(command=Command.START_OVER), pause=1.2), Stop.DECIDE),
        ("commands", progress(Understood(command=Command.START_OVER), pause=0.5), Stop.DECIDE),
        ("digits:4", progress(Understood(), pause=1.0), Stop.GO_ON),
        ("digits:4", progress(Understood(), pause=1.2), Stop.DECIDE),
        ("digits:4", progress(Understood(), pause=1.2, spoken=0.1), Stop.FORGET),
        ("digits:4", progress(Understood(), pause=1.2, only_noise=True), Stop.FORGET),
        ("digits:4", progress(Understood(), pause=0.5, only_noise=True), Stop.GO_ON),
        ("digits:4", progress(Understood(partial="12"), lasted=30.0), Stop.DECIDE),
        ("digits:4", progress(Understood(), lasted=30.0, only_noise=True), Stop.FORGET),
    ],
)
def test_an_utterance_is_over_or_not(shape: str, so_far: Progress, verdict: Stop) -> None:
    assert judge(Shape.parse(shape), so_far) is verdict
