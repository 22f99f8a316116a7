"""What verification is worth: journals made by hand, whose true figures are known."""

from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING
from tests.facts.journals import NotedConversation, Row, at, folded, journal, row, seconds
from voicebot.facts.interaction import Facts
from voicebot.facts.sums import Targets, counts, summed
from voicebot.facts.tally import Assumed, Tally


def total(*rows: Facts) -> Tally:
    return summed((one for row in rows for one in counts(row, Targets())), lambda _: "all")["all"]


def talked(*before: Row, joined: float = 60, ended: float = 300) -> list[Row]:
    told = [row(50, "queued", queue="billing"), row(55, "agent_accepted", agent="Mira"), row(joined, "joined", agent="Mira")]
    return journal(*before, *told, ended=ended)


IDENTIFIED = row(10, "assured", assurance="identified", by="account_number")
VERIFIED = row(34, "assured", assurance="verified", by="pin")


def test_the_time_to_verify_is_from_the_ring_to_the_proof() -> None:
    facts = folded(talked(IDENTIFIED, VERIFIED))
    assert (facts.verified_at, facts.time_to_verify) == (at(34), seconds(34))
    assert facts.picked_up_verified
    assert facts.spells[0].verified


def test_a_caller_who_is_only_identified_proved_nothing() -> None:
    facts = folded(talked(IDENTIFIED))
    assert (facts.verified_at, facts.time_to_verify, facts.picked_up_verified) == (None, None, False)


def test_a_proof_that_came_while_they_talked_came_after_the_pick_up() -> None:
    facts = folded(talked(IDENTIFIED, row(120, "assured", assurance="verified", by="pin")))
    assert facts.time_to_verify == seconds(120)
    assert not facts.picked_up_verified
    sums = total(facts)
    assert (sums.proven, sums.picked_up, sums.picked_up_verified, sums.handled_verified) == (1, 1, 0, 0)


def test_the_first_proof_counts() -> None:
    assert folded(talked(VERIFIED, row(200, "assured", assurance="verified", by="pin"))).time_to_verify == seconds(34)


def test_a_verified_caller_whom_no_agent_had_was_not_picked_up() -> None:
    sums = total(folded(journal(VERIFIED, ending="contained", ended=60)))
    assert (sums.proven, sums.picked_up, sums.verified_before_pick_up) == (1, 0, None)
    assert sums.saved(Assumed()) == seconds(0)


def test_a_call_passed_on_is_picked_up_once_and_each_part_tells_what_was_so() -> None:
    rows = [
        row(120, "passed_on", agent="Mira", queue="delivery"),
        row(130, "assured", assurance="verified", by="pin"),
        row(140, "agent_accepted", agent="Omar"),
        row(150, "joined", agent="Omar"),
    ]
    facts = folded(talked(*rows))
    assert [(spell.agent, spell.verified) for spell in facts.spells] == [("Mira", False), ("Omar", True)]
    sums = total(facts)
    assert (sums.picked_up, sums.picked_up_verified, sums.handled_verified) == (1, 0, 1)
    assert (sums.handling_unverified, sums.handling_verified) == (seconds(60), seconds(150))


def test_figures_of_four_calls() -> None:
    filed = row(330, "wrapped_up", agent="Mira", code="invoice")
    quick = talked(VERIFIED, filed)  # 240 s, and 30 s to file it
    held = talked(row(44, "assured", assurance="verified", by="pin"), row(100, "held"), row(130, "resumed"), ended=260)  # 200 s
    slow = talked(IDENTIFIED, ended=460)  # 400 s
    gone = journal(row(40, "queued", queue="billing"), ending="abandoned", ended=90)
    sums = total(*map(folded, (quick, held, slow, gone)))
    assert (sums.proven, sums.picked_up, sums.picked_up_verified) == (2, 3, 2)
    assert sums.average_time_to_verify == seconds(39)
    assert sums.verified_before_pick_up == 2 / 3
    assert sums.handling_verified == seconds((270 + 200) / 2)
    assert sums.handling_unverified == seconds(400)
    assert sums.handling == seconds((270 + 200 + 400) / 3)
    assert sums.saved(Assumed()) == seconds(90)
    assert sums.saved(Assumed(seconds(60))) == timedelta(minutes=2)


def test_of_nothing_there_are_no_figures() -> None:
    none = Tally()
    figures = [none.average_time_to_verify, none.verified_before_pick_up, none.handling_verified, none.handling_unverified]
    assert figures == [None] * 4


@pytest.mark.parametrize("assumed", [0, -45, 601])
def test_an_assumption_that_cannot_be_is_refused(assumed: float) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 600 seconds, not {assumed}"):
        Assumed(seconds(assumed))


def test_a_real_conversation_tells_when_it_was_verified() -> None:
    talk = NotedConversation(BILLING)
    talk.is_verified()
    proofs = [one for one in talk.rows if one.what == "assured" and one.facts["assurance"] == "verified"]
    facts = folded([*talk.rows, Row(talk.now, "ended", {"ending": "abandoned", "assurance": "verified"})])
    assert [one.at for one in proofs] == [facts.verified_at]
