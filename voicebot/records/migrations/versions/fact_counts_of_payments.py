"""Sums of card payments, by the way they were made; refused approvals are security events. All are made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None

SUMS = (
    "calls", "closed", "contained", "handed_over", "left_before_line", "verified", "proven", "time_to_verify", "picked_up",
    "picked_up_verified", "scored", "scores", "promoters", "detractors", "repeats_in_a_day", "repeats_in_a_week",
    "checks_lost", "outage", "offered",
    "answered", "abandoned", "waited_too_long",
    "closed_meanwhile", "callbacks_promised", "callbacks_kept", "otherwise", "wait_until_answered", "wait_until_abandoned",
    "longest_wait", "handled", "talk", "hold", "wrap_up", "wrapped_up", "handled_verified", "time_with_verified", "consults",
    "passed_on", "taken_over", "lost", "rung_in_vain",
    "questions", "accepted", "refused", "not_checked", "kept", "not_understood", "silent", "helped", "opted_out", "left",
    "spoken", "spoken_understood", "confirmed", "denied", "unproven", "security_events", "payments", "charged", "declined",
    "not_charged", "uncertain",
)  # fmt: skip
ABOUT = ("step", "attempt", "modality", "reason", "event", "way")
AGAIN = "INSERT INTO facts_wanted (call_id) SELECT id FROM calls WHERE stage = 'ended' ON CONFLICT DO NOTHING"


def upgrade() -> None:
    op.drop_table("fact_counts")
    op.create_table(
        "fact_counts",
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("quarter", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ABOUT),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in SUMS),
        sa.Index("fact_counts_by_call", "call_id"),
        sqlite_with_rowid=False,
    )
    op.execute(AGAIN)
