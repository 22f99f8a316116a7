"""Commands of agents and supervisors, from wherever they give them. Who it is has been made sure of before.

Each is one transaction and its effects, noted in the journal with who did it. Only the agent who has a call controls it.
"""

from collections.abc import Callable
from datetime import datetime

from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.call import Call
from voicebot.dialogue.deeds import (
    AgentMuted,
    CallEnded,
    CallerHeld,
    CallerResumed,
    CallPassed,
    ConsultAsked,
    ConsultCompleted,
    ConsultEnded,
    Deed,
    StepUpAsked,
    StepUpStopped,
    SupervisorListens,
    SupervisorStopped,
    Target,
    TokenShown,
)
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.refusals import Refusal, refusal
from voicebot.dialogue.values import Supervision
from voicebot.floor.assign import reservation as open_reservation
from voicebot.floor.events import AgentStateSet, PhoneChosen
from voicebot.floor.values import Agent, AgentState, Floor, TurnedDown
from voicebot.ports.store import Effect, Ledger
from voicebot.switchboard.agents import AgentLegs, passed_over
from voicebot.switchboard.answers import DONE, Answer, Done, Refused
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.leg_names import call_of
from voicebot.switchboard.payments import PaymentDesk
from voicebot.switchboard.phrase_desk import PhraseDesk
from voicebot.switchboard.plan import SwitchboardPlan
from voicebot.switchboard.proofs import token_of
from voicebot.switchboard.targets import is_somebody_free, target_of
from voicebot.switchboard.transactions import Transactions, kept_call

LONGEST_NOTE = 2000


