"""Opens the transactions in which customers book and change callbacks without calling us. Decides nothing about them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from voicebot.dialogue.calling_back import BookedBy, CalledOff
from voicebot.errors import VersionConflict
from voicebot.ports.answered import AnsweredRequest
from voicebot.ports.store import Ledger
from voicebot.switchboard.booking_desk import BookingDesk, BookingsPlan
from voicebot.switchboard.plan import FLOOR
from voicebot.switchboard.wanted import Late

MOST_CONFLICTS = 8

T = TypeVar("T")


class Bookings:
    """Opens the transactions. Methods may be called from any thread."""

    def __init__(self, plan: BookingsPlan) -> None:
        self.plan = plan

    def look(self, at: Callable[[BookingDesk], T]) -> T:
        """Read something, in the way of no writer."""
        with self.plan.store.reading() as ledger:
            return at(BookingDesk(self.plan, ledger, self.plan.clock.now()))

    def do(self, act: Callable[[BookingDesk], T]) -> T:
        """Do something, again where somebody else wrote first."""
        return self._done(lambda ledger: act(BookingDesk(self.plan, ledger, self.plan.clock.now())))

    def once(self, key: str, fingerprint: str, act: Callable[[Ledger, datetime], AnsweredRequest]) -> AnsweredRequest:
        """Do something for a request that bears a key (a keyed hash): a repeat gets the first answer, and does nothing.

        What did nothing raises, so that the same key may be used when it is mended. Whoever asks tells by the fingerprint whether
        the answer is one to this very request.
        """

        def one(ledger: Ledger) -> AnsweredRequest:
            if (before := ledger.answered(key)) is not None:
                return before
            at = self.plan.clock.now()
            told = replace(act(ledger, at), fingerprint=fingerprint)
            ledger.keep_answered(key, told, at)
            return told

        return self._done(one)

    def cancel(self, wish_id: str, by: BookedBy) -> Late | None:
        """Also one whose customer is being called: then their telephone stops ringing. None: done."""
        late = self.do(lambda desk: desk.cancel(wish_id, by))
        if late is Late.UNDER_WAY and self.plan.call_off(wish_id, CalledOff.CANCELLED):
            return None
        return late

    def _done(self, act: Callable[[Ledger], T]) -> T:
        for tries_left in reversed(range(MOST_CONFLICTS)):
            try:
                with self.plan.store.transaction() as ledger:
                    result = act(ledger)
                break
            except VersionConflict:
                if not tries_left:
                    raise
        self.plan.changed(frozenset({FLOOR}))
        return result
