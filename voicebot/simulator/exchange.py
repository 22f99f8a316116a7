"""The telephone exchange: all legs and rooms of one twin, who answers which telephone, and what is reported to the product.

It performs no documents (`leg`, `perform`) and speaks no HTTP of its own (`webhooks`, `api`).
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, TypeVar

from voicebot.simulator.callbacks import Callbacks
from voicebot.simulator.handset import Handset, Person
from voicebot.simulator.leg import Leg
from voicebot.simulator.numbers import NumberBook
from voicebot.simulator.party import HangsUp, Party
from voicebot.simulator.record import CallbackSent, CallRecord, Failure, LegRecord, Observer, Utterance, What
from voicebot.simulator.robot import Agent, Robot
from voicebot.simulator.rooms import Room
from voicebot.simulator.script import Habit, Moment, Script
from voicebot.simulator.sent import Text
from voicebot.simulator.settings import Faults, TwinSettings, new_sid
from voicebot.simulator.webhooks import Params, WebhookFailed, Webhooks

T = TypeVar("T")
ANSWERS_AFTER = 2.0  # seconds of ringing before somebody picks up
BUSY_AFTER = 1.0
MACHINE_RECORDS = 45.0  # seconds after which a voicemail has had enough
GREETING = "You have reached my voicemail. Please leave a message."
TURNED_DOWN = ("declined", "no-key", "voicemail")  # the product may ring the next telephone before this leg has ended
MOMENTS = {
    What.SPEAKING: Moment.SPEAKING,
    What.SPOKEN: Moment.SPOKEN,
    What.PUSHED: Moment.PUSHED,
    What.AGENT_RINGING: Moment.AGENT_RINGING,
    What.AGENT_ANSWERED: Moment.AGENT_ANSWERED,
    What.AGENT_KEY: Moment.AGENT_KEY,
    What.JOINED: Moment.IN_ROOM,
    What.TOGETHER: Moment.TOGETHER,
}
PROGRESS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}


@dataclass
class LiveCall:
    """A robot's call that is going on."""

    script: Script
    record: CallRecord
    caller: Leg
    agents: list[Leg] = field(default_factory=list)

    @property
    def waits(self) -> int:
        """How likely it is that an agent's telephone rings for this caller.

        3 in line, 2 not connected yet, 1 in a conversation to which somebody else may be asked, 0 surely not.
        """
        verdicts = [leg.record.verdict for leg in self.agents if not leg.leaving]
        if self.caller.leaving or any(verdict not in (*TURNED_DOWN, "accepted") for verdict in verdicts):
            return 0
        if self.caller.room is not None or "accepted" in verdicts:
            return 1
        documents = self.record.caller.documents
        return 3 if documents and "/waiting/" in documents[-1].path else 2


