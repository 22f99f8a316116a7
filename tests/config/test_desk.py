"""What stands under [desk] is read whole, and what is wrong there is named."""

from typing import Any

from voicebot.config.desk import DeskPlan, read_desk
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.forms import Detail
from voicebot.ports.evaluations import Question

BALANCE = Detail("balance", "amount", currency="USD")


def read(plain: dict[str, Any]) -> tuple[DeskPlan, list[str]]:
    complaints = Complaints("f")
    return read_desk(Table(plain, "", complaints), {"balance": BALANCE}), complaints.found


def test_nothing_said_is_a_desk_without_codes() -> None:
    plan, wrong = read({})
    assert (plan, wrong) == (DeskPlan(), [])
    assert (plan.answer_within, plan.short_abandon, plan.sampled, plan.manual_verification) == (20, 5, 5, 45)


def test_everything_said_is_kept_in_the_order_of_the_file() -> None:
    desk = {
        "answer_within": 30,
        "manual_verification": 60,
        "details": ["balance"],
        "wrap_up": {"paid": "Bill paid", "other": "Other"},
        "declines": {"away": "Away"},
        "breaks": {"lunch": "Lunch"},
    }
    plan, wrong = read({"desk": desk, "evaluation": {"greeting": {"text": "Greeted?", "weight": 3}}})
    assert wrong == []
    assert (plan.answer_within, plan.details, plan.manual_verification) == (30, (BALANCE,), 60)
    assert list(plan.wrap_up.items()) == [("paid", "Bill paid"), ("other", "Other")]
    assert (plan.declines, plan.breaks) == ({"away": "Away"}, {"lunch": "Lunch"})
    assert plan.evaluation == (Question("greeting", "Greeted?", 3),)


def test_an_assumption_is_from_one_second_to_ten_minutes() -> None:
    assert read({"desk": {"manual_verification": 601}})[1] == ["f: desk.manual_verification: must be 1 to 600, not 601"]


def test_what_is_wrong_is_named_with_its_key() -> None:
    desk = {"answer_within": 0, "short_abandon": "x", "details": ["balanse"], "wrap_up": {"Paid!": "x", "other": 3}, "colour": 1}
    _, wrong = read({"desk": desk, "evaluation": {"greeting": {"weight": 0}}})
    assert wrong == [
        "f: desk.answer_within: must be 1 to 3600, not 0",
        'f: desk.short_abandon: must be 0 to 120, not "x"',
        'f: desk.details: names "balanse", which is not there: did you mean balance?',
        "f: desk.wrap_up.Paid!: a name here is a word of a to z, 0 to 9 and _, and begins with a letter",
        "f: desk.wrap_up.other: must be text, not 3",
        "f: evaluation.greeting.text: is missing",
        "f: evaluation.greeting.weight: must be 1 to 100, not 0",
        f"f: desk.colour: is not known; {wrong[-1].partition('; ')[2]}",
    ]
