"""Which document each caller's leg has had, so that it is not pushed again. Forgets old calls: a push too many is harmless."""

from collections import OrderedDict
from threading import Lock

MOST_CALLS = 4096


class Fetched:
    """The newest document of each call that its leg has fetched here. Thread-safe, bounded."""

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._most = most
        self._lock = Lock()
        self._newest: OrderedDict[str, int] = OrderedDict()

    def note(self, call_id: str, seq: int) -> None:
        """The leg has been handed this document."""
        with self._lock:
            self._newest[call_id] = max(seq, self._newest.get(call_id, 0))
            self._newest.move_to_end(call_id)
            if len(self._newest) > self._most:
                self._newest.popitem(last=False)

    def has(self, call_id: str, seq: int) -> bool:
        """Whether it has had this document or a newer one."""
        with self._lock:
            return self._newest.get(call_id, 0) >= seq

    def forget(self, call_id: str) -> None:
        """The leg is gone."""
        with self._lock:
            self._newest.pop(call_id, None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._newest)
