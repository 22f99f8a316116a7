"""What reports tell of callbacks, invitations and messages: their own rows, each with what it adds. Nothing sealed is opened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from voicebot.dialogue.calling_back import BookedBy, WishResult
from voicebot.facts.outreach import Fate, Kind, outreach_sums
from voicebot.ports.facts import By
from voicebot.ports.invitations import InvitationState
from voicebot.ports.outgoing import Channel, MessageState
from voicebot.records.schema import callback_wishes, interactions, invitations, messages

OUT_OF_HOURS = "out_of_hours"  # a callback booked by somebody who called when nobody was there
NO_AGENT = "no_agent"  # was free while it was due
CAMPAIGN = "campaign:"
NO_RECEIPTS = (Channel.MAIL, Channel.WEBHOOK)  # that a carrier has it is the last that is known

CALLBACK = {
    WishResult.SERVED: Fate.REACHED,
    WishResult.NOT_REACHED: Fate.UNREACHED,
    WishResult.CALLED_OFF: Fate.NOT_NEEDED,
    WishResult.SERVED_OTHERWISE: Fate.NOT_NEEDED,
}
INVITATION = {
    InvitationState.WAITING: Fate.UNDER_WAY,
    InvitationState.SENT: Fate.UNDER_WAY,
    InvitationState.AGREED: Fate.REACHED,
    InvitationState.DECLINED: Fate.REACHED,
    InvitationState.EXPIRED: Fate.UNREACHED,
    InvitationState.REFUSED: Fate.UNREACHED,
    InvitationState.WITHDRAWN: Fate.NOT_NEEDED,
}
MESSAGE = {
    MessageState.DELIVERED: Fate.REACHED,
    MessageState.READ: Fate.REACHED,
    MessageState.UNDELIVERED: Fate.UNREACHED,
    MessageState.FAILED: Fate.UNREACHED,
    MessageState.REFUSED: Fate.UNREACHED,
    MessageState.DROPPED: Fate.NOT_NEEDED,
}


@dataclass(frozen=True)
class Told:
    """One thing that is counted: when, what it belongs to (what it has none of is missing), what it adds."""

    at: datetime
    of: Mapping[By, str]
    sums: Mapping[str, int | timedelta]


def of_interaction(row: Any) -> dict[By, str]:
    """What a row that was joined with its interaction belongs to."""
    return {By.LINE: row.line, By.LANGUAGE: row.language, By.CODE: row.wrap_up, By.ENDING: row.ending or ""}


ABOUT = (interactions.c.line, interactions.c.language, interactions.c.wrap_up, interactions.c.ending)


def callbacks(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """Booked in that time, wherever it was."""
    column = callback_wishes.c
    dialled = interactions.alias("dialled")  # the call in which the customer was reached
    joined = callback_wishes.join(interactions, interactions.c.call_id == column.call_id)
    joined = joined.outerjoin(dialled, dialled.c.call_id == column.dialled_in)
    chosen = select(
        column.queue, column.at, column.start, column.done_at, column.tries, column.result, column.why, column.booked_by,
        column.assigned, dialled.c.answered_at, interactions.c.queued_at, *ABOUT,
    )  # fmt: skip
    for row in connection.execute(chosen.select_from(joined).where(column.at >= since, column.at < until)):
        fate, why = _callback(row)
        waited = row.booked_by != BookedBy.CALL or row.queued_at is not None
        of = {
            By.KIND: Kind.CALLBACK.value, By.WAY: row.booked_by if waited else OUT_OF_HOURS, By.QUEUE: row.queue,
            By.AGENT: row.assigned, By.REASON: why,
        }  # fmt: skip
        took = (row.answered_at or row.done_at) - (row.start or row.at) if row.done_at else None
        yield Told(row.at, of_interaction(row) | of, outreach_sums(fate, row.tries, took))


def _callback(row: Any) -> tuple[Fate, str]:
    """What became of it, and why it was in vain. One that an agent has closed by hand has no result: they have called."""
    if row.done_at is None:
        return Fate.UNDER_WAY, ""
    result = WishResult(row.result) if row.result else WishResult.SERVED
    if result is WishResult.NOT_REACHED:
        return Fate.UNREACHED, row.why or NO_AGENT
    return CALLBACK[result], "" if result is WishResult.SERVED else result.value


def outreach(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """All that was to go out in that time."""
    yield from callbacks(connection, since, until)
    yield from _invitations(connection, since, until)
    yield from _messages(connection, since, until)


def _invitations(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """Each by when it was to be sent. When somebody agreed is when their callback was booked; of a no there is no time."""
    column = invitations.c
    joined = invitations.join(interactions, interactions.c.call_id == column.call_id)
    joined = joined.outerjoin(callback_wishes, callback_wishes.c.call_id == column.call_id)
    chosen = select(column.queue, column.send_at, column.by, column.state, callback_wishes.c.at.label("agreed_at"), *ABOUT)
    for row in connection.execute(chosen.select_from(joined).where(column.send_at >= since, column.send_at < until)):
        fate = INVITATION[InvitationState(row.state)]
        way = row.by if row.by.startswith(CAMPAIGN) else row.by.partition(":")[0]
        why = "" if fate in (Fate.REACHED, Fate.UNDER_WAY) else row.state
        of = {By.KIND: Kind.INVITATION.value, By.WAY: way, By.QUEUE: row.queue, By.REASON: why}
        took = row.agreed_at - row.send_at if row.agreed_at else None
        yield Told(row.send_at, of_interaction(row) | of, outreach_sums(fate, took=took))


def _messages(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """What went to people outside; what they wrote is none."""
    column = messages.c
    chosen = select(column.channel, column.by, column.at, column.state, column.reason, column.changed_at)
    mine = column.incoming.is_(False), column.at >= since, column.at < until
    for row in connection.execute(chosen.where(*mine)):
        state, channel = MessageState(row.state), Channel(row.channel)
        arrived = state is MessageState.SENT and channel in NO_RECEIPTS
        fate = Fate.REACHED if arrived else MESSAGE.get(state, Fate.UNDER_WAY)
        why = "" if fate in (Fate.REACHED, Fate.UNDER_WAY) else row.reason or state.value
        of = {By.KIND: (Kind.MESSAGE if row.by else Kind.NOTICE).value, By.WAY: channel.value, By.REASON: why}
        took = row.changed_at - row.at
        yield Told(row.at, of, outreach_sums(fate, took=took))
