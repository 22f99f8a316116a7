"""The journal tells what happened in order, notices every change, and stays whole when a person is forgotten."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from voicebot.dialogue.call import Call
from voicebot.dialogue.notes import Note, Noted
from voicebot.errors import KeyringError, StoreError
from voicebot.keyring import Keyring
from voicebot.ports.store import Effect, EffectKind, Ledger
from voicebot.records.schema import calls, day_roots, documents, journal, legs, outbox
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
Begun = Callable[[str], Call]


@pytest.fixture
def told(store: SqlStore, begun: Begun) -> SqlStore:
    """A call with four entries, another one with one."""
    begun("c1")
    begun("c2")
    with store.transaction() as ledger:
        ledger.note("c1", Note(Noted.ARRIVED, (("dnis", "+15550100"), ("open", True))), NOON)
        ledger.note("c1", Note(Noted.ASKED), NOON + timedelta(microseconds=1))
        ledger.note("c2", Note(Noted.ARRIVED), NOON)
    with store.transaction() as ledger:
        ledger.note("c1", Note(Noted.ENTERED, (("value", "•••"), ("delay", 0.25), ("turn", 3))), NOON + timedelta(seconds=1))
        ledger.note("c1", Note(Noted.ENDED, (("why", None),)), NOON + timedelta(seconds=2))
    return store


def change(store: SqlStore, statement: Any) -> None:
    with store.writing() as books:
        books.write(statement)


def test_entries_are_read_back_in_order_with_their_facts(told: SqlStore) -> None:
    with told.reading() as ledger:
        entries = ledger.journal("c1")
    assert [(entry.number, entry.what) for entry in entries] == [(1, "arrived"), (2, "asked"), (3, "entered"), (4, "ended")]
    assert entries[0].facts == {"dnis": "+15550100", "open": True}
    assert entries[2].facts == {"value": "•••", "delay": 0.25, "turn": 3}
    assert entries[1].at == NOON + timedelta(microseconds=1)


def test_a_whole_chain_holds(told: SqlStore) -> None:
    assert told.verify_chain("c1")
    assert told.verify_chain("c2")
    assert not told.verify_chain("nobody")


@pytest.mark.parametrize(
    "tampering",
    [
        update(journal).where(journal.c.call_id == "c1", journal.c.number == 2).values(what="assured"),
        update(journal).where(journal.c.call_id == "c1", journal.c.number == 2).values(at=NOON + timedelta(hours=1)),
        update(journal).where(journal.c.call_id == "c1", journal.c.number == 3).values(sealed=b"x"),
        update(journal).where(journal.c.call_id == "c1", journal.c.number == 4).values(hash=b"x"),
        delete(journal).where(journal.c.call_id == "c1", journal.c.number == 1),
        delete(journal).where(journal.c.call_id == "c1", journal.c.number == 2),
        delete(journal).where(journal.c.call_id == "c1", journal.c.number == 4),
        delete(journal).where(journal.c.call_id == "c1"),
    ],
)
def test_every_change_breaks_the_chain(told: SqlStore, tampering: Any) -> None:
    change(told, tampering)
    assert not told.verify_chain("c1")
    assert told.verify_chain("c2")


def test_facts_moved_to_another_entry_do_not_open(told: SqlStore) -> None:
    with told.viewing() as books:
        sealed = books.connection.scalar(select(journal.c.sealed).where(journal.c.call_id == "c1", journal.c.number == 3))
    change(told, update(journal).where(journal.c.call_id == "c1", journal.c.number == 2).values(sealed=sealed))
    with told.reading() as ledger, pytest.raises(KeyringError):
        ledger.journal("c1")


def test_a_note_needs_its_call(store: SqlStore) -> None:
    with pytest.raises(StoreError), store.transaction() as ledger:
        ledger.note("nobody", Note(Noted.ASKED), NOON)


def test_a_signed_day_notices_later_changes(told: SqlStore) -> None:
    assert not told.verify_day(DAY)
    signed = told.sign_day(DAY)
    assert (signed.heads, len(signed.root)) == (2, 32)
    assert told.verify_day(DAY)
    with told.transaction() as ledger:  # the next day is another day's affair
        ledger.note("c1", Note(Noted.ENDED), NOON + timedelta(days=1))
    assert told.verify_day(DAY)
    change(told, delete(journal).where(journal.c.call_id == "c2"))
    assert not told.verify_day(DAY)


def test_a_forged_signature_does_not_hold(told: SqlStore) -> None:
    told.sign_day(DAY)
    change(told, update(day_roots).values(heads=3))
    assert not told.verify_day(DAY)


def test_a_day_is_signed_once(told: SqlStore) -> None:
    signed = told.sign_day(DAY)
    change(told, delete(journal).where(journal.c.call_id == "c2"))
    assert told.sign_day(DAY) == signed
    assert not told.verify_day(DAY)


def test_an_empty_day_can_be_signed(store: SqlStore) -> None:
    assert store.sign_day(DAY).heads == 0
    assert store.verify_day(DAY)


def test_an_erased_call_cannot_be_read_but_its_chain_holds(told: SqlStore, keyring: Keyring) -> None:
    signed = told.sign_day(DAY)
    with told.transaction() as ledger:
        kept = ledger.load_call("c1")
        assert kept is not None
        ledger.next_document(kept, ())
        ledger.put_effect(Effect(EffectKind.PUSH, "c1", {"leg": "CA-c1"}), NOON)
        ledger.wake_at("c1", "max_wait", NOON)
    with told.viewing() as books:
        wrapped = books.connection.scalar(select(calls.c.wrapped_key).where(calls.c.id == "c1"))
        assert wrapped is not None
        assert keyring.unwrap(wrapped, "call:c1")

    assert told.erase_call("c1")

    with told.reading() as ledger:
        assert ledger.load_call("c1") is None
        assert ledger.document("c1", 1) is None
        assert ledger.legs("c1") == []
        assert [(entry.what, entry.facts) for entry in ledger.journal("c1")][:2] == [("arrived", {}), ("asked", {})]
    with told.viewing() as books:
        assert books.rows(select(calls.c.wrapped_key, calls.c.sealed).where(calls.c.id == "c1")).one() == (None, None)
        for table in (documents, legs, outbox):
            assert books.rows(select(table).where(table.c.call_id == "c1")).all() == []
    with told.transaction() as ledger:
        assert ledger.lease_due("boot", NOON, NOON) == []
        other = ledger.load_call("c2")
    assert other is not None
    assert told.verify_chain("c1")
    assert told.verify_day(DAY)
    assert told.sign_day(DAY) == signed


def test_an_erased_call_stays_erased(told: SqlStore) -> None:
    with told.reading() as ledger:
        kept = ledger.load_call("c1")
    assert kept is not None
    assert told.erase_call("c1")
    assert not told.erase_call("c1")
    assert not told.erase_call("nobody")
    writes: tuple[Callable[[Ledger], object], ...] = (
        lambda ledger: ledger.save_call(kept, kept.call),
        lambda ledger: ledger.note("c1", Note(Noted.ASKED), NOON),
        lambda ledger: ledger.next_document(kept, ()),
    )
    for write in writes:
        with pytest.raises(StoreError), told.transaction() as ledger:
            write(ledger)
    assert told.verify_chain("c1")
