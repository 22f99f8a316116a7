"""The tables, as SQLAlchemy Core sees them. A change here needs a migration beside it; a test compares the two.

Columns named `sealed` hold ciphertext. Digits that identify a person stand nowhere else but in keyed hashes.
"""

from voicebot.records.schema.base import REVISION, house, metadata
from voicebot.records.schema.calls import (
    approvals,
    boots,
    calls,
    claims,
    documents,
    due,
    floor,
    legs,
    marks,
    outbox,
    snapshots,
    standings,
    used_codes,
)
from voicebot.records.schema.correspondence import (
    callback_news,
    callback_phrases,
    callback_wishes,
    invitations,
    messages,
    opt_outs,
)
from voicebot.records.schema.customers import customer_editions, customer_keys, customer_secrets, customers
from voicebot.records.schema.interactions import call_recordings, day_roots, evaluation_marks, evaluations, interactions, journal
from voicebot.records.schema.people import (
    agent_identities,
    agent_passwords,
    answered_requests,
    api_keys,
    audit,
    prompt_edits,
    sign_in_links,
    sign_ins,
)
from voicebot.records.schema.reporting import SUMS, fact_counts, facts, facts_wanted, report_runs

__all__ = [
    "REVISION",
    "SUMS",
    "agent_identities",
    "agent_passwords",
    "answered_requests",
    "api_keys",
    "approvals",
    "audit",
    "boots",
    "call_recordings",
    "callback_news",
    "callback_phrases",
    "callback_wishes",
    "calls",
    "claims",
    "customer_editions",
    "customer_keys",
    "customer_secrets",
    "customers",
    "day_roots",
    "documents",
    "due",
    "evaluation_marks",
    "evaluations",
    "fact_counts",
    "facts",
    "facts_wanted",
    "floor",
    "house",
    "interactions",
    "invitations",
    "journal",
    "legs",
    "marks",
    "messages",
    "metadata",
    "opt_outs",
    "outbox",
    "prompt_edits",
    "report_runs",
    "sign_in_links",
    "sign_ins",
    "snapshots",
    "standings",
    "used_codes",
]
