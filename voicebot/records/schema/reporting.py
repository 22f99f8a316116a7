"""Facts, from which reports are summed, and the runs of scheduled reports."""

from dataclasses import fields

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text

from voicebot.facts.tally import FROM_ROWS, Tally
from voicebot.records.columns import UtcTime
from voicebot.records.schema.base import metadata

facts = Table(  # one row per interaction that is over; made anew whenever its journal grows (`fact_rows`)
    "facts",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, nullable=False),
    Column("line", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("ending", Text, nullable=False),
    Column("assurance", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("customer", Text),  # keyed hash; empty: nobody was identified, or erased
    Column("called_back_at", UtcTime),
    Column("verified_at", UtcTime),
    Column("since_last", BigInteger),  # microseconds since the same customer's call before
    Column("satisfaction", Integer),  # what the caller answered when asked; empty: not asked, or no answer
    Index("facts_by_start", "started_at"),
    Index("facts_by_customer", "customer", "started_at"),
)

FROM_TARGETS = ("in_time", "abandoned_early")
SUMS = tuple(one.name for one in fields(Tally) if one.name not in (*FROM_TARGETS, *FROM_ROWS))

fact_counts = Table(  # what each interaction adds to sums: the call, each stay in line, each agent's part. Lengths: microseconds
    "fact_counts",
    metadata,
    Column("part", Text, primary_key=True),  # which of these it is (`ports.facts.Part`)
    Column("quarter", BigInteger, primary_key=True, autoincrement=False),  # in which it began, seconds since 1970 in UTC
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("ending", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("agent", Text, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("step", "attempt", "modality", "reason", "event", "way")),
    *(Column(name, BigInteger, nullable=False) for name in SUMS),
    Index("fact_counts_by_call", "call_id"),
    sqlite_with_rowid=False,  # so that SQLite keeps the rows in the order of their key
)

report_runs = Table(  # scheduled reports: when the next is due, and what became of the last
    "report_runs",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("due_at", UtcTime, nullable=False),
    Column("ran_at", UtcTime),
    Column("first", Date),
    Column("last", Date),
    Column("trouble", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("owner", Text),
    Column("leased_until", UtcTime),
    Column("run", Text),
    Column("mailed", Text),
)

facts_wanted = Table(  # interactions whose facts are to be made, or made anew
    "facts_wanted",
    metadata,
    Column("call_id", Text, primary_key=True),
)
