"""Books, moves, changes and cancels callbacks without a call, in one open transaction, by the rules of the phone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import BookedBy, CalledOff, Window, WishResult, phrase_kept_until
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.outbound import may_be_called
from voicebot.dialogue.phone import typed
from voicebot.dialogue.phrase import LONGEST, CallbackPhrase, chosen
from voicebot.dialogue.values import Customer, Ending
from voicebot.errors import ImpossibleEvent, VersionConflict
from voicebot.keyring import Keyring
from voicebot.ports.callback_wishes import BY_PHONE, CallbackWish
from voicebot.ports.clock import Clock
from voicebot.ports.store import Ledger, Store
from voicebot.switchboard.booking import Origin, count, limits_of, wait_for
from voicebot.switchboard.slots import Slot, slots, with_room
from voicebot.switchboard.wanted import (
    Booked,
    Changes,
    Fault,
    Faults,
    Late,
    Limited,
    Outcome,
    Shown,
    Subject,
    Wanted,
    Why,
)

LONGEST_NOTE = 200  # characters
WITH_A_LETTER = LONGEST + 1  # a phrase of digits alone may be a PIN, and nobody types that into a form of ours
ABOUT = ": "  # between the subject's words and the customer's own


@dataclass(frozen=True)
class BookingsPlan:
    """What it stands on. `is_open(line, queue, at)`: whether somebody can call then. `call_off(wish, why)` gives up a callback
    that is under way; False where none is, or the customer has been reached. `changed(topics)` tells whoever shows the floor.
    """

    store: Store
    keyring: Keyring
    clock: Clock
    subjects: Mapping[str, Subject]
    media: tuple[str, ...]
    zone: str
    is_open: Callable[[str, str, datetime], bool]
    prompts_version: Callable[[], str]
    call_off: Callable[[str, CalledOff], bool]
    changed: Callable[[frozenset[str]], None]


class BookingDesk:
    """One open transaction."""

    def __init__(self, plan: BookingsPlan, ledger: Ledger, at: datetime) -> None:
        self._plan, self._ledger, self.at = plan, ledger, at

    # ---- looking -----------------------------------------------------------------------------------------------------

    def slots(self, subject: Subject, own: Window | None = None) -> list[Slot]:
        """When there is room, earliest first. Whoever has the slot `own` may keep it."""
        rules, until = subject.rules, self.at + timedelta(days=subject.rules.days_ahead + 1)
        taken = self._ledger.wished_starts(subject.queue.name, self.at, until)
        if own is not None and own.start in taken:
            taken[own.start] -= 1
        return list(with_room(slots(rules, self._plan.zone, self._open_for(subject), self.at), taken, rules))

    def shown(self, wish_id: str) -> Shown | None:
        """One callback, open or not; None where it is unknown or forgotten."""
        wish = self._ledger.any_wish(wish_id)
        return None if wish is None or not wish.number else self._shown(wish)

    def of(self, *, number: str = "", customer: str = "") -> list[Shown]:
        """Open ones for this number, or of this customer (the back end's key)."""
        return [self._shown(wish) for wish in self._ledger.wishes_of(customer, number)]

    def was_answered(self, key: str) -> bool:
        """Whether another system's request of this key was (`Bookings.once`)."""
        return self._ledger.answered(key) is not None

    def subject_of(self, wish: CallbackWish) -> Subject:
        """What it is about, by whose rules; where that is not offered (any more), with no words."""
        if (known := self._known_subject(wish)) is not None:
            return known
        kept = self._ledger.load_call(wish.call_id)
        if kept is None:
            raise ImpossibleEvent("nobody knows this callback")
        return Subject("", {}, kept.call.line, kept.call.queue)

    def _shown(self, wish: CallbackWish) -> Shown:
        state = self._ledger.phrase_state(wish.call_id, self.at)
        is_open = self._ledger.wish(wish.call_id) is not None
        return Shown(wish, self._known_subject(wish), is_open, state is not None and state.is_set)

    def _known_subject(self, wish: CallbackWish) -> Subject | None:
        words = wish.subject.partition(ABOUT)[0]
        known = self._plan.subjects.values()
        return next((one for one in known if words in one.texts.values() and one.queue.name == wish.queue), None)

    # ---- booking -----------------------------------------------------------------------------------------------------

    def book(self, wanted: Wanted, origin: Origin, invitation: str = "") -> Booked | Faults | Limited:
        """Take it on. Nothing is written for one that is not promised, nor of one that merges with an earlier one.

        `invitation`: it answers one, whose interaction becomes the callback's.
        """
        subject = self._plan.subjects.get(wanted.subject)
        found = [] if subject else [Fault("subject", Why.UNKNOWN_SUBJECT if wanted.subject else Why.NEEDED)]
        number = self._number(subject, wanted.number, found)
        window = self._window(subject, wanted.start, found)
        self._medium(wanted.medium, found)
        phrase = self._phrase(wanted.phrase, found)
        note = " ".join(wanted.note.split())
        if len(note) > LONGEST_NOTE:
            found.append(Fault("note", Why.TOO_LONG))
        if found or subject is None:
            return Faults(tuple(found))
        if (known := self._ledger.wish_for(subject.queue.name, number)) is not None:
            return Booked(known, merged=True)
        limits = limits_of(self._ledger, self._plan.keyring, subject.queue.name, number, subject.rules, origin)
        if wait := wait_for(self._ledger, limits, self.at):
            return Limited(wait)
        if window is not None and not self._has_room(subject, window):
            return Faults((Fault("start", Why.FULL),))
        wish = CallbackWish(
            invitation or token_urlsafe(16), subject.queue.name, number, window.start if window else self.at, self.at,
            self._due(wanted.medium, window), window=window, medium=wanted.medium, booked_by=origin.by,
            subject=_about(subject.words(wanted.language), wanted.reason, note),
            customer=wanted.customer.ref if wanted.customer else "",
        )  # fmt: skip
        self._keep(wish, subject, phrase, wanted.customer)
        count(self._ledger, limits, self.at)
        return Booked(wish)

    def _keep(self, wish: CallbackWish, subject: Subject, phrase: CallbackPhrase | None, customer: Customer | None) -> None:
        self._open(wish, subject, customer)
        if phrase is not None:
            self._ledger.keep_phrase(wish.call_id, phrase, phrase_kept_until(wish.window, self.at))
        if not self._ledger.keep_wish(wish):
            raise VersionConflict("that number was booked meanwhile")  # the next try merges with it
        self._note(wish.call_id, "booked", wish.booked_by)

    def _open(self, wish: CallbackWish, subject: Subject, customer: Customer | None) -> None:
        """An interaction of its own, which is over as it begins: its key seals the callback, and forgets it."""
        queue, line = subject.queue, subject.line
        if (invited := self._ledger.load_call(wish.call_id)) is not None:
            self._ledger.save_call(invited, replace(invited.call, ending=Ending.CALLBACK_PROMISED))
            return
        call = Call(
            wish.call_id, line, stage=Stage.ENDED, started_at=self.at, ended_at=self.at, ending=Ending.CALLBACK_PROMISED,
            passed_to=None if queue == line.queue else queue, customer=customer,
        )  # fmt: skip
        self._ledger.open_call(call, None, self._plan.prompts_version(), self.at)

    # ---- changing ----------------------------------------------------------------------------------------------------

    def change(self, wish_id: str, changes: Changes, origin: Origin) -> Outcome:
        """Another number, time, phrase or medium for an open callback. All of it or nothing."""
        wish = self._changeable(wish_id)
        if isinstance(wish, Late):
            return wish
        found: list[Fault] = []
        subject = self.subject_of(wish)
        number = wish.number if changes.number is None else self._number(subject, changes.number, found)
        window = self._window(subject, changes.start, found) if changes.moved else wish.window
        medium = wish.medium if changes.medium is None else changes.medium
        if changes.medium is not None:
            self._medium(medium, found)
        phrase = self._phrase(changes.phrase or "", found)
        if found:
            return Faults(tuple(found))
        after = replace(wish, number=number, window=window, medium=medium)
        return self._changed(wish, after, subject, changes, origin) or self._rephrased(after, changes, phrase, origin)

    def _changed(
        self, wish: CallbackWish, after: CallbackWish, subject: Subject, changes: Changes, origin: Origin
    ) -> Faults | Limited | None:
        """Where it is called, when and how. None: done, or nothing to do."""
        renumbered = after.number != wish.number
        if renumbered and self._ledger.wish_for(wish.queue, after.number) is not None:
            return Faults((Fault("number", Why.TAKEN),))
        if after.window != wish.window:
            if after.window is not None and not self._has_room(subject, after.window):
                return Faults((Fault("start", Why.FULL),))
            after = replace(after, since=after.window.start if after.window else self.at)
        if renumbered:
            limits = limits_of(self._ledger, self._plan.keyring, wish.queue, after.number, subject.rules, origin)
            if wait := wait_for(self._ledger, limits, self.at):
                return Limited(wait)
            count(self._ledger, limits, self.at)
        if changes.moved or after.medium != wish.medium:
            after = replace(after, due_at=self._due(after.medium, after.window))
        if after == wish:
            return None
        if not self._ledger.change_wish(after, self.at):
            raise VersionConflict("that callback has moved on meanwhile")
        what = [name for name in ("number", "window", "medium") if getattr(after, name) != getattr(wish, name)]
        self._note(wish.call_id, f"changed ({', '.join(what) or 'time'})", origin.by)
        return None

    def _rephrased(self, wish: CallbackWish, changes: Changes, phrase: CallbackPhrase | None, origin: Origin) -> Booked:
        if phrase is not None:
            self._ledger.keep_phrase(wish.call_id, phrase, phrase_kept_until(wish.window, self.at))
        elif changes.phrase is not None:
            self._ledger.wipe_phrase(wish.call_id)
        if changes.phrase is not None:
            self._note(wish.call_id, "given another phrase" if phrase else "left without a phrase", origin.by)
        return Booked(self._ledger.any_wish(wish.call_id) or wish)

    def cancel(self, wish_id: str, by: BookedBy) -> Late | None:
        """It is not wanted any more. None: done."""
        wish = self._changeable(wish_id)
        if isinstance(wish, Late):
            return wish
        self._ledger.settle_wish(SettleWish(wish_id, WishResult.CALLED_OFF, wish.tries), self.at, "")
        self._note(wish_id, "cancelled", by)
        return None

    def _changeable(self, wish_id: str) -> CallbackWish | Late:
        """An open one that no call is at. None begins from here on: its row is locked."""
        wish = self._ledger.wish(wish_id)
        if wish is not None and wish.number:
            return Late.UNDER_WAY if wish.dialled_in else wish
        known = self._ledger.any_wish(wish_id)
        return Late.OVER if known is not None and known.number else Late.UNKNOWN

    # ---- fields ------------------------------------------------------------------------------------------------------

    def _number(self, subject: Subject | None, text: str, found: list[Fault]) -> str:
        """E.164, if it is one that we call; without a subject only whether there is one."""
        if not text.strip():
            found.append(Fault("number", Why.NEEDED))
        if subject is None or not text.strip():
            return ""
        number = typed(text, subject.line.region)
        if number is None:
            found.append(Fault("number", Why.NO_NUMBER))
        elif not may_be_called(number, subject.rules, subject.line.region):
            found.append(Fault("number", Why.NOT_CALLED))
        return number or ""

    def _window(self, subject: Subject | None, start: datetime | None, found: list[Fault]) -> Window | None:
        """A slot that there is, with room or not."""
        if start is None or subject is None:
            return None
        offered = slots(subject.rules, self._plan.zone, self._open_for(subject), self.at)
        window = next((one for one in offered if one.start == start), None)
        if window is None:
            found.append(Fault("start", Why.NO_SLOT))
        return window

    def _medium(self, medium: str, found: list[Fault]) -> None:
        if medium not in self._plan.media:
            found.append(Fault("medium", Why.UNKNOWN_MEDIUM))

    def _phrase(self, text: str, found: list[Fault]) -> CallbackPhrase | None:
        phrase = chosen(text, WITH_A_LETTER) if text.strip() else None
        if text.strip() and phrase is None:
            found.append(Fault("phrase", Why.NO_PHRASE))
        return phrase

    def _open_for(self, subject: Subject) -> Callable[[datetime], bool]:
        return lambda at: self._plan.is_open(subject.line.name, subject.queue.name, at)

    def _has_room(self, subject: Subject, window: Window) -> bool:
        """The floor's row is locked since the limits were looked at, so nobody else chooses the last place meanwhile."""
        self._ledger.load_floor()
        return self._ledger.wished_in(subject.queue.name, window.start, window.until) < subject.rules.a_slot

    def _due(self, medium: str, window: Window | None) -> datetime | None:
        """When an agent is rung for it; never for what agents do by other means."""
        if medium != BY_PHONE:
            return None
        return window.start if window else self.at

    def _note(self, wish_id: str, what: str, by: BookedBy) -> None:
        self._ledger.note(wish_id, Note(Noted.CALLBACK_CHANGED, (("what", what), ("by", by.value))), self.at)


def _about(words: str, reason: str, note: str) -> str:
    """What agents read: the subject's words, why we asked, what the customer says of it."""
    further = " – ".join(part for part in (reason, note) if part)
    return f"{words}{ABOUT}{further}" if further else words
