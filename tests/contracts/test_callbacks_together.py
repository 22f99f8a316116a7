"""A callback is changed at the very moment at which it becomes a call, or a customer is asked by two: one comes second."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from voicebot.dialogue.actions import CancelCallback, MoveCallback
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import BookedBy, Window
from voicebot.dialogue.forms import LinePlan
from voicebot.dialogue.outbound import ChangeResult
from voicebot.dialogue.values import Ani, AniStanding
from voicebot.keyring import Keyring
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.store import Ledger
from voicebot.records.store import SqlStore
from voicebot.switchboard.booking_desk import BookingDesk, BookingsPlan
from voicebot.switchboard.inviting import Invite, Invited, InvitingDesk, InvitingPlan
from voicebot.switchboard.kept_wishes import changed
from voicebot.switchboard.wanted import Subject

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NUMBER = "+12025550123"
SLOT = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))
WITHIN = 0.5  # seconds in which the other transaction is over, if it is not kept waiting


class Slow:
    """A ledger behind whose first look at the callback somebody else does something."""

    def __init__(self, ledger: Ledger, meanwhile: Callable[[], object]) -> None:
        self._ledger, self._meanwhile = ledger, [meanwhile]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._ledger, name)
        if name not in ("wish", "any_wish", "wishes_of", "open_invitation"):
            return found

        def look(*asked: Any) -> Any:
            seen = found(*asked)
            if self._meanwhile:
                self._meanwhile.pop()()
            return seen

        return look


def cancelled_without_a_call(ledger: Ledger, _call: Call) -> bool:
    return BookingDesk(cast("Any", None), ledger, NOON).cancel("early", BookedBy.API) is None


def cancelled_by_phone(ledger: Ledger, call: Call) -> bool:
    return changed(ledger, call, CancelCallback("early"), NOON).result is ChangeResult.CANCELLED


def moved_by_phone(ledger: Ledger, call: Call) -> bool:
    return changed(ledger, call, MoveCallback("early", SLOT), NOON).result is ChangeResult.MOVED


@pytest.mark.parametrize("change", [cancelled_without_a_call, cancelled_by_phone, moved_by_phone])
def test_it_is_changed_or_begun_but_not_both(
    store: SqlStore, begun: Callable[[str], Call], line: LinePlan, change: Callable[[Ledger, Call], bool]
) -> None:
    begun("early")
    with store.transaction() as ledger:
        ledger.keep_wish(CallbackWish("early", "billing", NUMBER, NOON, NOON, due_at=NOON))

    def begin() -> bool:
        with store.transaction() as ledger:
            wish = ledger.wish("early")
            return wish is not None and wish.due_at == NOON and ledger.begin_wish("early", "now")

    with ThreadPoolExecutor(1) as pool:
        began: list[Future[bool]] = []

        def meanwhile() -> None:
            began.append(pool.submit(begin))
            wait(began, WITHIN)

        with store.transaction() as ledger:
            done = change(cast("Ledger", Slow(ledger, meanwhile)), Call("now", line, ani=Ani(AniStanding.USABLE, NUMBER)))
        assert done is not began[0].result()


def test_a_customer_whom_two_ask_at_once_is_asked_once(store: SqlStore, keyring: Keyring, line: LinePlan) -> None:
    subjects = {"invoice": Subject("invoice", {"en": "My invoice"}, line, line.queue)}
    bookings = BookingsPlan(
        store, keyring, cast("Any", None), subjects, ("phone",), "UTC", lambda *_: True, lambda: "1", lambda *_: False,
        lambda _: None,
    )  # fmt: skip
    plan = InvitingPlan(bookings, ("en",), 7, 5, lambda _: False)

    def invite(ledger: Ledger) -> bool:
        asked = InvitingDesk(plan, ledger, NOON).invite(Invite("invoice", NUMBER, "Your contract"), "agent:ruth")
        assert isinstance(asked, Invited)
        return not asked.merged

    def other() -> bool:
        with store.transaction() as ledger:
            return invite(ledger)

    with ThreadPoolExecutor(1) as pool:
        others: list[Future[bool]] = []

        def meanwhile() -> None:
            others.append(pool.submit(other))
            wait(others, WITHIN)

        with store.transaction() as ledger:
            mine = invite(cast("Ledger", Slow(ledger, meanwhile)))
        assert [mine, others[0].result()].count(True) == 1
