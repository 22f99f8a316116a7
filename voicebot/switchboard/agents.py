"""The agent's leg: invited, accepting or declining, joined, gone. The floor decides who has the call; the call is told."""

from datetime import timedelta

from voicebot.dialogue.actions import Hangup, Say, Verb
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.events import AgentAccepted, AgentLeft, CallerHungUp, PartyEntered
from voicebot.dialogue.journeys import transfer
from voicebot.dialogue.journeys.room import room_of
from voicebot.dialogue.serving import Consult
from voicebot.dialogue.values import Party
from voicebot.floor.actions import AskedInVain, Assigned
from voicebot.floor.assign import reservation as open_reservation
from voicebot.floor.events import ReservationAccepted, ReservationTurnedDown, WorkDone
from voicebot.floor.values import Agent, Floor, Reservation, TurnedDown
from voicebot.ports.store import Effect, KeptCall, Ledger, Leg, LegRole
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.leg_names import call_of, role_of
from voicebot.switchboard.plan import Turned
from voicebot.switchboard.transactions import Transactions, kept_call

ACCEPT, DECLINE = "1", "2"
CALLER_GONE: tuple[Verb, ...] = (Say("agent.caller_gone"), Hangup())
ALREADY_TAKEN: tuple[Verb, ...] = (Say("agent.already_taken"), Hangup())
DECLINED: tuple[Verb, ...] = (Say("agent.declined"), Hangup())
NO_KEY: tuple[Verb, ...] = (Hangup(),)  # a voicemail hears nothing more
WITH_AGENT = (Stage.TRANSFER, Stage.CALLBACK)  # an agent may have a leg in the room
PICKED_UP = "picked-up"  # marks of a reservation: its phone was picked up; its agent has said yes on the page
WILLING = "willing"
WILLING_FOR = timedelta(seconds=15)  # from a yes on the page: whoever picks up later may be a voicemail


class AgentLegs:
    """What agents' legs ask, and what becomes of the call and the floor."""

    def __init__(self, work: Transactions) -> None:
        self._work = work

    def answered(self, reservation: str, leg_id: str = "") -> Turned:
        """The invitation, which says nothing of the caller; or word that nobody waits any more.

        The leg's id is kept: the answer to our own request for it may have been lost.
        """
        willing: list[bool] = []

        def learn(ledger: Ledger, desk: Desk) -> list[Effect]:
            if leg_id and ledger.leg(leg_id) is None:
                ledger.add_leg(Leg(leg_id, call_of(reservation), role_of(reservation), reservation))
            if ledger.last_mark(_mark(PICKED_UP, reservation), desk.at) is None:  # a repeat writes nothing
                ledger.mark(_mark(PICKED_UP, reservation), desk.at)
            said_yes = ledger.last_mark(_mark(WILLING, reservation), desk.at)
            willing.append(said_yes is not None and desk.at - said_yes <= WILLING_FOR)
            return []

        self._look(reservation)  # for a call that nobody knows, before anything is written
        self._work.on_floor(learn)
        return self._accept(reservation) if willing[-1] else self.document(reservation)

    def document(self, reservation: str) -> Turned:
        """What an agent's leg does now. Never an event."""
        held, kept = self._look(reservation)
        return self._turned(kept, _verbs(kept.call, reservation, held), reservation)

    def keyed(self, reservation: str, keys: str) -> Turned:
        """The verdict. A repeat of an acceptance hears the same whisper again; the floor knows who was first."""
        if keys == ACCEPT:
            return self._accept(reservation)
        self.turned_down(reservation, TurnedDown.DECLINED if keys == DECLINE else TurnedDown.NO_KEY)
        return self._turned(self._look(reservation)[1], DECLINED if keys == DECLINE else NO_KEY, reservation)

    def turned_down(self, reservation: str, why: TurnedDown) -> None:
        """The agent did not take it: the next one is asked, and the caller keeps the place."""
        if role_of(reservation) is LegRole.SUPERVISOR:
            self.leg_ended(reservation, why)
            return

        def take(ledger: Ledger, desk: Desk) -> Work:
            return passed_over(kept_call(ledger, call_of(reservation)), desk, reservation, why)

        self._work.transact(take, answering=False)

    def leg_ended(self, reservation: str, why: TurnedDown | None) -> None:
        """A leg is gone: while ringing that is a no, afterwards the end of its part in the conversation."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            held, kept = _open(ledger, reservation)  # here, or an acceptance could slip in between
            if held is None and not _is_supervising(kept.call, reservation):
                return Work(kept)
            if held is not None and not held.accepted:
                return passed_over(kept, desk, reservation, why or TurnedDown.NO_KEY)
            effects = desk.floor(WorkDone(desk.at, reservation))[1] if held is not None else []
            if not _has_part(kept.call, reservation):
                return Work(kept, effects=effects)
            work = desk.take(kept, AgentLeft(desk.at, reservation))
            work.effects += effects
            return work

        self._work.transact(take, answering=False)

    def entered(self, call_id: str, room: str, party: Party, leg: str) -> None:
        """Somebody came into a room; news of a room that is no more are no news."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            if room != room_of(kept.call):
                return Work(kept)
            return desk.take(kept, PartyEntered(desk.at, party, leg))

        self._work.transact(take, answering=False)

    def caller_left_room(self, call_id: str, room: str) -> None:
        """The caller came out of a room where both were together, so the call is over even if its last status is lost."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            serving = kept.call.serving
            if kept.call.stage is not Stage.TRANSFER or serving is None or serving.joined_at is None:
                return Work(kept)
            if kept.call.step_ups or room != room_of(kept.call) or Party.CALLER not in serving.present:
                # After a step-up this may be late news of the caller's going to it; the leg's own last status tells the rest.
                return Work(kept)
            return desk.take(kept, CallerHungUp(desk.at))

        self._work.transact(take, answering=False)

    def willing(self, reservation: str) -> bool:
        """The agent says yes on the page. Gives whether the phone has been picked up, so that this is the key 1.

        Otherwise whoever picks it up within a moment has said yes already.
        """
        ready: list[bool] = []

        def note(ledger: Ledger, desk: Desk) -> list[Effect]:
            ready.append(ledger.last_mark(_mark(PICKED_UP, reservation), desk.at) is not None)
            if not ready[-1]:
                ledger.mark(_mark(WILLING, reservation), desk.at)
            return []

        self._work.on_floor(note)
        return ready[-1]

    def accept(self, reservation: str) -> bool:
        """Key 1, pressed on the page while the phone is at the agent's ear: gives whether it won. The leg goes on by itself."""
        won = self._take(reservation)[1]

        def push(_: Ledger, desk: Desk) -> list[Effect]:
            return [desk.push_agent(call_of(reservation), reservation)]

        self._work.on_floor(push)
        return won

    # ---- pieces --------------------------------------------------------------------------------------------------

    def _accept(self, reservation: str) -> Turned:
        if role_of(reservation) is LegRole.SUPERVISOR:
            kept = self._look(reservation)[1]
            there = _is_supervising(kept.call, reservation)
            return self._turned(kept, transfer.supervisor_accepted(kept.call) if there else CALLER_GONE, reservation)
        kept, won = self._take(reservation)
        if won:
            return self._turned(kept, _verbs(kept.call, reservation, None), reservation)
        return self._turned(kept, CALLER_GONE if kept.call.stage is Stage.ENDED else ALREADY_TAKEN, reservation)

    def _take(self, reservation: str) -> tuple[KeptCall, bool]:
        """The claim. The floor has one winner, who is the winner of every repeat."""
        won: list[bool] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_of(reservation))
            actions, effects = desk.floor(ReservationAccepted(desk.at, reservation))
            assigned = next((action for action in actions if isinstance(action, Assigned)), None)
            won.append(assigned is not None)
            if assigned is None or _has_part(kept.call, reservation):
                return Work(kept, effects=effects)
            agent = _agent_of(ledger.load_floor()[0], assigned.reservation)
            work = desk.take(kept, AgentAccepted(desk.at, reservation, agent.name, agent.id))
            work.effects += effects
            return work

        return self._work.transact(take, answering=False).kept, won[-1]

    def _look(self, reservation: str) -> tuple[Reservation | None, KeptCall]:
        return self._work.read(lambda ledger: _open(ledger, reservation))

    def _turned(self, kept: KeptCall, verbs: tuple[Verb, ...], leg: str) -> Turned:
        call = kept.call
        language = self._work.read(lambda ledger: _language(ledger.load_floor()[0], call, leg))
        return Turned(call.id, kept.seq, verbs, kept.prompts, language, call.line)


