"""What people write is given out by the floor, and threads say so, whatever ends in between."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.switchboard.house import OMAR, RUTH, House, open_house
from voicebot.floor.handing import BEGUN_WITHIN, NOT_AGAIN_FOR
from voicebot.floor.values import AgentState, Floor
from voicebot.ports.correspondence import Reply, ReplyState
from voicebot.ports.outgoing import Channel, OutMessage
from voicebot.records.correspondence import SqlCorrespondence
from voicebot.records.outgoing import SqlOutgoing
from voicebot.switchboard import answering
from voicebot.switchboard.answering import Answering, AnsweringPlan

ADA, BEN, OURS = "+12025550123", "+12025550124", "+12025550100"


class Office:
    """A house to which people write."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.threads = SqlCorrespondence(house.store)
        self.answering = self.new()
        self.arrived = 0

    def new(self) -> Answering:
        """What a process that has just begun knows: nothing."""
        return self.house.switchboard.answering(AnsweringPlan(self.threads, "billing"))

    def writes(self, person: str = ADA) -> int:
        """Somebody writes; gives the number of their newest message."""
        self.arrived += 1
        at = self.house.clock.pass_seconds(1)
        self.threads.arrived(Reply(f"SM{self.arrived}", Channel.SMS, person, OURS, "Hello?", at), ReplyState.NEW)
        return next(one.number for one in self.threads.open_threads() if one.person == person)

    def has(self, person: str = ADA) -> str:
        """Who has their thread, after a look; it stays so."""
        self.answering.look()
        assert not self.new().look()
        return next(one.taken_by for one in self.threads.open_threads() if one.person == person)

    def later(self, time: timedelta) -> None:
        """The floor hears of it, as it does when a wake comes."""
        self.house.clock.pass_seconds(time.total_seconds())
        self.house.switchboard.tick(self.house.clock.now())

    def sets(self, agent: str, state: AgentState) -> None:
        self.house.switchboard.desk.set_state(agent, state)

    def floor(self) -> Floor:
        with self.house.store.reading() as ledger:
            return ledger.load_floor()[0]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    house = open_house(tmp_path, agents=(RUTH, OMAR))
    house.switchboard.start()
    yield Office(house)
    house.switchboard.close()
    house.store.close()


def test_whoever_wrote_to_them_last_has_what_they_answer(office: Office) -> None:
    at = office.house.clock.now()
    SqlOutgoing(office.house.store).put(OutMessage("n1", Channel.SMS, ADA, OURS, "Your parcel?", at, at, by="ruth"))
    office.writes()
    office.writes(BEN)
    assert (office.has(ADA), office.has(BEN)) == ("ruth", "omar")
    assert office.house.carrier.done == []  # it rings nowhere


def test_with_nobody_there_it_waits_for_whoever_comes(office: Office) -> None:
    for agent in ("ruth", "omar"):
        office.sets(agent, AgentState.OFFLINE)
    office.writes()
    assert office.has() == ""
    office.sets("omar", AgentState.READY)
    assert office.has() == "omar"


def test_however_many_write_the_floor_holds_a_few_and_the_others_follow(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_IN_LINE", 1)
    for agent in ("ruth", "omar"):
        office.sets(agent, AgentState.OFFLINE)
    for person in (ADA, BEN, "+12025550125"):
        office.writes(person)
    ada = next(one.number for one in office.threads.open_threads() if one.person == ADA)
    assert (office.has(ADA), len(office.floor().items)) == ("", 1)
    newest = next(one.number for one in office.threads.open_threads() if one.person == "+12025550125")
    assert office.threads.take(newest, "ruth", office.house.clock.now())  # whoever takes one by hand has it
    assert (office.has("+12025550125"), len(office.floor().items)) == ("ruth", 1)
    office.threads.done(ada, "omar", office.house.clock.now())
    assert (office.has(BEN), len(office.floor().items)) == ("", 1)


def test_what_an_agent_lets_lie_is_another_ones(office: Office) -> None:
    office.writes()
    assert office.has() == "omar"
    office.later(BEGUN_WITHIN)
    assert office.has() == "ruth"
    office.sets("omar", AgentState.OFFLINE)
    office.later(BEGUN_WITHIN)
    assert office.has() == ""
    office.later(NOT_AGAIN_FOR)
    assert office.has() == "ruth"


def test_who_has_begun_keeps_it_until_they_go_and_then_nobody_has_to_ask_for_it(office: Office) -> None:
    number = office.writes()
    assert office.has() == "omar"
    office.answering.begun(number, "omar")
    office.later(2 * BEGUN_WITHIN)
    assert office.has() == "omar"
    office.writes()  # one more, into the same thread
    assert office.has() == "omar"
    office.sets("omar", AgentState.OFFLINE)
    assert office.has() == "ruth"


def test_one_that_is_taken_by_hand_is_theirs_also_after_they_let_it_lie(office: Office) -> None:
    office.sets("ruth", AgentState.OFFLINE)
    number = office.writes()
    assert office.has() == "omar"
    office.later(BEGUN_WITHIN)
    assert office.has() == ""
    assert office.threads.take(number, "omar", office.house.clock.now())
    office.answering.begun(number, "omar")
    assert office.has() == "omar"


def test_one_that_was_taken_before_the_floor_knew_of_it_stays_theirs(office: Office) -> None:
    number = office.writes()
    assert office.threads.take(number, "ruth", office.house.clock.now())
    assert office.has() == "ruth"
    office.later(2 * BEGUN_WITHIN)
    assert office.has() == "ruth"


def test_one_that_is_done_is_on_no_floor_and_the_next_one_begins_anew(office: Office) -> None:
    number = office.writes()
    assert office.has() == "omar"
    assert office.threads.done(number, "omar", office.house.clock.now())
    assert office.answering.look()
    assert (office.floor().handed, office.floor().items) == ((), ())
    office.answering.begun(number, "omar")  # too late
    office.answering.begun(4711, "omar")
    assert office.floor().handed == ()
    office.writes()
    assert office.has() in ("omar", "ruth")


def test_a_crash_between_the_floor_and_the_thread_is_put_right(office: Office) -> None:
    office.writes()

    class Dies(SqlCorrespondence):
        def take(self, *_: object) -> bool:  # type: ignore[override]
            raise KeyboardInterrupt

    dying = office.house.switchboard.answering(AnsweringPlan(Dies(office.house.store), "billing"))
    with pytest.raises(KeyboardInterrupt):
        dying.look()
    assert [one.agent for one in office.floor().handed] == ["omar"]
    assert office.threads.open_threads()[0].taken_by == ""
    assert office.has() == "omar"


def test_skills_are_asked_for(office: Office) -> None:
    plan = AnsweringPlan(office.threads, "billing", ("danish",))
    office.writes()
    office.house.switchboard.answering(plan).look()
    assert [item.skills for item in office.floor().items] == [("danish",)]
