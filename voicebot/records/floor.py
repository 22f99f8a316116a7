"""The floor: one row, compared and set by version. It holds agents' phone numbers, so it lies sealed."""

from sqlalchemy import select, update

from voicebot.dialogue.codec import from_plain, to_plain
from voicebot.errors import VersionConflict
from voicebot.floor.values import Floor
from voicebot.records.books import Books
from voicebot.records.schema import floor

THE_ROW = 1


def load_floor(books: Books) -> tuple[Floor, int]:
    """The floor and its version, locked till the end of a write transaction."""
    row = books.rows(books.locked(select(floor).where(floor.c.id == THE_ROW))).one()
    if row.sealed is None:
        return Floor(), row.version
    kept: Floor = from_plain(books.open_for_house(row.sealed, f"floor:{row.version}"), Floor)
    return kept, row.version


def save_floor(books: Books, changed: Floor, version: int) -> None:
    """Compare and set."""
    sealed = books.seal_for_house(to_plain(changed), f"floor:{version + 1}")
    moved = update(floor).where(floor.c.id == THE_ROW, floor.c.version == version).values(version=version + 1, sealed=sealed)
    if books.write(moved).rowcount != 1:
        raise VersionConflict("the floor has moved on since it was read")
