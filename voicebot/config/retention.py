"""Reads `[retention]`: for how many days people's data are kept."""

from dataclasses import dataclass

from voicebot.config.tables import Table

LONGEST = 3650


@dataclass(frozen=True)
class RetentionPlan:
    """Days; 0: until somebody erases them. `calls`: with all that goes with them, also callbacks that were booked without one."""

    calls: int = 0
    messages: int = 0


def read_retention(table: Table) -> RetentionPlan:
    """What is wrong is complained about."""
    plan = RetentionPlan(table.whole("calls", 0, 0, LONGEST), table.whole("messages", 0, 0, LONGEST))
    table.close()
    return plan
