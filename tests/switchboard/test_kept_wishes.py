"""Callbacks are moved and cancelled in a call by a verified customer, or from the number that is to be called; by nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.switchboard.house import ADA, LINE, House, open_house
from voicebot.dialogue.actions import CancelCallback, MoveCallback
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import KEPT_FROM_CALLING, Window, WishStatus
from voicebot.dialogue.outbound import CallbackRules, ChangeResult
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Attestation
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.switchboard.kept_wishes import changed, found

NUMBER = "+12025550123"
OWN = Ani(AniStanding.USABLE, NUMBER, Attestation.A)
OTHER = Ani(AniStanding.USABLE, "+12025550177", Attestation.A)
FORGED = Ani(AniStanding.USABLE, NUMBER, Attestation.FAILED)
WITHHELD = Ani(AniStanding.WITHHELD)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path)
    now = opened.clock.now()
    with opened.store.transaction() as ledger:
        ledger.open_call(Call("wished", LINE), None, "", now)
        ledger.keep_wish(CallbackWish("wished", "billing", NUMBER, now, now, now, customer=ADA.ref))
    yield opened
    opened.switchboard.close()
    opened.store.close()


def call(ani: Ani, *, verified: bool = False, rules: CallbackRules | None = None) -> Call:
    assurance = Assurance.VERIFIED if verified else Assurance.IDENTIFIED
    return Call("now", replace(LINE, callbacks=rules or CallbackRules()), ani=ani, customer=ADA, assurance=assurance)


def changes(house: House, by: Call, wanted: MoveCallback | CancelCallback) -> ChangeResult:
    with house.store.transaction() as ledger:
        return changed(ledger, by, wanted, house.clock.now()).result


def kept(house: House) -> CallbackWish:
    with house.store.reading() as ledger:
        one = ledger.any_wish("wished")
    assert one is not None
    return one


@pytest.mark.parametrize(
    ("by", "theirs"),
    [(call(OWN), 1), (call(WITHHELD, verified=True), 1), (call(OTHER, verified=True), 1), (call(OTHER), 0), (call(FORGED), 0),
     (call(WITHHELD), 0)],
)  # fmt: skip
def test_whose_they_are(house: House, by: Call, theirs: int) -> None:
    with house.store.reading() as ledger:
        assert len(found(ledger, by, "UTC", house.clock.now()).wishes) == theirs
    result = changes(house, by, CancelCallback("wished"))
    assert result is (ChangeResult.CANCELLED if theirs else ChangeResult.REFUSED)
    assert (kept(house).status is WishStatus.CANCELLED) is bool(theirs)


def test_one_is_moved_to_a_slot_with_room_and_back(house: House) -> None:
    start = house.clock.now() + timedelta(hours=2)
    window = Window(start, start + timedelta(minutes=30))
    one = CallbackRules(a_slot=1)
    assert changes(house, call(OWN, rules=one), MoveCallback("wished", window)) is ChangeResult.MOVED
    assert (kept(house).window, kept(house).due_at, kept(house).status) == (window, start, WishStatus.RESCHEDULED)
    assert changes(house, call(OWN, rules=one), MoveCallback("wished", window)) is ChangeResult.MOVED  # its own place
    assert changes(house, call(OWN), MoveCallback("wished", None)) is ChangeResult.MOVED
    assert (kept(house).window, kept(house).due_at) == (None, house.clock.now() + KEPT_FROM_CALLING)


def test_a_full_slot_and_one_whom_somebody_calls_just_now_are_refused(house: House) -> None:
    start = house.clock.now() + timedelta(hours=2)
    window = Window(start, start + timedelta(minutes=30))
    with house.store.transaction() as ledger:
        ledger.open_call(Call("neighbour", LINE), None, "", house.clock.now())
        ledger.keep_wish(CallbackWish("neighbour", "billing", "+12025550199", start, start, start, window=window))
    full = call(OWN, rules=CallbackRules(a_slot=1))
    assert changes(house, full, MoveCallback("wished", window)) is ChangeResult.REFUSED
    with house.store.transaction() as ledger:
        ledger.begin_wish("wished", "call-a")
    assert changes(house, call(OWN), CancelCallback("wished")) is ChangeResult.REFUSED
    assert changes(house, call(OWN), MoveCallback("nobody", None)) is ChangeResult.REFUSED
