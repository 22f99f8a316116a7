"""How a queue's rules give its work out: several telephones at once, the last agent, skills, overflow, wrap-up, absence."""

from dataclasses import replace
from datetime import timedelta

from tests.floor.test_assign import ASKED_AGAIN_AFTER, JONAS, MIRA, Hall
from voicebot.floor.actions import AskedInVain, Assigned, StopRinging, TooLate, WakeFloorAt
from voicebot.floor.events import ReservationTurnedDown, WorkOffered
from voicebot.floor.values import NOT_ANSWERING, Agent, AgentState, Role, Rules, TurnedDown, WorkItem, WorkKind

SOFIA = Agent("sofia", "Sofia Reyes", "+12025550173", ("delivery",))
RUTH = Agent("ruth", "Ruth Lind", "+12025550174", ("billing",), desk=True)
BOSS = Agent("boss", "Boss", "+12025550175", ("billing",), roles=(Role.SUPERVISOR,))


def ready(agent: Agent) -> Agent:
    return replace(agent, desk=False)


# ---- several telephones ------------------------------------------------------------------------------------------


def test_a_queue_may_ring_several_at_once_and_one_of_them_has_it() -> None:
    hall = Hall(MIRA, JONAS, ready(RUTH))
    hall.calls("a", rules=Rules(ring_at_most=2))
    assert hall.rung == [("jonas", "a"), ("mira", "a")]
    hall.accepts("a.2")
    held, other = hall.floor.reservations[0], "a.1"
    assert [type(action) for action in hall.actions] == [Assigned, StopRinging]
    assert (held.id, held.agent) == ("a.2", "mira")
    assert hall.agent("jonas").state is AgentState.READY
    hall.accepts(other)
    assert hall.actions == [TooLate(other)]


def test_everybody_in_line_gets_one_telephone_before_anybody_gets_a_second() -> None:
    hall = Hall()
    many = Rules(ring_at_most=3)
    hall.calls("a", rules=many)
    hall.calls("b", rules=many)
    hall.sets_up(MIRA, JONAS, ready(RUTH))
    assert hall.rung == [("jonas", "a"), ("mira", "b"), ("ruth", "a")]


def test_a_caller_who_leaves_stops_every_telephone() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a", rules=Rules(ring_at_most=5))
    hall.withdraws("a")
    assert [type(action) for action in hall.actions] == [StopRinging, StopRinging]
    assert hall.open == {}


def test_one_who_declines_leaves_the_others_ringing() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("a", rules=Rules(ring_at_most=2))
    hall.happens(ReservationTurnedDown(hall.later(), "a.1", TurnedDown.DECLINED, "away"))
    vain = hall.actions[0]
    assert isinstance(vain, AskedInVain)
    assert vain.reason == "away"
    assert hall.open == {"a.2": "mira"}


# ---- who is asked ------------------------------------------------------------------------------------------------


def test_the_preferred_agent_is_asked_first_whatever_their_skills() -> None:
    hall = Hall(JONAS, MIRA)
    hall.calls("a", preferred="mira", skills=("danish",))
    assert hall.rung == [("mira", "a")]


def test_work_waits_for_its_preferred_agent_only_so_long() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("x", only="mira")
    hall.accepts("x.1")
    hall.calls("a", preferred="mira", rules=Rules(patience=20))
    assert hall.rung == []
    assert WakeFloorAt(hall.now + timedelta(seconds=20)) in hall.actions
    hall.time_passes(timedelta(seconds=20))
    assert hall.rung == [("jonas", "a")]


def test_work_goes_to_its_preferred_agent_as_soon_as_they_are_free() -> None:
    hall = Hall(MIRA, JONAS)
    hall.calls("x", only="mira")
    hall.accepts("x.1")
    hall.calls("a", preferred="mira", rules=Rules(patience=20))
    hall.is_done("x.1")
    assert hall.rung == [("mira", "a")]


def test_nobody_waits_for_an_agent_who_is_away_or_unknown_or_has_turned_it_down() -> None:
    for preferred in ("ruth", "nobody"):
        hall = Hall(MIRA, RUTH)
        hall.calls("a", preferred=preferred, rules=Rules(patience=20))
        assert hall.rung == [("mira", "a")]
    hall = Hall(MIRA, JONAS)
    hall.calls("a", preferred="mira", rules=Rules(patience=600))
    hall.declines("a.1")
    assert hall.rung == [("jonas", "a")]


def test_work_for_one_agent_is_for_nobody_else_and_needs_no_queue() -> None:
    hall = Hall(MIRA, SOFIA)
    hall.calls("a", only="sofia")
    assert hall.rung == [("sofia", "a")]
    hall.calls("b", only="sofia")
    assert hall.rung == []


def test_after_a_while_anybody_of_the_queue_will_do() -> None:
    hall = Hall(MIRA)
    hall.calls("a", skills=("danish",), rules=Rules(relax_skills_after=30))
    assert hall.rung == []
    assert hall.actions == [WakeFloorAt(hall.now + timedelta(seconds=30))]
    hall.time_passes(timedelta(seconds=30))
    assert hall.rung == [("mira", "a")]


def test_after_a_while_another_queue_helps_and_the_place_is_kept() -> None:
    hall = Hall(SOFIA)
    hall.calls("a", rules=Rules(overflow_to="delivery", overflow_after=60))
    since = hall.now
    hall.time_passes(timedelta(seconds=58))
    hall.calls("b", "delivery")  # who came later, to the queue that helps
    assert hall.rung == [("sofia", "b")]
    hall.declines("b.1")
    assert hall.rung == [("sofia", "a")]
    assert hall.floor.items[0].since == since


