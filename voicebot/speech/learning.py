"""What a worker knows of customers' numbers: by the name of their list, for each question that listens for them.

A grammar of ten thousand numbers takes seconds to build, so that is done on a thread beside the one that hears. Nothing of it is
written anywhere but in memory.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Shape
from voicebot.speech.decoding import DecoderShelf, Known


@dataclass(frozen=True)
class Lesson:
    """One list of numbers for one question. `customers`: digits of the shape's one length."""

    among: str
    shape: Shape
    grammar: Grammar
    customers: frozenset[str] = field(repr=False)


class Learning:
    """`on_learned(among, whether)` is called on the thread that builds; not: they are too many, or there is no memory for it."""

    def __init__(self, on_learned: Callable[[str, bool], None]) -> None:
        self._on_learned = on_learned
        self._known: dict[tuple[str, Shape, Grammar], Known] = {}
        self._lists: dict[str, int] = {}  # how often each was changed: what is built of an older one is thrown away
        self._lock = threading.Lock()
        self._lessons: queue.SimpleQueue[tuple[DecoderShelf, Lesson, int]] = queue.SimpleQueue()
        threading.Thread(target=self._learn, name="learning", daemon=True).start()

    def begin(self, shelf: DecoderShelf, lesson: Lesson) -> None:
        """Build it when its turn comes."""
        self._lessons.put((shelf, lesson, self._lists.get(lesson.among, 0)))

    def forget(self, among: str) -> None:
        """All of this list, at once."""
        with self._lock:
            self._lists[among] = self._lists.get(among, 0) + 1
            for key in [key for key in self._known if key[0] == among]:
                del self._known[key]

    def known(self, among: str, shape: Shape, grammar: Grammar) -> Known | None:
        """What there is at present."""
        return self._known.get((among, shape, grammar))

    def _learn(self) -> None:
        while True:
            shelf, lesson, change = self._lessons.get()
            try:
                known = shelf.known(lesson.shape, lesson.grammar, lesson.customers)
            except Exception:  # noqa: BLE001 - without it numbers are heard as they are without any list
                known = None
            with self._lock:
                if known is not None and self._lists.get(lesson.among, 0) == change:
                    self._known[lesson.among, lesson.shape, lesson.grammar] = known
            self._on_learned(lesson.among, known is not None)
            del lesson, known
