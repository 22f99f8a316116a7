"""A key opens what its scopes say until it is revoked, stands nowhere in the database, and what is done with keys is recorded."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from voicebot.ports.api_keys import Scope
from voicebot.records.api_keys import SqlApiKeys
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.schema import api_keys
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def keys(store: SqlStore) -> SqlApiKeys:
    return SqlApiKeys(store)


def test_a_key_is_known_by_what_its_bearer_shows_and_only_by_that(keys: SqlApiKeys, store: SqlStore) -> None:
    shown = keys.make("crm", [Scope.WRITE, Scope.READ], "ada", NOON)
    found = keys.of_bearer(shown, NOON)
    assert found is not None
    assert (found.name, found.scopes, found.made_by) == ("crm", {Scope.READ, Scope.WRITE}, "ada")
    for wrong in ("", shown[:-1], shown.upper(), shown[:-1] + ("0" if shown[-1] != "0" else "1"), f"vbk_{'0' * 12}_{'0' * 64}"):
        assert keys.of_bearer(wrong, NOON) is None
    with store.viewing() as books:
        assert shown.rpartition("_")[2] not in repr(books.rows(select(api_keys)).all())


def test_a_revoked_key_opens_nothing_and_its_name_is_free_again(keys: SqlApiKeys) -> None:
    old = keys.make("crm", [Scope.READ], "ada", NOON)
    with pytest.raises(ValueError, match="in use"):
        keys.make("crm", [Scope.READ], "ada", NOON)
    assert keys.revoke("crm", "ada", NOON)
    assert not keys.revoke("crm", "ada", NOON)
    assert keys.of_bearer(old, NOON) is None
    new = keys.make("crm", [Scope.READ], "ada", NOON + timedelta(hours=1))
    assert keys.of_bearer(new, NOON) is not None
    assert [(key.name, key.revoked_at) for key in keys.all()] == [("crm", NOON), ("crm", None)]


def test_when_a_key_was_last_used_is_noted_to_the_minute(keys: SqlApiKeys) -> None:
    shown = keys.make("crm", [Scope.READ], "ada", NOON)
    assert keys.all()[0].used_at is None
    for seconds in (0, 59, 60, 61):
        keys.of_bearer(shown, NOON + timedelta(seconds=seconds))
    assert keys.all()[0].used_at == NOON + timedelta(seconds=60)


def test_making_and_revoking_are_recorded(keys: SqlApiKeys, store: SqlStore) -> None:
    keys.make("crm", [Scope.READ], "ada", NOON)
    keys.revoke("crm", "bo", NOON)
    number = keys.all()[0].id
    assert [(row.who, row.deed, row.facts) for row in SqlAudit(store).newest()] == [
        ("bo", Deed.API_KEY_REVOKED, {"name": "crm", "id": number}),
        ("ada", Deed.API_KEY_MADE, {"name": "crm", "id": number, "scopes": "callbacks:read"}),
    ]
