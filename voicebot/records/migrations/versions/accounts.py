"""Agents' ways in: passwords, identities, who is signed in."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_passwords",
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("hashed", sa.Text, nullable=False),
        sa.Column("set_at", UtcTime, nullable=False),
    )
    op.create_table(
        "agent_identities",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("linked_at", UtcTime, nullable=False),
    )
    op.create_index("ix_agent_identities_agent", "agent_identities", ["agent"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("began_at", UtcTime, nullable=False),
        sa.Column("active_at", UtcTime, nullable=False),
    )
    op.create_index("ix_sign_ins_agent", "sign_ins", ["agent"])
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("until", UtcTime, nullable=False),
    )
