"""The form's questions, who went on unproven, outages and security events: journals made by hand, whose figures are known."""

from typing import Any

import pytest

from tests.dialogue.conversation import BILLING
from tests.facts.journals import NotedConversation, Row, at, folded, journal, row, seconds
from voicebot.dialogue.approving import ApprovalProgress
from voicebot.dialogue.values import Modality
from voicebot.facts.interaction import Alarming, Came, Facts, Question, Unproven
from voicebot.facts.sums import Count, Targets, counts, summed
from voicebot.facts.tally import Tally

KEYS, SPEECH = Modality.KEYPAD, Modality.SPEECH


def asked(after: float, step: str, what: str = "ask") -> Row:
    return row(after, "asked", field=step, prompt=f"{step}.{what}")


def entered(after: float, verdict: str, modality: Modality = KEYS) -> Row:
    return row(after, "entered", verdict=verdict, modality=modality.value)


def found(*rows: Row, ending: str = "abandoned", ended: float = 300) -> Facts:
    return folded(journal(*rows, ending=ending, ended=ended))


def all_of(facts: Facts) -> Tally:
    return summed(counts(facts, Targets()), lambda _: "all")["all"]


def test_a_caller_who_is_identified_and_verified_at_once() -> None:
    facts = found(
        asked(1, "number"), entered(5, "complete"), row(6, "identify_result", by="number", result="found"),
        asked(7, "pin"), entered(9, "complete"), row(10, "secret_result", field="pin", verdict="matched"),
    )  # fmt: skip
    assert facts.questions == (
        Question("number", 1, at(1), Came.ACCEPTED, KEYS), Question("pin", 1, at(7), Came.ACCEPTED, KEYS),
    )  # fmt: skip
    sums = all_of(facts)
    assert (sums.questions, sums.accepted, sums.acceptance, sums.speech_success, sums.confirm_rate) == (2, 2, 1.0, None, None)


def test_attempts_are_numbered_by_step_and_read_backs_belong_to_their_question() -> None:
    facts = found(
        asked(1, "number"), row(4, "silent"),
        asked(5, "number", "no_input"), entered(8, "to_confirm", SPEECH),
        asked(9, "number", "confirm"), entered(11, "no"),
        asked(12, "number", "no_match"), entered(15, "to_confirm", SPEECH),
        asked(16, "number", "confirm_keys"), row(19, "silent"),
        asked(20, "number", "confirm_keys"), entered(22, "yes"), row(23, "identify_result", result="not_found"),
        asked(24, "number", "rejected"), entered(26, "short"),
        asked(27, "number", "too_short"),
    )  # fmt: skip
    assert [(one.attempt, one.came, one.modality, one.confirmed, one.denied) for one in facts.questions] == [
        (1, Came.SILENT, None, 0, 0),
        (2, Came.NOT_UNDERSTOOD, SPEECH, 0, 1),
        (3, Came.REFUSED, SPEECH, 1, 0),
        (4, Came.NOT_UNDERSTOOD, KEYS, 0, 0),
        (5, Came.LEFT, None, 0, 0),
    ]
    sums = all_of(facts)
    assert (sums.spoken, sums.spoken_understood, sums.speech_success, sums.confirm_rate) == (2, 1, 0.5, 0.5)
    assert (sums.silent, sums.not_understood, sums.refused, sums.left) == (1, 2, 1, 1)


def test_a_number_that_nobody_has_may_be_read_back_and_is_the_same_question() -> None:
    facts = found(
        asked(1, "number"), entered(3, "complete", SPEECH), row(4, "identify_result", result="not_found"),
        asked(5, "number", "confirm"), entered(7, "yes"), row(8, "identify_result", result="found"),
    )  # fmt: skip
    assert [(one.came, one.confirmed) for one in facts.questions] == [(Came.ACCEPTED, 1)]


