"""Who wants to be called back is kept until somebody has done so, and forgotten with the call."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.dialogue.call import Call
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
