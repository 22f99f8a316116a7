"""The port `Evaluations`. Marks and words lie sealed under the call's key, so they are forgotten with it; the score stays.

Points stand by question beside it, for reports, and are forgotten too.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from voicebot.dialogue.values import Ending
from voicebot.ports.evaluations import Conversation, Evaluation, Mark
from voicebot.records.books import Books
from voicebot.records.schema import evaluation_marks, interactions
from voicebot.records.schema import evaluations as table
from voicebot.records.store import SqlStore

SEALED, REPLY = "evaluation", "evaluation_reply"


class SqlEvaluations:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def served(self, since: datetime) -> tuple[Conversation, ...]:
        """Not judged yet."""
        column, judged = interactions.c, select(table.c.call_id)
        over = column.started_at >= since, column.ending == Ending.SERVED.value, column.agent != "", column.call_id.not_in(judged)
        chosen = select(column.call_id, column.agent, column.queue, column.started_at).where(*over)
        with self._store.viewing() as books:
            rows = books.rows(chosen.order_by(column.started_at.desc(), column.call_id))
            return tuple(Conversation(row.call_id, row.agent, row.queue, row.started_at) for row in rows)

    def of_call(self, call_id: str) -> tuple[Evaluation, ...]:
        """Oldest first."""
        with self._store.viewing() as books:
            rows = books.rows(select(table).where(table.c.call_id == call_id).order_by(table.c.number)).all()
            return tuple(_told(books, row) for row in rows)

    def standing(self, agent: str = "", limit: int = 100) -> tuple[Evaluation, ...]:
        """The newest of each call."""
        newest = select(table.c.call_id, func.max(table.c.number).label("number")).group_by(table.c.call_id).subquery()
        last = (table.c.call_id == newest.c.call_id) & (table.c.number == newest.c.number)
        chosen = select(table).join(newest, last).order_by(table.c.at.desc(), table.c.call_id).limit(limit)
        with self._store.viewing() as books:
            rows = books.rows(chosen.where(table.c.agent == agent) if agent else chosen).all()
            return tuple(_told(books, row) for row in rows)

    def keep(self, evaluation: Evaluation) -> bool:
        """Add it."""
        one, about = evaluation, f"{SEALED}:{evaluation.number}"
        plain = {"marks": [asdict(mark) for mark in one.marks], "comment": one.comment, "why": one.why}
        row = {
            "call_id": one.call_id, "number": one.number, "agent": one.agent, "evaluator": one.evaluator, "at": one.at,
            "score": one.score, "critical": sum(mark.critical and mark.points == 0 for mark in one.marks),
        }  # fmt: skip
        with self._store.writing() as books:
            row["sealed"] = books.seal_for_call(one.call_id, plain, about)
            new = books.insert(table).values(row).on_conflict_do_nothing()
            if books.write(new.execution_options(preserve_rowcount=True)).rowcount != 1:  # else an INSERT's is not kept
                return False
            mine = {"call_id": one.call_id, "number": one.number}
            applied = [mine | {"question": it.question, "points": it.points} for it in one.marks if it.points is not None]
            if applied:
                books.write(insert(evaluation_marks), applied)
            return True

    def seen(self, call_id: str, number: int, agent: str, reply: str, at: datetime) -> bool:
        """Once."""
        column = table.c
        mine = column.call_id == call_id, column.number == number, column.agent == agent, column.seen_at.is_(None)
        with self._store.writing() as books:
            sealed = books.seal_for_call(call_id, reply, f"{REPLY}:{number}") if reply and books.call_key(call_id) else None
            return books.write(update(table).where(*mine).values(seen_at=at, reply=sealed)).rowcount == 1


def _told(books: Books, row: Row[Any]) -> Evaluation:
    plain = books.open_for_call(row.call_id, row.sealed, f"{SEALED}:{row.number}") or {"marks": [], "comment": "", "why": ""}
    reply = books.open_for_call(row.call_id, row.reply, f"{REPLY}:{row.number}") if row.reply else ""
    return Evaluation(
        row.call_id, row.number, row.agent, row.evaluator, row.at, row.score,
        tuple(Mark(**mark) for mark in plain["marks"]), plain["comment"], plain["why"], row.seen_at, reply or "",
    )  # fmt: skip
