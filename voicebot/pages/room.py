"""What a room brings into the shell: its pages with who may open them, entries in the navigation, files, live views."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint

from voicebot.errors import ConfigError
from voicebot.pages.roles import Access
from voicebot.switchboard.views import Viewer

PAUSE = 0.1  # a busy floor is shown ten times a second, not a thousand times


@dataclass(frozen=True)
class Entry:
    """A link in the navigation, shown to whoever may open it. `endpoint` is Flask's, like `desk.card`."""

    text: str
    endpoint: str


def _nothing(_key: str) -> None:
    return None


def _nobody_else(_now: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class LiveView:
    """Something that a page shows and that changes. A page asks for `name`, or for `name:KEY` where it is `keyed`.

    After a commit about one of its `topics` (`floor`, `call:*` for any call, `call:{key}`) everybody who looks is shown it anew.
    `look(key)` reads what there is, once for all who look; `show(looked, key, viewer)` makes plain JSON values of it, None where
    it is none of the viewer's business, which is what they see of something that is not there, too. Both run on a thread.
    `alike`: all with the same roles see the same, so that it is made once for them. `follow(shown)` names further views that
    whoever is shown this is shown as well, for as long as it names them. `pause`: seconds between two readings, at least; what
    many people look at, and need not see at once, can do with a longer one.
    """

    name: str
    access: Access
    topics: tuple[str, ...]
    show: Callable[[Any, str, Viewer], Any]
    look: Callable[[str], Any] = _nothing
    keyed: bool = False
    alike: bool = False
    follow: Callable[[Any], tuple[str, ...]] = _nobody_else
    pause: float = PAUSE


@dataclass(frozen=True)
class PageRoom:
    """`access` has every endpoint of the blueprint, without its name in front. `files`: style sheets, modules, sounds.

    `uploads`: endpoints to which files may be sent.
    """

    blueprint: Blueprint
    access: Mapping[str, Access]
    entries: tuple[Entry, ...] = ()
    views: tuple[LiveView, ...] = ()
    files: Path | None = None
    uploads: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The blueprint's, which is also the folder of its files in an address."""
        return self.blueprint.name


@dataclass(frozen=True)
class Matrix:
    """Access by endpoint, of all rooms together."""

    access: Mapping[str, Access]
    rooms: frozenset[str]
    uploads: frozenset[str] = frozenset()


def matrix(rooms: Iterable[PageRoom]) -> Matrix:
    """Put together."""
    rooms = tuple(rooms)
    access = {f"{room.name}.{endpoint}": access for room in rooms for endpoint, access in room.access.items()}
    uploads = frozenset(f"{room.name}.{endpoint}" for room in rooms for endpoint in room.uploads)
    return Matrix(access, frozenset(room.name for room in rooms), uploads)


def check_matrix(declared: Matrix, endpoints: frozenset[str]) -> None:
    """Every address of the rooms is declared, and nothing else is. Raises ConfigError, since a gap would open to nobody."""
    of_rooms = frozenset(endpoint for endpoint in endpoints if endpoint.partition(".")[0] in declared.rooms)
    if undeclared := sorted(of_rooms - set(declared.access)):
        raise ConfigError(f"pages without a role: {', '.join(undeclared)}")
    if absent := sorted(set(declared.access) - of_rooms):
        raise ConfigError(f"roles without a page: {', '.join(absent)}")
