"""The agent's leg: invited, accepting or declining, joined, gone. The floor decides who has the call; the call is told."""

from voicebot.dialogue.actions import Hangup, Say, Verb
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import AgentAccepted, AgentLeft, CallerHungUp, PartyEntered
from voicebot.dialogue.journeys import transfer
from voicebot.dialogue.values import Party
from voicebot.errors import ImpossibleEvent
from voicebot.floor.actions import AskedInVain, Assigned
from voicebot.floor.assign import reservation as open_reservation
from voicebot.floor.events import ReservationAccepted, ReservationTurnedDown, WorkDone
from voicebot.floor.values import Floor, Reservation, TurnedDown
from voicebot.ports.store import Effect, KeptCall, Ledger, Leg, LegRole
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.plan import Turned
from voicebot.switchboard.transactions import Transactions, kept_call

ACCEPT, DECLINE = "1", "2"
CALLER_GONE: tuple[Verb, ...] = (Say("agent.caller_gone"), Hangup())
ALREADY_TAKEN: tuple[Verb, ...] = (Say("agent.already_taken"), Hangup())
DECLINED: tuple[Verb, ...] = (Say("agent.declined"), Hangup())
NO_KEY: tuple[Verb, ...] = (Hangup(),)  # a voicemail hears nothing more


class AgentLegs:
    """What agents' legs ask, and what becomes of the call and the floor."""

    def __init__(self, work: Transactions) -> None:
        self._work = work

    def answered(self, reservation: str, leg_id: str = "") -> Turned:
        """The invitation, which says nothing of the caller; or word that nobody waits any more.

        The leg's id is kept: the answer to our own request for it may have been lost.
        """
        held, kept = self._work.read(lambda ledger: self._look(ledger, reservation))
        if leg_id and self._work.read(lambda ledger: ledger.leg(leg_id)) is None:
            self._work.on_floor(lambda ledger, _: self._learn(ledger, Leg(leg_id, kept.call.id, LegRole.AGENT, reservation)))
        if held is None or held.accepted or kept.call.stage is not Stage.WAIT:
            return self._turned(kept, CALLER_GONE)
        return self._turned(kept, transfer.invitation(held.queue))

    def keyed(self, reservation: str, keys: str) -> Turned:
        """The verdict. A repeat of an acceptance hears the same whisper again; the floor knows who was first."""
        if keys == ACCEPT:
            return self._accept(reservation)
        why = TurnedDown.DECLINED if keys == DECLINE else TurnedDown.NO_KEY
        self.turned_down(reservation, why)
        _, kept = self._work.read(lambda ledger: self._look(ledger, reservation))
        return self._turned(kept, DECLINED if keys == DECLINE else NO_KEY)

    def turned_down(self, reservation: str, why: TurnedDown) -> None:
        """The agent did not take it: the next one is asked, and the caller keeps the place."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            return _passed_on(kept_call(ledger, _call_of(reservation)), desk, reservation, why)

        self._work.transact(take, answering=False)

    def leg_ended(self, reservation: str, why: TurnedDown | None) -> None:
        """The agent's leg is gone: while ringing that is a no, afterwards the end of the conversation."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            held, kept = self._look(ledger, reservation)  # here, or an acceptance could slip in between
            if held is None:
                return Work(kept)
            if not held.accepted:
                return _passed_on(kept, desk, reservation, why or TurnedDown.NO_KEY)
            effects = desk.floor(WorkDone(desk.at, reservation))[1]
            serving = kept.call.serving
            if kept.call.stage is not Stage.TRANSFER or serving is None or serving.reservation != reservation:
                return Work(kept, effects=effects)
            work = desk.take(kept, AgentLeft(desk.at, reservation))
            work.effects += effects
            return work

        self._work.transact(take, answering=False)

    def entered(self, call_id: str, party: Party) -> None:
        """Somebody came into the room."""
        self._work.transact(
            lambda ledger, desk: desk.take(kept_call(ledger, call_id), PartyEntered(desk.at, party)), answering=False
        )

    def caller_left_room(self, call_id: str) -> None:
        """The caller came out of a room where both were together, so the call is over even if its last status is lost."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            serving = kept.call.serving
            if kept.call.stage is not Stage.TRANSFER or serving is None or serving.joined_at is None:
                return Work(kept)
            return desk.take(kept, CallerHungUp(desk.at))

        self._work.transact(take, answering=False)

    # ---- pieces --------------------------------------------------------------------------------------------------

    def _accept(self, reservation: str) -> Turned:
        verdict: list[tuple[Verb, ...]] = [ALREADY_TAKEN]

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, _call_of(reservation))
            actions, effects = desk.floor(ReservationAccepted(desk.at, reservation))
            assigned = next((action for action in actions if isinstance(action, Assigned)), None)
            if assigned is None:
                verdict[0] = CALLER_GONE if kept.call.stage is Stage.ENDED else ALREADY_TAKEN
                return Work(kept, effects=effects)
            serving = kept.call.serving
            if serving is not None and serving.reservation == reservation:
                work = Work(kept)
            else:
                agent = _name_of(ledger.load_floor()[0], assigned.reservation)
                work = desk.take(kept, AgentAccepted(desk.at, reservation, agent))
            work.effects += effects
            verdict[0] = transfer.accepted(work.kept.call)
            return work

        work = self._work.transact(take, answering=False)
        return self._turned(work.kept, verdict[0])

    def _look(self, ledger: Ledger, reservation: str) -> tuple[Reservation | None, KeptCall]:
        return open_reservation(ledger.load_floor()[0], reservation), kept_call(ledger, _call_of(reservation))

    @staticmethod
    def _learn(ledger: Ledger, leg: Leg) -> list[Effect]:
        ledger.add_leg(leg)
        return []

    def _turned(self, kept: KeptCall, verbs: tuple[Verb, ...]) -> Turned:
        line = kept.call.line
        return Turned(kept.call.id, kept.seq, verbs, kept.prompts, line.queue.agent_language, line)


def _passed_on(kept: KeptCall, desk: Desk, reservation: str, why: TurnedDown) -> Work:
    """The floor asks the next agent, and the call notes that this one did not take it."""
    actions, effects = desk.floor(ReservationTurnedDown(desk.at, reservation, why))
    vain = next((action for action in actions if isinstance(action, AskedInVain)), None)
    if vain is None or kept.call.stage is not Stage.WAIT:
        return Work(kept, effects=effects)
    work = desk.take(kept, desk.in_vain(vain))
    work.effects += effects
    return work


def _call_of(reservation: str) -> str:
    """A reservation's id begins with that of its item."""
    item, _, number = reservation.rpartition(".")
    if not item or not number.isdigit():
        raise ImpossibleEvent("this is no reservation's id")
    return item


def _name_of(floor: Floor, held: Reservation) -> str:
    return next((agent.name for agent in floor.agents if agent.id == held.agent), held.agent)
