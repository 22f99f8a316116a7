"""Customers by edition, so that an import becomes visible at once; the record of who looked at them or changed them."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From the first tables; their customers become edition 0."""
    editions = op.create_table(
        "customer_editions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("current", sa.Integer, nullable=False),
        sa.Column("writer", sa.Text),
        sa.Column("seen_at", UtcTime),
    )
    op.bulk_insert(editions, [{"id": 1, "current": 0, "writer": None, "seen_at": None}])
    _customers()
    _keys()
    _secrets()
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )


def _customers() -> None:
    op.create_table(
        "customers_new",
        sa.Column("blind", sa.Text, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.PrimaryKeyConstraint("blind", "edition"),
    )
    op.execute("INSERT INTO customers_new (blind, edition, sealed) SELECT blind, 0, sealed FROM customers")
    _in_place_of("customers")


def _keys() -> None:
    op.create_table(
        "customer_keys_new",
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("blind", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("is_unique", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("field", "blind", "customer", "edition"),
    )
    columns = "field, blind, customer, is_unique"
    op.execute(f"INSERT INTO customer_keys_new ({columns}, edition) SELECT {columns}, 0 FROM customer_keys")  # noqa: S608
    _in_place_of("customer_keys")
    op.create_index("ix_customer_keys_customer", "customer_keys", ["customer"])


def _secrets() -> None:
    op.create_table(
        "customer_secrets_new",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("hashed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("customer", "field", "edition"),
    )
    columns = "customer, field, hashed"
    op.execute(f"INSERT INTO customer_secrets_new ({columns}, edition) SELECT {columns}, 0 FROM customer_secrets")  # noqa: S608
    _in_place_of("customer_secrets")


def _in_place_of(table: str) -> None:
    """Both databases know these two; SQLite cannot change a primary key in place."""
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)
