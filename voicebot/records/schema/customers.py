"""The embedded customer table. Rows lie sealed, look-ups go by keyed hashes."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table, Text

from voicebot.records.columns import UtcTime
from voicebot.records.schema.base import metadata

# An import writes its customers beside the old ones, under the next edition, and then makes that the current one. Of each
# customer (and of each secret) the newest row counts whose edition is not later than the current one.
customer_editions = Table(  # one row
    "customer_editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("current", Integer, nullable=False),
    Column("writer", Text),  # the import that is writing now, and its last sign of life
    Column("seen_at", UtcTime),
)

customers = Table(
    "customers",
    metadata,
    Column("blind", Text, primary_key=True),  # keyed hash of the customer id
    Column("edition", Integer, primary_key=True),
    Column("sealed", LargeBinary),  # empty: removed
)

customer_keys = Table(
    "customer_keys",
    metadata,
    Column("field", Text, primary_key=True),
    Column("blind", Text, primary_key=True),  # keyed hash of the value
    Column("customer", Text, primary_key=True, index=True),
    Column("edition", Integer, primary_key=True),  # that of its customer's row
    Column("is_unique", Boolean, nullable=False),
)

customer_secrets = Table(
    "customer_secrets",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("hashed", Text, nullable=False),  # empty: taken away
)
