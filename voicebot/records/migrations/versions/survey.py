"""How satisfied callers were."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


SUMS = ("scored", "scores", "promoters", "detractors")  # nobody has been asked before


def upgrade() -> None:
    op.add_column("interactions", sa.Column("score", sa.Integer))
    for name in SUMS:
        op.add_column("fact_counts", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
