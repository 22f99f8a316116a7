"""Calls under way: their state, legs, what is due, what is to be done outside, and who holds what."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from voicebot.records.columns import RowId, UtcTime
from voicebot.records.schema.base import metadata

calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("prompts", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("wrapped_key", LargeBinary),  # empty after erasure
    Column("sealed", LargeBinary),
    Column("entries", Integer, nullable=False),  # journal rows so far, and the hash of the last one
    Column("head", LargeBinary, nullable=False),
    Index("calls_by_start", "started_at"),
)

legs = Table(
    "legs",
    metadata,
    Column("number", RowId, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("reservation", Text, nullable=False),
    sqlite_autoincrement=True,
)

approvals = Table(  # in customers' own apps, those under way
    "approvals",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("customer", Text, nullable=False, unique=True),  # a keyed hash: one at a time
    Column("ping", Text, nullable=False, index=True),  # of what the provider shows us
    Column("effect_id", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("pending", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # what the provider gave us, under the call's key
)

used_codes = Table(  # of authenticator apps: the newest step that has counted, and by which check
    "used_codes",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("step", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("key", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("deadline", UtcTime, nullable=False, index=True),
    Column("answer", Text),
)

boots = Table(
    "boots",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("ended", Boolean, nullable=False),
)

floor = Table(
    "floor",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("owner", Text),
    Column("leased_until", UtcTime),
    sqlite_autoincrement=True,
)

due = Table(
    "due",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("owner", Text),
    Column("leased_until", UtcTime),
    Index("due_by_name", "call_id", "name", unique=True),
    sqlite_autoincrement=True,
)

standings = Table(
    "standings",
    metadata,
    Column("account", Text, primary_key=True),
    Column("consecutive", Integer, nullable=False),
    Column("since_success", Integer, nullable=False),
    Column("recent", Text, nullable=False),  # JSON list of ISO times
    Column("unknown", Text, nullable=False),
    Column("locked_until", UtcTime),
    Column("disabled", Boolean, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("marks_by_key", "key", "at"),
    sqlite_autoincrement=True,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
