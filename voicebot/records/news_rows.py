"""What customers are to be told of their callbacks, as rows."""

from datetime import datetime

from sqlalchemy import insert, select, update

from voicebot.dialogue.calling_back import WishStatus
from voicebot.ports.callback_news import CallbackNews
from voicebot.records.books import Books
from voicebot.records.schema import callback_news


def tell(
    books: Books, wish: str, status: WishStatus, at: datetime, again_at: datetime | None = None, agent: str = ""
) -> None:
    """In the transaction that makes it so."""
    row = {"call_id": wish, "status": status, "at": at, "again_at": again_at, "agent": agent, "told": False}
    books.write(insert(callback_news).values(row))


def untold(books: Books, limit: int, after: int) -> list[CallbackNews]:
    """Oldest first, from the one behind `after` on."""
    column = callback_news.c
    chosen = select(callback_news).where(column.told.is_(False), column.id > after).order_by(column.id).limit(limit)
    return [
        CallbackNews(row.id, row.call_id, WishStatus(row.status), row.at, row.again_at, row.agent) for row in books.rows(chosen)
    ]


def told(books: Books, news: int) -> bool:
    """Once."""
    column = callback_news.c
    return books.write(update(callback_news).where(column.id == news, column.told.is_(False)).values(told=True)).rowcount == 1
