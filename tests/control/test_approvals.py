"""Approval in the customer's app in whole calls: a real provider's protocol, robots on the telephones, Mira at her desk."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.control.stage import ADAS_APP, IN_APP, Office, Placed
from voicebot.dialogue.approving import ApprovalProgress
from voicebot.dialogue.card import card
from voicebot.dialogue.proving import Progress
from voicebot.dialogue.values import Assurance, Proof
from voicebot.simulator.provider import ApprovalTwin, Flaws
from voicebot.switchboard.approving import IN_VAIN_A_DAY

KNOWN = ("keys:40719238", "keys:0")  # Ada's number, and no PIN
HOUR = timedelta(hours=1)
BEN = ("keys:58260417", "keys:0")
ASKED = (*KNOWN, "keys:2@wait")


pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def app(desks: Office) -> Iterator[ApprovalTwin]:
    """The provider, as if nobody had asked it before: what counts across calls is forgotten."""
    provider = desks.twin.approvals
    provider.flaws, provider.lasts, provider.unknown = Flaws(), None, set()
    desks.ready()  # nobody, so that callers wait
    yield provider
    forget_marks(desks)


def forget_marks(desks: Office) -> None:
    keyring = desks.house.keyring
    with desks.house.store.transaction() as ledger:
        for purpose in ("approvals-asked", "approvals-given"):
            key, now = keyring.blind(purpose, "C1"), desks.house.clock.now()
            while (at := ledger.last_mark(key, now)) is not None:
                ledger.unmark(key, at)


def in_line(desks: Office, *turns: str, app: str = ADAS_APP) -> Placed:
    return desks.call(*(turns or ASKED), line=IN_APP, app=app)


def progress(desks: Office, placed: Placed) -> ApprovalProgress | None:
    approval = desks.state(placed).approval
    return approval.progress if approval is not None else None


def comes_to(desks: Office, placed: Placed, wanted: ApprovalProgress) -> None:
    desks.until(lambda: progress(desks, placed) is wanted)


def assurance(desks: Office, placed: Placed) -> Assurance:
    return desks.state(placed).assurance


def heard(desks: Office, placed: Placed, words: str) -> Callable[[], bool]:
    return lambda: any(words in one.what for one in desks.caller(placed).heard)


def served(desks: Office, placed: Placed) -> None:
    """Mira takes the call."""
    desks.ready("mira")
    desks.until(lambda: desks.has(placed, "mira"))


def test_approved_before_pick_up_is_whispered(desks: Office) -> None:
    placed = in_line(desks, *ASKED, "app:approve", "app:code@wait")
    comes_to(desks, placed, ApprovalProgress.DONE)
    assert assurance(desks, placed) is Assurance.VERIFIED
    served(desks, placed)
    whispered = " ".join(one.what for one in desks.leg("mira").heard)
    assert "Identified and verified." in whispered
    assert "PIN" not in whispered
    assert desks.state(placed).evidence[-1].proof is Proof.APPROVAL
    desks.hang_up(placed.sid)
    assert desks.ended(placed).failures == []


def test_keyed_before_and_approved_after_pick_up_lands_on_the_card(desks: Office, app: ApprovalTwin) -> None:
    placed = in_line(desks, *ASKED, "app:code@wait")
    desks.until(lambda: (approval := desks.state(placed).approval) is not None and approval.code_keyed)
    served(desks, placed)
    assert "under way" in " ".join(one.what for one in desks.leg("mira").heard)
    assert card(desks.state(placed)).approval is ApprovalProgress.OPEN
    assert app.answer(ADAS_APP, "approve")
    comes_to(desks, placed, ApprovalProgress.DONE)
    assert assurance(desks, placed) is Assurance.VERIFIED
    assert desks.has(placed, "mira")


def test_an_attacker_calls_and_the_victim_taps(desks: Office, app: ApprovalTwin) -> None:
    placed = in_line(desks, *ASKED, "keys:000000@wait", app="")
    desks.until(lambda: app.shown(ADAS_APP))
    assert app.answer(ADAS_APP, "approve")
    comes_to(desks, placed, ApprovalProgress.APPROVED)
    served(desks, placed)
    assert assurance(desks, placed) is Assurance.IDENTIFIED
    assert card(desks.state(placed)).approval is ApprovalProgress.APPROVED
    assert "code has not been keyed" in " ".join(one.what for one in desks.leg("mira").heard)


def test_wrong_codes_are_the_end_of_it_and_the_place_is_kept(desks: Office) -> None:
    placed = in_line(desks, *ASKED, "app:approve", *["keys:000000@wait"] * 3, app=ADAS_APP)
    comes_to(desks, placed, ApprovalProgress.WRONG_CODE)
    desks.until(heard(desks, placed, "wrong too often"))
    served(desks, placed)
    assert assurance(desks, placed) is Assurance.IDENTIFIED


def test_a_denial_is_said_and_the_place_is_kept(desks: Office) -> None:
    placed = in_line(desks, *ASKED, "app:deny")
    comes_to(desks, placed, ApprovalProgress.DENIED)
    desks.until(heard(desks, placed, "declined in the app"))
    served(desks, placed)
    assert assurance(desks, placed) is Assurance.IDENTIFIED


def test_one_that_nobody_answers_expires(desks: Office, app: ApprovalTwin) -> None:
    app.lasts = 1.0
    placed = in_line(desks)
    comes_to(desks, placed, ApprovalProgress.EXPIRED)
    desks.until(heard(desks, placed, "in time"))
    assert assurance(desks, placed) is Assurance.IDENTIFIED


@pytest.mark.parametrize("flaw", ["forged", "subject"])
def test_a_word_that_does_not_hold_verifies_nobody(desks: Office, app: ApprovalTwin, flaw: str) -> None:
    app.flaws = Flaws(forged=flaw == "forged", subject="app-of-ben" if flaw == "subject" else "")
    placed = in_line(desks, *ASKED, "app:approve", "app:code@wait")
    comes_to(desks, placed, ApprovalProgress.UNTRUE)
    assert assurance(desks, placed) is Assurance.IDENTIFIED


def test_a_provider_that_fails_now_and_then_is_looked_at_again_and_one_that_wants_it_slower_too(
    desks: Office, app: ApprovalTwin
) -> None:
    app.flaws = Flaws(failing=1, slow_down=1)
    placed = in_line(desks, *ASKED, "app:code@wait", "app:approve")
    comes_to(desks, placed, ApprovalProgress.DONE)
    assert (app.flaws.failing, app.flaws.slow_down) == (0, 0)


@pytest.mark.parametrize(
    ("error", "wanted", "said"),
    [
        ((503, "x"), ApprovalProgress.UNAVAILABLE, "cannot be reached"),
        ((400, "unknown_user_id"), ApprovalProgress.NOT_SET_UP, "no app on record"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    desks: Office, app: ApprovalTwin, error: tuple[int, str], wanted: ApprovalProgress, said: str
) -> None:
    app.flaws.begins.append(error)
    placed = in_line(desks)
    comes_to(desks, placed, wanted)
    desks.until(heard(desks, placed, said))
    served(desks, placed)


def test_a_customer_without_an_app_is_told_so_and_the_provider_is_not_asked(desks: Office) -> None:
    placed = in_line(desks, *BEN, "keys:2@wait")
    comes_to(desks, placed, ApprovalProgress.NOT_SET_UP)


def test_one_customer_has_one_at_a_time(desks: Office, app: ApprovalTwin) -> None:
    before = app.asked_of(ADAS_APP)
    first = in_line(desks)
    comes_to(desks, first, ApprovalProgress.OPEN)
    second = in_line(desks)
    desks.until(lambda: progress(desks, second) in (ApprovalProgress.ELSEWHERE, ApprovalProgress.LIMITED))
    assert app.asked_of(ADAS_APP) == before + 1
    assert app.answer(ADAS_APP, "approve")
    comes_to(desks, first, ApprovalProgress.APPROVED)
    assert {assurance(desks, one) for one in (first, second)} == {Assurance.IDENTIFIED}


def test_who_hangs_up_wants_it_no_more_and_nobody_looks_for_it(desks: Office, app: ApprovalTwin) -> None:
    placed = in_line(desks)
    comes_to(desks, placed, ApprovalProgress.OPEN)
    desks.hang_up(placed.sid)
    desks.ended(placed)
    comes_to(desks, placed, ApprovalProgress.DROPPED)
    with desks.house.store.reading() as ledger:
        assert ledger.approval(placed.id, 1) is None
    app.answer(ADAS_APP, "approve")
    assert assurance(desks, placed) is Assurance.IDENTIFIED


def test_the_code_is_in_the_apps_message_and_nowhere_else(desks: Office, app: ApprovalTwin) -> None:
    placed = in_line(desks, *ASKED, "app:approve", "app:code@wait")
    comes_to(desks, placed, ApprovalProgress.DONE)
    code = app.code(ADAS_APP)
    served(desks, placed)
    desks.hang_up(placed.sid)
    record = desks.ended(placed)
    spoken = [one.what for leg in (record.caller, *record.agents) for one in leg.heard]
    assert not [words for words in spoken if code in words.replace(" ", "")]
    with desks.house.store.reading() as ledger:
        journal = str([entry.facts for entry in ledger.journal(placed.id)])
    assert code not in journal
    assert code not in str(desks.state(placed).to_dict())


# ---- as a fresh proof --------------------------------------------------------------------------------------------------


def test_a_fresh_proof_in_the_app_for_an_action_and_amount(desks: Office, app: ApprovalTwin) -> None:
    desks.ready("mira")
    placed = desks.talking(*KNOWN, "app:code", line=IN_APP, app=ADAS_APP)
    desks.does(desks.desk.step_up("mira", placed.id, "payout", "250.00", "approval"))
    desks.until(lambda: app.answer(ADAS_APP, "approve"))
    desks.until(lambda: (proof := desks.state(placed).step_up) is not None and proof.progress is Progress.PASSED)
    assert assurance(desks, placed) is Assurance.VERIFIED
    desks.until(lambda: desks.has(placed, "mira"))


def test_three_in_vain_a_day_are_enough(desks: Office) -> None:
    keyring, now = desks.house.keyring, desks.house.clock.now()
    with desks.house.store.transaction() as ledger:
        for hours in range(1, IN_VAIN_A_DAY + 1):
            ledger.mark(keyring.blind("approvals-asked", "C1"), now.replace(microsecond=hours) - hours * HOUR)
    placed = in_line(desks)
    comes_to(desks, placed, ApprovalProgress.LIMITED)
