"""What is shown to whom now. Each thing is read once for all who look at it, whenever a commit was about it.

Lives in one event loop; only `changed` may be called from other threads. Reading and showing run on threads of their own, and
what readers get are whole pictures, so a picture that nobody fetched in time is simply replaced by the next.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import structlog

from voicebot.pages.people import Person
from voicebot.pages.roles import admits
from voicebot.pages.room import LiveView
from voicebot.switchboard.views import Viewer

AFTER_TROUBLE = 2.0
A_FEW = 20
ANY = "*"

Audience: TypeAlias = str
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to be shown: a view and, where it is keyed, of what."""

    view: LiveView
    key: str = ""

    @property
    def name(self) -> str:
        """As a page asks for it."""
        return f"{self.view.name}:{self.key}" if self.view.keyed else self.view.name

    def is_about(self, topics: frozenset[str]) -> bool:
        """Whether a commit about these may have changed it."""
        for wanted in self.view.topics:
            topic = wanted.replace("{key}", self.key)
            if topic.endswith(ANY):
                if any(found.startswith(topic[:-1]) for found in topics):
                    return True
            elif topic in topics:
                return True
        return False


class Reader:
    """One page that looks. `fresh` is set when there is something for it; `waiting` is what it has not been shown yet at all."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.fresh = asyncio.Event()
        self.new: dict[str, str | None] = {}  # by wish; the newest picture that was not sent yet, None: nothing to see (any more)
        self.waiting: set[str] = set()
        self.asked: frozenset[str] = frozenset()
        self.followed: dict[str, frozenset[str]] = {}  # wish -> those that it brought along

    def take(self) -> dict[str, str | None]:
        """Everything that is new, once."""
        new, self.new = self.new, {}
        self.fresh.clear()
        return new

    def show(self, name: str, picture: str | None) -> None:
        """To be sent; in place of an older picture that still waits."""
        self.new[name] = picture
        self.waiting.discard(name)
        self.fresh.set()


@dataclass
class _Picture:
    """What one audience sees."""

    viewer: Viewer
    readers: set[Reader] = field(default_factory=set)
    text: str | None = None


@dataclass
class _Thing:
    """One wish, of all who have it."""

    wish: Wish
    pictures: dict[Audience, _Picture] = field(default_factory=dict)
    stale: bool = True
    read_at: float = 0.0  # of the loop's clock
    task: asyncio.Task[None] | None = None


class Feed:
    """The things that somebody looks at."""

    def __init__(self, views: Iterable[LiveView], threads: Executor, after_trouble: float = AFTER_TROUBLE) -> None:
        self._views: Mapping[str, LiveView] = {view.name: view for view in views}
        self._threads, self._after_trouble = threads, after_trouble
        self._things: dict[str, _Thing] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    # ---- from any thread ---------------------------------------------------------------------------------------------

    def changed(self, topics: frozenset[str]) -> None:
        """Something was committed about these. Returns at once, never raises."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(self.look_at, topics)
        except RuntimeError:  # the loop has closed: nobody looks any more
            self._loop = None

    # ---- in the loop -------------------------------------------------------------------------------------------------

    def wish(self, name: str) -> Wish | None:
        """What a page asks for by this name; None: there is no such thing."""
        found, colon, key = name.partition(":")
        view = self._views.get(found)
        if view is None or view.keyed is not bool(colon and key):
            return None
        return Wish(view, key)

    def add(self, reader: Reader, wishes: Iterable[Wish]) -> None:
        """Show these to the reader, now and whenever they change."""
        self._loop = asyncio.get_running_loop()
        wishes = list(wishes)
        reader.asked = frozenset(wish.name for wish in wishes)
        for wish in wishes:
            self._add(reader, wish)

    def remove(self, reader: Reader) -> None:
        """The reader looks no more."""
        for thing in list(self._things.values()):
            self._leave(reader, thing)

    def look_at(self, topics: frozenset[str]) -> None:
        """Read anew what these are about."""
        for thing in list(self._things.values()):
            if thing.wish.is_about(topics):
                self._refresh(thing)

    def look_round(self) -> None:
        """Read some anew that were not read for longest, in case something changed where nobody could tell us: all that is not
        keyed, and a few of the others, since there may be hundreds.
        """
        keyed = [thing for thing in self._things.values() if thing.wish.view.keyed]
        keyed.sort(key=lambda thing: thing.read_at)
        for thing in (*(thing for thing in self._things.values() if not thing.wish.view.keyed), *keyed[:A_FEW]):
            self._refresh(thing)

    @property
    def looked_at(self) -> int:
        """How many things somebody looks at."""
        return len(self._things)

    def _add(self, reader: Reader, wish: Wish) -> None:
        if not admits(wish.view.access, reader.person.roles):
            return
        thing = self._things.setdefault(wish.name, _Thing(wish))
        picture = thing.pictures.setdefault(_audience(wish.view, reader.person), _Picture(reader.person.viewer))
        picture.readers.add(reader)
        reader.waiting.add(wish.name)
        self._refresh(thing)

    def _leave(self, reader: Reader, thing: _Thing) -> None:
        for audience, picture in list(thing.pictures.items()):
            picture.readers.discard(reader)
            if not picture.readers:
                del thing.pictures[audience]
        if not thing.pictures and self._things.get(thing.wish.name) is thing:
            del self._things[thing.wish.name]

    def _refresh(self, thing: _Thing) -> None:
        thing.stale = True
        if thing.task is None or thing.task.done():
            thing.task = asyncio.get_running_loop().create_task(self._keep_fresh(thing))

    async def _keep_fresh(self, thing: _Thing) -> None:
        """Read until nothing has changed since the last reading began."""
        while thing.stale and thing.pictures:
            thing.stale = False
            audiences = {audience: picture.viewer for audience, picture in thing.pictures.items()}
            loop = asyncio.get_running_loop()
            thing.read_at = loop.time()
            try:
                drawn = await loop.run_in_executor(self._threads, _draw, thing.wish, audiences)
            except Exception as trouble:  # noqa: BLE001 - what is shown stays, and is read again
                log.error("live view failed", view=thing.wish.view.name, trouble=type(trouble).__name__)
                thing.stale = True
                await asyncio.sleep(self._after_trouble)
                continue
            for audience, (text, follows) in drawn.items():
                if (picture := thing.pictures.get(audience)) is not None:
                    self._hang(thing.wish, picture, text, follows)
            await asyncio.sleep(thing.wish.view.pause)

    def _hang(self, wish: Wish, picture: _Picture, text: str | None, follows: tuple[str, ...]) -> None:
        same = picture.text == text
        picture.text = text
        for reader in list(picture.readers):
            if wish.name in reader.waiting or not same:
                self._follow(reader, wish.name, frozenset(follows))
                reader.show(wish.name, text)

    def _follow(self, reader: Reader, name: str, follows: frozenset[str]) -> None:
        """Show what the picture brings along, and no more what it brought before."""
        before = reader.followed.get(name, frozenset())
        reader.followed[name] = follows
        for added in sorted(follows - before - reader.asked):
            if (wish := self.wish(added)) is not None:
                self._add(reader, wish)
        wanted = reader.asked.union(*reader.followed.values())
        for gone in before - wanted:
            if (thing := self._things.get(gone)) is not None:
                self._leave(reader, thing)
                reader.show(gone, None)
                self._follow(reader, gone, frozenset())


def _audience(view: LiveView, person: Person) -> Audience:
    """Whoever sees the same."""
    return ",".join(sorted(person.roles)) if view.alike else f"person {person.id}"


def _draw(wish: Wish, audiences: Mapping[Audience, Viewer]) -> dict[Audience, tuple[str | None, tuple[str, ...]]]:
    """Read once, then each one's picture. On a thread."""
    view = wish.view
    looked: Any = view.look(wish.key)
    drawn: dict[Audience, tuple[str | None, tuple[str, ...]]] = {}
    for audience, viewer in audiences.items():
        shown = view.show(looked, wish.key, viewer)
        drawn[audience] = (None, ()) if shown is None else (as_json(shown), view.follow(shown))
    return drawn


def as_json(content: Any) -> str:
    """Plain values as one line. Raises TypeError for anything else."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
