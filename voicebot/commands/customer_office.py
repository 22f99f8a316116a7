"""What the customers' commands share: who is there and may what, the keys, the table. Composes; decides nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from voicebot.config.operators import Operator, Task, operator, whoever_runs
from voicebot.config.settings import Settings, load_settings
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.crm import CustomerRow
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore, open_store


@dataclass(frozen=True)
class Office:
    """Everything that a command on customers works with."""

    settings: Settings
    operator: Operator
    keyring: Keyring
    store: SqlStore

    @property
    def who(self) -> str:
        """As the audit knows the operator."""
        return str(self.operator.person)

    @property
    def customers(self) -> SqlCustomers:
        """The table."""
        return SqlCustomers(self.store)

    @property
    def care(self) -> SqlCustomerCare:
        """The same, one customer at a time."""
        return SqlCustomerCare(self.store, tuple(self.settings.company.identifiers))

    @property
    def audit(self) -> SqlAudit:
        """The record of who did what."""
        return SqlAudit(self.store)

    def keeper(self) -> SecretKeeper:
        """Makes hashes of secrets."""
        return SecretKeeper(self.keyring)

    def plan(self, *, replace: bool = False, sheet: str = "") -> ImportPlan:
        """The columns of a customer file, as the company's settings have them."""
        columns = self.settings.company.import_plan()
        return ImportPlan(
            customer_id=columns.customer_id,
            name=columns.name,
            phones=columns.phones,
            identifiers=columns.identifiers,
            secrets=columns.secrets,
            details=columns.details,
            region=columns.region,
            replace=replace,
            sheet=sheet,
        )

    def known_about(self, row: CustomerRow) -> tuple[list[str], list[str]]:
        """(numbers, days) that somebody could guess a secret from."""
        company = self.settings.company
        named = (*company.columns.phones, *company.identifiers)
        days = [name for name, detail in company.details.items() if detail.kind == "day"]
        numbers = [row.customer_id, *(row.columns.get(name, "") for name in named)]
        return numbers, [row.columns.get(name, "") for name in days]


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@contextmanager
def office(config: Path, task: Task) -> Iterator[Office]:
    """The office, open for somebody who may do this task. Raises NotAllowed for others, and writes that down."""
    settings = load_settings(config, os.environ)
    deployment = settings.deployment
    there = operator(whoever_runs(os.environ), deployment.data)
    keyring = Keyring.open(deployment.keys)
    store = open_store(deployment.database_url, keyring)
    try:
        opened = Office(settings, there, keyring, store)
        if not there.may(task):
            opened.audit.write(opened.who, Deed.REFUSED, now(), facts={"task": task.value})
            raise there.refusal(task)
        yield opened
    finally:
        store.close()