def test_a_number_that_waits_for_its_secret_is_kept() -> None:
    facts = found(
        asked(1, "number"), entered(3, "complete"), asked(4, "pin"), entered(6, "complete"),
        row(7, "secret_result", verdict="matched"), row(8, "identify_result", result="found"),
    )  # fmt: skip
    assert [one.came for one in facts.questions] == [Came.KEPT, Came.ACCEPTED]


@pytest.mark.parametrize(
    ("command", "came"),
    [("agent", Came.OPTED_OUT), ("dont_have_it", Came.OPTED_OUT), ("repeat", Came.HELPED), ("help", Came.HELPED)],
)
def test_a_wish_instead_of_an_answer(command: str, came: Came) -> None:
    facts = found(asked(1, "number"), row(3, "commanded", command=command, modality="speech"))
    assert [(one.came, one.modality) for one in facts.questions] == [(came, SPEECH)]
    assert all_of(facts).speech_success == 1.0


def test_who_opts_out_does_so_at_a_question_for_a_reason() -> None:
    facts = found(
        asked(1, "number"), entered(3, "complete"), row(4, "identify_result", result="found"),
        asked(5, "pin"), row(8, "commanded", command="dont_have_it", modality="keypad"),
        row(8, "unauthenticated", reason="no_secret", assurance="identified"), row(8, "queued", queue="billing"),
    )  # fmt: skip
    assert facts.unproven == (Unproven("pin", 1, KEYS, "no_secret", at(8)),)
    told = next(one for one in counts(facts, Targets()) if one.tally.unproven)
    assert (told.step, told.attempt, told.modality, told.reason, told.language) == ("pin", "1", "keypad", "no_secret", "en")
    nobody_asked = found(row(2, "unauthenticated", reason="back_end_down"))
    assert nobody_asked.unproven == (Unproven("", 1, None, "back_end_down", at(2)),)


def test_from_the_ninth_on_attempts_are_put_together() -> None:
    facts = found(*(one for number in range(11) for one in (asked(number * 2, "number"), row(number * 2 + 1, "silent"))))
    attempts = [one.attempt for one in counts(facts, Targets()) if one.tally.questions]
    assert attempts == [*map(str, range(1, 9)), "9+", "9+", "9+"]


def test_an_outage_is_from_the_first_lost_check_to_the_next_that_is_made_or_to_the_line() -> None:
    lost = row(4, "identify_result", result="unavailable")
    facts = found(
        asked(1, "number"), entered(3, "complete"), lost, asked(5, "number"), entered(8, "complete"),
        row(9, "identify_result", result="unavailable"), asked(10, "number"), entered(12, "complete"),
        row(14, "identify_result", result="found"), asked(15, "pin"), entered(17, "complete"),
        row(20, "secret_result", verdict="timed_out"), row(26, "queued", queue="billing"),
        row(100, "secret_result", verdict="timed_out"),
    )  # fmt: skip
    sums = all_of(facts)
    assert (sums.checks_lost, sums.outage, sums.not_checked, sums.accepted) == (3, seconds(16), 3, 1)
    assert all_of(found(asked(1, "number"), entered(3, "complete"), lost, ended=30)).outage == seconds(26)


def test_questions_of_later_are_not_the_forms() -> None:
    facts = found(asked(1, "number"), row(5, "queued", queue="billing"), asked(60, "pin"), entered(62, "complete"))
    assert [(one.step, one.came) for one in facts.questions] == [("number", Came.LEFT)]


def test_entries_without_a_question_change_nothing() -> None:
    more = row(3, "asked", field="", prompt="more.ask")
    assert found(entered(1, "yes"), row(2, "silent"), more, row(4, "identify_result", result="found")).questions == ()


