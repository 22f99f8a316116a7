"""Which agent gets which work: one test per law."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicebot.dialogue.codec import from_plain, to_plain
from voicebot.errors import ImpossibleEvent
from voicebot.floor.actions import AskedInVain, Assigned, FloorAction, RingAgent, StopRinging, TooLate, WakeFloorAt
from voicebot.floor.assign import ASKED_AGAIN_AFTER, assign, reservation
from voicebot.floor.events import (
    AgentsKnown,
    AgentStateSet,
    FloorEvent,
    PhoneChosen,
    ReservationAccepted,
    ReservationTurnedDown,
    TimePassed,
    WorkDone,
    WorkOffered,
    WorkWithdrawn,
)
from voicebot.floor.matching import LOST_AFTER
from voicebot.floor.values import Agent, AgentState, Floor, Reservation, TurnedDown, WorkItem, WorkKind

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MIRA = Agent("mira", "Mira Holt", "+12025550171", ("billing",))
JONAS = Agent("jonas", "Jonas Bell", "+12025550172", ("billing", "delivery"), skills=("danish",))


class Hall:
    """A floor on which things happen, second by second."""

    def __init__(self, *agents: Agent) -> None:
        self.floor, self.now = Floor(), NOON
        self.actions: list[FloorAction] = []
        self.happens(AgentsKnown(NOON, agents))

    def happens(self, event: FloorEvent) -> list[FloorAction]:
        self.floor, self.actions = assign(self.floor, event)
        return self.actions

    def later(self, seconds: float = 1) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def calls(self, item: str, queue: str = "billing", **about: Any) -> None:
        at = self.later()
        self.happens(WorkOffered(at, WorkItem(item, WorkKind.CALL, queue, at, **about)))

    def withdraws(self, item: str) -> None:
        self.happens(WorkWithdrawn(self.later(), item))

    def accepts(self, reservation_id: str) -> None:
        self.happens(ReservationAccepted(self.later(), reservation_id))

    def declines(self, reservation_id: str, why: TurnedDown = TurnedDown.DECLINED) -> None:
        self.happens(ReservationTurnedDown(self.later(), reservation_id, why))

    def is_done(self, reservation_id: str) -> None:
        self.happens(WorkDone(self.later(), reservation_id))

    def sets(self, agent: str, state: AgentState, reason: str = "") -> None:
        self.happens(AgentStateSet(self.later(), agent, state, reason))

    def time_passes(self, passed: timedelta) -> None:
        self.happens(TimePassed(self.later(passed.total_seconds())))

    def sets_up(self, *agents: Agent) -> None:
        self.happens(AgentsKnown(self.later(), agents))

    def agent(self, agent_id: str) -> Agent:
        return next(agent for agent in self.floor.agents if agent.id == agent_id)

    @property
    def rung(self) -> list[tuple[str, str]]:
        """Who was rung in the last step, for what."""
        return [(action.reservation.agent, action.reservation.item) for action in self.actions if isinstance(action, RingAgent)]

    @property
    def open(self) -> dict[str, str]:
        """Every open reservation: id -> agent."""
        return {held.id: held.agent for held in self.floor.reservations}


# ---- one agent, one item -----------------------------------------------------------------------------------------


def test_work_rings_a_ready_agent_at_their_phone() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    held = Reservation("a.1", "a", "billing", "mira", hall.now, phone="+12025550171")
    assert hall.actions == [RingAgent(held, "+12025550171"), WakeFloorAt(hall.now + LOST_AFTER)]
    assert hall.agent("mira").state is AgentState.RESERVED
    assert reservation(hall.floor, "a.1") == held


def test_a_phone_number_stays_out_of_a_repr() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    assert "+12025550171" not in repr(hall.actions) + repr(hall.floor)


def test_an_agent_who_accepts_has_it_and_it_leaves_the_line() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    held = reservation(hall.floor, "a.1")
    assert held is not None
    assert held.accepted
    assert hall.actions == [Assigned(held)]
    assert hall.floor.items == ()
    assert hall.agent("mira").state is AgentState.BUSY


def test_accepting_twice_is_accepting_once() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    before, first = hall.floor, hall.actions
    hall.accepts("a.1")
    assert (hall.floor, hall.actions) == (before, first)


def test_an_agent_who_is_through_is_ready_and_gets_the_next() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.calls("b")
    hall.accepts("a.1")
    hall.is_done("a.1")
    assert hall.rung == [("mira", "b")]


def test_work_that_is_done_twice_is_done_once() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    hall.is_done("a.1")
    before = hall.floor
    hall.is_done("a.1")
    assert (hall.floor, hall.actions) == (before, [])


def test_the_same_work_offered_twice_waits_once() -> None:
    hall = Hall()
    hall.calls("a")
    hall.calls("a")
    assert len(hall.floor.items) == 1


def test_work_that_an_agent_has_is_not_put_in_line_again() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a")
    hall.accepts("a.1")
    hall.calls("a")
    assert hall.floor.items == ()
    assert hall.rung == []


# ---- law 1: one open reservation an agent ------------------------------------------------------------------------


def test_an_agent_whose_phone_rings_is_not_rung_for_anything_else() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.calls("b")
    assert hall.rung == []
    assert hall.open == {"a.1": "mira"}


@pytest.mark.parametrize("accepted", [False, True])
def test_an_agent_who_says_ready_while_at_work_is_not_rung_for_anything_else(accepted: bool) -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    if accepted:
        hall.accepts("a.1")
    hall.sets("mira", AgentState.READY)
    hall.calls("b")
    assert hall.open == {"a.1": "mira"}
    hall.withdraws("a")
    assert hall.rung == [("mira", "b")]


def test_work_that_only_rings_cannot_be_done() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    before = hall.floor
    hall.is_done("a.1")
    assert (hall.floor, hall.actions) == (before, [])


# ---- law 2: first come, first served, by who was ready longest ---------------------------------------------------


def test_whoever_came_first_is_served_first() -> None:
    hall = Hall()
    for item in ("a", "b", "c"):
        hall.calls(item)
    hall.happens(AgentsKnown(hall.later(), (MIRA, JONAS)))
    assert sorted(item for _, item in hall.rung) == ["a", "b"]


def test_a_head_start_counts_as_so_many_seconds_waited() -> None:
    hall = Hall()
    hall.calls("a")
    hall.calls("b", priority=10)
    hall.happens(AgentsKnown(hall.later(), (MIRA,)))
    assert hall.rung == [("mira", "b")]


def test_nobody_is_passed_by_more_than_the_head_start() -> None:
    hall = Hall()
    hall.calls("a")
    hall.later(10)
    hall.calls("b", priority=10)
    hall.happens(AgentsKnown(hall.later(), (MIRA,)))
    assert hall.rung == [("mira", "a")]


def test_who_has_been_ready_longest_is_asked_first() -> None:
    hall = Hall(MIRA, JONAS)
    hall.sets("jonas", AgentState.BREAK)
    hall.sets("jonas", AgentState.READY)
    hall.calls("a")
    assert hall.rung == [("mira", "a")]
    hall.accepts("a.1")
    hall.is_done("a.1")
    hall.calls("b")
    assert hall.rung == [("jonas", "b")]


def test_nobody_is_rung_for_a_queue_that_is_not_theirs() -> None:
    hall = Hall(MIRA)
    hall.calls("a", "delivery")
    assert hall.rung == []


def test_nobody_is_rung_for_work_that_needs_what_they_cannot() -> None:
    hall = Hall(MIRA)
    hall.calls("a", skills=("danish",))
    assert hall.rung == []
    hall.happens(AgentsKnown(hall.later(), (MIRA, JONAS)))
    assert hall.rung == [("jonas", "a")]


def test_work_for_which_nobody_is_there_does_not_hold_up_the_rest() -> None:
    hall = Hall(MIRA)
    hall.calls("a", skills=("danish",))
    hall.calls("b")
    assert hall.rung == [("mira", "b")]


@pytest.mark.parametrize("state", [state for state in AgentState if state is not AgentState.READY])
def test_only_who_is_ready_is_rung(state: AgentState) -> None:
    hall = Hall(MIRA)
    hall.sets("mira", state)
    hall.calls("a")
    assert hall.rung == []
    hall.sets("mira", AgentState.READY)
    assert hall.rung == [("mira", "a")]


# ---- law 3: turned down ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", TurnedDown)
def test_work_that_was_turned_down_goes_to_the_next_agent_at_once_and_keeps_its_place(why: TurnedDown) -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a")
    first = hall.open["a.1"]
    since = hall.floor.items[0].since
    hall.declines("a.1", why)
    vain = hall.actions[0]
    assert isinstance(vain, AskedInVain)
    assert (vain.reservation.id, vain.why) == ("a.1", why)
    assert hall.floor.items[0].since == since
    ((other, item),) = hall.rung
    assert (item, {first, other}) == ("a", {"mira", "jonas"})


def test_who_turned_it_down_has_peace_from_it_for_a_while() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.declines("a.1")
    assert WakeFloorAt(hall.now + ASKED_AGAIN_AFTER) in hall.actions
    assert hall.rung == []
    hall.time_passes(ASKED_AGAIN_AFTER - timedelta(seconds=1))
    assert hall.rung == []
    hall.time_passes(timedelta(seconds=1))
    assert hall.rung == [("mira", "a")]


def test_who_turned_one_thing_down_is_asked_for_another() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.calls("b")
    hall.declines("a.1")
    assert hall.rung == [("mira", "b")]


def test_turning_it_down_again_begins_the_peace_anew_and_leaves_one_mark() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.declines("a.1")
    hall.time_passes(ASKED_AGAIN_AFTER)
    hall.declines("a.2")
    assert len(hall.floor.items[0].passed) == 1
    assert hall.floor.items[0].passed[0].until == hall.now + ASKED_AGAIN_AFTER


@pytest.mark.parametrize("gone", ["accepted", "declined", "never was"])
def test_turning_down_what_is_not_ringing_changes_nothing(gone: str) -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    if gone == "accepted":
        hall.accepts("a.1")
    elif gone == "declined":
        hall.declines("a.1")
    before = hall.floor
    hall.declines("a.9" if gone == "never was" else "a.1")
    assert hall.floor == before
    assert hall.actions == []


# ---- law 4: work that is gone ------------------------------------------------------------------------------------


def test_work_that_is_gone_stops_ringing_and_frees_the_agent() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    held = hall.floor.reservations[0]
    hall.withdraws("a")
    assert hall.actions == [StopRinging(held)]
    assert (hall.floor.items, hall.floor.reservations) == ((), ())
    assert hall.agent("mira").state is AgentState.READY


def test_the_agent_of_work_that_is_gone_is_rung_for_the_next() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.calls("b")
    hall.withdraws("a")
    assert hall.rung == [("mira", "b")]


def test_an_agent_who_had_it_already_is_told_too() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    hall.withdraws("a")
    assert [type(action) for action in hall.actions] == [StopRinging]
    assert hall.agent("mira").state is AgentState.READY


def test_work_that_is_gone_from_the_line_leaves_no_trace() -> None:
    hall = Hall()
    hall.calls("a")
    hall.withdraws("a")
    hall.withdraws("a")
    assert hall.floor.items == ()
    assert hall.actions == []


@pytest.mark.parametrize("why", ["withdrawn", "never was", "declined"])
def test_who_accepts_what_is_gone_is_too_late(why: str) -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    if why == "withdrawn":
        hall.withdraws("a")
    elif why == "declined":
        hall.declines("a.1")
    hall.accepts("a.7" if why == "never was" else "a.1")
    assert hall.actions == [TooLate("a.7" if why == "never was" else "a.1")]


def test_work_that_comes_back_after_it_was_gone_is_new_work() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a")
    hall.accepts("a.1")
    hall.withdraws("a")
    hall.calls("a")
    assert [held.id for held in hall.floor.reservations] == ["a.2"]


# ---- ringing that nobody heard of again --------------------------------------------------------------------------


def test_a_ringing_of_which_nobody_heard_again_is_given_up() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a")
    first = hall.floor.reservations[0]
    hall.time_passes(LOST_AFTER - timedelta(seconds=1))
    assert hall.actions == []
    hall.time_passes(timedelta(seconds=1))
    assert hall.actions[0] == StopRinging(first)
    ((agent, item),) = hall.rung
    assert item == "a"
    assert agent != first.agent


def test_a_conversation_may_last() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    hall.time_passes(10 * LOST_AFTER)
    assert hall.actions == []
    assert hall.open == {"a.1": "mira"}


# ---- agents ------------------------------------------------------------------------------------------------------


def test_an_agent_whom_nobody_knows_has_no_state() -> None:
    hall = Hall(MIRA)
    before = hall.floor
    with pytest.raises(ImpossibleEvent):
        hall.sets("nobody", AgentState.READY)
    assert hall.floor == before


@pytest.mark.parametrize("state", [AgentState.BREAK, AgentState.OFFLINE, AgentState.WRAP_UP])
@pytest.mark.parametrize("end", ["declines", "is_done", "withdraws", "lost"])
def test_an_agent_who_wants_a_break_while_at_work_gets_it_afterwards(state: AgentState, end: str) -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    if end == "is_done":
        hall.accepts("a.1")
    hall.sets("mira", state)
    match end:
        case "declines":
            hall.declines("a.1")
        case "is_done":
            hall.is_done("a.1")
        case "withdraws":
            hall.withdraws("a")
        case "lost":
            hall.time_passes(LOST_AFTER)
    assert hall.agent("mira").state is state
    assert hall.rung == []


def test_the_phone_that_an_agent_has_chosen_rings_from_the_next_ring_on() -> None:
    hall = Hall(replace(MIRA, phones=(("home", "sip:mira@home.example"),)))
    hall.calls("a")
    hall.happens(PhoneChosen(hall.later(), "mira", "home"))
    hall.withdraws("a")
    assert hall.actions == [StopRinging(replace(reserved("a"), phone=MIRA.phone))]
    hall.calls("b")
    assert [action.phone for action in hall.actions if isinstance(action, RingAgent)] == ["sip:mira@home.example"]


def test_a_chosen_phone_outlives_the_roster_and_one_that_is_no_more_rings_nobody() -> None:
    two = replace(MIRA, phones=(("home", "sip:mira@home.example"),))
    hall = Hall(two)
    hall.happens(PhoneChosen(hall.later(), "mira", "home"))
    hall.sets_up(two)
    assert hall.agent("mira").rings_at == "sip:mira@home.example"
    hall.sets_up(MIRA)
    assert hall.agent("mira").rings_at == MIRA.phone
    hall.sets_up(two)
    assert hall.agent("mira").rings_at == "sip:mira@home.example"


def reserved(item: str) -> Reservation:
    return Reservation(f"{item}.1", item, "billing", "mira", NOON + timedelta(seconds=1))


def test_the_roster_again_does_not_disturb_who_is_at_work() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a")
    hall.accepts("a.1")
    busy, since = hall.open["a.1"], hall.agent(hall.open["a.1"]).since
    hall.happens(AgentsKnown(hall.later(), (replace(MIRA, name="Mira H."), JONAS)))
    assert (hall.agent(busy).state, hall.agent(busy).since) == (AgentState.BUSY, since)
    assert hall.agent("mira").name == "Mira H."


def test_a_new_agent_has_been_ready_since_then_unless_the_roster_knows_better() -> None:
    hall = Hall(MIRA, replace(JONAS, since=NOON - timedelta(hours=1)))
    assert hall.agent("mira").since == NOON
    hall.calls("a")
    assert hall.rung == [("jonas", "a")]


def test_an_agent_who_is_not_on_the_roster_any_more_goes() -> None:
    hall = Hall(MIRA, JONAS)
    hall.happens(AgentsKnown(hall.later(), (JONAS,)))
    assert [agent.id for agent in hall.floor.agents] == ["jonas"]


@pytest.mark.parametrize("end", ["is_done", "withdraws"])
def test_one_who_is_at_work_goes_when_that_is_done_and_gets_nothing_new(end: str) -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    hall.happens(AgentsKnown(hall.later(), ()))
    assert hall.agent("mira").state is AgentState.BUSY
    hall.calls("b")
    hall.is_done("a.1") if end == "is_done" else hall.withdraws("a")
    assert hall.floor.agents == ()
    assert hall.rung == []


def test_one_who_leaves_while_the_phone_rings_may_still_accept() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.happens(AgentsKnown(hall.later(), ()))
    hall.accepts("a.1")
    assert [type(action) for action in hall.actions] == [Assigned]


def test_one_who_leaves_gets_nothing_even_when_they_call_themselves_ready() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.happens(AgentsKnown(hall.later(), ()))
    hall.sets("mira", AgentState.READY)
    hall.calls("b")
    hall.declines("a.1")
    assert hall.floor.agents == ()
    assert hall.rung == []


def test_one_who_comes_back_on_the_roster_while_at_work_stays() -> None:
    hall = Hall(MIRA)
    hall.calls("a")
    hall.accepts("a.1")
    hall.happens(AgentsKnown(hall.later(), ()))
    hall.happens(AgentsKnown(hall.later(), (MIRA,)))
    hall.is_done("a.1")
    assert hall.agent("mira").state is AgentState.READY


def test_the_floor_reads_back_as_it_was_stored() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a", skills=("danish",))
    hall.calls("b")
    hall.declines("b.2")
    hall.calls("c", priority=2)
    assert from_plain(json.loads(json.dumps(to_plain(hall.floor))), Floor) == hall.floor