def test_the_rules_count_from_when_it_came_to_this_queue_and_the_place_from_the_beginning() -> None:
    hall = Hall(SOFIA)
    hall.sets("sofia", AgentState.BREAK)
    earlier = hall.now - timedelta(seconds=300)
    hall.calls("b", "delivery")
    at, rules = hall.later(), Rules(overflow_to="delivery", overflow_after=20)
    hall.happens(WorkOffered(at, WorkItem("a", WorkKind.CALL, "billing", earlier, rules=rules, here_since=at)))
    hall.sets("sofia", AgentState.READY)
    assert hall.rung == [("sofia", "b")]  # who was passed on has not waited for this queue long enough
    hall.time_passes(timedelta(seconds=20))
    hall.declines("b.1")
    assert hall.rung == [("sofia", "a")]


def test_work_may_begin_later() -> None:
    hall = Hall(MIRA)
    due = hall.now + timedelta(seconds=100)
    hall.calls("a", not_before=due)
    assert hall.rung == []
    assert hall.actions == [WakeFloorAt(due)]
    hall.time_passes(timedelta(seconds=99))
    assert hall.rung == [("mira", "a")]


def test_whoever_only_supervises_is_not_rung() -> None:
    hall = Hall(BOSS)
    hall.calls("a")
    assert hall.rung == []


# ---- wrap-up and absence -----------------------------------------------------------------------------------------


def test_an_agent_files_what_is_done_and_is_ready_when_the_time_for_it_is_over() -> None:
    hall = Hall(MIRA)
    hall.calls("a", rules=Rules(wrap_up=30))
    hall.accepts("a.1")
    hall.is_done("a.1")
    assert hall.agent("mira").state is AgentState.WRAP_UP
    assert hall.actions == [WakeFloorAt(hall.now + timedelta(seconds=30))]
    hall.calls("b")
    assert hall.rung == []
    hall.time_passes(timedelta(seconds=29))
    assert hall.rung == [("mira", "b")]


def test_an_agent_who_has_filed_it_is_ready_at_once() -> None:
    hall = Hall(MIRA)
    hall.calls("a", rules=Rules(wrap_up=30))
    hall.accepts("a.1")
    hall.withdraws("a")  # the caller hung up
    assert hall.agent("mira").state is AgentState.WRAP_UP
    hall.sets("mira", AgentState.READY)
    assert (hall.agent("mira").state, hall.agent("mira").until) == (AgentState.READY, None)


def test_who_went_on_a_break_in_mid_call_stays_there() -> None:
    hall = Hall(MIRA)
    hall.calls("a", rules=Rules(wrap_up=30))
    hall.accepts("a.1")
    hall.sets("mira", AgentState.BREAK, "lunch")
    hall.is_done("a.1")
    assert (hall.agent("mira").state, hall.agent("mira").reason) == (AgentState.BREAK, "lunch")


def test_an_agent_with_a_desk_begins_offline_and_one_without_is_there() -> None:
    hall = Hall(RUTH, MIRA)
    assert (hall.agent("ruth").state, hall.agent("mira").state) == (AgentState.OFFLINE, AgentState.READY)
    hall.sets("ruth", AgentState.READY)
    hall.sets_up(replace(RUTH, name="Ruth L."), MIRA)
    assert (hall.agent("ruth").name, hall.agent("ruth").state) == ("Ruth L.", AgentState.READY)


def misses(hall: Hall, why: TurnedDown = TurnedDown.NO_ANSWER) -> None:
    hall.declines(next(iter(hall.open)), why)
    hall.time_passes(ASKED_AGAIN_AFTER)


def test_an_agent_who_never_answers_is_away_until_they_say_otherwise() -> None:
    hall = Hall(RUTH)
    hall.sets("ruth", AgentState.READY)
    hall.calls("a", rules=Rules(not_ready_after=2))
    misses(hall)
    assert hall.open == {"a.2": "ruth"}
    misses(hall, TurnedDown.NO_KEY)
    assert (hall.agent("ruth").state, hall.agent("ruth").reason) == (AgentState.BREAK, NOT_ANSWERING)
    assert hall.open == {}
    hall.sets("ruth", AgentState.READY)
    assert hall.rung == [("ruth", "a")]


def test_a_decline_is_an_answer_and_so_is_a_call_taken() -> None:
    hall = Hall(RUTH)
    hall.sets("ruth", AgentState.READY)
    hall.calls("a", rules=Rules(not_ready_after=2))
    for why in (TurnedDown.NO_ANSWER, TurnedDown.DECLINED, TurnedDown.DECLINED, TurnedDown.BUSY):
        misses(hall, why)
    assert hall.agent("ruth").missed == 1
    hall.accepts(next(iter(hall.open)))
    assert hall.agent("ruth").missed == 0


def test_who_has_no_desk_could_not_come_back_so_they_stay() -> None:
    hall = Hall(MIRA)
    hall.calls("a", rules=Rules(not_ready_after=1))
    misses(hall)
    assert hall.agent("mira").state is not AgentState.BREAK


def test_who_is_taken_off_the_roster_while_it_rings_has_missed_nothing() -> None:
    hall = Hall(RUTH)
    hall.sets("ruth", AgentState.READY)
    hall.calls("a", rules=Rules(not_ready_after=1, wrap_up=30))
    hall.sets_up()
    hall.declines("a.1", TurnedDown.NO_ANSWER)
    assert hall.floor.agents == ()
