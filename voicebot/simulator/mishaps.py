"""What goes wrong on purpose with single requests: words like `entry:lost` and `push:429`, each of which strikes once.

Reads words and says whose turn it is; it does nothing to a request by itself.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

DOCUMENTS = ("incoming", "entry", "waiting", "document", "joined", "handed", "answer", "verdict", "left", "fallback")
REQUESTS = (
    "push", "ring", "hang_up", "close_room", "arrange", "record", "pay_open", "pay_ask", "pay_charge", "pay_cancel", "text",
)  # fmt: skip


class Fate(StrEnum):
    """What becomes of a request for a leg's next document."""

    WELL = "well"  # nothing: a later one is struck
    TWICE = "twice"  # it comes again when it has been answered
    AT_ONCE = "at_once"  # it comes twice in the same moment
    LATE = "late"  # it comes once more, when the leg has its next document
    LOST = "lost"  # its answer is lost, and asked for again
    UNANSWERED = "unanswered"  # it arrives, and no answer to it ever does
    UNREACHABLE = "unreachable"  # it never arrives
    HUNG_UP = "hung_up"  # whoever is on this leg hangs up while it is on its way
    OVERTAKEN = "overtaken"  # the same, and the leg's last status arrives before it
    CALLER_GONE = "caller_gone"  # an agent's request arrives when the caller's last status has


class RestFate(StrEnum):
    """What becomes of a request of the product to the REST API."""

    WELL = "well"
    BUSY = "429"  # not done
    NOT_IN_PROGRESS = "21220"  # not done
    FAILED = "500"  # not done, and nobody can tell
    UNANSWERED = "unanswered"  # done, and the answer never comes
    LOST = "lost"  # answered, and never done
    ACTION_FIRST = "action_first"  # done; the question that it ends asks for its own next document first
    ACTION_LATER = "action_later"  # done; the question that it ends asks for its own next document afterwards
    STALE = "stale"  # done; the document that it replaces is asked for once more afterwards


OF_A_PUSH = frozenset({RestFate.NOT_IN_PROGRESS, RestFate.LOST, RestFate.ACTION_FIRST, RestFate.ACTION_LATER, RestFate.STALE})

F = TypeVar("F", Fate, RestFate)


MAYBE = "?"  # at the end of a word: whether there is such a request depends on the moment


class Strikes:
    """Strikes that are still to come. They are used in order, each request taking the first that is meant for its kind."""

    def __init__(self, documents: Sequence[str], requests: Sequence[str]) -> None:
        self._documents = [_read(word.removesuffix(MAYBE), DOCUMENTS, Fate) for word in documents]
        self._requests = [_read(word.removesuffix(MAYBE), REQUESTS, RestFate) for word in requests]
        self._maybe = {word.removesuffix(MAYBE) for word in (*documents, *requests) if word.endswith(MAYBE)}

    def document(self, url: str) -> Fate:
        """The fate of a request to this address."""
        parts = urlsplit(url).path.split("/")
        return _next(self._documents, next((kind for kind in DOCUMENTS if kind in parts), ""), Fate.WELL)

    def request(self, kind: str) -> RestFate:
        """The fate of a request of this kind (one of REQUESTS)."""
        return _next(self._requests, kind, RestFate.WELL)

    @property
    def left(self) -> tuple[str, ...]:
        """Those that did not strike although they had to."""
        words = (f"{kind}:{fate}" for kind, fate in (*self._documents, *self._requests))
        return tuple(word for word in words if word not in self._maybe)


def _next(left: list[tuple[str, F]], kind: str, otherwise: F) -> F:
    for place, (meant, fate) in enumerate(left):
        if meant == kind:
            del left[place]
            return fate
    return otherwise


def _read(word: str, kinds: Sequence[str], fates: type[F]) -> tuple[str, F]:
    """One word. Raises ValueError naming what there is."""
    kind, colon, text = word.partition(":")
    if not colon or kind not in kinds:
        raise ValueError(f"{word!r} strikes nothing; it is KIND:FATE, and kinds are {', '.join(kinds)}")
    if text not in set(fates):
        raise ValueError(f"{word!r} is no fate; known are {', '.join(fates)}")
    fate = fates(text)
    if isinstance(fate, RestFate) and fate in OF_A_PUSH and kind != "push":
        raise ValueError(f"{word!r}: only a push can come to that")
    if fate is Fate.CALLER_GONE and kind not in ("answer", "verdict"):
        raise ValueError(f"{word!r}: only an agent's answer or verdict can come to that")
    return kind, fate