@pytest.mark.parametrize(
    ("what", "told", "event"),
    [
        ("secret_result", {"verdict": "mismatched"}, Alarming.WRONG_PROOF),
        ("secret_result", {"verdict": "locked"}, Alarming.ACCOUNT_IS_LOCKED),
        ("secret_result", {"verdict": "limited"}, Alarming.TOO_MANY_TRIES),
        ("identify_result", {"result": "limited"}, Alarming.TOO_MANY_TRIES),
        ("attack", {"state": "it begins"}, Alarming.ATTACK_BEGINS),
        ("attack", {"state": "it is over"}, Alarming.ATTACK_OVER),
        ("step_up", {"progress": "again"}, Alarming.STEP_UP_WRONG),
        ("step_up", {"progress": "failed"}, Alarming.STEP_UP_FAILED),
        ("approval", {"progress": ApprovalProgress.DENIED}, Alarming.APPROVAL_DENIED),
        ("approval", {"progress": "open", "refused": True}, Alarming.APPROVAL_WRONG),
        ("approval", {"progress": "approved", "refused": True}, Alarming.APPROVAL_WRONG),
        ("approval", {"progress": ApprovalProgress.WRONG_CODE, "refused": True}, Alarming.APPROVAL_FAILED),
        ("approval", {"progress": ApprovalProgress.UNTRUE}, Alarming.APPROVAL_UNTRUE),
        ("approval", {"progress": "approved", "wrong": 1, "refused": False}, None),
        ("approval", {"progress": "expired"}, None),
        ("approval", {}, None),
        ("token_refused", {"why": "it is for something else"}, Alarming.TOKEN_REFUSED),
        ("secret_result", {"verdict": "matched"}, None),
        ("secret_result", {}, None),
        ("identify_result", {"result": "found"}, None),
        ("attack", {}, None),
        ("step_up", {"progress": "passed"}, None),
        ("asked", {}, None),
    ],
)
def test_security_events_are_told_apart_by_their_words(what: str, told: dict[str, Any], event: Alarming | None) -> None:
    facts = found(row(7, what, **told))
    events = [(one.at, one.event) for one in counts(facts, Targets()) if one.tally.security_events]
    assert events == ([(at(7), event.value)] if event else [])


def test_a_question_of_an_erased_call_has_no_words() -> None:
    assert found(Row(at(1), "asked"), Row(at(2), "entered"), Row(at(3), "secret_result")).questions == ()


def test_a_real_conversation_is_two_questions_that_were_accepted() -> None:
    talk = NotedConversation(BILLING)
    talk.is_verified()
    facts = folded([*talk.rows, Row(talk.now, "ended", {"ending": "abandoned", "assurance": "verified"})])
    assert [(one.attempt, one.came, one.modality) for one in facts.questions] == [(1, Came.ACCEPTED, KEYS)] * 2


def test_what_a_caller_says_once_they_were_told_something_is_no_answer_of_the_form() -> None:
    told = row(12, "details", names="balance"), row(13, "asked", field="", prompt="self_service.more")
    proven = asked(1, "pin"), entered(9, "complete"), row(10, "secret_result", verdict="matched")
    for after in (row(20, "commanded", command="agent", modality="keypad"), row(20, "silent"), asked(20, "pin")):
        facts = found(*proven, *told, after, row(30, "queued", queue="billing"))
        assert facts.questions == (Question("pin", 1, at(1), Came.ACCEPTED, KEYS),)


def test_who_cannot_be_told_more_without_proof_counts_where_they_stopped() -> None:
    facts = found(asked(1, "pin"), row(5, "silent"), row(12, "details"), row(20, "unauthenticated", reason="no_answer"))
    assert facts.unproven == (Unproven("pin", 1, None, "no_answer", at(20)),)


def test_what_is_counted_adds_up_by_step() -> None:
    facts = found(asked(1, "number"), row(2, "silent"), asked(3, "number"), asked(5, "pin"))
    by_step = summed((one for one in counts(facts, Targets()) if one.tally.questions), _step)
    assert {step: tally.questions for step, tally in by_step.items()} == {"number": 2, "pin": 1}


def _step(one: Count) -> str:
    return one.step
