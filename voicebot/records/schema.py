"""The tables, as SQLAlchemy Core sees them. A change here needs a migration beside it; a test compares the two.

Columns named `sealed` hold ciphertext. Digits that identify a person stand nowhere else but in keyed hashes.
"""

from dataclasses import fields

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from voicebot.facts.tally import Tally
from voicebot.records.columns import RowId, UtcTime

REVISION = "0023"  # the newest migration: a database that has it needs no look at the migrations

metadata = MetaData()

house = Table(  # what belongs to the database as a whole: its key mark, its wrapped table key
    "house",
    metadata,
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

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

prompt_edits = Table(  # what a prompt says since then, by language and id; never changed, and the highest number counts
    "prompt_edits",
    metadata,
    Column("language", Text, primary_key=True),
    Column("prompt_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("content", Text, nullable=False),  # JSON: [texts, names of recordings]
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

# An import writes its customers beside the old ones, under the next edition, and then makes that the current one. Of each
# customer (and of each secret) the newest row counts whose edition is not later than the current one.
customer_editions = Table(  # one row
    "customer_editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("current", Integer, nullable=False),
    Column("writer", Text),  # the import that is writing now, and its last sign of life
    Column("seen_at", UtcTime),
)

customers = Table(
    "customers",
    metadata,
    Column("blind", Text, primary_key=True),  # keyed hash of the customer id
    Column("edition", Integer, primary_key=True),
    Column("sealed", LargeBinary),  # empty: removed
)

customer_keys = Table(
    "customer_keys",
    metadata,
    Column("field", Text, primary_key=True),
    Column("blind", Text, primary_key=True),  # keyed hash of the value
    Column("customer", Text, primary_key=True, index=True),
    Column("edition", Integer, primary_key=True),  # that of its customer's row
    Column("is_unique", Boolean, nullable=False),
)

customer_secrets = Table(
    "customer_secrets",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("hashed", Text, nullable=False),  # empty: taken away
)

agent_passwords = Table(
    "agent_passwords",
    metadata,
    Column("agent", Text, primary_key=True),  # the roster's id
    Column("hashed", Text, nullable=False),
    Column("set_at", UtcTime, nullable=False),
)

agent_identities = Table(
    "agent_identities",
    metadata,
    Column("subject", Text, primary_key=True),  # keyed hash of issuer and subject
    Column("agent", Text, nullable=False, index=True),
    Column("linked_at", UtcTime, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Text, primary_key=True),  # hash of what the cookie holds
    Column("agent", Text, nullable=False, index=True),
    Column("how", Text, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("active_at", UtcTime, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("id", Text, primary_key=True),  # hash of what the link holds
    Column("agent", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("customer", Text, nullable=False, index=True),  # keyed hash of the customer id; empty: no single customer
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

api_keys = Table(  # by which other systems of the company use the API
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hashed", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

answered_requests = Table(  # of other systems: a repeat gets the same answer
    "answered_requests",
    metadata,
    Column("key", Text, primary_key=True),  # keyed hash of whose it is, and of the request's own key
    Column("fingerprint", Text, nullable=False),  # keyed hash of what was asked
    Column("call_id", Text, nullable=False, index=True),  # empty: the answer tells of none
    Column("status", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the answer, under the call's key
    Column("at", UtcTime, nullable=False, index=True),
)

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

SUMS = tuple(one.name for one in fields(Tally) if one.name not in ("in_time", "abandoned_early"))  # those two follow from targets

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
