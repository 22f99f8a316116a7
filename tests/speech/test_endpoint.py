"""When it is over: at once where nothing can follow, patiently where something may."""

import pytest

from voicebot.dialogue.understand import Understood
from voicebot.dialogue.values import Command, Shape
from voicebot.speech.endpoint import Progress, Stop, judge

FULL, SIX = Understood(digits=("1234",)), Understood(digits=("123456",))


def progress(understood: Understood, **changes: float) -> Progress:
    facts = {"quiet": 0.0, "pause": 0.0, "steady": 0.0, "only_noise": False, "lasted": 3.0, "spoken": 1.0} | changes
    return Progress(understood=understood, **facts)


@pytest.mark.parametrize(
    ("shape", "so_far", "verdict"),
    [
        ("digits:4", progress(FULL), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.16), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.2), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.0, steady=0.4), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.0, steady=0.5), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.54, rhythm=0.5), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.58, rhythm=0.5), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=1.0, rhythm=2.0), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.0, steady=0.6, rhythm=0.6), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.0, steady=0.7, rhythm=0.6), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.16, rhythm=0.1, fits=True), Stop.DECIDE),
        ("digits:4", progress(FULL, quiet=0.2, rhythm=0.3, fits=True), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.7, pause=0.7, longer=True), Stop.GO_ON),
        ("digits:4", progress(FULL, quiet=0.8, pause=0.8, longer=True), Stop.DECIDE),
        ("digits:4-8", progress(FULL, quiet=1.4, pause=1.4, steady=1.4), Stop.GO_ON),
        ("digits:4-8", progress(FULL, quiet=1.5, pause=1.5), Stop.DECIDE),
        ("digits:4-8", progress(SIX, pause=0.5), Stop.GO_ON),
        ("digits:4-8", progress(SIX, pause=0.6), Stop.DECIDE),
        ("digits:4-8", progress(SIX, pause=1.1, rhythm=0.6), Stop.GO_ON),
        ("digits:4-8", progress(SIX, pause=1.2, rhythm=0.6), Stop.DECIDE),
        ("digits:4-8", progress(SIX, pause=1.5, rhythm=1.4), Stop.DECIDE),
        ("digits:2-4", progress(FULL, quiet=0.26), Stop.DECIDE),
        ("date", progress(Understood(digits=("19800305",)), quiet=1.0, pause=1.0), Stop.GO_ON),
        ("date", progress(Understood(digits=("19800305",)), quiet=1.5, pause=1.5), Stop.DECIDE),
        ("amount:2", progress(Understood(digits=("123456789",)), quiet=1.0, pause=1.0), Stop.GO_ON),
        ("digits:4", progress(Understood(partial="12"), pause=2.0, quiet=2.0), Stop.GO_ON),
        ("digits:4", progress(Understood(partial="12"), pause=2.5, quiet=2.5), Stop.DECIDE),
        ("digits:4", progress(Understood(command=Command.AGENT), pause=0.3), Stop.GO_ON),
        ("digits:4", progress(Understood(command=Command.AGENT), pause=0.5), Stop.DECIDE),
        ("digits:4", progress(Understood(command=Command.START_OVER), pause=0.6), Stop.GO_ON),
        ("digits:4", progress(Understood(command=Command.START_OVER), pause=1.2), Stop.DECIDE),
        ("commands", progress(Understood(command=Command.START_OVER), pause=0.5), Stop.DECIDE),
        ("yesno", progress(Understood(command=Command.NO), pause=0.5), Stop.DECIDE),
        ("yesno:8", progress(Understood(command=Command.YES), pause=0.5), Stop.DECIDE),
        ("yesno:8", progress(Understood(command=Command.NO), pause=0.7), Stop.GO_ON),
        ("yesno:8", progress(Understood(command=Command.NO), pause=0.8), Stop.DECIDE),
        ("yesno:8", progress(Understood(command=Command.NO, partial="17"), pause=0.9), Stop.GO_ON),
        ("yesno:8", progress(Understood(command=Command.NO, partial="17"), pause=1.0), Stop.DECIDE),
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
