"""The columns and lines that tests of customer files use, and an importer that remembers what it was asked to hash."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Shape
from voicebot.errors import ImportRefused
from voicebot.ports.secrets import SecretOf
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_import import ImportSummary, ImportTools
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore

PLAN = ImportPlan(
    customer_id="id",
    name="name",
    phones=("phone",),
    identifiers=(("account", Shape.parse("digits:4-8")), ("parcel", Shape.parse("digits:10"))),
    secrets=(("pin", Shape.parse("digits:6")),),
    details=(Detail("balance", "amount"), Detail("due", "day"), Detail("status", "words"), Detail("meter", "digits")),
    region="US",
)
GOOD = {
    "id": "C1",
    "name": "Ada Marsh",
    "phone": "(201) 555-0123",
    "account": "0420",
    "parcel": "1234567890",
    "pin": "493817",
    "balance": "12.50",
    "due": "2026-03-31",
    "status": "on its way",
    "meter": "0042",
}
KEPT = {
    "name": "Ada Marsh",
    "phone": "+12015550123",
    "account": "0420",
    "parcel": "1234567890",
    "balance": "12.50",
    "due": "2026-03-31",
    "status": "on its way",
    "meter": "0042",
}


class Importer:
    """Imports into a store; hashes are words about the secret."""

    def __init__(self, store: SqlStore, **tools: Any) -> None:
        self.customers = SqlCustomers(store)
        self.hashed: list[str] = []
        self.progress: list[tuple[int, int]] = []
        self.tools = ImportTools(self._hash, lambda *at: self.progress.append(at), **tools)

    def __call__(self, file: Path, plan: ImportPlan = PLAN, **tools: Any) -> ImportSummary:
        return self.customers.bring_in(file, plan, replace(self.tools, **tools))

    def _hash(self, secrets: Iterable[SecretOf]) -> Iterator[str]:
        for one in secrets:
            self.hashed.append(one.customer_id)
            yield f"hash of {one.customer_id} {sum(map(int, one.secret.reveal()))}"

    def refusal(self, file: Path, plan: ImportPlan = PLAN, **tools: Any) -> str:
        """What the refusal says, after making sure that nothing was imported."""
        with pytest.raises(ImportRefused) as raised:
            self(file, plan, **tools)
        assert list(self.customers.everybody()) == []
        assert self.hashed == []  # nothing slow before everything is known to be right
        return str(raised.value)
