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
    return CallbackWish(call_id, queue, NUMBER, NOON + timedelta(minutes=minutes), NOON + timedelta(minutes=minutes + 5))


@pytest.fixture
def wishes(store: SqlStore, begun: Callable[[str], Call]) -> CallbackWishes:
    for call_id, minutes, queue in (("late", 9, "billing"), ("early", 1, "billing"), ("other", 2, "delivery")):
        begun(call_id)
        with store.transaction() as ledger:
            ledger.keep_wish(wish(call_id, minutes, queue))
            ledger.keep_wish(wish(call_id, minutes, queue))
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
    assert NUMBER not in repr(wishes.open_wishes())
    store.erase_call("early")
    assert wishes.open_wishes()[0].number == ""
