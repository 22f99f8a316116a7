"""Clocks (the port `Clock`): the time of day, and call time that runs faster for the simulator.

Must not be asked for the budgets of a web request: those are real seconds.
"""

from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """The time of day."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)


class ScaledClock:
    """Call time: `scale` seconds of it pass in one second of `real`, counted from the moment of making.

    Two processes agree only if they are given the same `origin` (aware).
    """

    def __init__(self, scale: float, real: Callable[[], datetime] | None = None, origin: datetime | None = None) -> None:
        if scale <= 0:
            raise ValueError("time goes forward: a clock's scale is greater than 0")
        self._scale = scale
        self._real = real or SystemClock().now
        self._origin = origin or self._real()

    def now(self) -> datetime:
        """Now in call time, aware, UTC."""
        return self._origin + (self._real() - self._origin) * self._scale
