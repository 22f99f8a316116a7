"""The outbox of messages: told once, leased by one, what may have gone out is looked for, callbacks in any order, opt-outs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import WishStatus
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.records import erasure
from voicebot.records.message_rows import message_of
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.schema import callback_wishes, messages, opt_outs
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON, LATER = NOON + timedelta(minutes=1), NOON + timedelta(hours=1)
TO, FROM = "+12025550123", "+12025550100"
HELLO = OutMessage("m1", Channel.SMS, TO, FROM, "Hello Canary", NOON, NOON, wish="one", customer="C-1")


@pytest.fixture
def outgoing(store: SqlStore, begun: Callable[[str], Call]) -> SqlOutgoing:
    begun("one")
    return SqlOutgoing(store)


def kept(store: SqlStore, name: str = "m1") -> OutMessage:
    with store.viewing() as books:
        return message_of(books, books.rows(select(messages).where(messages.c.name == name)).one())


def test_news_become_messages_once_and_drop_what_they_supersede(store: SqlStore, outgoing: SqlOutgoing) -> None:
    with store.transaction() as ledger:
        ledger.keep_wish(CallbackWish("one", "billing", TO, NOON, NOON, due_at=LATER))
    (untold,) = outgoing.untold()
    assert (untold.news.status, untold.language, untold.wish and untold.wish.number) == (WishStatus.BOOKED, "en", TO)
    night = replace(HELLO, news=untold.news.id, due_at=LATER)
    event = replace(night, name="m2", channel=Channel.WEBHOOK, to="https://x.example")
    assert outgoing.tell(untold.news.id, "one", [night, event], NOON)
    assert not outgoing.tell(untold.news.id, "one", [replace(night, name="m3")], NOON)
    assert outgoing.untold() == []
    with store.transaction() as ledger:
        ledger.assign_wish("one", "Mira", SOON)
    (newer,) = outgoing.untold()
    assert outgoing.tell(newer.news.id, "one", [replace(HELLO, name="m4", news=newer.news.id)], SOON)
    states = {one: kept(store, one).state for one in ("m1", "m2", "m4")}
    assert states == {"m1": MessageState.DROPPED, "m2": MessageState.QUEUED, "m4": MessageState.QUEUED}


def test_news_that_no_key_opens_keep_no_others_waiting(
    store: SqlStore, begun: Callable[[str], Call], outgoing: SqlOutgoing
) -> None:
    begun("two")
    with store.transaction() as ledger:
        ledger.keep_wish(CallbackWish("one", "billing", TO, NOON, NOON, due_at=LATER))
        ledger.keep_wish(CallbackWish("two", "billing", FROM, NOON, NOON, due_at=LATER))
    column = callback_wishes.c
    with store.writing() as books:
        sound = books.rows(select(column.sealed).where(column.call_id == "one")).one().sealed
        books.write(update(callback_wishes).where(column.call_id == "one").values(sealed=sound[:-1] + bytes([sound[-1] ^ 1])))
    with capture_logs() as told:
        assert [one.news.wish for _ in range(2) for one in outgoing.untold(limit=1)] == ["two", "two"]
    assert [(one["log_level"], one["call"]) for one in told] == [("error", "one")]  # once, however often it is looked for
    with store.writing() as books:  # the key is back
        books.write(update(callback_wishes).where(column.call_id == "one").values(sealed=sound))
    assert [one.news.wish for one in outgoing.untold()] == ["one", "two"]


def test_one_leases_it_and_it_comes_back_as_it_was_written(store: SqlStore, outgoing: SqlOutgoing) -> None:
    message = replace(HELLO, channel=Channel.WHATSAPP, template="HX1", variables={"1": "noon"}, subject="s", by="mira")
    assert outgoing.put(message)
    assert not outgoing.put(message)
    assert outgoing.lease("a", NOON - timedelta(seconds=1), LATER) == []
    assert outgoing.lease("a", NOON, SOON) == [message]
    assert outgoing.lease("b", NOON, SOON) == []
    outgoing.settle("a", replace(message, state=MessageState.SENT, sid="SM1", due_at=None), NOON)
    assert kept(store) == replace(message, state=MessageState.SENT, sid="SM1", due_at=None)
    assert outgoing.lease("b", LATER, LATER) == []
    assert outgoing.known_sids(TO) == ["SM1"]
    assert outgoing.known_sids(FROM) == []


def test_one_that_no_key_opens_waits_an_hour_and_keeps_no_other_waiting(store: SqlStore, outgoing: SqlOutgoing) -> None:
    other = replace(HELLO, name="m2", to=FROM, wish="", customer="")
    assert outgoing.put(HELLO)
    assert outgoing.put(other)
    with store.writing() as books:
        sound = books.rows(select(messages.c.sealed).where(messages.c.name == "m1")).one().sealed
        books.write(update(messages).where(messages.c.name == "m1").values(sealed=sound[:-1] + bytes([sound[-1] ^ 1])))
    assert outgoing.lease("a", NOON, SOON, 1) == []
    assert outgoing.lease("a", NOON, LATER + timedelta(hours=1), 1) == [other]
    with store.writing() as books:  # the key is back
        books.write(update(messages).where(messages.c.name == "m1").values(sealed=sound))
    assert outgoing.lease("a", SOON, LATER) == []
    assert outgoing.lease("a", LATER, LATER + timedelta(minutes=1)) == [replace(HELLO, due_at=LATER, reason="unreadable")]


def test_whoever_ends_over_it_leaves_it_to_be_looked_for(store: SqlStore, outgoing: SqlOutgoing) -> None:
    outgoing.put(HELLO)
    store.begin_boot("a", NOON)
    outgoing.lease("a", NOON, LATER)
    store.end_boot("a")
    (found,) = outgoing.lease("b", NOON, LATER)
    assert found == replace(HELLO, state=MessageState.UNKNOWN)
    outgoing.settle("a", replace(HELLO, state=MessageState.QUEUED), NOON)  # not theirs any more
    assert outgoing.lease("c", SOON, LATER) == []
    again = replace(HELLO, due_at=SOON, tries=1, reason="busy")
    outgoing.settle("b", again, NOON)
    assert outgoing.lease("c", SOON, LATER) == [again]


def test_what_the_carrier_tells_never_goes_backwards(store: SqlStore, outgoing: SqlOutgoing) -> None:
    outgoing.put(HELLO)
    outgoing.lease("a", NOON, LATER)
    assert outgoing.learned("m1", MessageState.DELIVERED, "SM1", "", SOON)  # before the request was answered
    outgoing.settle("a", replace(HELLO, state=MessageState.SENT, sid="SM1", due_at=None), SOON)
    outgoing.settle("a", replace(HELLO, state=MessageState.UNKNOWN, due_at=SOON), SOON)
    for state in (MessageState.SENT, MessageState.UNDELIVERED, MessageState.DELIVERED):
        assert outgoing.learned("m1", state, "SM1", "carrier 30003", LATER)
        assert (kept(store).state, kept(store).reason, kept(store).sid) == (MessageState.DELIVERED, "", "SM1")
    assert outgoing.learned("m1", MessageState.READ, "SM1", "", LATER)
    assert kept(store).state is MessageState.READ
    assert not outgoing.learned("nobody", MessageState.READ, "SM1", "", LATER)
    assert outgoing.lease("b", LATER, LATER) == []


def test_a_fate_that_comes_while_nobody_knows_settles_it(store: SqlStore, outgoing: SqlOutgoing) -> None:
    outgoing.put(HELLO)
    outgoing.lease("a", NOON, LATER)
    outgoing.settle("a", replace(HELLO, state=MessageState.UNKNOWN, due_at=SOON, tries=1), NOON)
    outgoing.learned("m1", MessageState.SENT, "SM1", "", NOON)
    assert outgoing.lease("b", LATER, LATER + HOUR) == []
    assert kept(store).state is MessageState.SENT


HOUR = timedelta(hours=1)


def test_who_wants_none_is_known_by_a_hash_and_for_one_sender(store: SqlStore, outgoing: SqlOutgoing) -> None:
    outgoing.opt(TO, FROM, out=True, at=NOON)
    outgoing.opt(TO, FROM, out=True, at=SOON)
    assert (outgoing.opted_out(TO, FROM), outgoing.opted_out(TO, TO), outgoing.opted_out(FROM, FROM)) == (True, False, False)
    with store.viewing() as books:
        (row,) = books.rows(select(opt_outs)).all()
    assert TO not in row.person
    outgoing.opt(TO, FROM, out=False, at=LATER)
    assert not outgoing.opted_out(TO, FROM)


def test_neither_address_nor_text_stands_in_the_database_and_both_go_with_the_call(
    store: SqlStore, outgoing: SqlOutgoing, tmp_path: Path
) -> None:
    outgoing.put(HELLO)
    store.checkpoint()
    for file in tmp_path.glob("voicebot.db*"):
        content = file.read_bytes()
        assert not any(one in content for one in (b"Canary", TO.encode(), b"C-1"))
    with store.writing() as books:
        erasure.erase_call(books, "one")
    assert (kept(store).to, kept(store).text, kept(store).customer) == ("", "", "")
    (found,) = outgoing.lease("a", NOON, LATER)
    assert found.to == ""


def test_an_address_of_the_companys_own_is_no_customer(store: SqlStore, outgoing: SqlOutgoing) -> None:
    event = replace(HELLO, name="w1", channel=Channel.WEBHOOK, to="https://x.example/in", wish="")
    outgoing.put(event)
    outgoing.put(replace(event, name="w2", customer=""))
    with store.viewing() as books:
        found = {row.name: row.customer is not None for row in books.rows(select(messages.c.name, messages.c.customer))}
    assert found == {"w1": True, "w2": False}
