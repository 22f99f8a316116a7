"""The port `ApiKeys`. A key's secret part has 256 random bits, so that a plain hash of it tells nobody anything."""

# ruff: noqa: D102 - the port has the words, and a second wording would drift from them
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Row, insert, select, update

from voicebot.ports.api_keys import ApiKey, Scope
from voicebot.records.audit import Deed, append
from voicebot.records.schema import api_keys
from voicebot.records.store import SqlStore

SHOWN = re.compile(r"vbk_(?P<id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")  # a shape that scanners of source code can look for
NOTED_EVERY = timedelta(minutes=1)  # when a key was last used, to so much


class SqlApiKeys:
    """Keys in a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def make(self, name: str, scopes: Sequence[Scope], by: str, at: datetime) -> str:
        number, secret, may = token_hex(6), token_hex(32), " ".join(sorted(set(scopes)))
        row = {"id": number, "name": name, "hashed": _hash(secret), "scopes": may, "made_at": at, "made_by": by}
        with self._store.writing() as books:
            in_use = (api_keys.c.name == name) & api_keys.c.revoked_at.is_(None)
            if books.connection.scalar(select(api_keys.c.id).where(in_use)) is not None:
                raise ValueError(f"a key {name} is in use already")
            books.write(insert(api_keys).values(row))
            append(books, by, Deed.API_KEY_MADE, at, facts={"name": name, "id": number, "scopes": may})
        return f"vbk_{number}_{secret}"

    def all(self) -> list[ApiKey]:
        with self._store.viewing() as books:
            return [_key(row) for row in books.rows(select(api_keys).order_by(api_keys.c.made_at, api_keys.c.id))]

    def revoke(self, name: str, by: str, at: datetime) -> bool:
        in_use = (api_keys.c.name == name) & api_keys.c.revoked_at.is_(None)
        with self._store.writing() as books:
            number = books.connection.scalar(select(api_keys.c.id).where(in_use))
            if number is None:
                return False
            books.write(update(api_keys).where(api_keys.c.id == number).values(revoked_at=at))
            append(books, by, Deed.API_KEY_REVOKED, at, facts={"name": name, "id": number})
            return True

    def of_bearer(self, shown: str, at: datetime) -> ApiKey | None:
        found = SHOWN.fullmatch(shown)
        if found is None:
            return None
        with self._store.viewing() as books:
            row = books.rows(select(api_keys).where(api_keys.c.id == found["id"])).one_or_none()
        if row is None or not hmac.compare_digest(row.hashed, _hash(found["secret"])) or row.revoked_at is not None:
            return None
        if row.used_at is None or at - row.used_at >= NOTED_EVERY:
            with self._store.writing() as books:
                books.write(update(api_keys).where(api_keys.c.id == row.id).values(used_at=at))
        return _key(row)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Row[Any]) -> ApiKey:
    scopes = frozenset(Scope(word) for word in row.scopes.split())
    return ApiKey(row.id, row.name, scopes, row.made_at, row.made_by, row.used_at, row.revoked_at)
