"""That a code counts once, over all calls and processes: the newest step used of each customer's field."""

from sqlalchemy import delete, select, update

from voicebot.records.books import Books
from voicebot.records.schema import used_codes


def use(books: Books, blind: str, field: str, step: int, key: str) -> bool:
    """Use a step up. False where it, or a later one, was used before, but by this very check (its `key`) made again."""
    column = used_codes.c
    mine = (column.customer == blind, column.field == field)
    row = {"customer": blind, "field": field, "step": step, "key": key}
    first = books.insert(used_codes).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if books.write(first).rowcount == 1:
        return True
    later = update(used_codes).where(*mine, column.step < step).values(step=step, key=key)
    if books.write(later).rowcount == 1:
        return True
    same = select(column.step).where(*mine, column.step == step, column.key == key)
    return books.rows(same).first() is not None


def forget(books: Books, blind: str, field: str = "") -> None:
    """There is a new seed, or none any more; of all fields where none is named."""
    mine = [used_codes.c.customer == blind, *([used_codes.c.field == field] if field else [])]
    books.write(delete(used_codes).where(*mine))
