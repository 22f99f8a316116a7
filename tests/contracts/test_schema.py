"""An empty database becomes this release's by migration, and the code's tables are the migrated ones."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from voicebot.errors import StoreError
from voicebot.keyring import Keyring
from voicebot.records import migrate
from voicebot.records.customer_editions import current, visible, visible_keys, visible_secrets
from voicebot.records.engine import make_engines
from voicebot.records.schema import REVISION, customer_keys, customer_secrets, customers, metadata
from voicebot.records.store import SqlStore, open_store


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_migrated_tables_are_those_of_the_code(store: SqlStore) -> None:
    with store.viewing() as books:
        context = MigrationContext.configure(books.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_has_no_revision_and_an_opened_one_the_newest(url: str, keyring: Keyring) -> None:
    engines = make_engines(url)
    with engines.reading() as connection:
        assert migrate.revision(connection) is None
    open_store(url, keyring).close()
    with engines.reading() as connection:
        assert migrate.revision(connection) == REVISION
    engines.close()


def test_opening_again_keeps_everything(url: str, keyring: Keyring) -> None:
    first = open_store(url, keyring)
    with first.transaction() as ledger:
        ledger.put_snapshot("abc", b"x")
    first.close()
    second = open_store(url, keyring)
    with second.reading() as ledger:
        assert ledger.snapshot("abc") == b"x"
    second.close()


def test_a_database_of_a_newer_release_is_refused(store: SqlStore, url: str, keyring: Keyring) -> None:
    with store.writing() as books:
        books.write(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreError, match="newer release"):
        open_store(url, keyring)


def test_a_database_of_other_keys_is_refused(store: SqlStore, url: str, tmp_path: Path) -> None:  # noqa: ARG001 - makes it
    with pytest.raises(StoreError, match="other keys"):
        open_store(url, Keyring.open(tmp_path / "other keys"))


def test_customers_of_the_first_tables_are_kept(url: str, keyring: Keyring) -> None:
    engines = make_engines(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with engines.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("insert into customers (blind, sealed) values ('b', :sealed)"), {"sealed": b"x"})
        connection.execute(text("insert into customer_keys (field, blind, customer, is_unique) values ('f', 'k', 'b', true)"))
        connection.execute(text("insert into customer_secrets (customer, field, hashed) values ('b', 'pin', 'h')"))
    engines.close()
    store = open_store(url, keyring)
    with store.viewing() as books:
        assert current(books) == 0
        assert [row.sealed for row in books.rows(select(customers).where(visible(0)))] == [b"x"]
        assert [row.customer for row in books.rows(select(customer_keys).where(visible_keys(0)))] == ["b"]
        assert [row.hashed for row in books.rows(select(customer_secrets).where(visible_secrets(0)))] == ["h"]
    store.close()


def test_callbacks_of_before_have_the_status_that_follows_from_their_end(url: str, keyring: Keyring) -> None:
    engines = make_engines(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    ends = {
        "open": (False, ""), "by hand": (True, ""), "by us": (True, "served"), "off": (True, "called_off"),
        "no": (True, "not_reached"),
    }  # fmt: skip
    with engines.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        columns = "call_id, queue, since, at, done_by, number, result, done_at"
        for call_id, (done, result) in ends.items():
            at = "2026-03-02 12:00:00"
            values = {"id": call_id, "result": result, "at": at, "done": at if done else None}
            row = f"insert into callback_wishes ({columns}) values (:id, 'billing', :at, :at, '', :id, :result, :done)"  # noqa: S608 - names of columns
            connection.execute(text(row), values)
    engines.close()
    store = open_store(url, keyring)
    with store.reading() as ledger:
        found = {call_id: wish.status.value for call_id in ends if (wish := ledger.any_wish(call_id)) is not None}
    store.close()
    assert found == {"open": "booked", "by hand": "done", "by us": "done", "off": "cancelled", "no": "missed"}


def test_a_failed_migration_leaves_an_empty_database_empty(url: str, tmp_path: Path) -> None:
    engines = make_engines(url)

    def migrate_and_fail() -> None:
        with engines.writing() as connection:
            migrate.migrate(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        migrate_and_fail()
    with engines.reading() as connection:
        assert migrate.revision(connection) is None
    engines.close()
    open_store(url, Keyring.open(tmp_path / "keys")).close()
