"""Facts of interactions that are over. Every call that has ended already is put on the list, and filed in the background."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None

SUMS = (
    "calls", "closed", "contained", "handed_over", "left_before_line", "verified", "proven", "time_to_verify", "picked_up",
    "picked_up_verified", "repeats_in_a_day", "repeats_in_a_week", "offered", "answered", "abandoned", "waited_too_long",
    "closed_meanwhile", "callbacks_promised", "callbacks_kept", "otherwise", "wait_until_answered", "wait_until_abandoned",
    "longest_wait", "handled", "talk", "hold", "wrap_up", "wrapped_up", "handled_verified", "time_with_verified", "consults",
    "passed_on", "taken_over", "lost", "rung_in_vain",
)  # fmt: skip

EARLIER = "INSERT INTO facts_wanted (call_id) SELECT id FROM calls WHERE stage = 'ended'"


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("assurance", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("customer", sa.Text),
        sa.Column("called_back_at", UtcTime),
        sa.Column("verified_at", UtcTime),
        sa.Column("since_last", sa.BigInteger),
        sa.Column("satisfaction", sa.Integer),
        sa.Index("facts_by_start", "started_at"),
        sa.Index("facts_by_customer", "customer", "started_at"),
    )
    op.create_table(
        "fact_counts",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("quarter", sa.BigInteger, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in SUMS),
        sa.Index("fact_counts_by_quarter", "quarter"),
    )
    op.create_table("facts_wanted", sa.Column("call_id", sa.Text, primary_key=True))
    op.execute(EARLIER)
