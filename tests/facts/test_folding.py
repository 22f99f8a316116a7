"""Journals made by hand, whose true figures are known, and what real conversations come to."""

import pytest

from tests.dialogue.conversation import PEER, SELF_SERVICE
from tests.facts.journals import NotedConversation, Row, at, folded, journal, row, seconds
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import Facts, GivenTo, InVain, Known, Outcome, Spell, Stay
from voicebot.facts.sums import Targets, counts
from voicebot.facts.tally import total


def test_an_answered_call_waits_talks_holds_and_is_wrapped_up() -> None:
    facts = folded(
        journal(
            row(40, "queued", queue="billing"),
            row(50, "agent_turned_down", agent="Omar", why="no_key"),
            row(55, "agent_accepted", agent="Mira"),
            row(65, "joined", agent="Mira"),
            row(100, "held", agent="Mira"),
            row(130, "resumed", agent="Mira"),
            row(200, "held", agent="Mira"),
            row(210, "resumed", agent="Mira"),
            row(345, "wrapped_up", agent="Mira", code="invoice"),
            ended=300,
        )
    )
    assert facts.stays == (Stay("billing", at(40), at(65), Outcome.ANSWERED),)
    assert facts.stays[0].waited == seconds(25)
    assert facts.spells == (Spell("Mira", "billing", at(65), at(300), seconds(40), seconds(45)),)
    assert facts.spells[0].talk == seconds(195)
    assert facts.in_vain == (InVain("Omar", "billing", at(50)),)
    assert (facts.line, facts.language, facts.code, facts.ending, facts.assurance) == (
        "billing", "en", "invoice", "served", "verified",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("abandoned", Outcome.ABANDONED),
        ("waited_too_long", Outcome.WAITED_TOO_LONG),
        ("closed_meanwhile", Outcome.CLOSED_MEANWHILE),
        ("callback_promised", Outcome.CALLBACK_PROMISED),
        ("handed_over", Outcome.OTHER),
        ("of a newer release", Outcome.OTHER),
    ],
)
def test_a_stay_that_nobody_answered_ends_as_the_call_does(ending: str, outcome: Outcome) -> None:
    facts = folded(journal(row(40, "queued", queue="billing"), ending=ending, ended=90))
    assert facts.stays == (Stay("billing", at(40), at(90), outcome),)
    assert facts.spells == ()


def test_a_caller_who_leaves_during_the_whisper_has_abandoned_and_no_agent_had_them() -> None:
    facts = folded(
        journal(row(40, "queued", queue="billing"), row(50, "agent_accepted", agent="Mira"), ending="abandoned", ended=58)
    )
    assert (facts.stays[0].outcome, facts.stays[0].waited, facts.spells) == (Outcome.ABANDONED, seconds(18), ())


def test_the_agents_part_is_over_when_the_caller_is_asked_how_it_was() -> None:
    had = (row(40, "queued", queue="billing"), row(50, "agent_accepted", agent="Mira"), row(60, "joined", agent="Mira"))
    facts = folded(journal(*had, row(200, "survey_begun"), row(212, "surveyed", score=9, modality="keypad"), ended=213))
    assert facts.spells == (Spell("Mira", "billing", at(60), at(200), seconds(0), None),)
    assert (facts.score, facts.ended_at) == (9, at(213))
    silent = folded(journal(*had, row(200, "survey_begun"), ended=230))
    assert (silent.score, silent.spells[0].until) == (None, at(200))
    assert folded(journal(*had, row(200, "surveyed", score="gone"), ended=230)).score is None  # of an erased call
    assert folded(journal(row(200, "survey_begun"), ended=230)).spells == ()


def test_where_no_news_came_of_the_room_a_served_caller_counts_from_the_acceptance() -> None:
    facts = folded(journal(row(40, "queued", queue="billing"), row(50, "agent_accepted", agent="Mira"), ended=200))
    assert facts.stays == (Stay("billing", at(40), at(50), Outcome.ANSWERED),)
    assert facts.spells == (Spell("Mira", "billing", at(50), at(200)),)


def test_an_agent_lost_during_the_whisper_leaves_the_stay_as_it_was() -> None:
    facts = folded(
        journal(
            row(40, "queued", queue="billing"),
            row(50, "agent_accepted", agent="Mira"),
            row(56, "agent_lost", agent="Mira"),
            row(70, "agent_accepted", agent="Omar"),
            row(80, "joined", agent="Omar"),
        )
    )
    assert facts.stays == (Stay("billing", at(40), at(80), Outcome.ANSWERED),)
    assert [spell.agent for spell in facts.spells] == ["Omar"]


