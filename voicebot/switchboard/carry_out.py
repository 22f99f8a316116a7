"""One transaction's work: step the call, let the floor assign, and write down everything that follows from it.

Inside the transaction nothing is asked of the world; what is to be asked comes back as errands and outbox rows.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from voicebot.dialogue.actions import (
    Action,
    Arrange,
    Ask,
    AskAgent,
    CheckSecret,
    CloseRoom,
    Dial,
    EndLeg,
    Errand,
    FetchDetails,
    FindExisting,
    HandOver,
    Hangup,
    IdentifyCaller,
    Join,
    OfferToFloor,
    Pay,
    Record,
    RingSupervisor,
    Say,
    SendPaymentLink,
    StopListening,
    TakeCard,
    Verb,
    Wait,
    WakeAt,
    WithdrawFromFloor,
)
from voicebot.dialogue.approving import CheckCode, DropApproval, RequestApproval
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import called_leg
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import AgentTurnedDown, CallerIdentified, Event, ExistingFound, SecretChecked
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Ani, IdentifyResult, SecretVerdict
from voicebot.floor.actions import AskedInVain, FloorAction, RingAgent, StopRinging, WakeFloorAt
from voicebot.floor.assign import assign
from voicebot.floor.events import FloorEvent, WorkOffered, WorkWithdrawn
from voicebot.keyring import Keyring
from voicebot.ports.store import Effect, EffectKind, KeptCall, Ledger
from voicebot.switchboard.approving import begin, code_checked
from voicebot.switchboard.guard import Alarm, Reservation, SecretGuard
from voicebot.switchboard.leg_names import call_of_item
from voicebot.switchboard.meanwhile import in_line_meanwhile, served_meanwhile
from voicebot.switchboard.offering import Offering, with_place
from voicebot.switchboard.payments import about_of
from voicebot.switchboard.phoned import ByPhone, OfWish, of_wish
from voicebot.switchboard.plan import FLOOR, about_call

VERBS = (Say, Ask, StopListening, Wait, Join, AskAgent, HandOver, TakeCard, Hangup)
FLOOR_WAKE = "floor"
UNKNOWN_A_DAY = 5  # identifiers that nobody has, from one number
UNKNOWN_WITHHELD_AN_HOUR = 30  # from all withheld numbers together
DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600


@dataclass(frozen=True)
class ErrandOut:
    """An errand to be run after the commit, and the attempt that was reserved for it, if one was. `key`: a check's own name,
    the same where a check is made again after a crash.
    """

    errand: Errand
    reservation: Reservation | None = None
    key: str = ""


@dataclass
class Work:
    """What one transaction leaves to be done after its commit."""

    kept: KeptCall
    errand: ErrandOut | None = None
    effects: list[Effect] = field(default_factory=list)
    new_document: bool = False


class Desk:
    """Carries out the actions of `step` and `assign` within one open transaction."""

    def __init__(self, ledger: Ledger, keyring: Keyring, at: datetime, offering: Offering, phone: ByPhone) -> None:
        self._ledger, self._keyring, self.at, self._offering, self._phone = ledger, keyring, at, offering, phone
        self._guard = SecretGuard(ledger, keyring, at)
        self.touched: set[str] = set()  # topics that this transaction changes
        self.noted: list[Note] = []  # what it tells journals

    def take(self, kept: KeptCall, event: Event) -> Work:
        """Step a call by one event, and by those that follow from it at once (an account that is locked, say)."""
        work = Work(kept)
        self.touched.add(about_call(kept.call.id))
        events: list[Event] = [with_place(kept.call, event, lambda: self._ledger.load_floor()[0], self.at)]
        while events:
            call, actions = step(work.kept.call, events.pop(0))
            if call is work.kept.call and not actions:
                continue  # nothing came of it: whoever repeats the end of a call writes nothing
            work.kept = self._ledger.save_call(work.kept, call)
            verbs: list[Verb] = [action for action in actions if isinstance(action, VERBS)]
            if verbs:
                work.kept = self._ledger.next_document(work.kept, verbs)
                work.new_document = True
            for action in actions:
                events += self._one(work, action)
        if work.kept.call.stage is Stage.ENDED and kept.call.stage is not Stage.ENDED:
            work.effects += served_meanwhile(self._ledger, work.kept.call, self.at, self.take_other)
        if work.kept.call.stage is Stage.ENDED:
            self._ledger.forget_wakes(work.kept.call.id)
        return work

    def take_other(self, kept: KeptCall, event: Event) -> list[Effect]:
        """Step another call in the same transaction; its effects."""
        return self.take(kept, event).effects

    def floor(self, event: FloorEvent) -> tuple[list[FloorAction], list[Effect]]:
        """Let the floor decide, and write what it wants done."""
        floor, version = self._ledger.load_floor()
        changed, actions = assign(floor, event)
        if changed != floor:
            self._ledger.save_floor(changed, version)
            moved = set(floor.reservations) ^ set(changed.reservations)
            self.touched |= {FLOOR, *(about_call(call_of_item(held.item)) for held in moved)}
        return actions, [effect for action in actions if (effect := self._floor_effect(action)) is not None]

    # ---- actions of the dialogue -------------------------------------------------------------------------------

    def _one(self, work: Work, action: Action) -> list[Event]:
        call = work.kept.call
        match action:
            case Note():
                self._note(call.id, action)
            case WakeAt(at=at, name=name):
                self._ledger.wake_at(call.id, name, at)
            case _ if isinstance(action, OfWish):
                return of_wish(self._ledger, self._keyring, self._phone, call, action, self.at)
            case OfferToFloor():
                work.effects += in_line_meanwhile(self._ledger, work.kept.call, self.at, self.take_other)
                return self._on_floor(work, WorkOffered(self.at, self._offering.item(call, action, self.at)))
            case RequestApproval() | CheckCode() | DropApproval():
                return self._approval(work, action)
            case WithdrawFromFloor(item=item):
                return self._withdraw(work, item)
            case IdentifyCaller():
                return self._identify(work, action)
            case FindExisting(errand=number):
                if self._too_many_unknown(work.kept.call.ani):
                    return [ExistingFound(self.at, number, looked=False)]
                work.errand = ErrandOut(action)
            case CheckSecret():
                return self._check(work, action)
            case FetchDetails():
                work.errand = ErrandOut(action)
            case _ if (effect := self._outside(call, action)) is not None:
                work.effects.append(effect)
        return []

    def _note(self, call_id: str, note: Note) -> None:
        self._ledger.note(call_id, note, self.at)
        self.noted.append(note)

    def _outside(self, call: Call, action: Action) -> Effect | None:
        """The outbox row of what is to be done to legs and rooms; None for what is not."""
        match action:
            case CloseRoom(room=room):
                return self._effect(EffectKind.CLOSE_ROOM, call.id, room=room)
            case Arrange(leg=leg):
                return self._effect(EffectKind.ARRANGE, call.id, leg=leg)
            case RingSupervisor(leg=leg, supervisor=supervisor):
                return self._effect(EffectKind.RING, call.id, reservation=leg, phone=self._phone_of(supervisor))
            case Pay():
                return self._effect(EffectKind.PAY, call.id, **about_of(action))
            case SendPaymentLink(number=number):
                return self._effect(EffectKind.SEND_PAYMENT_LINK, call.id, number=number, step=1)
            case Record():
                return self._effect(EffectKind.RECORD, call.id)
            case EndLeg(leg=leg):
                phone = {"phone": call.callback.number} if call.callback and leg == called_leg(call.id) else {}
                return self._effect(EffectKind.END_LEG, call.id, reservation=leg, **phone)
            case Dial(leg=leg, number=number):
                return self._effect(EffectKind.DIAL, call.id, reservation=leg, phone=number)
        return None

    def _approval(self, work: Work, action: RequestApproval | CheckCode | DropApproval) -> list[Event]:
        call = work.kept.call
        match action:
            case CheckCode():
                return [code_checked(self._keyring, call, action, self.at)]
            case DropApproval(approval=number):
                self._ledger.drop_approval(call.id, number)
                return []
        begun = begin(self._ledger, self._keyring, call, action, self.at)
        if not isinstance(begun, Effect):
            return [begun]
        work.effects.append(begun)
        return []

    def _withdraw(self, work: Work, item: str) -> list[Event]:
        """One piece of the call's work, or all of it."""
        floor = self._ledger.load_floor()[0]
        known = {one.id for one in floor.items} | {held.item for held in floor.reservations}
        mine = {item} if item else {one for one in known if call_of_item(one) == work.kept.call.id}
        return [event for one in sorted(mine) for event in self._on_floor(work, WorkWithdrawn(self.at, one))]

    def _phone_of(self, agent_id: str) -> str:
        return next((agent.rings_at for agent in self._ledger.load_floor()[0].agents if agent.id == agent_id), "")

    def _on_floor(self, work: Work, event: FloorEvent) -> list[Event]:
        actions, effects = self.floor(event)
        work.effects += effects
        here = work.kept.call.id
        return [self.in_vain(a) for a in actions if isinstance(a, AskedInVain) and call_of_item(a.reservation.item) == here]

    def in_vain(self, action: AskedInVain) -> AgentTurnedDown:
        """What the call learns of an agent who did not take it."""
        held, item = action.reservation, action.reservation.item
        names = (agent.name for agent in self._ledger.load_floor()[0].agents if agent.id == held.agent)
        name = next(names, held.agent)  # as an acceptance says it, so that reports have one row for one agent
        return AgentTurnedDown(self.at, name, action.why.value, item if item != call_of_item(item) else "", action.reason)

    def _identify(self, work: Work, errand: IdentifyCaller) -> list[Event]:
        """Too many unknown identifiers from one number today: not asked any more."""
        if errand.by != "ani" and self._too_many_unknown(work.kept.call.ani):
            return [CallerIdentified(self.at, errand.errand, IdentifyResult.LIMITED)]
        work.errand = ErrandOut(errand)
        return []

    def _check(self, work: Work, errand: CheckSecret) -> list[Event]:
        """Count before checking: an attempt that is reserved survives a crash, and guesses in parallel."""
        call = work.kept.call
        reserved = self._guard.reserve(errand, call.ani, joint=call.line.joint)
        if isinstance(reserved, SecretVerdict):
            return [SecretChecked(self.at, errand.errand, reserved)]
        work.errand = ErrandOut(errand, reserved, self._name_of(call, errand))
        return []

    # ---- outcomes ------------------------------------------------------------------------------------------------

    def settled(self, call_id: str, out: ErrandOut, outcome: SecretChecked) -> tuple[SecretChecked, Alarm | None]:
        """The outcome as the call is to learn it, when its attempt has been settled; and whether there is an alarm."""
        if out.reservation is None:
            return outcome, None
        verdict = self._guard.settle(out.reservation, outcome.verdict)
        alarm = self._guard.alarm()
        if alarm is not None:
            facts = (("state", "it begins" if alarm.begins else "it is over"), ("accounts", alarm.failing))
            self._note(call_id, Note(Noted.ATTACK, facts))
        return replace(outcome, verdict=verdict, under_attack=self._guard.under_attack()), alarm

    def count_unknown(self, ani: Ani | None) -> None:
        """An identifier that nobody has, from this number."""
        self._ledger.mark(self._ani_key(ani), self.at)

    def reserved(self, call: Call, errand: Errand) -> ErrandOut:
        """An errand made again after a crash: its attempt was reserved then, so none is reserved now."""
        if not isinstance(errand, CheckSecret):
            return ErrandOut(errand)
        noted = {entry.at for entry in self._ledger.journal(call.id)}
        held = self._guard.reserved_before(errand, call.ani, noted, joint=call.line.joint)
        return ErrandOut(errand, held, self._name_of(call, errand))

    def _name_of(self, call: Call, errand: CheckSecret) -> str:
        """A check's own name. Whoever is asked learns nothing of the call from it."""
        return self._keyring.blind("check", f"{call.id}.{errand.errand}")

    def _ani_key(self, ani: Ani | None) -> str:
        return self._keyring.blind("unknown-identifiers", ani.number if ani and ani.number else "withheld")

    def _too_many_unknown(self, ani: Ani | None) -> bool:
        return self._unknown_so_far(ani) >= self._unknown_limit(ani)

    def _unknown_so_far(self, ani: Ani | None) -> int:
        window = DAY_SECONDS if ani and ani.number else HOUR_SECONDS
        return self._ledger.count(self._ani_key(ani), self.at, window)

    @staticmethod
    def _unknown_limit(ani: Ani | None) -> int:
        return UNKNOWN_A_DAY if ani and ani.number else UNKNOWN_WITHHELD_AN_HOUR

    # ---- effects -------------------------------------------------------------------------------------------------

    def push(self, kept: KeptCall, leg: str) -> Effect:
        """Have the caller's leg fetch its newest document."""
        return self._effect(EffectKind.PUSH, kept.call.id, leg=leg, seq=kept.seq)

    def push_agent(self, call_id: str, reservation: str) -> Effect:
        """Have an agent's leg fetch what it does now."""
        return self._effect(EffectKind.PUSH_AGENT, call_id, reservation=reservation)

    def end_leg(self, call_id: str, reservation: str) -> Effect:
        """Hang an agent's leg up."""
        return self._effect(EffectKind.END_LEG, call_id, reservation=reservation)

    def _floor_effect(self, action: FloorAction) -> Effect | None:
        match action:
            case RingAgent(reservation=held, phone=phone):
                return self._effect(EffectKind.RING, call_of_item(held.item), phone=phone, reservation=held.id)
            case StopRinging(reservation=held):
                return self._effect(EffectKind.END_LEG, call_of_item(held.item), reservation=held.id, phone=held.phone)
            case WakeFloorAt(at=at):
                self._ledger.wake_at("", f"{FLOOR_WAKE} {_on_the_second(at).isoformat()}", _on_the_second(at))
        return None

    def _effect(self, kind: EffectKind, call_id: str, **about: str | int) -> Effect:
        return self._ledger.put_effect(Effect(kind, call_id, about), self.at)


def _on_the_second(at: datetime) -> datetime:
    """Rounded up, so that many wishes of one moment are one row."""
    return at if at.microsecond == 0 else at.replace(microsecond=0) + timedelta(seconds=1)
