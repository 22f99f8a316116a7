"""What an operator need not say."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ACCOUNT_NUMBER, BILLING, GRAMMAR, JOINT
from voicebot.dialogue.forms import Detail, FieldPlan, Limits, LinePlan, NextStep, QueuePlan
from voicebot.dialogue.values import Shape


def test_a_caller_has_three_tries_unless_the_operator_says_otherwise() -> None:
    assert Limits() == Limits(max_attempts=3, no_input=3, no_match=3, short=3, back_end_down=2, speech_failures=2, asks=8)


def test_a_line_asks_nothing_and_leads_to_its_queue_unless_told_otherwise() -> None:
    line = LinePlan("a", "+1", "en", "US", QueuePlan("q"), GRAMMAR)
    assert (line.identifiers, line.secrets, line.next_step) == ((), (), NextStep.QUEUE)


def test_nobody_is_greeted_by_name_unless_the_operator_wants_it() -> None:
    assert not LinePlan("a", "+1", "en", "US", QueuePlan("q"), GRAMMAR).greet_by_name


def test_a_detail_is_private_unless_it_is_declared_public() -> None:
    assert Detail("balance").private


def test_a_field_is_no_secret_unless_it_is_declared_one() -> None:
    assert not FieldPlan("a", Shape.parse("digits:8")).secret


def test_a_caller_waits_a_quarter_of_an_hour_at_most() -> None:
    assert QueuePlan("q").max_wait == 15 * 60


@pytest.mark.parametrize(("line", "among", "heard"), [(BILLING, True, True), (BILLING, False, False), (JOINT, True, False)])
def test_nothing_shows_who_exists_under_one_verdict(line: LinePlan, *, among: bool, heard: bool) -> None:
    assert line.hears_among_customers(replace(ACCOUNT_NUMBER, among_customers=among)) is heard
