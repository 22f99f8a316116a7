"""The time of day, and waiting. Call time may run faster than real time in the simulator; budgets of a web request never do."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Call time."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        ...
