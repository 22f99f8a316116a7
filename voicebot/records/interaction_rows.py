"""The row of a call that can be looked for, written in the transaction that saves the call.

Who called is kept as keyed hashes and in a sealed column; both go when the call is erased.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from voicebot.dialogue.call import Call
from voicebot.records.books import Books
from voicebot.records.fact_list import want
from voicebot.records.schema import interactions

CUSTOMER, IDENTIFIER = "interaction.customer", "interaction.identifier"  # purposes of the keyed hashes
SEALED = "interaction"


def tells_of(call: Call) -> tuple[object, ...]:
    """What the row holds of a call; where this is the same, there is nothing to write."""
    serving = call.serving
    return (
        call.stage,
        call.assurance,
        call.customer,
        call.queue.name,
        call.waiting.since if call.waiting else None,
        serving.agent if serving else "",
        serving.joined_at if serving else None,
        call.ending,
        call.ended_at,
        call.survey.score if call.survey else None,
    )


def open_row(books: Books, call: Call, at: datetime) -> None:
    """A new call."""
    row = {"call_id": call.id, "started_at": at, "line": call.line.name, "language": call.line.language, "wrap_up": ""}
    books.write(insert(interactions).values(row | _columns(books, call) | {"agent": ""}))


def keep(books: Books, call: Call) -> None:
    """The call has moved on. The first answer and the last agent stay."""
    values = _columns(books, call)
    joined = call.serving.joined_at if call.serving else None
    first = books.connection.scalar(select(interactions.c.answered_at).where(interactions.c.call_id == call.id))
    values["answered_at"] = answered = first or joined
    if call.waiting is not None and _is_on_the_line(call) and (until := answered or call.ended_at) is not None:
        values["waited"] = (until - call.waiting.since).total_seconds()
    books.write(update(interactions).where(interactions.c.call_id == call.id).values(values))
    if call.ended_at is not None:
        want(books, call.id)


def erase(books: Books, call_id: str) -> None:
    """Who it was is forgotten; that there was a call is not."""
    books.write(update(interactions).where(interactions.c.call_id == call_id).values(customer=None, identifier=None, sealed=None))


def _columns(books: Books, call: Call) -> dict[str, Any]:
    values: dict[str, Any] = {
        "queue": call.queue.name,
        "stage": call.stage.value,
        "assurance": call.assurance.value,
        "ending": call.ending.value if call.ending else None,
        "ended_at": call.ended_at,
        "score": call.survey.score if call.survey else None,
        "queued_at": call.waiting.since if call.waiting and _is_on_the_line(call) else None,
    }
    if call.serving is not None:
        values["agent"] = call.serving.agent
    if (customer := call.customer) is not None:
        values["customer"] = books.keyring.blind(CUSTOMER, customer.ref)
        values["identifier"] = books.keyring.blind(IDENTIFIER, customer.identifier)
        plain = {"identifier": customer.identifier, "name": customer.name or ""}
        values["sealed"] = books.seal_for_call(call.id, plain, SEALED)
    return values


def _is_on_the_line(call: Call) -> bool:
    """Somebody waits for an agent; nobody does whom we are to call, and nobody out of hours."""
    return call.callback is None and (call.waiting is None or call.waiting.in_line)