def passed_over(kept: KeptCall, desk: Desk, reservation: str, why: TurnedDown, reason: str = "") -> Work:
    """The floor asks the next agent, and the call notes that this one did not take it."""
    actions, effects = desk.floor(ReservationTurnedDown(desk.at, reservation, why, reason))
    vain = next((action for action in actions if isinstance(action, AskedInVain)), None)
    if vain is None or kept.call.stage not in (Stage.WAIT, Stage.CALLBACK, Stage.TRANSFER):
        return Work(kept, effects=effects)
    work = desk.take(kept, desk.in_vain(vain))
    work.effects += effects
    return work


def _verbs(call: Call, reservation: str, held: Reservation | None) -> tuple[Verb, ...]:
    """What this leg does now, by what it is in the call."""
    serving = call.serving if call.stage in WITH_AGENT else None
    if _is_supervising(call, reservation):
        return transfer.supervisor_invitation()
    if serving is not None and serving.reservation == reservation:
        return transfer.accepted(call)
    consult = serving.consult if serving is not None else None
    if consult is not None and consult.reservation == reservation:
        return transfer.consult_accepted(call)
    if held is None or held.accepted:
        return CALLER_GONE
    if consult is not None and consult.item == held.item and serving is not None:
        return transfer.consult_invitation(serving.agent)
    return transfer.invitation(held.queue) if call.stage in (Stage.WAIT, Stage.CALLBACK) else CALLER_GONE


def _has_part(call: Call, reservation: str) -> bool:
    """Whether this leg is one of a conversation that goes on."""
    serving = call.serving
    if call.stage not in WITH_AGENT or serving is None:
        return False
    consult: Consult | None = serving.consult
    asked = consult is not None and consult.reservation == reservation
    return serving.reservation == reservation or asked or serving.supervisor(reservation) is not None


def _is_supervising(call: Call, leg: str) -> bool:
    return call.serving is not None and call.serving.supervisor(leg) is not None


def _open(ledger: Ledger, reservation: str) -> tuple[Reservation | None, KeptCall]:
    return open_reservation(ledger.load_floor()[0], reservation), kept_call(ledger, call_of(reservation))


def _agent_of(floor: Floor, held: Reservation) -> Agent:
    unknown = Agent(held.agent, held.agent, "", ())
    return next((agent for agent in floor.agents if agent.id == held.agent), unknown)


def _language(floor: Floor, call: Call, leg: str) -> str:
    """What whoever is at this leg is spoken to in: their own language, else the queue's."""
    held, serving = open_reservation(floor, leg), call.serving
    supervisor = serving.supervisor(leg) if serving is not None else None
    agent = held.agent if held is not None else supervisor.supervisor if supervisor is not None else ""
    own = next((one.language for one in floor.agents if one.id == agent), "")
    return own or call.queue.agent_language


def _mark(what: str, reservation: str) -> str:
    return f"{what}:{reservation}"