class Exchange:
    """Everything that is connected."""

    def __init__(self, settings: TwinSettings, faults: Faults, webhooks: Webhooks, observer: Observer | None) -> None:
        self.settings = settings
        self.faults = faults
        self.webhooks = webhooks
        self.observer = observer
        self.legs: dict[str, Leg] = {}
        self.rooms: list[Room] = []
        self.numbers = NumberBook()
        self.texts: list[Text] = []
        self.handsets: dict[str, Handset] = {}  # by number: real people's telephones, which ring instead of robots'
        self.habits: dict[str, list[Habit]] = {}  # where no robot waits: one each time, the last one stays
        self.customers: set[str] = set()  # numbers of theirs: whoever is rung there is called back, and is no agent
        self.calls: list[LiveCall] = []
        self.failures: list[Failure] = []
        self.stray: list[LegRecord] = []
        self.began = monotonic()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._next_slot = 0.0
        self.callbacks = Callbacks(webhooks, self.background, settings.time_scale)

    # ---- tasks ----------------------------------------------------------------------------------------------------

    def background(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let something go on by itself; it is ended with the twin."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (wrong := task.exception()) is None or isinstance(wrong, WebhookFailed):
            return
        self.fail(0, f"the twin itself failed: {type(wrong).__name__}: {wrong}")

    async def close(self) -> None:
        """End everything."""
        for leg in self.legs.values():
            leg.mouth.close()
            for stream in leg.streams.values():
                stream.abort()
        while tasks := [task for task in self._tasks if task is not asyncio.current_task()]:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def pause(self, seconds: float) -> None:
        """So much of call time."""
        await asyncio.sleep(seconds / self.settings.time_scale)

    def fail(self, code: int, what: str) -> None:
        """Note something wrong that belongs to no leg."""
        self.failures.append(Failure(monotonic() - self.began, code, what))

    # ---- callers --------------------------------------------------------------------------------------------------

    def open_call(self, script: Script, caller: Robot, party: Party) -> LiveCall:
        """A caller's leg, ringing."""
        record = LegRecord(new_sid("CA"), script.from_, status="ringing")
        call_record = CallRecord(record)
        faults = script.faults or self.faults
        leg = Leg(self, party, record, caller, faults, call_record.began)
        live = LiveCall(script, call_record, leg)
        self.legs[leg.sid] = leg
        self.calls.append(live)
        leg.tell(What.RINGING, script.line)
        return live

    def close_call(self, call: LiveCall) -> None:
        """The robot's call is over: no agent's telephone rings for it any more."""
        self.calls.remove(call)

    def call_of(self, leg: Leg) -> LiveCall | None:
        """The robot's call that this leg belongs to."""
        return next((call for call in self.calls if leg is call.caller or leg in call.agents), None)

    def call_in(self, room: Room) -> LiveCall | None:
        """The robot's call of which somebody has been in this room."""
        return next((call for call in self.calls if any(room.name in leg.rooms for leg in call.record.legs)), None)

    # ---- agents ---------------------------------------------------------------------------------------------------

    def waiting_call(self) -> LiveCall | None:
        """The robot's call that most likely waits for an agent; None if none does."""
        return max((call for call in self.calls if call.waits), key=lambda call: call.waits, default=None)

    def open_agent_leg(self, party: Party) -> tuple[Leg, Habit]:
        """A leg to a telephone, an agent's for the call that most likely waits for it, and how that telephone behaves."""
        is_customer = party.to in self.customers
        call = None if is_customer else self.waiting_call()
        party = replace(party, role="caller") if is_customer else party
        record = LegRecord(new_sid("CA"), party.to)
        habit, talk = Habit.ACCEPT, None
        if call is None and (habits := self.habits.get(party.to)):
            habit = habits.pop(0) if len(habits) > 1 else habits[0]
        if call is not None:
            here = sum(leg.record.phone == party.to for leg in call.agents)
            habit = call.script.habit_of(party.to, len(call.agents), here)
            talk = call.script.talk if call.script.hangs_up == "agent" else None
        record.habit = habit.value
        faults = call.caller.faults if call is not None else self.faults
        origin = call.record.began if call is not None else self.began
        handset = self.handsets.get(party.to)
        robot = Person() if handset is not None else Agent(habit, talk)
        leg = Leg(self, party, record, robot, faults, origin)
        leg.handset = handset
        self.legs[leg.sid] = leg
        if call is None:
            self.stray.append(record)
        else:
            leg.strikes = call.caller.strikes
            call.agents.append(leg)
            call.record.agents.append(record)
        return leg, habit

    def belongs_together(self, one: Leg, other: Leg) -> None:
        """Two legs met in a room: if the guess about the agent's call was wrong, put it right."""
        caller, agent = (one, other) if one.party.role == "caller" else (other, one)
        right, guessed = self.call_of(caller), self.call_of(agent)
        if right is None or right is guessed or agent.party.role != "agent":
            return
        if guessed is not None:
            guessed.agents.remove(agent)
            guessed.record.agents.remove(agent.record)
        right.agents.append(agent)
        right.record.agents.append(agent.record)
        if isinstance(agent.robot, Agent):
            agent.robot.talk = right.script.talk if right.script.hangs_up == "agent" else None

    async def ring(self, leg: Leg, habit: Habit, longest: float) -> None:
        """Ring a telephone until somebody or something answers. Raises HangsUp where that does not happen."""
        await self._slot(leg)
        leg.record.status = "ringing"
        leg.tell(What.AGENT_RINGING, leg.party.to)
        self.report_status(leg, "ringing")
        taken = any(
            other is not leg and other.party.to == leg.party.to and not other.leaving and other.status == "in-progress"
            for other in self.legs.values()
        )
        if leg.handset is not None:
            await self._ring_handset(leg, leg.handset, longest)
            return
        if habit is Habit.BUSY or taken:
            await leg.clock.sleep(min(BUSY_AFTER, longest))
            raise HangsUp("carrier", "busy")
        if habit is Habit.NONE or longest < ANSWERS_AFTER:
            await leg.clock.sleep(longest)
            raise HangsUp("carrier", "no-answer")
        if habit is Habit.FAILS:
            raise HangsUp("carrier", "failed")
        await leg.clock.sleep(ANSWERS_AFTER)
        leg.answer()
        self.report_status(leg, "answered")
        if habit is Habit.VOICEMAIL:
            leg.background(self._machine(leg))

    async def _ring_handset(self, leg: Leg, handset: Handset, longest: float) -> None:
        """Somebody real may answer or not."""
        if not handset.free:
            raise HangsUp("carrier", "busy")
        handset.begin(leg)
        picked_up = await handset.rings(leg.party.from_, longest / leg.clock.scale)
        if not picked_up:
            raise HangsUp("carrier", "no-answer" if picked_up is None else "busy")
        leg.answer()
        self.report_status(leg, "answered")

    async def _machine(self, leg: Leg) -> None:
        leg.record.utterances.append(Utterance(leg.at, GREETING))
        await leg.clock.sleep(MACHINE_RECORDS)
        leg.hang_up("agent")

    async def _slot(self, leg: Leg) -> None:
        """Outbound calls begin at the account's rate; what is too many is queued."""
        if self.settings.calls_per_second is None:
            return
        now = (monotonic() - self.began) * self.settings.time_scale
        self._next_slot = max(self._next_slot, now) + 1 / self.settings.calls_per_second
        await leg.clock.sleep(self._next_slot - now - 1 / self.settings.calls_per_second)

    # ---- rooms ----------------------------------------------------------------------------------------------------

    def room(self, name: str) -> Room:
        """The room of this name that has not ended, or a new one."""
        for room in self.rooms:
            if room.name == name and room.status != "completed":
                return room
        room = Room(self, name)
        self.rooms.append(room)
        return room

    # ---- who leaves when ------------------------------------------------------------------------------------------

    def notice(self, leg: Leg, what: What) -> None:
        """Something has happened on a leg: whoever hangs up at that, does."""
        call = self.call_of(leg)
        if call is None or leg.leaving:
            return
        on_its_own = what in (What.PUSHED, What.JOINED)  # of a leg's own; an agent's are no moment of the caller's
        if MOMENTS.get(what) is call.script.leaves_when is not None and (leg is call.caller or not on_its_own):
            self.background(_leave(call.caller))
        if leg.record.habit == Habit.LEAVES and what is What.HEARD and leg.record.keys:
            self.background(_leave(leg))

    # ---- reports --------------------------------------------------------------------------------------------------

    def report_status(self, leg: Leg, event: str, *, final: bool = False) -> None:
        """Tell the product about a leg's progress, if it asked for this event."""
        url = leg.party.status_callback
        if url is None or event not in leg.party.status_events:
            return
        sequence, leg.sequence = leg.sequence, leg.sequence + 1
        status = leg.status if final else PROGRESS[event]
        params: Params = (
            ("CallStatus", status),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(sequence)),
        )
        if final and status == "completed":
            talked = round(leg.clock.now())
            params += (("CallDuration", str(talked)), ("Duration", str(-(-talked // 60))))
        self.callbacks.send(leg.sid, leg.callback(url, params), CallbackSent(leg.at, status, sequence, 0), leg.faults, leg.record)
        if final:
            self.callbacks.release(leg.sid)


async def _leave(leg: Leg) -> None:
    """Hang up, in a moment of its own: whatever led to it has been done."""
    leg.hang_up(leg.party.role)
