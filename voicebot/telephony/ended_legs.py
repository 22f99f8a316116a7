"""Legs of which the carrier has said that they are over: the news may come before the call's first webhook. Forgets old ones."""

from collections import OrderedDict
from threading import Lock

MOST_LEGS = 4096


class EndedLegs:
    """Thread-safe, bounded."""

    def __init__(self, most: int = MOST_LEGS) -> None:
        self._most = most
        self._lock = Lock()
        self._legs: OrderedDict[str, None] = OrderedDict()

    def note(self, leg: str) -> None:
        """It is over."""
        with self._lock:
            self._legs[leg] = None
            if len(self._legs) > self._most:
                self._legs.popitem(last=False)

    def has(self, leg: str) -> bool:
        """Whether it is known to be over."""
        with self._lock:
            return leg in self._legs
