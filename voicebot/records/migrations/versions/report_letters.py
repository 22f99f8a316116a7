"""Letters of scheduled reports: the name of the run that is under way, and what became of each of its letters."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report_runs", sa.Column("run", sa.Text))
    op.add_column("report_runs", sa.Column("mailed", sa.Text))
