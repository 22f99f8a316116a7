"""The desk sees what is there, each person as much as is their business."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.switchboard.house import ADA, LINE, RUTH, House, open_house
from voicebot.dialogue.card import Doing
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.journeys.conversation import room_of
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Ending
from voicebot.floor.values import AgentState, Role, WorkItem, WorkKind
from voicebot.ports.crm import Details
from voicebot.ports.interactions import Sought
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.interactions import SqlInteractions
from voicebot.switchboard.figures import Promise
from voicebot.switchboard.overview import Overview, OverviewPlan
from voicebot.switchboard.shown_details import ShownDetails
from voicebot.switchboard.views import Told, Viewer, Worth

BALANCE, NEWS = Detail("balance", "amount", currency="USD"), Detail("news", private=False)
BOSS = Viewer("boss", frozenset({Role.SUPERVISOR}))
MINE = Viewer(RUTH.id, frozenset({Role.AGENT}))
OTHER = Viewer("somebody", frozenset({Role.AGENT}))


class AtOnce:
    """An executor that does it here and now, or later when told to."""

    def __init__(self) -> None:
        self.left: list[Any] = []
        self.holds = False

    def submit(self, do: Any, /, *about: Any, **named: Any) -> Future[Any]:
        if self.holds:
            self.left.append(lambda: do(*about, **named))
        else:
            do(*about, **named)
        return Future()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path)
    yield opened
    opened.switchboard.close()
    opened.store.close()


@pytest.fixture
def work() -> AtOnce:
    return AtOnce()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def overview(house: House, work: AtOnce, told: list[str]) -> Overview:
    details = ShownDetails(house.crm, (BALANCE, NEWS), work, told.append)  # type: ignore[arg-type]
    return Overview(
        OverviewPlan(
            house.store, SqlInteractions(house.store), SqlCallbackWishes(house.store), house.clock, details,
            house.store.verify_chain, (LINE.queue.name, "other"), Promise(20, 5),
        )
    )


def arrives(house: House, leg: str = "CA1") -> str:
    return house.switchboard.arrive(leg, LINE.dnis, Ani(AniStanding.WITHHELD)).call_id


def waits(house: House, *, verified: bool = False) -> str:
    """A caller in line, for whom Ruth's phone rings."""
    turned = house.switchboard.arrive("CA1", LINE.dnis, Ani(AniStanding.WITHHELD))
    if verified:
        turned = house.enters(turned, ADA.identifier)
        house.enters(turned, "493817")
    else:
        house.enters(turned, "0")
    return turned.call_id


def accepts(house: House, overview: Overview) -> str:
    place = overview.place(MINE)
    assert place is not None
    reservation = place.offers[0].reservation
    house.switchboard.agent_answered(reservation, "CA-agent")
    house.switchboard.agent_keyed(reservation, "1")
    return reservation


def test_a_call_that_rings_is_on_its_agent_s_desk_with_the_card(house: House, overview: Overview) -> None:
    call_id = waits(house, verified=True)
    place = overview.place(MINE)
    assert place is not None
    assert (place.name, place.state) == (RUTH.name, AgentState.RESERVED)
    assert [(offer.call, offer.accepted) for offer in place.offers] == [(call_id, False)]
    view = overview.call(MINE, call_id)
    assert view is not None
    assert (view.card.assurance, view.card.name, view.card.doing) == (Assurance.VERIFIED, ADA.name, Doing.WAITING)
    assert (view.reservation, view.accepted) == (place.offers[0].reservation, False)
    assert any("checked the pin: matched" in step.told for step in view.card.path)


def test_an_accepted_call_is_the_agent_s_own(house: House, overview: Overview) -> None:
    call_id = waits(house)
    accepts(house, overview)
    view = overview.call(MINE, call_id)
    assert view is not None
    assert (view.accepted, view.card.doing, view.card.agent) == (True, Doing.CONNECTING, RUTH.name)


def test_a_call_of_others_looks_like_none(house: House, overview: Overview) -> None:
    call_id = waits(house)
    assert overview.call(OTHER, call_id) is None
    assert overview.timeline(OTHER, call_id) is None
    assert overview.find(OTHER, Sought()).rows == ()
    assert overview.call(BOSS, "nobody") is None
    assert overview.timeline(BOSS, "nobody") is None
    assert overview.place(OTHER) is None
    assert overview.call(BOSS, call_id) is not None


def test_an_agent_sees_a_call_that_they_had(house: House, overview: Overview) -> None:
    call_id = waits(house)
    accepts(house, overview)
    house.switchboard.caller_hung_up("CA1")
    view = overview.call(MINE, call_id)
    assert view is not None
    assert (view.card.doing, view.reservation, view.card.ending) == (Doing.ENDED, "", Ending.ABANDONED)


def test_a_call_at_the_line_is_nobody_s_but_a_supervisor_s(house: House, overview: Overview) -> None:
    call_id = arrives(house)
    assert overview.call(MINE, call_id) is None
    seen = overview.call(BOSS, call_id)
    assert seen is not None
    assert seen.card.doing is Doing.AT_THE_LINE
    assert [row.call_id for row in overview.find(BOSS, Sought()).rows] == [call_id]


def test_a_timeline_comes_with_its_proof(house: House, overview: Overview) -> None:
    call_id = waits(house, verified=True)
    timeline = overview.timeline(BOSS, call_id)
    assert timeline is not None
    assert timeline.whole
    assert timeline.steps[0].told.startswith("The call arrived")
    assert timeline.interaction.call_id == call_id


