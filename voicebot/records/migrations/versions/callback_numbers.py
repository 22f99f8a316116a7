"""A queue calls a number back once: each open wish has its number's keyed hash."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None

OPEN = "done_at IS NULL"


def upgrade() -> None:
    op.add_column("callback_wishes", sa.Column("number", sa.Text))
    op.create_index(
        "callback_wishes_open", "callback_wishes", ["queue", "number"], unique=True,
        sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN),
    )  # fmt: skip
