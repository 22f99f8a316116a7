"""One open transaction as the topic modules see it: connection, keys, whether it may write. Knows no topic."""

import json
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection, CursorResult, Executable, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from voicebot.dialogue.forms import LinePlan
from voicebot.errors import StoreError
from voicebot.keyring import Keyring
from voicebot.records import schema

log = structlog.get_logger(__name__)


@dataclass
class Books:
    """`table_key` seals what belongs to no call; `plans` are line plans by digest, parsed, shared by all transactions;
    so is `unopened`: what the operator was told that no key opens.
    """

    connection: Connection
    keyring: Keyring
    table_key: bytes = field(repr=False)
    plans: dict[str, LinePlan] = field(repr=False)
    writable: bool
    unopened: set[tuple[str, str]] = field(default_factory=set)
    data_keys: dict[str, bytes | None] = field(default_factory=dict, repr=False)

    def write(self, statement: Executable, rows: list[dict[str, Any]] | None = None) -> CursorResult[Any]:
        """Run a statement that changes something. Raises StoreError in a reading transaction."""
        if not self.writable:
            raise StoreError("this transaction is for reading")
        return self.connection.execute(statement, rows)

    def rows(self, statement: Executable) -> CursorResult[Any]:
        """Run a SELECT."""
        return self.connection.execute(statement)

    def locked(self, statement: Select[Any], *, skip: bool = False) -> Select[Any]:
        """The same SELECT, its rows locked till the end where the database can; `skip`: without those that others hold.

        SQLite needs none: its one writer is alone.
        """
        return statement.with_for_update(skip_locked=skip) if self.writable else statement

    def insert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """An INSERT of this database's own kind, for `on_conflict_do_…`."""
        return postgresql.insert(table) if self.connection.dialect.name == "postgresql" else sqlite.insert(table)

    # ---- sealing -----------------------------------------------------------------------------------------------------

    def call_key(self, call_id: str) -> bytes | None:
        """A call's data key; None for a call that is unknown or erased."""
        if call_id not in self.data_keys:
            wrapped = self.connection.scalar(select(schema.calls.c.wrapped_key).where(schema.calls.c.id == call_id))
            self.data_keys[call_id] = self.keyring.unwrap(wrapped, key_about(call_id)) if wrapped else None
        return self.data_keys[call_id]

    def seal_for_call(self, call_id: str, plain: Any, about: str) -> bytes:
        """Plain JSON values under a call's key (the house's where `call_id` is empty). StoreError for a call without key."""
        key = self.call_key(call_id) if call_id else self.table_key
        if key is None:
            raise StoreError("this call is unknown or erased: nothing can be kept for it")
        return self.keyring.seal(key, as_json(plain), f"{about}:{call_id}")

    def open_for_call(self, call_id: str, sealed: bytes, about: str) -> Any:
        """What was sealed; None for a call without key."""
        key = self.call_key(call_id) if call_id else self.table_key
        return None if key is None else json.loads(self.keyring.open_sealed(key, sealed, f"{about}:{call_id}"))

    def seal_for_house(self, plain: Any, about: str) -> bytes:
        """Plain JSON values under the table key."""
        return self.keyring.seal(self.table_key, as_json(plain), about)

    def open_for_house(self, sealed: bytes, about: str) -> Any:
        """What was sealed."""
        return json.loads(self.keyring.open_sealed(self.table_key, sealed, about))

    def tell_unopened(self, what: str, call_id: str) -> None:
        """To the operator, once: such a row is come upon again with each look. `what` it is, never what is in it."""
        if (what, call_id) not in self.unopened:
            self.unopened.add((what, call_id))
            log.error("something waits that cannot be opened with the keys that are here", what=what, call=call_id)


def as_json(plain: Any) -> bytes:
    """JSON of plain values, the same bytes for the same content. Raises TypeError for anything else, a Secret above all."""
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def key_about(call_id: str) -> str:
    """What a call's wrapped key is bound to."""
    return f"call:{call_id}"