def test_a_call_that_goes_on_is_worth_nothing_yet(house: House, overview: Overview) -> None:
    timeline = overview.timeline(BOSS, waits(house, verified=True))
    assert timeline is not None
    assert timeline.worth is None


def test_a_verified_caller_who_talked_with_an_agent_saved_questions(house: House, overview: Overview) -> None:
    arrived = house.clock.now()
    call_id = waits(house, verified=True)
    verified = house.clock.now()
    accepts(house, overview)
    with house.store.reading() as ledger:
        kept = ledger.load_call(call_id)
    assert kept is not None
    room = room_of(kept.call)
    for leg in ("CA1", "CA-agent"):
        house.switchboard.room_changed(call_id, room, joined=leg)
    joined = house.clock.now()
    house.clock.pass_seconds(120)
    house.switchboard.caller_hung_up("CA1")
    ended = house.clock.now()
    timeline = overview.timeline(BOSS, call_id)
    assert timeline is not None
    took, talked = (verified - arrived).total_seconds(), (ended - joined).total_seconds()
    assert timeline.worth == Worth(took, before_pick_up=True, handling=talked, saved=45, assumed=45)


@pytest.mark.parametrize("verified", [True, False])
def test_a_caller_whom_no_agent_had_saved_nobody_any_questions(house: House, overview: Overview, *, verified: bool) -> None:
    call_id = waits(house, verified=verified)
    house.switchboard.caller_hung_up("CA1")
    timeline = overview.timeline(BOSS, call_id)
    assert timeline is not None
    assert timeline.worth is not None
    assert (timeline.worth.verified_after is not None) is verified
    assert (timeline.worth.before_pick_up, timeline.worth.handling, timeline.worth.saved) == (None, None, 0)


def test_of_an_erased_call_nothing_is_told(house: House, overview: Overview) -> None:
    call_id = waits(house, verified=True)
    house.switchboard.caller_hung_up("CA1")
    assert house.store.erase_call(call_id)
    timeline = overview.timeline(BOSS, call_id)
    assert timeline is not None
    assert timeline.worth is None


def test_private_details_are_for_verified_callers(house: House, overview: Overview, told: list[str]) -> None:
    call_id = waits(house, verified=True)
    overview.call(MINE, call_id)
    assert told == [call_id]
    view = overview.call(MINE, call_id)
    assert view is not None
    assert view.details == (Told("balance", "amount", "1", "USD"), Told("news", "words", "1"))


def test_of_an_unknown_caller_there_is_nothing_to_fetch(house: House, overview: Overview, told: list[str]) -> None:
    view = overview.call(MINE, waits(house))
    assert view is not None
    assert (view.details, told) == ((), [])


def test_a_card_does_not_wait_for_the_back_end(house: House, overview: Overview, work: AtOnce, told: list[str]) -> None:
    work.holds = True
    call_id = waits(house, verified=True)
    for _ in range(3):
        view = overview.call(MINE, call_id)
        assert view is not None
        assert view.details is None
    assert len(work.left) == 1
    house.switchboard.caller_hung_up("CA1")
    overview.call(BOSS, call_id)  # it is over, so nothing is kept
    work.left[0]()
    assert told == []


def test_a_back_end_that_fails_leaves_a_card_without_details(house: House, overview: Overview, told: list[str]) -> None:
    call_id = waits(house, verified=True)
    answers: list[Any] = [Details(None), OSError("down")]

    def details(ref: str, names: tuple[str, ...]) -> Details:
        del ref, names
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    house.crm.details = details  # type: ignore[method-assign]
    for _ in range(2):
        view = overview.call(MINE, call_id)
        assert view is not None
        assert view.details is None
    assert told == []


def test_the_wallboard_shows_who_waits_and_who_works(house: House, overview: Overview) -> None:
    waits(house)
    arrives(house, "CA2")
    board = overview.wallboard()
    queue, other = board.queues
    assert (queue.name, queue.waiting, queue.ringing, queue.served, queue.ready) == (LINE.queue.name, 1, 1, 0, 0)
    assert queue.longest_since is not None
    assert (other.waiting, other.longest_since, other.figures.offered) == (0, None, 0)
    assert (board.together.offered, board.together.waiting) == (1, 1)
    assert board.last_hours[-1].figures.offered == 1
    agent = board.agents[0]
    assert (agent.name, agent.state, agent.queue) == (RUTH.name, AgentState.RESERVED, LINE.queue.name)
    accepts(house, overview)
    queue = overview.wallboard().queues[0]
    assert (queue.waiting, queue.ringing, queue.served) == (0, 0, 1)


def test_the_wallboard_says_how_many_messages_wait_and_takes_them_for_no_caller(house: House, overview: Overview) -> None:
    with house.store.transaction() as ledger:
        floor, version = ledger.load_floor()
        letters = tuple(WorkItem(f"message-{n}", WorkKind.MESSAGE, LINE.queue.name, house.clock.now()) for n in (1, 2))
        ledger.save_floor(replace(floor, items=letters), version)
    board = overview.wallboard()
    assert (board.messages, board.queues[0].waiting) == (2, 0)


def test_everything_shown_can_be_sent(house: House, overview: Overview) -> None:
    call_id = waits(house, verified=True)
    for shown in (overview.place(MINE), overview.call(MINE, call_id), overview.wallboard(), overview.timeline(BOSS, call_id)):
        assert to_plain(shown)["is"] == type(shown).__name__
