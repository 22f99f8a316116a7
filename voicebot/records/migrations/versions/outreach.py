"""Why a callback reached nobody; points of judgements by question, for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback_wishes", sa.Column("why", sa.Text, nullable=False, server_default=""))
    op.add_column("evaluations", sa.Column("critical", sa.Integer))
    op.create_table(
        "evaluation_marks",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("question", sa.Text, primary_key=True),
        sa.Column("points", sa.Integer, nullable=False),
    )
