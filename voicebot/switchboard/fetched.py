"""Which document each caller's leg has had, so that it is not pushed again, and when the leg last asked for one.

Forgets old calls: a push too many, or asking the carrier about a leg once too often, is harmless.
"""

from collections import OrderedDict
from datetime import datetime
from threading import Lock

MOST_CALLS = 4096


class Fetched:
    """The newest document of each call that its leg has fetched here. Thread-safe, bounded."""

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._most = most
        self._lock = Lock()
        self._newest: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def note(self, call_id: str, seq: int, at: datetime) -> None:
        """The leg has asked, and been handed this document; 0 if only a word to wait."""
        with self._lock:
            before = self._newest.get(call_id)
            self._newest[call_id] = (max(seq, before[0] if before else 0), at)
            self._newest.move_to_end(call_id)
            if len(self._newest) > self._most:
                self._newest.popitem(last=False)

    def has(self, call_id: str, seq: int) -> bool:
        """Whether it has had this document or a newer one."""
        with self._lock:
            return call_id in self._newest and self._newest[call_id][0] >= seq

    def has_asked_since(self, call_id: str, at: datetime) -> bool:
        """Whether its leg has asked us for anything since then."""
        with self._lock:
            return call_id in self._newest and self._newest[call_id][1] >= at

    def forget(self, call_id: str) -> None:
        """The leg is gone."""
        with self._lock:
            self._newest.pop(call_id, None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._newest)
