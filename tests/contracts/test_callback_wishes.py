"""Who wants to be called back is kept until somebody has done so, and forgotten with the call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import WishResult
from voicebot.ports.callback_wishes import CallbackWish, CallbackWishes
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NUMBER = "+12025550123"


def wish(call_id: str, minutes: int = 0, queue: str = "billing") -> CallbackWish:
    since = NOON + timedelta(minutes=minutes)
    return CallbackWish(call_id, queue, f"{NUMBER[:-1]}{minutes}", since, since + timedelta(minutes=5))


@pytest.fixture
def wishes(store: SqlStore, begun: Callable[[str], Call]) -> CallbackWishes:
    for call_id, minutes, queue in (("late", 9, "billing"), ("early", 1, "billing"), ("other", 2, "delivery")):
        begun(call_id)
        with store.transaction() as ledger:
            assert ledger.keep_wish(wish(call_id, minutes, queue))
            assert not ledger.keep_wish(wish(call_id, minutes, queue))
    return SqlCallbackWishes(store)


def test_who_got_in_line_first_comes_first(wishes: CallbackWishes) -> None:
    assert wishes.open_wishes() == (wish("early", 1), wish("other", 2, "delivery"), wish("late", 9))
    assert [one.call_id for one in wishes.open_wishes(["billing"])] == ["early", "late"]
    assert wishes.open_wishes([]) == ()
    assert len(wishes.open_wishes(limit=1)) == 1


def test_a_wish_is_done_once(wishes: CallbackWishes) -> None:
    assert wishes.done("early", "mira", NOON)
    assert not wishes.done("early", "jonas", NOON)
    assert not wishes.done("nobody", "mira", NOON)
    assert [one.call_id for one in wishes.open_wishes(["billing"])] == ["late"]


def test_the_number_is_forgotten_with_the_call_and_in_no_repr(wishes: CallbackWishes, store: SqlStore) -> None:
    assert NUMBER[:-1] not in repr(wishes.open_wishes())
    store.erase_call("early")
    assert wishes.open_wishes()[0].number == ""


def test_a_queue_has_one_open_wish_for_a_number(
    wishes: CallbackWishes, store: SqlStore, begun: Callable[[str], Call]
) -> None:
    for call_id in ("again", "elsewhere", "afterwards"):
        begun(call_id)
    number = wish("early", 1).number
    with store.transaction() as ledger:
        assert ledger.is_wished("billing", number)
        assert not ledger.is_wished("delivery", number)
        assert not ledger.keep_wish(CallbackWish("again", "billing", number, NOON, NOON))
        assert ledger.keep_wish(CallbackWish("elsewhere", "delivery", number, NOON, NOON))
    assert wishes.done("early", "mira", NOON)
    with store.transaction() as ledger:
        assert not ledger.is_wished("billing", number)
        assert ledger.keep_wish(CallbackWish("afterwards", "billing", number, NOON, NOON))


def test_a_call_that_is_erased_stands_in_nobodys_way(
    wishes: CallbackWishes, store: SqlStore, begun: Callable[[str], Call]
) -> None:
    del wishes
    begun("again")
    store.erase_call("early")
    with store.transaction() as ledger:
        assert ledger.keep_wish(CallbackWish("again", "billing", wish("early", 1).number, NOON, NOON))


# ---- being dialled -----------------------------------------------------------------------------------------------


def due(call_id: str, minutes: int, queue: str = "billing") -> CallbackWish:
    return replace(wish(call_id, minutes, queue), due_at=NOON + timedelta(minutes=minutes))


@pytest.fixture
def dialled(store: SqlStore, begun: Callable[[str], Call]) -> SqlStore:
    """Two that are due in turn, and one of the release before."""
    for call_id, minutes in (("second", 2), ("first", 1)):
        begun(call_id)
        with store.transaction() as ledger:
            ledger.keep_wish(due(call_id, minutes))
    begun("old")
    with store.transaction() as ledger:
        ledger.keep_wish(wish("old", 3))
    return store


def test_what_is_due_comes_in_turn_and_what_was_never_to_be_dialled_does_not(dialled: SqlStore) -> None:
    with dialled.reading() as ledger:
        assert ledger.due_wishes(NOON) == []
        assert ledger.due_wishes(NOON + timedelta(minutes=1)) == ["first"]
        assert ledger.due_wishes(NOON + timedelta(days=9)) == ["first", "second"]
        assert ledger.due_wishes(NOON + timedelta(days=9), limit=1) == ["first"]


def test_one_call_at_a_time_is_at_a_wish(dialled: SqlStore) -> None:
    with dialled.transaction() as ledger:
        assert ledger.begin_wish("first", "call-a")
        assert not ledger.begin_wish("first", "call-b")
        assert ledger.dialled_in("first") == "call-a"
        assert (ledger.dialled_in("second"), ledger.dialled_in("nobody")) == ("", "")
        assert ledger.due_wishes(NOON + timedelta(days=9)) == ["second"]
        assert ledger.wish("first") == replace(due("first", 1), dialled_in="call-a")


def test_what_is_to_be_tried_again_is_free_and_due_then(dialled: SqlStore) -> None:
    again = NOON + timedelta(minutes=30)
    with dialled.transaction() as ledger:
        ledger.begin_wish("first", "call-a")
        ledger.settle_wish(SettleWish("first", WishResult.NOT_REACHED, 1, again), NOON, "Mira")
        assert ledger.wish("first") == replace(due("first", 1), due_at=again, tries=1)
        assert ledger.begin_wish("first", "call-b")


@pytest.mark.parametrize("result", list(WishResult))
def test_what_is_settled_in_the_end_stays_so(dialled: SqlStore, result: WishResult) -> None:
    with dialled.transaction() as ledger:
        ledger.settle_wish(SettleWish("first", result, 1), NOON, "Mira")
        ledger.settle_wish(SettleWish("first", WishResult.NOT_REACHED, 1, NOON), NOON, "Omar")
        ledger.put_off_wish("first", NOON)
        assert ledger.wish("first") is None
        assert not ledger.begin_wish("first", "call-b")
        assert not ledger.is_wished("billing", due("first", 1).number)


def test_a_wish_is_found_by_its_number_while_it_is_open(dialled: SqlStore) -> None:
    with dialled.transaction() as ledger:
        number = due("first", 1).number
        assert ledger.wish_for("billing", number) == due("first", 1)
        assert ledger.wish_for("delivery", number) is None
        ledger.put_off_wish("first", NOON + timedelta(hours=1))
        assert ledger.due_wishes(NOON + timedelta(minutes=30)) == ["second"]
        ledger.settle_wish(SettleWish("first", WishResult.SERVED), NOON, "Mira")
        assert ledger.wish_for("billing", number) is None


def test_nobody_is_dialled_whose_call_was_erased(dialled: SqlStore) -> None:
    dialled.erase_call("first")
    with dialled.reading() as ledger:
        assert ledger.due_wishes(NOON + timedelta(days=9)) == ["second"]
