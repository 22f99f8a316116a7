"""Who called again: the same customer, by keyed hash, whatever it was about. Whom nobody identified is nobody's repeat."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from voicebot.facts.interaction import Facts


def marked(rows: Iterable[Facts]) -> list[Facts]:
    """The rows in the order of their beginnings, each with the time since the same customer's last call.

    The rows must reach back before the time that is reported on, as far as a repeat is looked for.
    """
    last: dict[str, datetime] = {}
    found = []
    for row in sorted(rows, key=lambda one: (one.started_at, one.call_id)):
        before = last.get(row.customer)
        found.append(replace(row, since_last=None if before is None else row.started_at - before))
        if row.customer:
            last[row.customer] = row.started_at
    return found
