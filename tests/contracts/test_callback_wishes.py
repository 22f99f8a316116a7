"""Who wants to be called back is kept until somebody has done so, and forgotten with the call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import BookedBy, Window, WishResult, WishStatus
from voicebot.ports.callback_news import CallbackNews
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
        assert ledger.wish("first") == replace(due("first", 1), due_at=again, tries=1, status=WishStatus.MISSED)
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


# ---- window, subject, and what the customer is told ----------------------------------------------------------------


WINDOW = Window(NOON + timedelta(days=1), NOON + timedelta(days=1, minutes=30))


def full(call_id: str) -> CallbackWish:
    return replace(
        due(call_id, 1), window=WINDOW, due_at=WINDOW.start, subject="an invoice", customer="ref-7", booked_by=BookedBy.PAGE
    )


@pytest.fixture
def booked(store: SqlStore, begun: Callable[[str], Call]) -> SqlStore:
    begun("full")
    with store.transaction() as ledger:
        assert ledger.keep_wish(full("full"))
    return store


def news(store: SqlStore) -> list[CallbackNews]:
    with store.reading() as ledger:
        return [replace(one, id=0) for one in ledger.untold_news()]


def test_all_that_was_wished_is_kept_and_nothing_of_it_seen(booked: SqlStore) -> None:
    with booked.reading() as ledger:
        assert ledger.wish("full") == ledger.any_wish("full") == full("full")
        assert ledger.any_wish("nobody") is None
        for private in ("invoice", "ref-7", "2025550"):
            assert private not in repr(ledger.wish("full"))


def test_a_customer_has_those_of_theirs_and_of_their_number(booked: SqlStore) -> None:
    with booked.transaction() as ledger:
        assert ledger.wishes_of("ref-7") == ledger.wishes_of(number=full("full").number) == [full("full")]
        assert ledger.wishes_of("ref-7", full("full").number) == [full("full")]
        assert ledger.wishes_of() == ledger.wishes_of("ref-8") == ledger.wishes_of(number="+12025550199") == []
        ledger.settle_wish(SettleWish("full", WishResult.CALLED_OFF), NOON, "")
        assert ledger.wishes_of("ref-7") == []
        closed = ledger.any_wish("full")
        assert closed is not None
        assert closed.status is WishStatus.CANCELLED


def test_an_erased_one_belongs_to_nobody(booked: SqlStore) -> None:
    booked.erase_call("full")
    with booked.reading() as ledger:
        assert ledger.wishes_of("ref-7", full("full").number) == []
        left = ledger.any_wish("full")
        assert left is not None
        assert (left.number, left.subject, left.customer) == ("", "", "")


def test_how_many_begin_within_a_time_is_counted(booked: SqlStore) -> None:
    hour = timedelta(hours=1)
    with booked.transaction() as ledger:
        assert ledger.wished_in("billing", WINDOW.start, WINDOW.start + hour) == 1
        assert ledger.wished_in("billing", WINDOW.start - hour, WINDOW.start) == 0
        assert ledger.wished_in("delivery", WINDOW.start, WINDOW.start + hour) == 0
        ledger.settle_wish(SettleWish("full", WishResult.SERVED), NOON, "Mira")
        assert ledger.wished_in("billing", WINDOW.start, WINDOW.start + hour) == 0


def test_one_that_nobody_is_at_can_be_changed(booked: SqlStore, begun: Callable[[str], Call]) -> None:
    other = replace(full("full"), number="+12025550177", subject="something else", medium="video", due_at=None)
    later = replace(other, window=Window(WINDOW.until, WINDOW.until + timedelta(minutes=30)))
    with booked.transaction() as ledger:
        assert ledger.change_wish(other, NOON)
        assert ledger.wish("full") == other
        assert ledger.change_wish(later, NOON)
        assert ledger.wish("full") == replace(later, status=WishStatus.RESCHEDULED)
    begun("neighbour")
    with booked.transaction() as ledger:
        assert ledger.keep_wish(due("neighbour", 2))
        assert not ledger.change_wish(replace(later, number=due("neighbour", 2).number), NOON)
        assert ledger.begin_wish("full", "call-a")
        assert not ledger.change_wish(other, NOON)
        assert not ledger.change_wish(full("nobody"), NOON)
    assert [one.status for one in news(booked)] == [WishStatus.BOOKED, WishStatus.RESCHEDULED, WishStatus.BOOKED]


def test_a_customer_is_told_each_step_once(booked: SqlStore) -> None:
    again = NOON + timedelta(minutes=15)
    with booked.transaction() as ledger:
        ledger.assign_wish("full", "Mira", NOON)
        now = ledger.wish("full")
        assert now is not None
        assert (now.status, now.assigned) == (WishStatus.ASSIGNED, "Mira")
        ledger.settle_wish(SettleWish("full", WishResult.NOT_REACHED, 0, again), NOON, "")  # nobody was dialled
        ledger.settle_wish(SettleWish("full", WishResult.NOT_REACHED, 1, again), NOON, "")
        ledger.settle_wish(SettleWish("full", WishResult.NOT_REACHED, 2), NOON, "")
        ledger.assign_wish("full", "Omar", NOON)  # closed meanwhile
    assert news(booked) == [
        CallbackNews(0, "full", WishStatus.BOOKED, full("full").at),
        CallbackNews(0, "full", WishStatus.ASSIGNED, NOON, agent="Mira"),
        CallbackNews(0, "full", WishStatus.MISSED, NOON, again),
        CallbackNews(0, "full", WishStatus.MISSED, NOON),
    ]
    with booked.transaction() as ledger:
        first, *_ = ledger.untold_news(limit=1)
        assert ledger.news_told(first.id)
        assert not ledger.news_told(first.id)
        assert len(ledger.untold_news()) == 3
