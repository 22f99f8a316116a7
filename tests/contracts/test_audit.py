"""The record of who did what is whole, or it is known that it is not."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.contracts.conftest import NOON
from voicebot.errors import StoreError
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.store import SqlStore


@pytest.fixture
def audit(store: SqlStore) -> SqlAudit:
    written = SqlAudit(store)
    for number in range(4):
        written.write("ada", Deed.SHOWN, NOON + timedelta(seconds=number), f"C{number}", {"found": True})
    return written


def test_an_empty_record_is_whole(store: SqlStore) -> None:
    assert SqlAudit(store).holds()
    assert SqlAudit(store).newest() == []


def test_lines_are_read_as_they_were_written(audit: SqlAudit) -> None:
    first = audit.newest()[-1]
    assert (first.number, first.at, first.who, first.deed, first.customer_id) == (1, NOON, "ada", Deed.SHOWN, "C0")
    assert first.facts == {"found": True}
    assert audit.holds()


@pytest.mark.parametrize(
    "change",
    [
        "update audit set what = 'locked' where number = 2",
        "update audit set customer = 'x' where number = 2",
        "update audit set at = '2026-03-02 12:00:09' where number = 2",
        "update audit set sealed = (select sealed from audit where number = 1) where number = 2",
        "update audit set number = 9 where number = 4",
        "delete from audit where number = 1",
        "delete from audit where number = 2",
        "delete from audit where number = 4",
        "delete from audit",
        "delete from house where name = 'audit_head'",
        "update house set content = (select content from house where name = 'key_mark') where name = 'audit_head'",
    ],
)
def test_what_was_done_to_it_is_seen(audit: SqlAudit, store: SqlStore, change: str) -> None:
    with store.writing() as books:
        books.write(text(change))
    assert not audit.holds()


def test_a_whole_chain_made_anew_without_our_keys_is_seen(audit: SqlAudit, store: SqlStore) -> None:
    with store.writing() as books:
        books.write(text("delete from audit where number > 2"))
        link = books.connection.scalar(text("select hash from audit where number = 2"))
        forged = f'[2, "{bytes(link or b"").hex()}", "1.{"A" * 32}"]'.encode()
        books.write(text("update house set content = :forged where name = 'audit_head'"), [{"forged": forged}])
    assert not audit.holds()
    with pytest.raises(StoreError, match="not signed by us"):
        audit.write("ada", Deed.SHOWN, NOON)


def test_the_table_alone_does_not_say_whom_it_was_about(audit: SqlAudit, store: SqlStore) -> None:
    audit.write("ada", Deed.SHOWN, NOON, "Canary-1")
    with store.viewing() as books:
        rows = repr(books.rows(text("select * from audit")).all())
    assert "Canary" not in rows
    assert "ada" not in rows
    assert "shown" in rows


def test_a_fact_is_a_plain_value(audit: SqlAudit) -> None:
    with pytest.raises(TypeError, match="a fact of the audit"):
        audit.write("ada", Deed.SHOWN, NOON, facts={"pin": object()})  # type: ignore[dict-item]  # what is tested
    assert len(audit.newest()) == 4


def test_a_line_without_its_deed_is_not_kept(audit: SqlAudit, store: SqlStore) -> None:
    from voicebot.records.audit import append

    def fail() -> None:
        with store.writing() as books:
            append(books, "ada", Deed.REMOVED, NOON, "C1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(audit.newest()) == 4
    assert audit.holds()


def test_a_rotated_token_key_leaves_the_record_whole(audit: SqlAudit, store: SqlStore) -> None:
    with store.viewing() as books:
        keyring = books.keyring
    keyring.rotate("token")
    assert audit.holds()
    audit.write("ada", Deed.SHOWN, NOON)
    assert audit.holds()
