"""How a message is written down and read back: its content under a key of its own, its person and customer as keyed hashes."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from voicebot.ports.outgoing import RANK, Channel, MessageState, OutMessage
from voicebot.records.books import Books, as_json
from voicebot.records.interaction_rows import CUSTOMER
from voicebot.records.schema import messages, opt_outs

GONE = {"wrapped_key": None, "sealed": None, "person": None, "customer": None}


def person_of(books: Books, address: str) -> str:
    """The keyed hash by which a person is known again."""
    return books.keyring.blind("message-person", address)


def sealed(books: Books, name: str, content: dict[str, Any]) -> dict[str, bytes]:
    """Under a new key, bound to this message."""
    key, about = books.keyring.new_data_key(), _about(name)
    return {"wrapped_key": books.keyring.wrap(key, about), "sealed": books.keyring.seal(key, as_json(content), about)}


def opened(books: Books, row: Row[Any]) -> dict[str, Any]:
    """What was sealed; empty where it was erased."""
    if row.wrapped_key is None:
        return {}
    about = _about(row.name)
    key = books.keyring.unwrap(row.wrapped_key, about)
    content: dict[str, Any] = json.loads(books.keyring.open_sealed(key, row.sealed, about))
    return content


def put(books: Books, message: OutMessage) -> bool:
    """False where its name, or its news on this channel, is there already."""
    person = person_of(books, message.to)
    # Many customers' news go to the company's own address, so that it never tells whose a message is.
    known = customer_of(books, person) if message.channel is not Channel.WEBHOOK else None
    content = {
        "to": message.to, "text": message.text, "subject": message.subject, "template": message.template,
        "variables": dict(message.variables), "customer": message.customer,
    }  # fmt: skip
    row = sealed(books, message.name, content) | {
        "name": message.name, "incoming": False, "channel": message.channel, "sender": message.sender,
        "person": person, "call_id": message.wish or None, "news": message.news or None,
        "customer": books.keyring.blind(CUSTOMER, message.customer) if message.customer else known,
        "by": message.by, "at": message.at,
        "due_at": message.due_at, "state": message.state, "tries": message.tries, "sid": message.sid,
        "reason": message.reason, "changed_at": message.at,
    }  # fmt: skip
    new = books.insert(messages).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return books.write(new).rowcount == 1


def customer_of(books: Books, person: str) -> str | None:
    """The keyed hash of the customer whom this person was found to be, so that new messages are forgotten with the old."""
    theirs = select(messages.c.customer).where(messages.c.person == person, messages.c.customer.is_not(None)).limit(1)
    found: str | None = books.connection.scalar(theirs)
    return found


def drop_waiting(books: Books, about: str, reason: str, at: datetime) -> None:
    """What the house would tell people of this callback or invitation, and has not begun to. Systems count events; people want
    the newest.
    """
    waiting = (
        messages.c.call_id == about, messages.c.state == MessageState.QUEUED, messages.c.tries == 0, messages.c.by == "",
        messages.c.channel != Channel.WEBHOOK,
    )  # fmt: skip
    dropped = {"state": MessageState.DROPPED, "reason": reason, "due_at": None, "changed_at": at}
    books.write(update(messages).where(*waiting).values(dropped))


def opt(books: Books, person: str, sender: str, *, out: bool, at: datetime) -> None:
    """STOP, or START again. Twice is no error. `person` is a keyed hash."""
    row = {"person": person, "sender": sender}
    if out:
        books.write(books.insert(opt_outs).values(row | {"at": at}).on_conflict_do_nothing())
    else:
        books.write(delete(opt_outs).where(opt_outs.c.person == person, opt_outs.c.sender == sender))


def message_of(books: Books, row: Row[Any]) -> OutMessage:
    """A row as it is read. An erased one has neither address nor content."""
    content = opened(books, row)
    return OutMessage(
        row.name, Channel(row.channel), content.get("to", ""), row.sender, content.get("text", ""), row.at, row.due_at,
        content.get("subject", ""), content.get("template", ""), content.get("variables", {}), row.call_id or "", row.news or 0,
        content.get("customer", ""), row.by, MessageState(row.state), row.tries, row.sid, row.reason,
    )  # fmt: skip


def moved(books: Books, row: Row[Any], state: MessageState, sid: str, reason: str, at: datetime) -> bool:
    """On to this state, never back; gives whether it moved. The carrier's id is kept once it is known."""
    if RANK[state] <= RANK[MessageState(row.state)]:
        if sid and not row.sid:
            books.write(update(messages).where(messages.c.id == row.id).values(sid=sid))
        return False
    values = {"state": state, "sid": sid or row.sid, "reason": reason, "changed_at": at, "due_at": None}
    books.write(update(messages).where(messages.c.id == row.id).values(values | {"owner": None, "leased_until": None}))
    return True


def taken(message: OutMessage) -> OutMessage:
    """As whoever leases it is to see it: one that somebody was at may have gone out."""
    return replace(message, state=MessageState.UNKNOWN) if message.state is MessageState.SENDING else message


def _about(name: str) -> str:
    return f"message:{name}"
