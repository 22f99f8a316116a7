"""Who works here and may come in: passwords, sign-ins, keys of other systems, the audit log, prompts as they changed them."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from voicebot.records.columns import UtcTime
from voicebot.records.schema.base import metadata

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
