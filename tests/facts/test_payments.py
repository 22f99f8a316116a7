"""Card payments in figures: by the way they were made, what became of them, and no amounts."""

from typing import Any

import pytest

from tests.facts.journals import Row, at, folded, journal, row
from voicebot.dialogue.payment import PaymentState
from voicebot.facts.interaction import Facts, Paying
from voicebot.facts.sums import Count, Targets, counts
from voicebot.facts.tally import Tally


def paying(after: float, state: str, number: int = 1, way: str = "agent") -> Row:
    return row(after, "payment", number=number, way=way, state=state, amount="12.50 EUR")


def served(*rows: Row, **told: Any) -> Facts:
    """By agent mira, from queue billing, from the thirtieth second on."""
    agent = row(20, "queued", queue="billing"), row(25, "agent_accepted", agent="mira"), row(30, "joined")
    return folded(journal(*agent, *rows, **told))


def counted(facts: Facts) -> list[Count]:
    return [one for one in counts(facts, Targets()) if one.tally.payments]


def test_a_payment_counts_where_it_began_by_what_became_of_it() -> None:
    facts = served(paying(40, "opening"), paying(45, "entering"), paying(70, "charging"), paying(75, "paid"))
    assert facts.payments == (Paying(at(40), "agent", "paid", "billing", "mira"),)
    (one,) = counted(facts)
    assert (one.at, one.way, one.line, one.queue, one.agent) == (at(40), "agent", "billing", "billing", "mira")
    assert one.tally == Tally(payments=1, charged=1)
    assert one.tally.charged_share == 1.0


@pytest.mark.parametrize(
    ("state", "sums"),
    [
        (PaymentState.PAID.value, Tally(payments=1, charged=1)),
        (PaymentState.DECLINED.value, Tally(payments=1, declined=1)),
        (PaymentState.CANCELLED.value, Tally(payments=1, not_charged=1)),
        (PaymentState.FAILED.value, Tally(payments=1, not_charged=1)),
        (PaymentState.LINKED.value, Tally(payments=1, not_charged=1)),
        (PaymentState.UNCERTAIN.value, Tally(payments=1, uncertain=1)),
        ("", Tally(payments=1, not_charged=1)),
    ],
)
def test_a_payment_came_to_one_thing(state: str, sums: Tally) -> None:
    assert [one.tally for one in counted(served(paying(40, "opening"), paying(50, state)))] == [sums]


def test_who_pays_the_line_itself_has_no_agent_and_each_payment_counts() -> None:
    facts = folded(
        journal(
            paying(10, "charging", 1, "alone"), paying(30, "declined", 1, "alone"), paying(40, "charging", 2, "alone"),
            paying(60, "paid", 2, "alone"), ending="contained",
        )
    )  # fmt: skip
    assert facts.payments == (Paying(at(10), "alone", "declined"), Paying(at(40), "alone", "paid"))


def test_what_is_paid_by_a_link_after_the_call_is_charged() -> None:
    rows = (paying(40, "linked", way="device"), paying(900, "paid", way="device"))
    assert served(*rows).payments == (Paying(at(40), "device", "paid", "billing", "mira"),)


def test_an_erased_payment_is_one_of_which_nothing_is_known() -> None:
    erased = Row(at(40), "payment")
    assert served(erased).payments == (Paying(at(40), "", "", "billing", "mira"),)