def test_an_agent_lost_with_the_caller_on_hold_had_them_and_the_caller_is_in_line_again() -> None:
    facts = folded(
        journal(
            row(40, "queued", queue="billing"),
            row(50, "agent_accepted", agent="Mira"),
            row(60, "joined", agent="Mira"),
            row(90, "held", agent="Mira"),
            row(100, "agent_lost", agent="Mira"),
            ending="abandoned",
            ended=130,
        )
    )
    assert facts.spells == (Spell("Mira", "billing", at(60), at(100), seconds(10), given_to=GivenTo.LOST),)
    assert facts.stays[1] == Stay("billing", at(100), at(130), Outcome.ABANDONED, again=True)


def test_a_call_passed_on_is_two_stays_and_two_agents_parts() -> None:
    facts = folded(
        journal(
            row(10, "queued", queue="billing"),
            row(20, "agent_accepted", agent="Mira"),
            row(30, "joined", agent="Mira"),
            row(90, "passed_on", agent="Mira", to="delivery", queue="delivery"),
            row(95, "wrapped_up", agent="Mira", code="other"),
            row(110, "agent_accepted", agent="Omar"),
            row(120, "joined", agent="Omar"),
            row(310, "wrapped_up", agent="Omar", code="parcel"),
        )
    )
    assert facts.stays == (
        Stay("billing", at(10), at(30), Outcome.ANSWERED),
        Stay("delivery", at(90), at(120), Outcome.ANSWERED),
    )
    assert facts.spells == (
        Spell("Mira", "billing", at(30), at(90), wrap_up=seconds(5), given_to=GivenTo.PASSED_ON),
        Spell("Omar", "delivery", at(120), at(300), wrap_up=seconds(10)),
    )
    assert facts.code == "parcel"


def test_a_journal_of_an_older_release_passes_on_within_its_queue() -> None:
    facts = folded(
        journal(
            row(10, "queued", queue="billing"),
            row(20, "agent_accepted", agent="Mira"),
            row(30, "joined", agent="Mira"),
            row(90, "passed_on", agent="Mira", to="Omar"),
            ending="abandoned",
            ended=95,
        )
    )
    assert facts.stays[1].queue == "billing"


def test_a_colleague_who_takes_over_in_the_room_goes_on_at_once() -> None:
    facts = folded(
        journal(
            row(10, "queued", queue="billing"),
            row(20, "agent_accepted", agent="Mira"),
            row(30, "joined", agent="Mira"),
            row(60, "consulting", agent="Mira", to="Omar"),
            row(60, "held", agent="Mira"),
            row(90, "taken_over", agent="Omar", before="Mira"),
        )
    )
    assert facts.spells == (
        Spell("Mira", "billing", at(30), at(90), seconds(30), consults=1, given_to=GivenTo.TAKEN_OVER),
        Spell("Omar", "billing", at(90), at(300)),
    )
    assert len(facts.stays) == 1


def test_until_a_colleague_who_takes_over_has_come_in_the_caller_is_on_hold() -> None:
    facts = folded(
        journal(
            row(10, "queued", queue="billing"),
            row(20, "agent_accepted", agent="Mira"),
            row(30, "joined", agent="Mira"),
            row(60, "held", agent="Mira"),
            row(90, "taken_over", agent="Omar", before="Mira"),
            row(97, "joined", agent="Omar"),
            row(98, "joined", agent="Omar"),
        )
    )
    assert facts.spells[1] == Spell("Omar", "billing", at(90), at(300), seconds(7))


@pytest.mark.parametrize("lost", [True, False])
def test_of_a_colleague_who_never_came_in_there_is_nothing_to_tell(lost: bool) -> None:
    rows = [
        row(10, "queued", queue="billing"),
        row(20, "agent_accepted", agent="Mira"),
        row(30, "joined", agent="Mira"),
        row(90, "taken_over", agent="Omar", before="Mira"),
        *([row(99, "agent_lost", agent="Omar")] if lost else []),
    ]
    facts = folded(journal(*rows, ending="abandoned", ended=120))
    assert [spell.agent for spell in facts.spells] == ["Mira"]
    assert [stay.waited for stay in facts.stays] == [seconds(20), seconds(21)][: 1 + lost]


def test_the_first_filing_ends_the_wrap_up_and_the_last_code_counts() -> None:
    rows = journal(
        row(10, "queued", queue="billing"),
        row(20, "agent_accepted", agent="Mira"),
        row(30, "joined", agent="Mira"),
        row(320, "wrapped_up", agent="Mira", code="other"),
        row(900, "wrapped_up", agent="Mira", code="invoice"),
        row(990, "wrapped_up", agent="Ruth", code="complaint"),
    )
    facts = folded(rows)
    assert (facts.spells[0].wrap_up, facts.code) == (seconds(20), "complaint")
    assert folded(rows[:-2]).code == "other", "a row filed late gives new facts"


