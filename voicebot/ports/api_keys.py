"""Keys by which other systems of the company use the API. A key is shown when it is made, and kept as its hash only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Scope(StrEnum):
    """What a key may do."""

    READ = "callbacks:read"
    WRITE = "callbacks:write"
    INVITE = "callbacks:invite"  # ask a customer for a conversation


@dataclass(frozen=True)
class ApiKey:
    """One key. `id` is the part that may be told; `name` is how the audit calls whoever uses it."""

    id: str
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    made_by: str
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class ApiKeys(Protocol):
    """All of them, each method one transaction. `by` is who did it, for the audit."""

    def make(self, name: str, scopes: Sequence[Scope], by: str, at: datetime) -> str:
        """A new key, as its bearer shows it. Raises ValueError where a key of this name is in use."""
        ...

    def all(self) -> list[ApiKey]:
        """Every key that was ever made, oldest first."""
        ...

    def revoke(self, name: str, by: str, at: datetime) -> bool:
        """The key of this name opens nothing any more. False where there is none in use."""
        ...

    def of_bearer(self, shown: str, at: datetime) -> ApiKey | None:
        """The key that somebody shows, if it is in use; noted as used."""
        ...
