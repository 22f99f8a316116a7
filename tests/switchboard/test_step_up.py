"""A fresh proof over a real database: what is done to whose leg, what is counted, and what a token is worth."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.switchboard.house import ADA, LINE, RUTH, House, question
from tests.switchboard.test_desk import call_of, connected, done, enters
from voicebot.dialogue.actions import Ask, Join
from voicebot.dialogue.forms import StepUpPlan
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.proving import Progress
from voicebot.dialogue.refusals import Refusal
from voicebot.switchboard import Turned
from voicebot.switchboard.answers import DONE, Done, Refused
from voicebot.switchboard.proofs import Redeemed

PIN = LINE.secrets[0]
LINE_WITH = replace(LINE, step_ups=(StepUpPlan("payout", (PIN,), 10_000, "USD", 2, 60), StepUpPlan("address", (PIN,))))
Make = Callable[..., House]


@pytest.fixture
def house(make_house: Make) -> House:
    return make_house(line=LINE_WITH, agents=(RUTH,))


@pytest.fixture
def turned(house: House) -> Turned:
    return connected(house)


def progress(house: House, turned: Turned) -> Progress:
    step_up = call_of(house, turned).step_up
    assert step_up is not None
    return step_up.progress


def begins(house: House, turned: Turned, amount: str = "250.00") -> Turned:
    """Ruth asks, and the caller's leg fetches its question."""
    assert house.switchboard.desk.step_up("ruth", turned.call_id, "payout", amount) == DONE
    assert house.switchboard.quiet(10)
    return house.switchboard.document(turned.call_id)


def token(house: House, turned: Turned) -> str:
    answer = house.switchboard.desk.token("ruth", turned.call_id)
    assert isinstance(answer, Done)
    assert answer.token
    assert answer.token not in repr(answer)
    return answer.token


def redeem(house: House, token: str, customer: str = ADA.ref, action: str = "payout", amount: str = "250.00 USD") -> Redeemed:
    return house.switchboard.proofs.redeem(token, customer, action, amount)


def refusals(house: House, turned: Turned) -> list[object]:
    with house.store.reading() as ledger:
        return [row.facts["why"] for row in ledger.journal(turned.call_id) if row.what == Noted.TOKEN_REFUSED]


def test_the_agent_goes_on_hold_the_caller_to_a_question_and_both_come_back(house: House, turned: Turned) -> None:
    asked = begins(house, turned)
    leg = done(house, "arrange")[-1]
    assert leg[2].startswith("leg-")
    assert "held=True" in leg[3]
    assert done(house, "push")[-1][1] == "CA1"
    assert isinstance(asked.verbs[-1], Ask)
    back = house.enters(asked, house.crm.pin)
    assert isinstance(back.verbs[-1], Join)
    assert progress(house, turned) is Progress.PASSED
    assert "held=False" in done(house, "arrange")[-1][3]
    enters(house, turned, "CA1")
    assert done(house, "end_leg") == []


def test_late_news_that_the_caller_left_the_room_ends_nothing(house: House, turned: Turned) -> None:
    asked = begins(house, turned)
    house.enters(asked, house.crm.pin)
    enters(house, turned, "CA1")
    call = call_of(house, turned)
    house.switchboard.room_changed(turned.call_id, f"room-{call.id}-{call.rooms}", left="CA1")
    assert call_of(house, turned).ending is None


def test_wrong_ones_count_for_the_account_like_all_others(house: House, turned: Turned) -> None:
    for wrong in ("111111", "222222", "333333"):
        asked = begins(house, turned) if wrong == "111111" else house.switchboard.document(turned.call_id)
        house.enters(asked, wrong)
    assert progress(house, turned) is Progress.FAILED
    for _ in range(2):
        house.enters(begins(house, turned), "444444")
        house.switchboard.desk.take_back("ruth", turned.call_id)
    house.enters(begins(house, turned), house.crm.pin)  # locked by now: five in a row, in two step-ups
    call = call_of(house, turned)
    assert call.step_up is not None
    assert (call.step_up.progress, call.step_up.why) == (Progress.FAILED, "locked")


