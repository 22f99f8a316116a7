"""Laws of the floor that hold whatever happens in whatever order, late and repeated events included."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from voicebot.dialogue.codec import from_plain, to_plain
from voicebot.floor.actions import AskedInVain, Assigned, FloorAction, RingAgent, StopRinging, WakeFloorAt
from voicebot.floor.assign import ASKED_AGAIN_AFTER, assign
from voicebot.floor.events import (
    AgentsKnown,
    AgentStateSet,
    FloorEvent,
    ReservationAccepted,
    ReservationTurnedDown,
    TimePassed,
    WorkDone,
    WorkOffered,
    WorkWithdrawn,
)
from voicebot.floor.values import Agent, AgentState, Floor, Role, Rules, TurnedDown, WorkItem, WorkKind

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROSTER = (
    Agent("ada", "Ada", "+12025550171", ("billing",)),
    Agent("ben", "Ben", "+12025550172", ("billing", "delivery")),
    Agent("cid", "Cid", "+12025550173", ("billing", "delivery"), skills=("danish",)),
    Agent("dot", "Dot", "+12025550174", ("delivery",), desk=True),
    Agent("eve", "Eve", "+12025550175", ("billing", "delivery"), roles=(Role.SUPERVISOR,)),
)
PLAIN = Rules()
RULES = st.sampled_from(
    [
        PLAIN,
        PLAIN,
        Rules(ring_at_most=3, wrap_up=20),
        Rules(relax_skills_after=30, patience=10, not_ready_after=2),
        Rules(overflow_to="delivery", overflow_after=10, ring_at_most=2),
    ]
)
NAMES = st.sampled_from([agent.id for agent in ROSTER])
ITEMS = st.sampled_from(["a", "b", "c", "d"])
OWN_STATES = st.sampled_from([AgentState.READY, AgentState.READY, AgentState.BREAK, AgentState.OFFLINE, AgentState.WRAP_UP])
PAUSES = st.sampled_from([0, 1, 10, 30, 61])


def head_start(item: WorkItem) -> tuple[datetime, str]:
    return (item.since - timedelta(seconds=item.priority), item.id)


class AFloor(RuleBasedStateMachine):
    """A floor to which anything may happen, and a second, slower opinion on what should come of it."""

    @initialize(agents=st.sets(NAMES, max_size=5))
    def open(self, agents: set[str]) -> None:
        self.floor, self.now = Floor(), NOON
        self.ringing: dict[str, str] = {}  # reservation -> item, as the world has been told
        self.assigned: dict[str, str] = {}  # item -> reservation that has it
        self.peace: dict[tuple[str, str], datetime] = {}  # (agent, item) -> not asked before
        self.waiting: set[str] = set()
        self.wakes: set[datetime] = set()
        self.happens(AgentsKnown(NOON, tuple(agent for agent in ROSTER if agent.id in agents)))

    def happens(self, event: FloorEvent) -> list[FloorAction]:
        self.floor, actions = assign(self.floor, event)
        for action in actions:
            self._follow(action)
        self._first_come_first_served(actions)
        return actions

    def _follow(self, action: FloorAction) -> None:
        match action:
            case RingAgent(reservation=held):
                assert held.item in self.waiting, "rings for work that is gone"
                assert held.item not in self.assigned
                item = next(item for item in self.floor.items if item.id == held.item)
                assert list(self.ringing.values()).count(held.item) < item.rules.ring_at_most
                assert item.not_before is None or self.now >= item.not_before, "rings before its time"
                assert self.now >= self.peace.get((held.agent, held.item), NOON), "asked again too soon"
                self.ringing[held.id] = held.item
            case WakeFloorAt(at=at):
                self.wakes.add(at)
            case StopRinging(reservation=held):
                self.ringing.pop(held.id, None)
                if self.assigned.get(held.item) == held.id:
                    del self.assigned[held.item]
            case AskedInVain(reservation=held):
                del self.ringing[held.id]
                self.peace[held.agent, held.item] = self.now + ASKED_AGAIN_AFTER
            case Assigned(reservation=held):
                assert self.assigned.get(held.item, held.id) == held.id, "assigned to a second agent"
                self.assigned[held.item] = held.id
                self.ringing.pop(held.id, None)
                self.waiting.discard(held.item)

    def _first_come_first_served(self, actions: list[FloorAction]) -> None:
        """Nobody who waits could have had an agent who was now given to somebody behind them."""
        for action in actions:
            if not isinstance(action, RingAgent):
                continue
            served = next(item for item in self.floor.items if item.id == action.reservation.item)
            agent = next(agent for agent in self.floor.agents if agent.id == action.reservation.agent)
            for item in self.floor.items:
                if item.id not in self.ringing.values() and self._fits(agent, item) and not self._is_patient(item):
                    assert head_start(served) < head_start(item)

    def _fits(self, agent: Agent, item: WorkItem) -> bool:
        rules, waited = item.rules, (self.now - item.rules_since).total_seconds()
        if self.now < self.peace.get((agent.id, item.id), NOON) or agent.leaving or Role.AGENT not in agent.roles:
            return False
        if item.not_before is not None and self.now < item.not_before:
            return False
        if item.only:
            return item.only == agent.id
        overflows = 0 < rules.overflow_after <= waited and rules.overflow_to in agent.queues
        able = set(item.skills) <= set(agent.skills) or 0 < rules.relax_skills_after <= waited or item.preferred == agent.id
        return (item.queue in agent.queues or overflows) and able

    def _is_patient(self, item: WorkItem) -> bool:
        """It waits for an agent who is at work and will be free."""
        if not item.preferred or (self.now - item.rules_since).total_seconds() >= item.rules.patience:
            return False
        busy = (AgentState.BUSY, AgentState.RESERVED, AgentState.WRAP_UP)
        at_peace = self.now < self.peace.get((item.preferred, item.id), NOON)
        return any(a.id == item.preferred and a.state in busy and not a.leaving for a in self.floor.agents) and not at_peace

    def pick(self, number: int) -> str:
        """A reservation: mostly an open one, else one that is over or never was."""
        held = self.floor.reservations
        return held[number % len(held)].id if held and number < 8 else f"a.{number}"

    # ---- what may happen -----------------------------------------------------------------------------------------

    @rule(agents=st.sets(NAMES, max_size=5))
    def roster_is_read(self, agents: set[str]) -> None:
        self.happens(AgentsKnown(self.now, tuple(agent for agent in ROSTER if agent.id in agents)))

    @rule(number=st.integers(0, 2), state=OWN_STATES)
    def agent_sets_themselves(self, number: int, state: AgentState) -> None:
        if self.floor.agents:
            self.happens(AgentStateSet(self.now, self.floor.agents[number % len(self.floor.agents)].id, state))

    @rule(
        item=ITEMS, queue=st.sampled_from(["billing", "billing", "delivery"]), priority=st.sampled_from([0, 0, 15]),
        skills=st.sampled_from([(), (), ("danish",)]), rules=RULES, preferred=st.sampled_from(["", "", "ada"]),
        only=st.sampled_from(["", "", "", "ben"]), later=st.sampled_from([None, None, 30]),
    )  # fmt: skip
    def work_comes(  # noqa: PLR0917 - the rule names them
        self, item: str, queue: str, priority: int, skills: tuple[str, ...], rules: Rules, preferred: str, only: str,
        later: int | None,
    ) -> None:
        if item not in self.assigned and item not in self.waiting:
            self.peace = {key: until for key, until in self.peace.items() if key[1] != item}  # new work of an old name
            self.waiting.add(item)
        not_before = None if later is None else self.now + timedelta(seconds=later)
        work = WorkItem(
            item, WorkKind.CALL, queue, self.now, priority, skills, only=only, preferred=preferred, not_before=not_before,
            rules=rules,
        )
        self.happens(WorkOffered(self.now, work))

    @rule(item=ITEMS)
    def work_goes(self, item: str) -> None:
        self.waiting.discard(item)
        self.happens(WorkWithdrawn(self.now, item))
        assert item not in self.ringing.values()
        assert item not in self.assigned

    @rule(number=st.integers(0, 9))
    def agent_accepts(self, number: int) -> None:
        self.happens(ReservationAccepted(self.now, self.pick(number)))

    @rule(number=st.integers(0, 9), why=st.sampled_from(TurnedDown))
    def agent_turns_down(self, number: int, why: TurnedDown) -> None:
        self.happens(ReservationTurnedDown(self.now, self.pick(number), why))

    @rule(number=st.integers(0, 9))
    def work_is_done(self, number: int) -> None:
        done = self.pick(number)
        self.assigned = {item: held for item, held in self.assigned.items() if held != done}
        self.happens(WorkDone(self.now, done))

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: int) -> None:
        """Whatever was asked to be told of is told in time; so no state outlives its reason."""
        end = self.now + timedelta(seconds=seconds)
        while due := [at for at in self.wakes if at <= end]:
            self.now = max(self.now, min(due))
            self.wakes -= {min(due)}
            self.happens(TimePassed(self.now))
        self.now = end
        self.happens(TimePassed(self.now))

    @rule()
    def restart(self) -> None:
        again = from_plain(json.loads(json.dumps(to_plain(self.floor))), Floor)
        assert again == self.floor
        self.floor = again

    # ---- the laws ------------------------------------------------------------------------------------------------

    @invariant()
    def the_world_knows_what_the_floor_knows(self) -> None:
        assert {held.id: held.item for held in self.floor.reservations if not held.accepted} == self.ringing
        assert {held.item: held.id for held in self.floor.reservations if held.accepted} == self.assigned
        assert {item.id for item in self.floor.items} == self.waiting

    @invariant()
    def an_agent_has_at_most_one_open_reservation_and_whatever_is_accepted_rings_no_more(self) -> None:
        agents = [held.agent for held in self.floor.reservations]
        assert len(agents) == len(set(agents))
        for held in self.floor.reservations:
            if held.accepted:
                assert [other.item for other in self.floor.reservations].count(held.item) == 1

    @invariant()
    def whoever_holds_a_reservation_is_on_the_floor(self) -> None:
        present = {agent.id for agent in self.floor.agents}
        assert {held.agent for held in self.floor.reservations} <= present

    @invariant()
    def nobody_leaving_lingers(self) -> None:
        at_work = {held.agent for held in self.floor.reservations}
        assert all(agent.id in at_work for agent in self.floor.agents if agent.leaving)

    @invariant()
    def nobody_is_kept_busy_by_nothing(self) -> None:
        at_work = {held.agent for held in self.floor.reservations}
        stuck = {agent.id for agent in self.floor.agents if agent.state in (AgentState.RESERVED, AgentState.BUSY)}
        assert stuck <= at_work

    @invariant()
    def wrap_up_has_an_end(self) -> None:
        for agent in self.floor.agents:
            if agent.state is AgentState.WRAP_UP and agent.until is not None:
                assert agent.until > self.now or agent.until in self.wakes

    @invariant()
    def nobody_starves(self) -> None:
        """No item waits without ringing while somebody who could take it is ready and free. What time changes has a wake-up."""
        at_work = {held.agent for held in self.floor.reservations}
        free = [agent for agent in self.floor.agents if agent.state is AgentState.READY and agent.id not in at_work]
        for item in self.floor.items:
            if item.id not in self.ringing.values() and not self._is_patient(item):
                assert not any(self._fits(agent, item) for agent in free)


TestAFloor = AFloor.TestCase
TestAFloor.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
