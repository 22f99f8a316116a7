"""The loop: requests and events in, documents out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe

import structlog

from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import NotReached
from voicebot.dialogue.events import (
    Arranged,
    CallArrived,
    CallerHungUp,
    CustomerAnswered,
    CustomerNotReached,
    EntryKeyed,
    Event,
)
from voicebot.dialogue.journeys.again import errand_again
from voicebot.dialogue.journeys.room import is_in_room
from voicebot.dialogue.values import Ani, Party
from voicebot.errors import ImpossibleEvent
from voicebot.floor.events import AgentsKnown
from voicebot.floor.values import TurnedDown
from voicebot.ports.store import ClaimState, KeptCall, Ledger, Leg, LegRole
from voicebot.switchboard import tapes
from voicebot.switchboard.agents import AgentLegs
from voicebot.switchboard.answering import Answering, AnsweringPlan
from voicebot.switchboard.approver import Approver
from voicebot.switchboard.callbacks import Callbacks
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.desk import AgentDesk
from voicebot.switchboard.effects import Told
from voicebot.switchboard.fetched import Fetched
from voicebot.switchboard.linking import Linking
from voicebot.switchboard.payment_reports import PaymentReports
from voicebot.switchboard.plan import SwitchboardPlan, Turned
from voicebot.switchboard.proofs import Proofs
from voicebot.switchboard.sweep import News, Sweeper
from voicebot.switchboard.times import Times
from voicebot.switchboard.transactions import Transactions, kept_call
from voicebot.switchboard.turning import Turning

CLAIM_LASTS = timedelta(seconds=8)  # real time; its owner answers or has died

log = structlog.get_logger(__name__)


class Switchboard:
    """What the line, the ear and the ticker speak to. Methods may be called from any thread."""

    def __init__(self, plan: SwitchboardPlan) -> None:
        self._plan = plan
        self._fetched = Fetched()
        self.approver = Approver(
            plan.approvals, plan.store, plan.keyring, plan.clock, plan.crm, self._approval_came, plan.time_scale
        )
        told = Told(
            self._caller_gone, self._not_rung, self._needs_no_push, self._arranged, self._tell, self._not_dialled,
            self.approver.go_on,
        )
        self._work = Transactions(plan, told)
        self._turning = Turning(plan, self._work, self._fetched)
        self._agents = AgentLegs(self._work)
        self.desk = AgentDesk(plan, self._work, self._agents)
        self.callbacks = Callbacks(plan, self._work)
        self.proofs = Proofs(self._work, plan.keyring)
        self.payment_reports = PaymentReports(self._work)
        news = News(self._caller_gone, lambda leg: self._agents.leg_ended(leg, None), self._has_entered)
        sweeper = Sweeper(plan.store, plan.carrier, news, self._fetched.has_asked_since)
        self._times = Times(plan, self._work, sweeper, self.callbacks)

    def linking(self, fields: frozenset[str]) -> Linking:
        """What finds out, on an agent's word, who a caller is; by these fields."""
        return Linking(self._work, self._plan.crm, fields)

    def answering(self, plan: AnsweringPlan) -> Answering:
        """What has the floor give out what people write."""
        return Answering(plan, self._work)

    @property
    def owner(self) -> str:
        """Names this process in leases and claims."""
        return self._work.owner

    def start(self) -> None:
        """Make the roster known to the floor."""
        self._work.on_floor(lambda _, desk: desk.floor(AgentsKnown(self._plan.clock.now(), self._plan.agents))[1])

    def close(self) -> None:
        """Let errands and effects that are under way come to their end; begin none."""
        self._work.close()

    def quiet(self, within: float) -> bool:
        """Wait until nothing is being done to the outside world, for at most so many seconds; False if something still is."""
        return self._work.quiet(within)

    # ---- the caller's leg ----------------------------------------------------------------------------------------

    def arrive(self, leg_id: str, dnis: str, ani: Ani) -> Turned:
        """A new call; the same leg again gets the document that it has now."""
        at = self._plan.clock.now()
        line, is_open = self._plan.line_for(dnis, at)
        closes_at = self._plan.closes_at(dnis, at)
        can_listen = line.listen and self._plan.can_listen(line.language)
        fresh = Call(token_urlsafe(16), line)

        def begin(ledger: Ledger, desk: Desk) -> Work:
            if (known := ledger.leg(leg_id)) is not None:
                return Work(kept_call(ledger, known.call_id))
            ledger.open_call(fresh, Leg(leg_id, fresh.id, LegRole.CALLER), self._plan.prompts_version(), at)
            return desk.take(kept_call(ledger, fresh.id), CallArrived(at, line, ani, is_open, can_listen, closes_at))

        work = self._work.transact(begin, answering=True)
        if work.errand is None:
            self._work.ask_again(work.kept.call)
        return self._turning.answer(work, None)

    def handle(self, call_id: str, event: Event, *, key: str | None = None) -> Turned:
        """One event. With `key` it is a request of the caller's leg, and a repeat of it gets the same document back.

        Raises ImpossibleEvent for a call that nobody knows, or for what cannot happen; nothing has changed then.
        """
        if key is None:
            work = self._work.transact(lambda ledger, desk: desk.take(kept_call(ledger, call_id), event), answering=False)
            return self._turning.turned(work.kept, fetched=False)
        at, earlier = self._plan.clock.now(), _Earlier()

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            claim = ledger.claim(key, self._work.owner, at, at + CLAIM_LASTS * self._plan.time_scale)
            if claim.state is not ClaimState.MINE:
                earlier.answer = claim.answer
                return Work(kept)
            earlier.mine = True
            work = self._take_over(kept, event, desk) if claim.taken_over else None
            work = work or desk.take(kept, event)
            if work.kept.call.open_errand is None:
                ledger.answer(key, str(work.kept.seq))
            return work

        work = self._work.transact(take, answering=True)
        if earlier.answer:
            return self._turning.stored(work.kept, int(earlier.answer))
        return self._turning.answer(work, key, first=earlier.mine)

    def document(self, call_id: str) -> Turned:
        """The current document, by whatever number it was asked for; never an event."""
        return self._turning.document(call_id)

    def look(self, call_id: str) -> Turned:
        """The current document for somebody who is not about to do it, so that it still has to be pushed."""
        return self._turning.turned(self._work.read(lambda ledger: kept_call(ledger, call_id)), fetched=False)

    def call_of_leg(self, leg_id: str) -> str | None:
        """Our call of a leg."""
        leg = self._work.read(lambda ledger: ledger.leg(leg_id))
        return leg.call_id if leg is not None else None

    def caller_hung_up(self, leg_id: str) -> None:
        """The final status of a leg; only a caller's ends the call."""
        leg = self._work.read(lambda ledger: ledger.leg(leg_id))
        if leg is not None and leg.role is LegRole.CALLER:
            self._caller_gone(leg.call_id)

    # ---- the leg of a customer whom we call back -----------------------------------------------------------------

    def called_answered(self, call_id: str, leg_id: str) -> Turned:
        """Somebody, or a machine, has picked up. The leg's id is kept: the answer to our own request for it may be lost."""
        self.callbacks.learn_leg(call_id, leg_id)
        return self.handle(call_id, CustomerAnswered(self._plan.clock.now()), key=f"called:{call_id}")

    def called_ended(self, call_id: str, why: NotReached | None) -> None:
        """The final status of that leg. Once it was answered, it is a caller's like any other."""
        if why is None:
            self._caller_gone(call_id)
        else:
            self.handle(call_id, CustomerNotReached(self._plan.clock.now(), why))

    # ---- the agent's leg -----------------------------------------------------------------------------------------

    def agent_answered(self, reservation: str, leg_id: str = "") -> Turned:
        """The agent's phone was picked up: the invitation, or word that nobody waits any more."""
        return self._agents.answered(reservation, leg_id)

    def agent_document(self, reservation: str) -> Turned:
        """What an agent's leg does now; never an event."""
        return self._agents.document(reservation)

    def agent_keyed(self, reservation: str, keys: str) -> Turned:
        """`1` accepts, `2` declines, anything else is no key. A repeat is answered like the first."""
        return self._agents.keyed(reservation, keys)

    def agent_leg_ended(self, reservation: str, why: TurnedDown | None) -> None:
        """Final status of an agent's leg; `why` None if it had been answered."""
        self._agents.leg_ended(reservation, why)

    def room_changed(self, call_id: str, room: str, *, joined: str | None = None, left: str | None = None) -> None:
        """Somebody came into a room of this call, or left it; by leg id."""
        leg_id = joined or left
        leg = self._work.read(lambda ledger: ledger.leg(leg_id)) if leg_id else None
        if leg is None or leg.call_id != call_id:
            return
        party = Party.CALLER if leg.role is LegRole.CALLER else Party.AGENT
        if joined:
            self._agents.entered(call_id, room, party, leg.reservation)
        elif party is Party.CALLER:
            self._agents.caller_left_room(call_id, room)
        else:
            self._agents.leg_ended(leg.reservation, None)

    def recorded(self, call_id: str, sid: str, seconds: int) -> None:
        """A recording is complete."""
        at = self._plan.clock.now()
        with self._plan.store.transaction() as ledger:
            tapes.ended(ledger, call_id, sid, seconds, at)

    def answer_recorded(self, sid: str) -> None:
        """An answer was spoken into this recording, which is deleted as soon as it has been heard."""
        with self._plan.store.transaction() as ledger:
            tapes.delete_answer(ledger, sid, self._plan.clock.now())

    # ---- time ----------------------------------------------------------------------------------------------------

    def tick(self, now: datetime) -> int:
        """Deliver what is due and start what is left in the outbox; gives how many rows it took. Waits for nobody outside."""
        return self._times.tick(now)

    # ---- repeats -------------------------------------------------------------------------------------------------

    def _take_over(self, kept: KeptCall, event: Event, desk: Desk) -> Work | None:
        """A repeat of a request whose process died after it had taken the entry: its errand once more, reserved only once."""
        if not isinstance(event, EntryKeyed) or self._work.errands.out(kept.call.id) is not None:
            return None
        again = errand_again(kept.call, event)
        return Work(kept, errand=desk.reserved(kept.call, again)) if again is not None else None

    # ---- what effects tell ---------------------------------------------------------------------------------------

    def _caller_gone(self, call_id: str) -> None:
        self._fetched.forget(call_id)
        self._tell(call_id, CallerHungUp(self._plan.clock.now()))

    def _needs_no_push(self, call_id: str, seq: int) -> bool:
        """Whether the leg has this document, will have a newer one, or is in the room that this document led to.

        A push that a killed process may have made already would cut a conversation, or an entry, in two.
        """
        if self._fetched.has(call_id, seq):
            return True
        kept = self._work.read(lambda ledger: ledger.load_call(call_id))
        return kept is None or kept.seq > seq or is_in_room(kept.call, Party.CALLER)

    def _has_entered(self, call_id: str, room: str, leg_id: str) -> None:
        self.room_changed(call_id, room, joined=leg_id)

    def _arranged(self, call_id: str, leg: str, done: bool) -> None:
        self._tell(call_id, Arranged(self._plan.clock.now(), leg, done))

    def _tell(self, call_id: str, event: Event) -> None:
        """What an effect came to. There is nobody to whom it could be said that it cannot be."""
        try:
            self.handle(call_id, event)
        except ImpossibleEvent:
            log.warning("event not taken", event=type(event).__name__)

    def _approval_came(self, call_id: str, event: Event, first: Callable[[Ledger], bool]) -> None:
        """The event and what it rests on are one transaction. One that nobody waits for any more changes nothing."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            return desk.take(kept, event) if first(ledger) else Work(kept)

        self._work.transact(take, answering=False)

    def _not_dialled(self, call_id: str) -> None:
        self._tell(call_id, CustomerNotReached(self._plan.clock.now(), NotReached.FAILED))

    def _not_rung(self, reservation: str, why: TurnedDown) -> None:
        self._agents.turned_down(reservation, why)


class _Earlier:
    """What a request was answered with before, if it was; and whether it is being answered for the first time."""

    answer = ""
    mine = False