class AgentDesk:
    """`agent` and `supervisor` are ids of the roster, `call` is our call's id. Methods may be called from any thread."""

    def __init__(self, plan: SwitchboardPlan, work: Transactions, legs: AgentLegs) -> None:
        self._plan, self._work, self._legs = plan, work, legs
        self.payments = PaymentDesk(self._tried)
        self.phrases = PhraseDesk(work)

    # ---- the agent's own place -----------------------------------------------------------------------------------

    def set_state(self, agent: str, state: AgentState, reason: str = "") -> Answer:
        """Ready, on a break (with its reason), or off. Ready while at work takes a break back that was to come after it."""
        return self._on_floor(
            agent, lambda known, floor: AgentStateSet(self._now(), agent, _settled(floor, known, state), reason)
        )

    def choose_phone(self, agent: str, phone: str) -> Answer:
        """Which of their phones rings from now on, by its name; "" is the usual one. What rings or talks now goes on."""
        known: list[bool] = []

        def build(person: Agent, _: Floor) -> PhoneChosen | None:
            known.append(not phone or phone in dict(person.phones))
            return PhoneChosen(self._now(), agent, phone) if known[-1] else None

        answer = self._on_floor(agent, build)
        return answer if all(known) else Refused(Refusal.UNKNOWN_PHONE)

    # ---- a call that rings -------------------------------------------------------------------------------------------

    def accept(self, agent: str, reservation: str) -> Answer:
        """Key 1, pressed on the page. While the phone still rings, picking it up within a moment is what connects."""
        if (no := self._not_ringing(agent, reservation)) is not None:
            return no
        if not self._legs.willing(reservation):
            return Done(pick_up=True)
        return DONE if self._legs.accept(reservation) else Refused(Refusal.ALREADY_TAKEN)

    def decline(self, agent: str, reservation: str, reason: str = "") -> Answer:
        """Key 2, with a reason; the phone stops ringing."""
        if (no := self._not_ringing(agent, reservation)) is not None:
            return no

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_of(reservation))
            work = passed_over(kept, desk, reservation, TurnedDown.DECLINED, _told(reason))
            work.effects.append(desk.end_leg(work.kept.call.id, reservation))
            return work

        self._work.transact(take, answering=False)
        return DONE

    # ---- a call that the agent has -------------------------------------------------------------------------------

    def hold(self, agent: str, call: str) -> Answer:
        """The caller hears music."""
        return self._deed(call, lambda at: CallerHeld(at, agent))

    def resume(self, agent: str, call: str) -> Answer:
        """The caller is back. A colleague who is in the call then talks with both."""
        return self._deed(call, lambda at: CallerResumed(at, agent))

    def mute(self, agent: str, call: str) -> Answer:
        """Nobody hears the agent."""
        return self._deed(call, lambda at: AgentMuted(at, agent, True))

    def unmute(self, agent: str, call: str) -> Answer:
        """They are heard again."""
        return self._deed(call, lambda at: AgentMuted(at, agent, False))

    def consult(self, agent: str, call: str, *, to_agent: str = "", to_queue: str = "") -> Answer:
        """Ask a colleague, or whoever is free in a queue, while the caller is on hold."""
        return self._towards(call, to_agent, to_queue, lambda at, target, _: ConsultAsked(at, agent, target))

    def return_to_caller(self, agent: str, call: str) -> Answer:
        """The colleague goes, the caller is back."""
        return self._deed(call, lambda at: ConsultEnded(at, agent))

    def complete(self, agent: str, call: str) -> Answer:
        """The colleague has the caller; the agent is out of it."""
        return self._deed(call, lambda at: ConsultCompleted(at, agent))

    def pass_to(self, agent: str, call: str, *, to_agent: str = "", to_queue: str = "", note: str = "") -> Answer:
        """Give the call away, with all that is known of it. The caller keeps the place in line from before."""
        words = _told(note)
        return self._towards(call, to_agent, to_queue, lambda at, target, free: CallPassed(at, agent, target, words, free))

    def step_up(self, agent: str, call: str, action: str, amount: str = "", proof: str = "") -> Answer:
        """The caller is to give a fresh proof for this action, with nobody else on the line. `amount` as people write it."""

        def build(known: Call, _: Floor, at: datetime) -> Deed | Refusal:
            plan = next((one for one in known.line.step_ups if one.name == action), None)
            coins = coins_of(amount, plan.decimals) if plan is not None and plan.currency else 0
            return StepUpAsked(at, agent, action, coins, proof) if coins is not None else Refusal.NO_AMOUNT

        return self._tried(call, build)

    def take_back(self, agent: str, call: str) -> Answer:
        """The caller comes back without the proof."""
        return self._deed(call, lambda at: StepUpStopped(at, agent))

    def token(self, agent: str, call: str) -> Answer:
        """The validation token of the proof that was passed. Shown once."""
        answer = self._deed(call, lambda at: TokenShown(at, agent))
        if isinstance(answer, Refused):
            return answer
        return Done(token=token_of(self._work.read(lambda ledger: kept_call(ledger, call)).call, self._plan.keyring))

    def end(self, agent: str, call: str) -> Answer:
        """The caller hears goodbye."""
        return self._deed(call, lambda at: CallEnded(at, agent))

    def note(self, agent: str, call: str, text: str) -> Answer:
        """Keep some words about the call, during it or afterwards."""
        words = _told(text)
        return self._write(agent, call, Note(Noted.NOTED, (("text", words),))) if words else Refused(Refusal.NOTHING_SAID)

    def wrap_up(self, agent: str, call: str, code: str) -> Answer:
        """File the call under this code, and be through with it."""
        if code not in self._plan.wrap_up_codes:
            return Refused(Refusal.UNKNOWN_CODE)
        answer = self._write(agent, call, Note(Noted.WRAPPED_UP, (("code", code),)))
        if isinstance(answer, Done):
            self._plan.wrapped_up(call, code)
            self._on_floor(agent, lambda known, _: _wrapped_up(known, self._now()))
        return answer

    # ---- supervisors ---------------------------------------------------------------------------------------------

    def listen(self, supervisor: str, call: str, *, supervises: bool) -> Answer:
        """In on the call, heard by nobody. `supervises`: the role has been looked up."""
        return self._supervise(supervisor, call, Supervision.SILENT, supervises)

    def whisper(self, supervisor: str, call: str, *, supervises: bool) -> Answer:
        """Heard by the agent alone."""
        return self._supervise(supervisor, call, Supervision.COACHING, supervises)

    def barge(self, supervisor: str, call: str, *, supervises: bool) -> Answer:
        """Heard by everybody."""
        return self._supervise(supervisor, call, Supervision.SPEAKING, supervises)

    def stop(self, supervisor: str, call: str) -> Answer:
        """Out of the call."""
        return self._deed(call, lambda at: SupervisorStopped(at, supervisor))

    # ---- pieces --------------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._plan.clock.now()

    def _deed(self, call_id: str, deed: Callable[[datetime], Deed]) -> Answer:
        return self._tried(call_id, lambda _, __, at: deed(at))

    def _towards(self, call_id: str, to_agent: str, to_queue: str, deed: Callable[[datetime, Target, bool], Deed]) -> Answer:
        def build(call: Call, floor: Floor, at: datetime) -> Deed | Refusal:
            target = target_of(floor, self._plan.queues, call.queue, to_agent, to_queue)
            return target if isinstance(target, Refusal) else deed(at, target, is_somebody_free(floor, target))

        return self._tried(call_id, build)

    def _supervise(self, supervisor: str, call_id: str, how: Supervision, supervises: bool) -> Answer:
        def build(call: Call, floor: Floor, at: datetime) -> Deed | Refusal:
            person = _agent(floor, supervisor)
            if person is None or not person.rings_at:
                return Refusal.NO_PHONE
            on = call.serving is not None and call.serving.supervisor(supervisor) is not None
            at_work = any(held.agent == supervisor for held in floor.reservations)
            return Refusal.BUSY if at_work and not on else SupervisorListens(at, supervisor, person.name, how)

        if not supervises:
            return Refused(Refusal.SUPERVISORS_ONLY)
        answer = self._tried(call_id, build)
        if isinstance(answer, Done):
            self._on_floor(supervisor, lambda known, _: _listening(known, self._now()))
        return answer

    def _tried(self, call_id: str, build: Callable[[Call, Floor, datetime], Deed | Refusal]) -> Answer:
        """Build the deed and do it, unless there is something against it."""
        answers: list[Answer] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            deed = build(kept.call, ledger.load_floor()[0], desk.at)
            why = deed if isinstance(deed, Refusal) else refusal(kept.call, deed)
            answers.append(DONE if why is None else Refused(why))
            return Work(kept) if why is not None or isinstance(deed, Refusal) else desk.take(kept, deed)

        self._work.transact(take, answering=False)
        return answers[-1]

    def _write(self, agent: str, call_id: str, note: Note) -> Answer:
        """A row in the journal, by whoever has the call or had it."""
        answers: list[Answer] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            answers.append(DONE if agent in kept.call.served_by else Refused(Refusal.NOT_YOURS))
            if answers[-1] is DONE:
                who = _agent(ledger.load_floor()[0], agent)
                facts = (("agent", who.name if who else agent), ("agent_id", agent), *note.facts)
                ledger.note(call_id, Note(note.what, facts), desk.at)
            return Work(kept)

        self._work.transact(take, answering=False)
        return answers[-1]

    def _on_floor(self, agent: str, build: Callable[[Agent, Floor], AgentStateSet | PhoneChosen | None]) -> Answer:
        answers: list[Answer] = []

        def act(ledger: Ledger, desk: Desk) -> list[Effect]:
            floor = ledger.load_floor()[0]
            known = _agent(floor, agent)
            answers.append(DONE if known is not None else Refused(Refusal.UNKNOWN_AGENT))
            event = build(known, floor) if known is not None else None
            return desk.floor(event)[1] if event is not None else []

        self._work.on_floor(act)
        return answers[-1]

    def _not_ringing(self, agent: str, reservation: str) -> Refused | None:
        held = self._work.read(lambda ledger: open_reservation(ledger.load_floor()[0], reservation))
        if held is None:
            return Refused(Refusal.GONE)
        return Refused(Refusal.NOT_YOURS) if held.agent != agent else None


def _agent(floor: Floor, agent_id: str) -> Agent | None:
    return next((agent for agent in floor.agents if agent.id == agent_id), None)


def _settled(floor: Floor, agent: Agent, state: AgentState) -> AgentState:
    """Who is at work cannot be ready; that only means that nothing else comes after it."""
    held = next((one for one in floor.reservations if one.agent == agent.id), None)
    if state is not AgentState.READY or held is None:
        return state
    return AgentState.BUSY if held.accepted else AgentState.RESERVED


def _wrapped_up(agent: Agent, at: datetime) -> AgentStateSet | None:
    return AgentStateSet(at, agent.id, AgentState.READY) if agent.state is AgentState.WRAP_UP else None


def _listening(supervisor: Agent, at: datetime) -> AgentStateSet | None:
    """Who listens in takes no calls."""
    return AgentStateSet(at, supervisor.id, AgentState.BREAK) if supervisor.state is AgentState.READY else None


def _told(text: str) -> str:
    """People's words: printable, of a length that somebody reads."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:LONGEST_NOTE]
