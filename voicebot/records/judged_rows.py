"""What reports tell of how conversations were judged, by callers and by evaluators: rows, each with what it adds."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, Subquery, extract, func, select

from voicebot.facts.outreach import evaluation_sums
from voicebot.facts.sums import score_sums
from voicebot.ports.facts import By
from voicebot.records.outreach_rows import ABOUT, Told, of_interaction
from voicebot.records.schema import evaluation_marks, evaluations, facts, interactions
from voicebot.records.stretches import Stretches


def scores(
    connection: Connection, since: datetime, until: datetime, names: Collection[By], stretches: Stretches | None
) -> Iterator[Told]:
    """What callers said, by who had them last; of erased calls it is forgotten.

    There is one a call, so the database adds them up: those of one stretch (None: of all the time) that have these `names` in
    common.
    """
    column = facts.c
    known = {By.QUEUE: interactions.c.queue, By.AGENT: interactions.c.agent, By.SCORE: column.satisfaction} | dict(
        zip((By.LINE, By.LANGUAGE, By.CODE, By.ENDING), ABOUT, strict=True)
    )
    shared = [known[name].label(f"of_{name.value}") for name in known if name in names]
    begins = [stretches.of(extract("epoch", column.started_at)).label("begins")] if stretches else []
    chosen = select(func.count().label("many"), column.satisfaction, *begins, *shared)
    joined = facts.join(interactions, interactions.c.call_id == column.call_id)
    mine = column.started_at >= since, column.started_at < until, column.satisfaction.is_not(None)
    grouped = chosen.select_from(joined).where(*mine).group_by(column.satisfaction, *begins, *shared)
    for row in connection.execute(grouped):
        told = row._mapping  # noqa: SLF001 - SQLAlchemy's own way to read by label
        of = {name: "" if (value := told[f"of_{name.value}"]) is None else str(value) for name in known if name in names}
        at = stretches.began(row.begins) if stretches else since
        yield Told(at, of, {name: value * row.many for name, value in score_sums(row.satisfaction).items()})


def judgements(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """Those that stand, by when the conversation began."""
    column, newest = evaluations.c, _newest()
    chosen = select(
        column.agent, column.score, column.critical, column.seen_at, interactions.c.started_at, interactions.c.queue, *ABOUT,
    )  # fmt: skip
    joined = evaluations.join(newest, (newest.c.call_id == column.call_id) & (newest.c.number == column.number))
    joined = joined.join(interactions, interactions.c.call_id == column.call_id)
    mine = interactions.c.started_at >= since, interactions.c.started_at < until
    for row in connection.execute(chosen.select_from(joined).where(*mine)):
        of = {By.QUEUE: row.queue, By.AGENT: row.agent}
        sums = evaluation_sums(row.score, row.critical or 0, read=row.seen_at is not None)
        yield Told(row.started_at, of_interaction(row) | of, sums)


def marks(connection: Connection, since: datetime, until: datetime) -> Iterator[Told]:
    """The points of those, question by question."""
    column, newest = evaluation_marks.c, _newest()
    chosen = select(
        column.question, column.points, evaluations.c.agent, interactions.c.started_at, interactions.c.queue, *ABOUT
    )
    joined = evaluation_marks.join(newest, (newest.c.call_id == column.call_id) & (newest.c.number == column.number))
    judged = (evaluations.c.call_id == column.call_id) & (evaluations.c.number == column.number)
    joined = joined.join(evaluations, judged).join(interactions, interactions.c.call_id == column.call_id)
    mine = interactions.c.started_at >= since, interactions.c.started_at < until
    for row in connection.execute(chosen.select_from(joined).where(*mine)):
        of = {By.QUEUE: row.queue, By.AGENT: row.agent, By.STEP: row.question}
        yield Told(row.started_at, of_interaction(row) | of, {"marks": 1, "mark_points": row.points})


def _newest() -> Subquery:
    column = evaluations.c
    return select(column.call_id, func.max(column.number).label("number")).group_by(column.call_id).subquery()
