"""Which legs we rang for which reservation, as far as this process knows: what a `ring` without an answer is looked up by.

The carrier's list of calls does not say why a call was made, so a leg is known by our own token in its callbacks; failing
that, by the phone that we meant to ring. Kept in memory: after a restart the callbacks of a leg teach it anew.
"""

from collections import OrderedDict
from threading import Lock

MOST_REMEMBERED = 2048


class RungLegs:
    """Thread-safe, bounded."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._legs: OrderedDict[str, str] = OrderedDict()
        self._phones: OrderedDict[str, str] = OrderedDict()

    def intend(self, reservation: str, phone: str) -> None:
        """We are about to ring this phone."""
        with self._lock:
            _remember(self._phones, reservation, phone)

    def learn(self, reservation: str, leg: str) -> None:
        """This leg rings, or rang, for this reservation."""
        if leg:
            with self._lock:
                _remember(self._legs, reservation, leg)

    def leg(self, reservation: str) -> str | None:
        """The leg of a reservation."""
        with self._lock:
            return self._legs.get(reservation)

    def phone(self, reservation: str) -> str | None:
        """The phone that was to be rung."""
        with self._lock:
            return self._phones.get(reservation)

    def is_taken(self, leg: str) -> bool:
        """Whether this leg is known to belong to some reservation."""
        with self._lock:
            return leg in self._legs.values()


def _remember(book: OrderedDict[str, str], key: str, value: str) -> None:
    book[key] = value
    book.move_to_end(key)
    if len(book) > MOST_REMEMBERED:
        book.popitem(last=False)
