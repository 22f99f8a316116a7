"""What the workers are told of customers' numbers, and what they have built of it. In memory only: here, in pipes, in workers."""

import threading
from collections.abc import Collection, Sequence

import structlog

from voicebot.ports.ear import Sayable
from voicebot.speech.installed import Installed
from voicebot.speech.pool import Frames
from voicebot.speech.wire import Header

log = structlog.get_logger(__name__)


class Knowing:
    """Lists of numbers, by name."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._built: dict[str, int] = {}
        self._changed = threading.Condition()

    def lessons(self, among: str, questions: Sequence[Sayable], customers: Collection[str]) -> Frames:
        """The frames that tell it. `customers`: of one length, that of each question; none: only forget what there was."""
        with self._changed:
            self._built[among] = 0
        forget: Header = {"do": "forget", "line": 0, "among": among}
        told = [self._installed.question(one) for one in questions] if customers else []
        body = "".join(sorted(customers)).encode()
        learn = [(about | {"do": "learn", "line": 0, "among": among}, body) for about in told if about is not None]
        return [(forget, b""), *learn]

    def learned(self, header: Header) -> None:
        """What a worker tells of it."""
        if header.get("built") is not True:
            log.warning("a list of numbers is not listened for", among=str(header.get("among")))
            return
        with self._changed:
            self._built[str(header["among"])] = self._built.get(str(header["among"]), 0) + 1
            self._changed.notify_all()

    def wait(self, among: str, grammars: int, timeout: float) -> bool:
        """Until the workers have built so many; False if that takes longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._built.get(among, 0) >= grammars, timeout)
