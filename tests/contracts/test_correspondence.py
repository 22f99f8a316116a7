"""Threads: what comes in is kept once, one agent has it, and it is forgotten with its customer."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.messages.inbox import Inbox
from voicebot.ports.correspondence import Reply, ReplyState
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.records.correspondence import SqlCorrespondence
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=1)
ADA, BEN, OURS = "+12025550123", "+12025550124", "+12025550100"
HELLO = Reply("SM1", Channel.SMS, ADA, OURS, "Where is my parcel?", NOON)


@pytest.fixture
def threads(store: SqlStore) -> SqlCorrespondence:
    return SqlCorrespondence(store)


def test_what_comes_in_waits_once(threads: SqlCorrespondence) -> None:
    assert threads.arrived(HELLO, ReplyState.NEW)
    assert not threads.arrived(HELLO, ReplyState.NEW)
    threads.arrived(replace(HELLO, sid="SM2", text="Hello?", at=SOON), ReplyState.NEW)
    threads.arrived(replace(HELLO, sid="SM3", person=BEN, at=SOON), ReplyState.NEW)
    ada, ben = threads.open_threads()
    assert [one.text for one in ada.messages] == ["Where is my parcel?", "Hello?"]
    assert (ada.person, ada.waits, ada.taken_by) == (ADA, True, "")
    assert (ben.person, ben.channel, ben.sender) == (BEN, Channel.SMS, OURS)
    assert threads.last_in(Channel.SMS, ADA, OURS) == SOON
    assert threads.last_in(Channel.WHATSAPP, ADA, OURS) is None


def test_one_agent_takes_it_and_has_what_follows(threads: SqlCorrespondence) -> None:
    threads.arrived(HELLO, ReplyState.NEW)
    (thread,) = threads.open_threads()
    assert threads.take(thread.number, "mira", SOON)
    assert not threads.take(thread.number, "jonas", SOON)
    assert threads.take(thread.number, "mira", SOON)
    threads.arrived(replace(HELLO, sid="SM2", at=SOON), ReplyState.NEW)
    (thread,) = threads.open_threads()
    assert (thread.taken_by, thread.waits) == ("mira", False)
    assert not threads.done(thread.number, "jonas", SOON)
    assert threads.done(thread.number, "mira", SOON)
    assert threads.open_threads() == []
    threads.arrived(replace(HELLO, sid="SM3", at=SOON), ReplyState.NEW)
    assert [one.waits for one in threads.open_threads()] == [True]
    assert not threads.take(4711, "mira", SOON)


def test_what_is_open_is_told_by_its_oldest_who_has_it_and_who_wrote_last(store: SqlStore, threads: SqlCorrespondence) -> None:
    SqlOutgoing(store).put(OutMessage("n1", Channel.SMS, ADA, OURS, "Your parcel?", NOON, NOON, by="jonas"))
    threads.arrived(HELLO, ReplyState.NEW)
    threads.arrived(replace(HELLO, sid="SM2", at=SOON), ReplyState.NEW)
    threads.arrived(replace(HELLO, sid="SM3", person=BEN, at=SOON), ReplyState.NEW)
    ada, ben = threads.open_answers()
    assert (ada.since, ada.taken_by, ada.last_agent) == (NOON, "", "jonas")
    assert (ben.since, ben.taken_by, ben.last_agent) == (SOON, "", "")
    newest = threads.open_threads()[0].number
    assert threads.oldest_open(newest) == ada.number < newest
    threads.take(newest, "mira", SOON)
    assert threads.open_answers()[0] == replace(ada, taken_by="mira")
    assert not threads.release(ada.number, "jonas", SOON)
    assert threads.release(ada.number, "mira", SOON)
    assert threads.open_answers()[0] == ada
    threads.done(newest, "mira", SOON)
    assert threads.oldest_open(newest) is None
    assert threads.oldest_open(4711) is None
    assert not threads.release(4711, "mira", SOON)


def test_an_answer_stands_in_the_thread_and_a_notice_makes_none(store: SqlStore, threads: SqlCorrespondence) -> None:
    outgoing = SqlOutgoing(store)
    notice = OutMessage("n1", Channel.SMS, BEN, OURS, "Booked", NOON, NOON)
    outgoing.put(notice)
    assert threads.threads() == []
    outgoing.put(replace(notice, name="o1", to=ADA, text="Tomorrow", by="mira", state=MessageState.FAILED, reason="30003"))
    threads.arrived(replace(HELLO, at=SOON), ReplyState.NEW)
    threads.arrived(replace(HELLO, sid="SM2", person=BEN), ReplyState.NOTED)
    ben, ada = threads.threads()
    assert (ben.person, ada.person, [one.text for one in ada.messages]) == (BEN, ADA, ["Where is my parcel?"])
    whole = threads.thread(ada.number)
    assert whole is not None
    assert [(one.text, one.incoming, one.state, one.by, one.reason) for one in whole.messages] == [
        ("Tomorrow", False, "failed", "mira", "30003"), ("Where is my parcel?", True, "new", "", ""),
    ]  # fmt: skip
    of_ben = threads.thread(ben.number)
    assert of_ben is not None
    assert [one.text for one in of_ben.messages] == ["Booked", "Where is my parcel?"]
    assert threads.thread(4711) is None
    assert outgoing.lease("a", SOON, SOON)[0].name == "n1"  # what came in is never sent


def test_what_is_a_customers_is_known_as_theirs(store: SqlStore, threads: SqlCorrespondence) -> None:
    from sqlalchemy import select

    from voicebot.records.interaction_rows import CUSTOMER
    from voicebot.records.schema import messages

    threads.arrived(HELLO, ReplyState.NEW)
    threads.arrived(replace(HELLO, sid="SM2", person=BEN), ReplyState.NEW)
    threads.belongs(ADA, "C-1")
    with store.viewing() as books:
        found = {row.name: row.customer for row in books.rows(select(messages.c.name, messages.c.customer))}
        assert found == {"SM1": books.keyring.blind(CUSTOMER, "C-1"), "SM2": None}
    threads.arrived(replace(HELLO, sid="SM3"), ReplyState.NEW)
    SqlOutgoing(store).put(OutMessage("o1", Channel.SMS, ADA, OURS, "Hello", NOON, NOON))
    with store.viewing() as books:
        theirs = books.rows(select(messages.c.name).where(messages.c.customer == found["SM1"])).scalars()
        assert set(theirs) == {"SM1", "SM3", "o1"}


# ---- the inbox -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("says", ["", "STOP"])
def test_stop_and_start_are_for_nobody_and_count_from_then_on(store: SqlStore, threads: SqlCorrespondence, says: str) -> None:
    outgoing, told = SqlOutgoing(store), list[int]()
    inbox = Inbox(outgoing, threads, lambda: told.append(1))
    for _ in range(2):
        inbox.arrived(replace(HELLO, text="" if says else "Stop"), says)
    assert (outgoing.opted_out(ADA, OURS), threads.open_threads(), len(told)) == (True, [], 1)
    inbox.arrived(replace(HELLO, sid="SM2", text="Yes"))
    assert not outgoing.opted_out(ADA, OURS)
    inbox.arrived(replace(HELLO, sid="SM3", text="Yes"))
    assert [one.messages[-1].text for one in threads.open_threads()] == ["Yes"]
    inbox.arrived(replace(HELLO, text="Stop"))  # the first one, much later once more
    assert not outgoing.opted_out(ADA, OURS)
    inbox.arrived(replace(HELLO, sid="SM4", person=BEN, text="HELP"))
    assert len(threads.open_threads()) == 1


def test_a_stop_is_kept_together_with_its_message_so_that_no_crash_comes_between(
    store: SqlStore, threads: SqlCorrespondence
) -> None:
    class Killed(SqlOutgoing):
        def opt(self, *_: object, **__: object) -> None:
            raise KeyboardInterrupt

    stop = replace(HELLO, text="STOP")
    with suppress(KeyboardInterrupt):
        Inbox(Killed(store), threads).arrived(stop)
    Inbox(SqlOutgoing(store), threads).arrived(stop)  # the carrier has had no answer
    assert SqlOutgoing(store).opted_out(ADA, OURS)
