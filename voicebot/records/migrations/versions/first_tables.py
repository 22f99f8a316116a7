"""The first tables."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From an empty database."""
    _calls()
    _requests()
    _work()
    _accounts()
    _customers()


def _row_id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("prompts", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
    )
    op.create_index("calls_by_start", "calls", ["started_at"])
    op.create_table(
        "legs",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("call_id", sa.Text, nullable=False, index=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("reservation", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "documents",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", UtcTime, nullable=False, index=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "day_roots",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("heads", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )


def _requests() -> None:
    op.create_table(
        "claims",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("deadline", UtcTime, nullable=False, index=True),
        sa.Column("answer", sa.Text),
    )
    op.create_table(
        "boots",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
    )


def _work() -> None:
    op.create_table(
        "floor",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_table(
        "outbox",
        _row_id(),
        sa.Column("call_id", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("due_at", UtcTime, nullable=False, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("leased_until", UtcTime),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "due",
        _row_id(),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("due_at", UtcTime, nullable=False, index=True),
        sa.Column("owner", sa.Text),
        sa.Column("leased_until", UtcTime),
        sqlite_autoincrement=True,
    )
    op.create_index("due_by_name", "due", ["call_id", "name"], unique=True)


def _accounts() -> None:
    op.create_table(
        "house",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "standings",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("consecutive", sa.Integer, nullable=False),
        sa.Column("since_success", sa.Integer, nullable=False),
        sa.Column("recent", sa.Text, nullable=False),
        sa.Column("unknown", sa.Text, nullable=False),
        sa.Column("locked_until", UtcTime),
        sa.Column("disabled", sa.Boolean, nullable=False),
    )
    op.create_table(
        "marks",
        _row_id(),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("marks_by_key", "marks", ["key", "at"])
    op.create_table(
        "snapshots",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("blind", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "customer_keys",
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("blind", sa.Text, primary_key=True),
        sa.Column("customer", sa.Text, primary_key=True, index=True),
        sa.Column("is_unique", sa.Boolean, nullable=False),
    )
    op.create_table(
        "customer_secrets",
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("hashed", sa.Text, nullable=False),
    )
