"""What is shown is what there is: read once for all who look, whole each time, and again whenever a commit was about it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from voicebot.floor.values import Role
from voicebot.pages.feed import A_FEW, Feed, Reader
from voicebot.pages.people import Person
from voicebot.pages.roles import Access
from voicebot.pages.room import LiveView
from voicebot.switchboard.views import Viewer

MIRA = Person("mira", "Mira Holt", frozenset({Role.AGENT}))
JONAS = Person("jonas", "Jonas Bell", frozenset({Role.AGENT}))
VERA = Person("vera", "Vera Lind", frozenset({Role.SUPERVISOR}))


class World:
    """What there is to see, and how often it was read and shown."""

    def __init__(self) -> None:
        self.now: dict[str, Any] = {"floor": 1}
        self.calls: dict[str, str] = {}  # call -> whose
        self.looks = 0
        self.shows = 0
        self.fails = 0

    def look(self, _key: str) -> Any:
        """The floor."""
        self.looks += 1
        if self.fails:
            self.fails -= 1
            raise RuntimeError("canary-0420")
        return dict(self.now)

    def board(self, looked: Any, _key: str, viewer: Viewer) -> Any:
        """The same for all of a role."""
        del viewer
        self.shows += 1
        return looked

    def place(self, looked: Any, _key: str, viewer: Viewer) -> Any:
        """One's own."""
        self.shows += 1
        mine = sorted(call for call, whose in self.calls.items() if whose == viewer.agent)
        return {"floor": looked["floor"], "calls": mine}

    def call(self, _looked: Any, key: str, viewer: Viewer) -> Any:
        """None where it is not the viewer's."""
        return {"id": key} if self.calls.get(key) == viewer.agent else None

    def views(self) -> list[LiveView]:
        """As a room declares them."""
        return [
            LiveView("board", Access.SUPERVISOR, ("floor", "call:*"), self.board, self.look, alike=True),
            LiveView("place", Access.AGENT, ("floor",), self.place, self.look,
                     follow=lambda shown: tuple(f"call:{one}" for one in shown["calls"])),
            LiveView("call", Access.AGENT, ("call:{key}",), self.call, keyed=True),
        ]  # fmt: skip


Scene = Callable[[Feed, World], Awaitable[None]]


@asynccontextmanager
async def feed_of(world: World) -> AsyncIterator[Feed]:
    with ThreadPoolExecutor(2) as threads:
        yield Feed([replace(view, pause=0.0) for view in world.views()], threads, after_trouble=0.0)


def play(scene: Scene) -> None:
    """Run it, for ten seconds at most."""

    async def run() -> None:
        world = World()
        async with asyncio.timeout(10), feed_of(world) as feed:
            await scene(feed, world)

    asyncio.run(run())


def looks_at(feed: Feed, person: Person, *names: str) -> Reader:
    """Somebody opens a page."""
    reader = Reader(person)
    feed.add(reader, [wish for name in names if (wish := feed.wish(name)) is not None])
    return reader


async def shown(reader: Reader) -> dict[str, str | None]:
    """What comes next."""
    await reader.fresh.wait()
    return reader.take()


def test_whoever_begins_to_look_is_shown_what_there_is_and_then_what_changes() -> None:
    async def scene(feed: Feed, world: World) -> None:
        vera = looks_at(feed, VERA, "board")
        assert await shown(vera) == {"board": '{"floor":1}'}
        assert vera.waiting == set()
        world.now = {"floor": 2}
        feed.changed(frozenset({"floor"}))
        assert await shown(vera) == {"board": '{"floor":2}'}

    play(scene)


def test_a_hundred_who_see_the_same_cost_one_reading_and_one_drawing() -> None:
    async def scene(feed: Feed, world: World) -> None:
        readers = [looks_at(feed, VERA, "board") for _ in range(100)]
        for reader in readers:
            await shown(reader)
        world.looks = world.shows = 0
        world.now = {"floor": 2}
        feed.changed(frozenset({"floor"}))
        assert [await shown(reader) for reader in readers] == [{"board": '{"floor":2}'}] * 100
        assert (world.looks, world.shows) == (1, 1)

    play(scene)


def test_what_each_sees_of_their_own_is_read_once_and_drawn_for_each() -> None:
    async def scene(feed: Feed, world: World) -> None:
        world.calls = {"c1": "mira"}
        mira, jonas = looks_at(feed, MIRA, "place"), looks_at(feed, JONAS, "place")
        assert (await shown(mira))["place"] == '{"floor":1,"calls":["c1"]}'
        assert await shown(jonas) == {"place": '{"floor":1,"calls":[]}'}
        while mira.waiting:
            await shown(mira)
        world.looks = world.shows = 0
        world.now = {"floor": 2}
        feed.changed(frozenset({"floor"}))
        await shown(mira)
        await shown(jonas)
        assert (world.looks, world.shows) == (1, 2)

    play(scene)


def test_what_has_not_changed_is_not_sent_again() -> None:
    async def scene(feed: Feed, world: World) -> None:
        vera = looks_at(feed, VERA, "board")
        await shown(vera)
        feed.changed(frozenset({"floor"}))
        feed.changed(frozenset({"call:x"}))
        while world.looks < 2:  # noqa: ASYNC110 - a thread reads; there is nothing else to wait on
            await asyncio.sleep(0)
        world.now = {"floor": 2}
        feed.look_round()
        assert await shown(vera) == {"board": '{"floor":2}'}

    play(scene)


