"""Opens the transactions in which customers are asked for a conversation, and sends what is due. Decides nothing about them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from voicebot.errors import VersionConflict
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.invitations import Invitation
from voicebot.switchboard.inviting import MISSED_KEPT, InvitingDesk, InvitingPlan

MOST_CONFLICTS = 8
AT_ONCE = 50  # of one read
SETTLED_WITHIN = timedelta(minutes=5)  # of the time that it says: transactions of other processes may end later than ours

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Invitations:
    """Methods may be called from any thread."""

    def __init__(self, plan: InvitingPlan) -> None:
        self.plan = plan
        self._asked_until: datetime | None = None  # whom we called in vain before, we have asked
        self._asked = frozenset[str]()  # and of those shortly before

    def look(self, at: Callable[[InvitingDesk], T]) -> T:
        """Read something, in the way of no writer."""
        bookings = self.plan.bookings
        with bookings.store.reading() as ledger:
            return at(InvitingDesk(self.plan, ledger, bookings.clock.now()))

    def newest(self, limit: int = 50) -> list[Invitation]:
        """The newest first."""
        with self.plan.bookings.store.reading() as ledger:
            return ledger.newest_invitations(limit)

    def last_of_campaign(self, campaign: str) -> datetime | None:
        """When the last one of a campaign is sent, or was."""
        with self.plan.bookings.store.reading() as ledger:
            return ledger.last_of_campaign(campaign)

    def do(self, act: Callable[[InvitingDesk], T]) -> T:
        """Do something, again where somebody else wrote first."""
        bookings = self.plan.bookings
        for tries_left in reversed(range(MOST_CONFLICTS)):
            try:
                with bookings.store.transaction() as ledger:
                    return act(InvitingDesk(self.plan, ledger, bookings.clock.now()))
            except VersionConflict:
                if not tries_left:
                    raise
        raise AssertionError  # the last try has raised or given

    def send_due(self, send: Callable[[Invitation, datetime], bool]) -> int:
        """Send what is due, and close what is over; gives how many it sent. `send(invitation, now)` puts a message into the
        outbox, once for an id however often it is called, so that a crash before it is noted as sent sends none twice; False: it
        has to wait.
        """
        bookings, sent = self.plan.bookings, 0
        now = bookings.clock.now()
        with bookings.store.reading() as ledger:
            due, expired = ledger.due_invitations(now), ledger.expired_invitations(now)
        for invitation in due:
            if not invitation.number or self.plan.opted_out(invitation.number):
                self.do(lambda desk, one=invitation: desk.refuse(one.id))  # type: ignore[misc]  # mypy knows no type of a default
                continue
            if send(invitation, now):
                sent += self.do(lambda desk, one=invitation: desk.sent(one.id))  # type: ignore[misc]
        for over in expired:
            self.do(lambda desk, one=over: desk.expire(one))  # type: ignore[misc]
        return sent

    def ask_missed(self, reason: Callable[[str], str]) -> int:
        """Ask those who were called back in vain since the last look; gives how many. `reason(language)` is what they read."""
        now = self.plan.bookings.clock.now()
        since = max(now - MISSED_KEPT, self._asked_until - SETTLED_WITHIN) if self._asked_until else now - MISSED_KEPT
        asked, seen = 0, list[str]()
        while missed := self._missed(since, len(seen)):
            new = [wish for wish in missed if wish.call_id not in self._asked]
            asked += sum(self.do(lambda desk, one=wish: desk.ask_missed(one, reason)) for wish in new)  # type: ignore[misc]
            seen += [wish.call_id for wish in missed]
        self._asked_until, self._asked = now, frozenset(seen)
        return asked

    def _missed(self, since: datetime, seen: int) -> list[CallbackWish]:
        with self.plan.bookings.store.reading() as ledger:
            return ledger.missed_callbacks(since, AT_ONCE, seen)
