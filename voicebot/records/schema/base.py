"""What all tables belong to, and the one that is about the database as a whole."""

from sqlalchemy import Column, LargeBinary, MetaData, Table, Text

REVISION = "0025"  # the newest migration: a database that has it needs no look at the migrations

metadata = MetaData()

house = Table(  # what belongs to the database as a whole: its key mark, its wrapped table key
    "house",
    metadata,
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
