"""Configuration and prompts as they were, once per content, for the calls that pinned them. Nothing personal."""

import json
from typing import Any

from sqlalchemy import select

from voicebot.dialogue.codec import from_plain
from voicebot.records.books import Books
from voicebot.records.schema import snapshots


def put(books: Books, digest: str, content: bytes) -> None:
    """Keep content under its hash; the same again is no error."""
    if get(books, digest) is None:
        books.write(books.insert(snapshots).values(digest=digest, content=content).on_conflict_do_nothing())


def get(books: Books, digest: str) -> bytes | None:
    """What was kept under this hash."""
    content: bytes | None = books.connection.scalar(select(snapshots.c.content).where(snapshots.c.digest == digest))
    return content


def parsed(content: bytes, cls: type) -> Any:
    """A snapshot of one of the dialogue's values."""
    return from_plain(json.loads(content), cls)
