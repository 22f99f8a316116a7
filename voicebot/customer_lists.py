"""Tells the ear which numbers customers have, where a field wants that, and again when the table has changed. Memory only."""

import threading
from collections.abc import Iterable

import structlog

from voicebot.config.backend import BackEndKind
from voicebot.config.company import Company
from voicebot.dialogue.forms import FieldPlan
from voicebot.dialogue.policy import may_hear_among
from voicebot.errors import KeyringError, StoreError
from voicebot.ports.ear import Sayable
from voicebot.records.customers import SqlCustomers
from voicebot.speech.ear import VoskEar

MOST_CUSTOMERS = 20_000  # of more than this a grammar takes too long to build, docs/benchmarks/listening.md

log = structlog.get_logger(__name__)


class CustomerLists:
    """A list for each field with `among_customers` that some listening line asks, by the field's name."""

    def __init__(self, company: Company, customers: SqlCustomers, ear: VoskEar) -> None:
        self._customers, self._ear = customers, ear
        self._fields = _fields(company)
        self._told: dict[str, tuple[int, int]] = {}  # the table's stamp, by field
        self._reader: threading.Thread | None = None

    def look(self) -> None:
        """Forget at once what the table has changed, and read it anew on a thread of its own. Costs a query a field."""
        if self._reader is not None and self._reader.is_alive():
            return
        changed = []
        for field, asked in self._fields.items():
            stamp = self._customers.stamp(field.name, MOST_CUSTOMERS)
            if stamp != self._told.get(field.name):
                self._ear.learn(field.name, asked, ())
                self._told[field.name] = stamp
                changed.append(field)
        if changed:
            self._reader = threading.Thread(target=self._read, args=(changed,), name="customer-lists", daemon=True)
            self._reader.start()

    def close(self) -> None:
        """Wait for what is being read."""
        if self._reader is not None:
            self._reader.join()

    def _read(self, fields: Iterable[FieldPlan]) -> None:
        for field in fields:
            try:
                self._tell(field)
            except (StoreError, KeyringError) as trouble:
                del self._told[field.name]  # so that the next look tries again
                log.error("customers' numbers not read", field=field.name, trouble=type(trouble).__name__)

    def _tell(self, field: FieldPlan) -> None:
        _, count = self._told[field.name]
        digits = field.shape.longest
        if not count:
            return
        if count > MOST_CUSTOMERS or not may_hear_among(count, digits, field.check):
            log.warning("too many customers have such a number to listen for theirs only", field=field.name)
            return
        numbers = [value for value in self._customers.values(field.name) if len(value) == digits and value.isdecimal()]
        self._ear.learn(field.name, self._fields[field], numbers)


def _fields(company: Company) -> dict[FieldPlan, tuple[Sayable, ...]]:
    """By field, the questions of the lines that ask it aloud."""
    if company.back_end.kind is not BackEndKind.EMBEDDED:
        return {}
    found: dict[FieldPlan, dict[Sayable, None]] = {}
    for plan in (line.plan for line in company.lines.values() if line.plan.listen):
        for field in plan.identifiers:
            if plan.hears_among_customers(field):
                found.setdefault(field, {})[Sayable(field.shape, plan.grammar, field.check)] = None
    return {field: tuple(asked) for field, asked in found.items()}
