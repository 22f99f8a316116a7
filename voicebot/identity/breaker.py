"""A circuit breaker: after too many failures the back end is left alone for a while, then tried with one request.

Must not look at a clock: every method is told the time, in seconds that only grow. Own code, because the libraries looked at
count failures in a row, not within a time, and read the wall clock.
"""

import threading
from collections import deque
from enum import StrEnum

FAILURES, WITHIN, REST = 5, 30.0, 15.0


class Admission(StrEnum):
    """Why a request may go out: as usual, or as the one that finds out whether the back end is back."""

    USUAL = "usual"
    PROBE = "probe"


class Breaker:
    """`failures` within `within` seconds close the way for `rest` seconds; then one probe decides. Safe between threads."""

    def __init__(self, failures: int = FAILURES, within: float = WITHIN, rest: float = REST) -> None:
        self._within, self._rest = within, rest
        self._failed: deque[float] = deque(maxlen=failures)
        self._until: float | None = None  # None: the way is open
        self._probing = False
        self._lock = threading.Lock()

    def is_shut(self, at: float) -> bool:
        """Whether nothing may go out now, without asking to go."""
        with self._lock:
            return self._until is not None and (at < self._until or self._probing)

    def admit(self, at: float) -> Admission | None:
        """Ask to go; None: do not. Every admission must be settled once."""
        with self._lock:
            if self._until is None:
                return Admission.USUAL
            if at < self._until or self._probing:
                return None
            self._probing = True
            return Admission.PROBE

    def settle(self, admission: Admission, at: float, *, well: bool) -> None:
        """How it went. While the way is shut, only the probe can open it: an older request's late answer proves nothing."""
        with self._lock:
            if admission is Admission.PROBE:
                self._probing = False
                self._until = None if well else at + self._rest
                self._failed.clear()
            elif not well and self._until is None:
                self._failed.append(at)
                if len(self._failed) == self._failed.maxlen and at - self._failed[0] <= self._within:
                    self._until = at + self._rest
