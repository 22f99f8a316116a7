"""Asks customers for a conversation: whom we may ask and how often, and what becomes of their answer. One open transaction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe

from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import BookedBy
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.outbound import may_be_called
from voicebot.dialogue.phone import typed
from voicebot.dialogue.values import Customer, Ending
from voicebot.errors import VersionConflict
from voicebot.ports.accounts import TryLimit
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.invitations import OPEN, Invitation, InvitationState
from voicebot.ports.store import ClaimState, Ledger
from voicebot.switchboard.booking import DAY, Origin
from voicebot.switchboard.booking_desk import BookingDesk, BookingsPlan
from voicebot.switchboard.wanted import Booked, Fault, Faults, Late, Limited, Subject, Wanted, Why

RULE = "rule:after_missed"
MISSED_KEPT = timedelta(days=1)  # a callback that was missed before is past asking
LONGEST_REASON = 120  # characters: a short message has room for little more


@dataclass(frozen=True)
class InvitingPlan:
    """`opted_out(number)`: who wants no messages from us. `days`: how long a customer may answer."""

    bookings: BookingsPlan
    languages: Collection[str]
    days: int
    a_number_a_day: int
    opted_out: Callable[[str], bool]


@dataclass(frozen=True)
class Invite:
    """Whom to ask, and why. `language` empty: that of the subject's line, if customers' pages have it."""

    subject: str
    number: str = field(repr=False)
    reason: str = field(repr=False)
    language: str = ""
    customer: Customer | None = None


@dataclass(frozen=True)
class Invited:
    """They are asked. `merged`: they had been asked already, or are to be called already, and nothing is done."""

    invitation: Invitation | None
    merged: bool = False


class InvitingDesk:
    """One open transaction."""

    def __init__(self, plan: InvitingPlan, ledger: Ledger, at: datetime) -> None:
        self._plan, self._ledger, self.at = plan, ledger, at

    def faults(self, invite: Invite) -> tuple[Fault, ...]:
        """What is wrong with it, without looking at anybody."""
        subject = self._plan.bookings.subjects.get(invite.subject)
        found = [] if subject else [Fault("subject", Why.UNKNOWN_SUBJECT if invite.subject else Why.NEEDED)]
        if not invite.reason.strip():
            found.append(Fault("reason", Why.NEEDED))
        elif len(invite.reason) > LONGEST_REASON or not invite.reason.isprintable():
            found.append(Fault("reason", Why.TOO_LONG))
        if invite.language and invite.language not in self._plan.languages:
            found.append(Fault("language", Why.UNKNOWN_LANGUAGE))
        if not invite.number.strip():
            found.append(Fault("number", Why.NEEDED))
        elif subject is not None:
            number = typed(invite.number, subject.line.region)
            if number is None:
                found.append(Fault("number", Why.NO_NUMBER))
            elif not may_be_called(number, subject.rules, subject.line.region):
                found.append(Fault("number", Why.NOT_CALLED))
        return tuple(found)

    def invite(self, invite: Invite, by: str, campaign: str = "", send_at: datetime | None = None) -> Invited | Faults | Limited:
        """Write it down, to be sent at its time."""
        if found := self.faults(invite):
            return Faults(found)
        subject = self._plan.bookings.subjects[invite.subject]
        number = typed(invite.number, subject.line.region) or ""
        if self._plan.opted_out(number):
            return Faults((Fault("number", Why.OPTED_OUT),))
        self._ledger.load_floor()  # locked: nobody else asks, or books for, the same number until this is written
        if (known := self._ledger.open_invitation(subject.queue.name, number)) is not None:
            return Invited(known, merged=True)
        if self._ledger.is_wished(subject.queue.name, number) or (campaign and self._ledger.was_invited(campaign, number)):
            return Invited(None, merged=True)
        limit = TryLimit(self._plan.bookings.keyring.blind("invitations-to", number), self._plan.a_number_a_day, DAY)
        if wait := self._ledger.wait_for(limit, self.at):
            return Limited(wait)
        invitation = self._written(invite, subject, number, by, campaign, send_at or self.at)
        self._ledger.mark(limit.key, self.at)
        return Invited(invitation)

    def _written(
        self, invite: Invite, subject: Subject, number: str, by: str, campaign: str, send_at: datetime
    ) -> Invitation:
        line, queue, languages = subject.line, subject.queue, self._plan.languages
        usual = line.language if line.language in languages else next(iter(languages), line.language)
        invitation = Invitation(
            token_urlsafe(16), subject.name, queue.name, number, " ".join(invite.reason.split()), invite.language or usual, by,
            self.at, send_at, send_at + timedelta(days=self._plan.days), campaign, invite.customer.ref if invite.customer else "",
        )  # fmt: skip
        call = Call(
            invitation.id, line, stage=Stage.ENDED, started_at=self.at, ended_at=self.at, customer=invite.customer,
            passed_to=None if queue == line.queue else queue,
        )  # fmt: skip
        self._ledger.open_call(call, None, self._plan.bookings.prompts_version(), self.at)
        if not self._ledger.keep_invitation(invitation):
            raise VersionConflict("that number was asked meanwhile")  # the next try finds it
        self._note(invitation.id, "proposed", by)
        return invitation

    def ask_missed(self, wish: CallbackWish, reason: Callable[[str], str]) -> bool:
        """Whoever was called back in vain is asked when it suits them, once for a callback, whatever comes of it.

        `reason(language)` is what they read.
        """
        key = f"ask-missed:{self._plan.bookings.keyring.blind('ask-missed', wish.call_id)}"
        if self._ledger.claim(key, RULE, self.at, self.at + MISSED_KEPT).state is not ClaimState.MINE:
            return False
        self._ledger.answer(key, "asked")
        kept, subjects = self._ledger.load_call(wish.call_id), self._plan.bookings.subjects.values()
        subject = next((one for one in subjects if one.queue.name == wish.queue), None)
        if subject is None or kept is None or not wish.number:
            return False
        language = kept.call.line.language if kept.call.line.language in self._plan.languages else ""
        invite = Invite(subject.name, wish.number, reason(language), language, kept.call.customer)
        outcome = self.invite(invite, RULE)
        return isinstance(outcome, Invited) and not outcome.merged

    def of(self, invitation_id: str) -> Invitation | None:
        """One of them, open or not."""
        return self._ledger.invitation(invitation_id)

    def open(self, invitation_id: str) -> Invitation | None:
        """One that can still be answered."""
        found = self._ledger.invitation(invitation_id)
        return found if found is not None and found.number and found.state in OPEN and self.at < found.until else None

    def agree(self, invitation_id: str, wanted: Wanted) -> Booked | Faults | Limited | Late:
        """The customer has chosen: from now on it is a callback, of the same id."""
        found = self.open(invitation_id)
        if found is None:
            return Late.OVER
        other = bool(wanted.number.strip())
        wanted = replace(
            wanted, subject=found.subject, number=wanted.number if other else found.number, reason=found.reason,
            customer=Customer(found.customer, found.customer) if found.customer else None, language=found.language,
        )  # fmt: skip
        origin = Origin(BookedBy.ALERT, verified=not other, counted=f"invitation {found.id}")
        outcome = BookingDesk(self._plan.bookings, self._ledger, self.at).book(wanted, origin, found.id)
        if isinstance(outcome, Booked):
            self._ledger.move_invitation(found.id, InvitationState.AGREED, self.at)
        return outcome

    def decline(self, invitation_id: str) -> bool:
        """The customer does not want to."""
        return self._over(invitation_id, InvitationState.DECLINED, "customer")

    def withdraw(self, invitation_id: str, by: str) -> bool:
        """We do not want to any more."""
        return self._over(invitation_id, InvitationState.WITHDRAWN, by)

    def expire(self, invitation_id: str) -> bool:
        """Nobody has answered."""
        return self._over(invitation_id, InvitationState.EXPIRED, "time")

    def refuse(self, invitation_id: str) -> bool:
        """They want no messages from us."""
        return self._over(invitation_id, InvitationState.REFUSED, "customer")

    def sent(self, invitation_id: str) -> bool:
        """It is in the outbox."""
        return self._ledger.move_invitation(invitation_id, InvitationState.SENT, self.at)

    def _over(self, invitation_id: str, state: InvitationState, by: str) -> bool:
        moved = self._ledger.move_invitation(invitation_id, state, self.at)
        kept = self._ledger.load_call(invitation_id) if moved else None
        if kept is not None:
            self._ledger.save_call(kept, replace(kept.call, ending=Ending.CALLED_OFF))
            self._note(invitation_id, state.value, by)
        return moved

    def _note(self, invitation_id: str, what: str, by: str) -> None:
        self._ledger.note(invitation_id, Note(Noted.CALLBACK_CHANGED, (("what", what), ("by", by))), self.at)
