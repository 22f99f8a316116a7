"""How a queue gives its work out is read whole, and what is wrong there is named."""

from typing import Any

import pytest

from voicebot.config.company import Queue
from voicebot.config.hours import always
from voicebot.config.queues import read_queues
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.forms import Recorded
from voicebot.floor.values import Rules


def read(**queues: dict[str, Any]) -> tuple[dict[str, Queue], list[str]]:
    complaints = Complaints("f")
    return read_queues(Table({"queues": queues}, "", complaints), {"always": always("UTC")}), complaints.found


def test_a_queue_of_which_nothing_is_said_rings_one_telephone_after_the_other() -> None:
    queues, wrong = read(billing={})
    assert wrong == []
    assert queues["billing"].rules == Rules()
    assert not queues["billing"].plan.offer_callback


def test_everything_that_is_said_is_kept() -> None:
    told = {
        "ring_at_most": 3, "relax_skills_after": 60, "overflow_to": "help", "overflow_after": 120, "last_agent_first": 30,
        "wrap_up": 45, "not_ready_after": 2, "tell_position": True, "tell_wait": True, "offer_callback": True,
        "recording": "after_verification", "recording_days": 30,
    }  # fmt: skip
    queues, wrong = read(billing=told, help={})
    assert wrong == []
    assert queues["billing"].rules == Rules(3, 60, "help", 120, 30, 45, 2)
    plan = queues["billing"].plan
    assert (plan.tell_position, plan.tell_wait, plan.offer_callback) == (True, True, True)
    assert (plan.recording, plan.recording_days) == (Recorded.AFTER_VERIFICATION, 30)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"ring_at_most": 0}, "f: queues.billing.ring_at_most: must be 1 to 10, not 0"),
        ({"overflow_to": "hel", "overflow_after": 9}, 'names "hel", which is not there: did you mean help?'),
        ({"overflow_to": "billing", "overflow_after": 9}, 'names "billing", which is not there'),
        ({"overflow_to": "help"}, "f: queues.billing.overflow_after: is needed too"),
        ({"overflow_after": 9}, "f: queues.billing.overflow_to: is needed too"),
        ({"wrapup": 9}, "f: queues.billing.wrapup: is not known; did you mean wrap_up?"),
    ],
)
def test_what_is_wrong_is_named(told: dict[str, Any], complaint: str) -> None:
    _, wrong = read(billing=told, help={})
    assert complaint in wrong[0]
