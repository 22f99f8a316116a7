"""What is forgotten is gone from the bytes on disk, not only from the tables."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Customer
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.ports.store import Leg, LegRole
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.retention import forget_old
from voicebot.records.schema import calls, messages
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(part.read_bytes() for part in path.parent.iterdir())


def test_an_erased_calls_key_is_on_disk_no_more(store: SqlStore, path: Path) -> None:
    line = LinePlan("billing", "+15550100", "en", "US", QueuePlan("billing"), Grammar("en"))
    call = Call("c1", line, customer=Customer("ref-7", "86091735", "Canary Person"))
    with store.transaction() as ledger:
        ledger.open_call(call, Leg("CA-canary-leg", "c1", LegRole.CALLER), "prompts-1", NOON)
        ledger.note("c1", Note(Noted.IDENTIFY_RESULT, (("customer", "86091735"),)), NOON)
    with store.viewing() as books:
        row = books.rows(select(calls.c.wrapped_key, calls.c.sealed)).one()
    store.checkpoint()
    before = bytes_on_disk(path)
    assert row.wrapped_key in before
    assert b"86091735" not in before
    assert b"Canary Person" not in before

    store.erase_call("c1")

    after = bytes_on_disk(path)
    for gone in (row.wrapped_key, row.sealed, b"CA-canary-leg"):
        assert gone not in after
    assert store.verify_chain("c1")


def test_old_messages_keys_are_on_disk_no_more(store: SqlStore, path: Path) -> None:
    delivered = OutMessage("n1", Channel.SMS, "+12025550123", "+12025550100", "x", NOON, NOON, state=MessageState.DELIVERED)
    SqlOutgoing(store).put(delivered)
    with store.viewing() as books:
        key, person = books.rows(select(messages.c.wrapped_key, messages.c.person)).one()
    store.checkpoint()
    assert key in bytes_on_disk(path)
    assert forget_old(store, NOON + timedelta(days=31), call_days=0, message_days=30) == 1
    after = bytes_on_disk(path)
    assert key not in after
    assert person.encode() not in after
