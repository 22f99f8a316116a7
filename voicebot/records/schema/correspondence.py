"""Callbacks, invitations and messages: what customers are promised, told and asked."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from voicebot.records.columns import RowId, UtcTime
from voicebot.records.schema.base import metadata

callback_wishes = Table(  # somebody left the line to be called back
    "callback_wishes",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("since", UtcTime, nullable=False),  # in line
    Column("at", UtcTime, nullable=False),
    Column("sealed", LargeBinary),  # number, subject and the customer's key, under the call's key
    Column("done_at", UtcTime, index=True),
    Column("done_by", Text, nullable=False),
    Column("number", Text),  # its keyed hash: a queue has one open wish for it
    Column("due_at", UtcTime),  # none: nobody is dialled for it
    Column("tries", Integer, nullable=False, server_default="0"),  # dials so far
    Column("dialled_in", Text),  # the call that is at it
    Column("result", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default=""),  # the last dial reached nobody (`NotReached`)
    Column("start", UtcTime),  # of the window; none: as soon as possible
    Column("until", UtcTime),
    Column("medium", Text, nullable=False, server_default="phone"),
    Column("booked_by", Text, nullable=False, server_default="call"),
    Column("status", Text, nullable=False, server_default="booked"),
    Column("assigned", Text, nullable=False, server_default=""),  # the agent who has it or had it
    Column("customer", Text),  # keyed hash, as in `interactions`
    Index("callback_wishes_due", "due_at"),
    Index("callback_wishes_by_customer", "customer"),
    Index("callback_wishes_by_slot", "queue", "start"),
    Index(
        "callback_wishes_open", "queue", "number", unique=True,
        sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL"),
    ),
)

callback_phrases = Table(  # by which we prove who is calling, each under a key of its own; both are gone once it was read
    "callback_phrases",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("wrapped_key", LargeBinary),
    Column("sealed", LargeBinary),
    Column("wipe_at", UtcTime, nullable=False),
    Column("read_by", Text, nullable=False),
    Column("read_at", UtcTime),
    Index("callback_phrases_by_end", "wipe_at"),
)

callback_news = Table(  # what customers are to be told of their callbacks
    "callback_news",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("again_at", UtcTime),
    Column("agent", Text, nullable=False),
    Column("told", Boolean, nullable=False),
    Index("callback_news_untold", "told", "id"),
    sqlite_autoincrement=True,
)

messages = Table(  # to people outside, each under a key of its own, and what they answer
    "messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # ours; of what comes in the carrier's id
    Column("incoming", Boolean, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sender", Text, nullable=False),  # of ours: whom it is from, or to where it came
    Column("person", Text),  # keyed hash of their address
    Column("customer", Text),  # keyed hash, as in `interactions`
    Column("call_id", Text),  # the callback that it is about
    Column("news", BigInteger),
    Column("wrapped_key", LargeBinary),
    Column("sealed", LargeBinary),  # address, texts, template, the customer's key
    Column("by", Text, nullable=False),  # an agent's id; empty: the house
    Column("at", UtcTime, nullable=False),
    Column("due_at", UtcTime),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("owner", Text),
    Column("leased_until", UtcTime),
    Column("sid", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Index("messages_due", "due_at"),
    Index("messages_by_person", "person", "id"),
    Index("messages_by_customer", "customer"),
    Index("messages_by_call", "call_id"),
    Index("messages_by_state", "state", "id"),
    UniqueConstraint("news", "channel", name="messages_of_news"),
    sqlite_autoincrement=True,
)

opt_outs = Table(  # who wants no messages from a sender of ours
    "opt_outs",
    metadata,
    Column("person", Text, primary_key=True),  # keyed hash of their address
    Column("sender", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
)

invitations = Table(  # customers whom we ask for a conversation
    "invitations",
    metadata,
    Column("call_id", Text, primary_key=True),  # the interaction opened for it, and the callback's if they agree
    Column("subject", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("number", Text),  # keyed hash
    Column("sealed", LargeBinary),  # number, reason and customer, under the call's key
    Column("language", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("send_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Index("invitations_to_send", "state", "send_at"),
    Index("invitations_by_number", "queue", "number"),
    Index(
        "invitations_of_campaign", "campaign", "number", unique=True,
        sqlite_where=text("campaign <> ''"), postgresql_where=text("campaign <> ''"),
    ),
)