def test_there_are_no_facts_while_a_call_goes_on_or_without_its_beginning() -> None:
    rows = journal(row(10, "queued", queue="billing"))
    assert facts_of(Known("call-1"), rows[:-1]) is None
    assert facts_of(Known("call-1"), rows[1:]) is None


def test_an_erased_call_keeps_its_times() -> None:
    rows = journal(row(10, "queued"), row(20, "agent_accepted"), row(30, "joined"), row(310, "wrapped_up"))
    facts = folded([Row(one.at, one.what) for one in rows])
    assert (facts.stays[0].waited, facts.spells[0].talk, facts.spells[0].agent) == (seconds(20), seconds(270), "")


def test_rows_that_do_not_matter_or_are_of_a_newer_release_change_nothing() -> None:
    rows = [
        row(10, "queued", queue="billing"),
        row(20, "agent_accepted", agent="Mira"),
        row(30, "joined", agent="Mira"),
    ]
    others = [row(15, "teleported", to="Mars"), row(40, "resumed"), row(40, "muted", muted=True), row(41, "teleported")]
    assert folded(journal(*rows, *others)) == folded(journal(*rows))


# ---- what the dialogue really writes --------------------------------------------------------------------------------------


def test_a_real_conversation_has_its_facts() -> None:
    talk = NotedConversation()
    talk.is_with_agent()
    talk.agent.holds()
    talk.agent.resumes()
    talk.agent.passes_to()
    talk.agent.accepts("call-1.2")
    talk.agent.enters()
    talk.caller.enters()
    talk.agent.leaves("call-1.2")
    facts = folded(talk.rows)
    assert (facts.line, facts.language, facts.ending) == ("billing", "en", "served")
    assert [stay.queue for stay in facts.stays] == ["billing", "delivery"]
    assert [spell.given_to for spell in facts.spells] == [GivenTo.PASSED_ON, GivenTo.NOBODY]
    assert all(stay.outcome is Outcome.ANSWERED for stay in facts.stays)
    assert facts.spells[0].hold > seconds(0)


def test_a_call_that_the_line_ended_itself_was_in_no_line() -> None:
    closed, elsewhere = NotedConversation(closed=True), NotedConversation(PEER)
    elsewhere.is_verified()
    elsewhere.caller.hangs_up()
    for talk, ending in ((closed, "closed"), (elsewhere, "handed_over")):
        facts = folded(talk.rows)
        assert (facts.ending, facts.stays, facts.spells) == (ending, (), ())
    itself = NotedConversation(SELF_SERVICE)
    itself.is_verified().back_end.tells(("balance", "12.50"))
    itself.caller.hangs_up()
    assert folded(itself.rows).ending == "contained"


def test_who_books_a_callback_out_of_hours_came_out_of_hours() -> None:
    def closed(is_open: object, ending: str) -> int:
        ringing = row(0, "arrived", line="billing", language="en", open=is_open)
        found = folded([ringing, row(60, "ended", ending=ending, assurance="none")])
        return next(counts(found, Targets())).tally.closed

    assert [closed(False, "callback_promised"), closed(False, "closed")] == [1, 1]
    assert [closed(True, "served"), closed(None, "closed")] == [0, 1]


def called_back(*rows: Row, ending: str = "served") -> Facts:
    """A wish comes up at 0; we dial."""
    begins = Row(at(0), "calling_back", {"line": "billing", "language": "en", "wish": "call-0", "tries": 0})
    whole = [begins, row(0, "queued", queue="billing"), *rows, row(300, "ended", ending=ending, assurance="identified")]
    return folded(whole, customer="whose")


def test_what_we_dial_is_no_call_that_came_and_nobody_who_waited() -> None:
    facts = called_back(
        row(5, "agent_turned_down", agent="Omar", why="no_key"), row(20, "agent_accepted", agent="Mira"), row(60, "joined"),
    )  # fmt: skip
    assert (facts.dialled, facts.stays, facts.customer) == (True, (), "")
    assert facts.spells == (Spell("Mira", "billing", at(60), at(300)),)
    sums = total(one.tally for one in counts(facts, Targets()))
    assert (sums.calls, sums.offered, sums.picked_up, sums.handled, sums.rung_in_vain) == (0, 0, 0, 1, 1)


def test_whoever_is_not_reached_adds_nothing() -> None:
    assert list(counts(called_back(ending="not_reached"), Targets())) == []


def test_the_score_of_somebody_called_back_counts() -> None:
    spoken = row(20, "agent_accepted", agent="Mira"), row(60, "joined")
    facts = called_back(*spoken, row(200, "survey_begun"), row(210, "surveyed", score=9))
    sums = total(one.tally for one in counts(facts, Targets()))
    assert (sums.calls, sums.scored, sums.scores, sums.promoters) == (0, 1, 9, 1)
