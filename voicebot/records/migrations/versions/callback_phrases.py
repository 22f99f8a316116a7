"""Callbacks have a window, a subject, a status and a phrase; what customers are to be told of them is written down."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import RowId, UtcTime

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None

AGENTS_CLOSED_BY_HAND = "update callback_wishes set status = 'done' where done_at is not null and result in ('', 'served')"
CALLED_OFF = "update callback_wishes set status = 'cancelled' where done_at is not null and result = 'called_off'"
MISSED = "update callback_wishes set status = 'missed' where result = 'not_reached'"


def upgrade() -> None:
    for name, usual in (("medium", "phone"), ("booked_by", "call"), ("status", "booked"), ("assigned", "")):
        op.add_column("callback_wishes", sa.Column(name, sa.Text, nullable=False, server_default=usual))
    op.add_column("callback_wishes", sa.Column("start", UtcTime))
    op.add_column("callback_wishes", sa.Column("until", UtcTime))
    op.add_column("callback_wishes", sa.Column("customer", sa.Text))
    op.create_index("callback_wishes_by_customer", "callback_wishes", ["customer"])
    op.create_index("callback_wishes_by_slot", "callback_wishes", ["queue", "start"])
    for statement in (AGENTS_CLOSED_BY_HAND, CALLED_OFF, MISSED):
        op.execute(statement)
    op.create_table(
        "callback_phrases",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("wipe_at", UtcTime, nullable=False),
        sa.Column("read_by", sa.Text, nullable=False),
        sa.Column("read_at", UtcTime),
    )
    op.create_index("callback_phrases_by_end", "callback_phrases", ["wipe_at"])
    op.create_table(
        "callback_news",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("call_id", sa.Text, nullable=False, index=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("again_at", UtcTime),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("callback_news_untold", "callback_news", ["told", "id"])
