"""When a Gather ends and with which keys."""

import pytest

from voicebot.simulator.document import Verb, read_document
from voicebot.simulator.gather import GatherRules, Press, collect


def presses(*pairs: tuple[float, str]) -> tuple[Press, ...]:
    return tuple(Press(at, key) for at, key in pairs)


NONE = presses()
QUICK = presses((1, "1"), (2, "2"), (3, "3"))


@pytest.mark.parametrize(
    ("rules", "prompts", "keys", "ends", "digits", "finished", "used"),
    [
        pytest.param(GatherRules(timeout=5), 0, NONE, 5, "", "", 0, id="silence-without-prompts"),
        pytest.param(GatherRules(timeout=5), 3, NONE, 8, "", "", 0, id="silence-counts-from-the-end-of-the-prompts"),
        pytest.param(GatherRules(timeout=5), 3, QUICK, 8, "123", "", 3, id="after-keys-it-counts-from-the-last-one"),
        pytest.param(GatherRules(timeout=5), 60, QUICK, 8, "123", "", 3, id="a-key-stops-the-prompts"),
        pytest.param(GatherRules(count=2), 0, QUICK, 2, "12", "", 2, id="the-count-ends-it-at-once"),
        pytest.param(GatherRules(count=4), 0, QUICK, 8, "123", "", 3, id="too-few-keys-wait-for-the-time-out"),
        pytest.param(GatherRules(), 0, presses((1, "1"), (2, "#")), 2, "1", "#", 2, id="a-finishing-key-is-no-digit"),
        pytest.param(GatherRules(), 9, presses((1, "#")), 1, "", "#", 1, id="a-finishing-key-needs-no-digit"),
        pytest.param(GatherRules(finish_on=""), 0, presses((1, "#")), 6, "#", "", 1, id="no-finishing-key-makes-it-a-digit"),
        pytest.param(GatherRules(finish_on="*#"), 0, presses((1, "4"), (2, "*")), 2, "4", "*", 2, id="several-finishing-keys"),
        pytest.param(GatherRules(count=1, finish_on=""), 0, presses((1, "#")), 1, "#", "", 1, id="one-key-whatever-it-is"),
        pytest.param(GatherRules(timeout=5), 2, presses((7, "1")), 7, "", "", 0, id="a-key-at-the-deadline-is-too-late"),
        pytest.param(
            GatherRules(timeout=2), 0, presses((1, "1"), (3.5, "2")), 3, "1", "", 1, id="keys-too-far-apart-are-two-entries"
        ),
        pytest.param(GatherRules(timeout=0), 2, NONE, 2, "", "", 0, id="no-time-out-at-all"),
    ],
)
def test_a_gather_ends_as_documented(
    rules: GatherRules, prompts: float, keys: tuple[Press, ...], ends: float, digits: str, finished: str, used: int
) -> None:
    collected = collect(rules, prompts, keys)
    assert (collected.at, collected.digits, collected.finished_on, collected.used) == (ends, digits, finished, used)


def test_attributes_become_rules_and_their_defaults_are_the_documented_ones() -> None:
    assert GatherRules.of(Verb("Gather")) == GatherRules(timeout=5, finish_on="#", count=None, action_on_empty=False)
    text = b'<Response><Gather timeout="9" finishOnKey="" numDigits="6" actionOnEmptyResult="true"/></Response>'
    assert GatherRules.of(read_document(text).verbs[0]) == GatherRules(9, "", 6, action_on_empty=True)