def test_a_page_that_does_not_fetch_gets_the_newest_and_no_heap_of_old_ones() -> None:
    async def scene(feed: Feed, world: World) -> None:
        vera = looks_at(feed, VERA, "board")
        await shown(vera)
        for number in range(50):
            world.now = {"floor": number}
            feed.look_at(frozenset({"floor"}))
            await asyncio.sleep(0.001)
        while vera.new != {"board": '{"floor":49}'}:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.001)

    play(scene)


def test_what_a_picture_names_is_shown_along_with_it_for_as_long_as_it_names_it() -> None:
    async def scene(feed: Feed, world: World) -> None:
        mira = looks_at(feed, MIRA, "place")
        await shown(mira)
        world.calls = {"c1": "mira"}
        feed.changed(frozenset({"floor"}))
        seen: dict[str, str | None] = {}
        while "call:c1" not in seen:
            seen |= await shown(mira)
        assert seen["call:c1"] == '{"id":"c1"}'
        world.calls = {}
        feed.changed(frozenset({"floor"}))
        while seen["call:c1"] is not None:
            seen |= await shown(mira)
        assert feed.looked_at == 1

    play(scene)


def test_a_look_round_reads_what_is_not_keyed_and_a_few_of_the_many_in_turn() -> None:
    async def scene(feed: Feed, world: World) -> None:
        calls = [f"c{number}" for number in range(A_FEW + 5)]
        world.calls = dict.fromkeys(calls, "mira")
        mira = looks_at(feed, MIRA, *(f"call:{call}" for call in calls))
        while mira.waiting:
            await shown(mira)
        world.calls = {}
        feed.look_round()
        gone: dict[str, str | None] = {}
        while len(gone) < A_FEW:
            gone |= await shown(mira)
        feed.look_round()
        while len(gone) < len(calls):
            gone |= await shown(mira)
        assert set(gone.values()) == {None}

    play(scene)


def test_what_is_none_of_ones_business_looks_like_what_is_not_there() -> None:
    async def scene(feed: Feed, world: World) -> None:
        world.calls = {"c1": "mira"}
        jonas = looks_at(feed, JONAS, "call:c1", "call:nothing")
        seen: dict[str, str | None] = {}
        while jonas.waiting:
            seen |= await shown(jonas)
        assert seen == {"call:c1": None, "call:nothing": None}

    play(scene)


def test_a_view_for_another_role_is_not_shown_at_all() -> None:
    async def scene(feed: Feed, world: World) -> None:
        mira = looks_at(feed, MIRA, "board")
        assert (mira.waiting, feed.looked_at, world.looks) == (set(), 0, 0)

    play(scene)


def test_a_reading_that_fails_is_tried_again_and_what_was_shown_stays() -> None:
    async def scene(feed: Feed, world: World) -> None:
        vera = looks_at(feed, VERA, "board")
        await shown(vera)
        world.fails = 2
        world.now = {"floor": 2}
        feed.changed(frozenset({"floor"}))
        assert await shown(vera) == {"board": '{"floor":2}'}

    play(scene)


def test_nothing_is_read_when_nobody_looks_any_more() -> None:
    async def scene(feed: Feed, world: World) -> None:
        vera, again = looks_at(feed, VERA, "board"), looks_at(feed, VERA, "board")
        await shown(vera)
        await shown(again)
        feed.remove(vera)
        assert feed.looked_at == 1
        feed.remove(again)
        assert feed.looked_at == 0
        before = world.looks
        feed.look_round()
        assert world.looks == before

    play(scene)


def test_whatever_thread_tells_of_a_change_and_whenever() -> None:
    async def scene(feed: Feed, world: World) -> None:
        feed.changed(frozenset({"floor"}))  # before anybody looks
        vera = looks_at(feed, VERA, "board")
        await shown(vera)
        world.now = {"floor": 2}
        await asyncio.to_thread(feed.changed, frozenset({"floor"}))
        assert await shown(vera) == {"board": '{"floor":2}'}
        kept.append(feed)

    kept: list[Feed] = []
    play(scene)
    kept[0].changed(frozenset({"floor"}))  # after the loop has closed


@pytest.mark.parametrize("name", ["nothing", "board:1", "call", "call:", ""])
def test_there_is_no_view_of_a_wrong_name(name: str) -> None:
    async def scene(feed: Feed, _world: World) -> None:
        assert feed.wish(name) is None

    play(scene)


@pytest.mark.parametrize(
    ("name", "topics", "wanted"),
    [
        ("board", {"floor"}, True),
        ("board", {"call:7"}, True),
        ("place", {"call:7"}, False),
        ("call:7", {"call:7"}, True),
        ("call:7", {"call:77"}, False),
        ("call:7", {"floor"}, False),
    ],
)
def test_a_commit_is_about_what_its_topics_say(name: str, topics: set[str], wanted: bool) -> None:
    async def scene(feed: Feed, _world: World) -> None:
        wish = feed.wish(name)
        assert wish is not None
        assert wish.is_about(frozenset(topics)) is wanted

    play(scene)
