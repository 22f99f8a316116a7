"""Wishes to be called back are dialled: when it is due, how often it was, the call that is at it, what became of it.

Wishes of before have no time, so that nobody is dialled whom an agent may have called long ago: they stay on the agents' list.
"""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0016"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback_wishes", sa.Column("due_at", UtcTime))
    op.add_column("callback_wishes", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
    op.add_column("callback_wishes", sa.Column("dialled_in", sa.Text))
    op.add_column("callback_wishes", sa.Column("result", sa.Text, nullable=False, server_default=""))
    op.create_index("callback_wishes_due", "callback_wishes", ["due_at"])