def test_what_is_refused_is_said(house: House, turned: Turned) -> None:
    desk = house.switchboard.desk
    assert desk.step_up("ruth", turned.call_id, "payout", "1,000") == Refused(Refusal.NO_AMOUNT)
    assert desk.step_up("ruth", turned.call_id, "payout", "99.99") == Refused(Refusal.NO_PROOF_NEEDED)
    assert desk.step_up("ruth", turned.call_id, "holiday", "") == Refused(Refusal.UNKNOWN_ACTION)
    assert desk.step_up("omar", turned.call_id, "payout", "250") == Refused(Refusal.NOT_YOURS)
    assert desk.take_back("ruth", turned.call_id) == Refused(Refusal.NOT_STEPPING_UP)
    assert desk.token("ruth", turned.call_id) == Refused(Refusal.NO_TOKEN)
    begins(house, turned)
    assert desk.step_up("ruth", turned.call_id, "payout", "250") == Refused(Refusal.STEPPING_UP)
    assert desk.take_back("ruth", turned.call_id) == DONE
    assert progress(house, turned) is Progress.ABANDONED
    assert house.switchboard.quiet(10)
    assert done(house, "push")[-1][1] == "CA1"


def test_an_action_without_an_amount(house: House, turned: Turned) -> None:
    assert house.switchboard.desk.step_up("ruth", turned.call_id, "address", "ignored") == DONE
    house.enters(house.switchboard.document(turned.call_id), house.crm.pin)
    assert redeem(house, token(house, turned), action="address", amount="") is Redeemed.VALID


def test_a_token_is_shown_once_and_counts_once(house: House, turned: Turned) -> None:
    house.enters(begins(house, turned), house.crm.pin)
    shown = token(house, turned)
    assert house.switchboard.desk.token("ruth", turned.call_id) == Refused(Refusal.NO_TOKEN)
    assert redeem(house, shown) is Redeemed.VALID
    assert redeem(house, shown) is Redeemed.INVALID


@pytest.mark.parametrize(
    "other",
    [{"customer": "c2"}, {"action": "address"}, {"amount": "250.01 USD"}, {"amount": "250.00 EUR"}, {"amount": ""}],
)
def test_a_token_counts_for_nothing_else(house: House, turned: Turned, other: dict[str, str]) -> None:
    house.enters(begins(house, turned), house.crm.pin)
    shown = token(house, turned)
    assert redeem(house, shown, **other) is Redeemed.INVALID
    assert refusals(house, turned) == ["it is for something else"]
    assert redeem(house, shown) is Redeemed.VALID


def test_what_is_no_token_counts_for_nothing(house: House, turned: Turned) -> None:
    house.enters(begins(house, turned), house.crm.pin)
    shown = token(house, turned)
    call, number, signature = shown.split(".")
    nothing_of_this_call = ("", ".", "other.1.y")
    of_this_call = (
        call,
        f"{call}.{number}.",
        f"{call}.²2.{signature}",
        f"{call}.1.é{signature}",
        f"{call}.2.{signature}",
    )
    for bad in (*nothing_of_this_call, *of_this_call):
        assert redeem(house, bad) is Redeemed.INVALID
    assert redeem(house, f"other.{number}.{signature}") is Redeemed.INVALID
    assert refusals(house, turned) == [*["it is not that of the call's newest proof"] * 4, "it is for something else"]
    assert redeem(house, shown) is Redeemed.VALID


def test_a_call_without_a_proof_has_no_token(house: House, turned: Turned) -> None:
    assert redeem(house, f"{turned.call_id}.1.abc") is Redeemed.INVALID


def test_a_token_ends_with_its_lifetime_and_with_the_next_proof(house: House, turned: Turned) -> None:
    house.enters(begins(house, turned), house.crm.pin)
    first = token(house, turned)
    house.enters(begins(house, turned), house.crm.pin)
    assert redeem(house, first) is Redeemed.INVALID
    second = token(house, turned)
    house.clock.pass_seconds(61)
    assert redeem(house, second) is Redeemed.INVALID
    house.switchboard.tick(house.clock.now())
    assert progress(house, turned) is Progress.EXPIRED


def test_no_digit_and_no_token_is_in_the_database(house: House, turned: Turned) -> None:
    asked = begins(house, turned)
    house.enters(asked, "918273")
    house.enters(house.switchboard.document(turned.call_id), house.crm.pin)
    shown = token(house, turned)
    with house.store.reading() as ledger:
        told = repr([(entry.what, entry.facts) for entry in ledger.journal(turned.call_id)])
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    for secret in ("918273", house.crm.pin, shown.rpartition(".")[2]):
        assert secret not in told
        assert secret not in str(kept.call.to_dict())
    assert question(asked).secret
