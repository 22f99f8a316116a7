"""Calls as people look for them: search rows, recordings, judgements, the journal and its chain."""

from sqlalchemy import Column, Date, Float, Index, Integer, LargeBinary, Table, Text

from voicebot.records.columns import UtcTime
from voicebot.records.schema.base import metadata

interactions = Table(  # what can be looked for of a call, written with it; who it was lies sealed under the call's key
    "interactions",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("started_at", UtcTime, nullable=False, index=True),
    Column("queued_at", UtcTime),
    Column("answered_at", UtcTime),  # first time that both were in the room
    Column("ended_at", UtcTime),
    Column("waited", Float),  # seconds in line, once that is over
    Column("line", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("assurance", Text, nullable=False),
    Column("ending", Text),
    Column("agent", Text, nullable=False),  # whoever has or had it last
    Column("wrap_up", Text, nullable=False),
    Column("score", Integer),  # what the caller said of it, 0 to 10
    Column("customer", Text),  # keyed hash of the back end's own key
    Column("identifier", Text),  # keyed hash of what a person would say
    Column("sealed", LargeBinary),
    Index("interactions_by_customer", "customer", "started_at"),
    Index("interactions_by_identifier", "identifier", "started_at"),
    Index("interactions_by_queue", "queued_at", "queue"),
    Index("interactions_by_agent", "agent", "started_at"),
    Index("interactions_by_end", "ended_at", "started_at"),  # live ones have none
)

evaluations = Table(  # how conversations were judged; a new judgement is a new row
    "evaluations",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("agent", Text, nullable=False, index=True),
    Column("evaluator", Text, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("score", Integer),
    Column("sealed", LargeBinary, nullable=False),  # marks and words, under the call's key
    Column("seen_at", UtcTime),
    Column("reply", LargeBinary),
    Column("critical", Integer),  # critical questions without a point; none: not counted when it was judged
)

evaluation_marks = Table(  # points of the questions that applied, for reports; gone with the call
    "evaluation_marks",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("question", Text, primary_key=True),
    Column("points", Integer, nullable=False),
)

call_recordings = Table(  # which there are; the sound is the carrier's
    "call_recordings",
    metadata,
    Column("sid", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("started_at", UtcTime, nullable=False),
    Column("delete_at", UtcTime, nullable=False),
    Column("seconds", Integer),
    Column("deleted_at", UtcTime),
)

journal = Table(
    "journal",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

day_roots = Table(
    "day_roots",
    metadata,
    Column("day", Date, primary_key=True),
    Column("heads", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
)
