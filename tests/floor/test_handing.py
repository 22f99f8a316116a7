"""Messages: handed to whoever is ready beside their calls, ringing nowhere, and never left lying."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.floor.test_assign import JONAS, MIRA, Hall
from voicebot.floor.actions import WakeFloorAt
from voicebot.floor.estimate import position
from voicebot.floor.events import WorkBegun, WorkOffered
from voicebot.floor.handing import BEGUN_WITHIN, KEPT_WHILE_OFFLINE, MOST, NOT_AGAIN_FOR
from voicebot.floor.values import AgentState, Handed, Rules, WorkItem, WorkKind

RUTH = replace(MIRA, id="ruth", name="Ruth Lind", desk=True)


class Room(Hall):
    """A hall in which people write, too."""

    def writes(self, item: str, queue: str = "billing", **about: Any) -> None:
        at = self.later()
        self.happens(WorkOffered(at, WorkItem(item, WorkKind.MESSAGE, queue, at, **about)))

    def begins(self, item: str, agent: str) -> None:
        self.happens(WorkBegun(self.later(), item, agent))

    @property
    def handed(self) -> dict[str, str]:
        return {one.item.id: one.agent for one in self.floor.handed}

    @property
    def line(self) -> list[str]:
        return [item.id for item in self.floor.items]


def test_a_message_is_handed_to_whoever_is_ready_rings_nowhere_and_keeps_them_from_no_call() -> None:
    room = Room(MIRA)
    room.writes("m")
    assert room.actions == [WakeFloorAt(room.now + BEGUN_WITHIN)]
    assert (room.handed, room.line, room.open) == ({"m": "mira"}, [], {})
    assert room.agent("mira").state is AgentState.READY
    room.calls("a")
    assert room.rung == [("mira", "a")]
    room.writes("n")  # her telephone rings
    assert room.line == ["a", "n"]
    assert position(room.floor, "a") == 1


def test_messages_that_wait_are_nobody_ahead_of_a_caller() -> None:
    room = Room()
    room.writes("m")
    room.calls("a")
    assert position(room.floor, "a") == 1


def test_the_last_agent_gets_it_else_who_has_the_fewest_and_the_skills_of_the_queue() -> None:
    room = Room(MIRA, JONAS)
    room.writes("m", preferred="mira")
    room.writes("n")
    assert room.handed == {"m": "mira", "n": "jonas"}
    room.writes("o", preferred="mira", skills=("danish",))  # whoever wrote last needs no skill for it
    room.writes("p", skills=("danish",))
    room.writes("q", "delivery")
    assert room.handed == {"m": "mira", "n": "jonas", "o": "mira", "p": "jonas", "q": "jonas"}
    room.writes("r", preferred="jonas")
    assert room.handed["r"] == "mira"  # he has as many as one may have
    assert [sum(agent == one for agent in room.handed.values()) for one in ("mira", "jonas")] == [MOST, MOST]
    room.writes("s")
    assert room.line == ["s"]
    room.withdraws("m")
    assert room.handed["s"] == "mira"


def test_it_waits_for_the_last_agent_who_is_at_work_as_long_as_the_queue_has_patience() -> None:
    room = Room(MIRA, JONAS)
    room.calls("a", preferred="mira")
    room.accepts("a.1")
    room.writes("m", preferred="mira", rules=Rules(patience=30))
    assert room.line == ["m"]
    room.time_passes(timedelta(seconds=30))
    assert room.handed == {"m": "jonas"}


def test_with_nobody_there_it_waits_and_whoever_comes_gets_it() -> None:
    room = Room(RUTH)
    room.writes("m")
    assert room.line == ["m"]
    room.sets("ruth", AgentState.READY)
    assert room.handed == {"m": "ruth"}


def test_what_is_not_begun_goes_to_somebody_else_and_keeps_its_place() -> None:
    room = Room(MIRA)
    room.writes("m")
    since = room.now
    room.time_passes(BEGUN_WITHIN - timedelta(seconds=1))
    assert room.handed == {"m": "mira"}
    room.time_passes(timedelta(seconds=1))
    assert room.line == ["m"]  # not at once to the one who let it lie
    assert room.actions == [WakeFloorAt(room.now + NOT_AGAIN_FOR)]
    assert room.floor.items[0].since == since
    room.sets_up(MIRA, JONAS)
    assert room.handed == {"m": "jonas"}
    room.time_passes(BEGUN_WITHIN)
    room.time_passes(NOT_AGAIN_FOR)
    assert room.handed == {"m": "mira"}
    room.time_passes(BEGUN_WITHIN)
    assert room.handed == {"m": "jonas"}
    assert [one.agent for one in room.floor.handed[0].item.passed] == ["jonas", "mira"]  # one pause for each


def test_what_is_begun_stays_until_it_is_done_or_its_agent_goes() -> None:
    room = Room(RUTH, JONAS)
    room.sets("ruth", AgentState.READY)
    room.writes("m", preferred="ruth")
    room.begins("m", "ruth")
    room.time_passes(2 * BEGUN_WITHIN)
    room.sets("ruth", AgentState.BREAK)
    assert room.handed == {"m": "ruth"}
    room.sets("ruth", AgentState.OFFLINE)
    assert room.handed == {"m": "jonas"}
    room.begins("m", "jonas")
    room.sets_up(RUTH)
    assert room.line == ["m"]  # whoever is not on the roster any more has nothing


def test_an_agent_may_take_one_out_of_the_line_or_out_of_other_hands_but_nothing_else() -> None:
    room = Room(RUTH, JONAS)
    room.writes("m")
    assert room.handed == {"m": "jonas"}
    room.begins("m", "ruth")  # though she is offline: it is her own deed
    assert room.actions == [WakeFloorAt(room.now + KEPT_WHILE_OFFLINE)]
    assert room.handed == {"m": "ruth"}
    room.time_passes(KEPT_WHILE_OFFLINE)  # and then she has done nothing more about it
    assert room.handed == {"m": "jonas"}
    room.sets("ruth", AgentState.BREAK)
    room.sets("jonas", AgentState.BREAK)
    room.begins("m", "ruth")
    assert room.floor.handed == (Handed(room.floor.handed[0].item, "ruth", room.now, begun=True),)
    room.writes("n")
    room.begins("n", "ruth")
    assert room.handed == {"m": "ruth", "n": "ruth"}
    room.calls("a")
    before = room.floor
    room.begins("a", "ruth")
    room.begins("unknown", "ruth")
    assert room.floor == before
    room.withdraws("m")
    room.withdraws("n")
    assert room.handed == {}


def test_the_same_message_is_not_offered_twice() -> None:
    room = Room(MIRA)
    room.writes("m")
    before = room.floor
    room.writes("m")
    assert room.floor == before
