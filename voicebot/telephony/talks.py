"""Which two-way streams are open, and which ended as they were meant to. Shared by their event loop and the webhooks' threads."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

MOST = 4096  # documents remembered; of an older one an orderly end counts as a failure, and the carrier asks


class Talks:
    """All two-way streams of this process. A call has one at a time; a document opens one, once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, Callable[[], None]] = {}
        self._claimed: OrderedDict[tuple[str, int], bool] = OrderedDict()

    def claim(self, call_id: str, seq: int) -> bool:
        """Take a document's only stream; False if somebody has had it."""
        with self._lock:
            if (call_id, seq) in self._claimed:
                return False
            self._claimed[call_id, seq] = False
            if len(self._claimed) > MOST:
                self._claimed.popitem(last=False)
            return True

    def begin(self, call_id: str, tell: Callable[[], None]) -> None:
        """It is open. `tell`, from any thread: the call has another document."""
        with self._lock:
            self._open[call_id] = tell

    def end(self, call_id: str, seq: int, *, well: bool) -> None:
        """It is about to close; `well`: because the call goes on without it."""
        with self._lock:
            self._open.pop(call_id, None)
            if (call_id, seq) in self._claimed:
                self._claimed[call_id, seq] = well

    def ended_well(self, call_id: str, seq: int) -> bool:
        """Whether the stream of this document ended because the call goes on without it."""
        with self._lock:
            return self._claimed.get((call_id, seq), False)

    def tell(self, call_id: str) -> bool:
        """The call has another document: True if an open stream looks for itself, so that the leg must not be sent for it."""
        with self._lock:
            told = self._open.get(call_id)
        if told is None:
            return False
        told()
        return True

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)
