"""Made-up interactions of months for `bench reports`, as facts: what is measured is adding them up, not folding journals.

The first month is made up one interaction after the other; the others are the same again, moved, which is left to the database.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import click

from voicebot.dialogue.values import Modality
from voicebot.facts.interaction import (
    Alarm,
    Alarming,
    Came,
    Facts,
    InVain,
    Outcome,
    Paying,
    Question,
    Spell,
    Stay,
    Unproven,
)
from voicebot.records.books import Books
from voicebot.records.fact_rows import keep
from voicebot.records.schema import fact_counts, facts, interactions
from voicebot.records.store import SqlStore

FIRST = date(2025, 1, 1)
DAYS = 30  # of each month
AT_ONCE = 10_000  # interactions of a transaction
MONTHS = "WITH RECURSIVE months(month) AS (SELECT 1 UNION ALL SELECT month + 1 FROM months WHERE month < ?)"
# What a report of scores needs of an interaction beside its facts.
INTERACTIONS = """
    INSERT INTO interactions (call_id, started_at, line, queue, language, stage, assurance, agent, wrap_up, ending)
    SELECT facts.call_id, started_at, facts.line, queue, facts.language, 'ended', assurance, agent, facts.code, facts.ending
    FROM facts JOIN fact_counts ON fact_counts.call_id = facts.call_id AND part = 'handled'
"""
# What is in no journal, for some of those interactions: evaluations with five marks each, callbacks, most of which reach
# somebody, and short messages.
BESIDE = (
    """
    INSERT INTO evaluations (call_id, number, agent, evaluator, at, score, sealed, critical)
    SELECT call_id, 1, agent, 'supervisor', started_at, rowid % 101, x'', 0 FROM interactions WHERE rowid % 50 = 0
    """,
    """
    INSERT INTO evaluation_marks (call_id, number, question, points)
    SELECT call_id, 1, 'question-' || value, value % 4 FROM evaluations, json_each('[1, 2, 3, 4, 5]')
    """,
    """
    INSERT INTO callback_wishes (call_id, queue, since, at, done_by, done_at, tries, result, why, status, booked_by, assigned)
    SELECT call_id, queue, started_at, started_at, agent, started_at, 1, iif(rowid % 100 < 80, 'served', 'not_reached'),
    iif(rowid % 100 < 80, '', 'no_answer'), 'done', iif(rowid % 3 = 0, 'page', 'call'), agent
    FROM interactions WHERE rowid % 20 = 0
    """,
    """
    INSERT INTO messages (name, incoming, channel, sender, "by", at, state, tries, sid, reason, changed_at)
    SELECT 'message-' || call_id, 0, 'sms', 'ours', '', started_at, iif(rowid % 100 < 90, 'delivered', 'undelivered'), 1, '',
    iif(rowid % 100 < 90, '', 'carrier 30003'), started_at FROM interactions WHERE rowid % 10 = 0
    """,
)
CACHE = 256 * 1024  # KiB of pages that the filling connection keeps, or it would write each of them many times


def fill(store: SqlStore, calls: int) -> None:
    """So many interactions of a month."""
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC)
    rng = Random(7)  # noqa: S311 - the same interactions each time; chance guards nothing here
    with click.progressbar(length=calls, label="Making interactions up") as bar:
        for done in range(0, calls, AT_ONCE):
            numbers = range(done, min(done + AT_ONCE, calls))
            with store.writing() as books:
                made_up = (_interaction(rng, f"call-{one}", begin + timedelta(days=rng.randrange(DAYS))) for one in numbers)
                keep(books, *made_up)
            bar.update(len(numbers))
    with store.writing() as books:
        books.connection.exec_driver_sql(INTERACTIONS)


def again(store: SqlStore, months: int) -> None:
    """What the first month adds to sums, in each of the months after it up to so many in all. SQLite only."""
    moved = {"quarter": f"quarter + month * {DAYS * 86_400}", "call_id": "call_id || '-' || month"}
    names = fact_counts.c.keys()
    (index,) = fact_counts.indexes
    with store.writing() as books:
        connection = books.connection
        connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE}")
        index.drop(connection)  # at once for all rows it is made in a second, row by row it takes minutes
        connection.exec_driver_sql(
            f"INSERT INTO fact_counts ({', '.join(names)}) "  # noqa: S608 - all names are ours
            f"{MONTHS} SELECT {', '.join(moved.get(name, name) for name in names)} FROM fact_counts CROSS JOIN months "
            f"ORDER BY part, {moved['quarter']}, {moved['call_id']}",
            (months - 1,),
        )
        index.create(connection)
        for table in (facts, interactions):
            _moved(books, table.name, table.c.keys(), months)


def beside(store: SqlStore) -> None:
    """What is in no journal, of all interactions that there are. SQLite only."""
    with store.writing() as books:
        for statement in BESIDE:
            books.connection.exec_driver_sql(statement)


def _moved(books: Books, table: str, names: Sequence[str], months: int) -> None:
    """The same rows in each of the other months, by when they began."""
    days = f"'+' || (month * {DAYS}) || ' days'"
    moved = {"started_at": f"strftime('%Y-%m-%d %H:%M:%f000', started_at, {days})", "call_id": "call_id || '-' || month"}
    books.connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(names)}) {MONTHS} "  # noqa: S608 - all names are ours
        f"SELECT {', '.join(moved.get(name, name) for name in names)} FROM {table} CROSS JOIN months",
        (months - 1,),
    )


def _interaction(rng: Random, call_id: str, day: datetime) -> Facts:
    at = day + timedelta(seconds=rng.randrange(12 * 3600))
    queue, agent = f"queue-{rng.randrange(6)}", f"agent-{rng.randrange(40)}"
    joined = at + timedelta(seconds=rng.randrange(20, 60))
    met = joined + timedelta(seconds=rng.randrange(120))
    over = met + timedelta(seconds=rng.randrange(30, 600))
    served = rng.random() < 0.9
    outcome = Outcome.ANSWERED if served else rng.choice((Outcome.ABANDONED, Outcome.CALLBACK_PROMISED))
    spells = (Spell(agent, queue, met, over, wrap_up=timedelta(seconds=rng.randrange(60))),) if served else ()
    ending, code = ("served", f"code-{rng.randrange(8)}") if served else ("abandoned", "")
    line, language = f"line-{rng.randrange(3)}", rng.choice(("en", "fr", "da", "ko"))
    return Facts(
        call_id, at, over, line, language, ending, "verified", code, (Stay(queue, joined, met, outcome),), spells,
        in_vain=(InVain(agent, queue, met),) if rng.random() < 0.1 else (),
        verified_at=joined,
        score=rng.randrange(11) if served and rng.random() < 0.3 else None,
        questions=tuple(_questions(rng, at)),
        unproven=(Unproven("pin", 2, Modality.KEYPAD, "wrong_secret", joined),) if rng.random() < 0.1 else (),
        alarms=(Alarm(rng.choice((Alarming.WRONG_PROOF, Alarming.ACCOUNT_IS_LOCKED)), joined),) if rng.random() < 0.1 else (),
        payments=(Paying(met, rng.choice(("agent", "alone", "device")), rng.choice(("paid", "declined")), queue, agent),)
        if rng.random() < 0.05
        else (),
    )  # fmt: skip


def _questions(rng: Random, at: datetime) -> Iterator[Question]:
    """A number and a PIN, and each tenth once more."""
    for number, step in enumerate(("account_number", "pin")):
        modality = rng.choice((Modality.KEYPAD, Modality.SPEECH))
        asked = at + timedelta(seconds=5 + 10 * number)
        if rng.random() < 0.1:
            yield Question(step, 1, asked, Came.NOT_UNDERSTOOD, modality)
            yield Question(step, 2, asked + timedelta(seconds=8), Came.ACCEPTED, modality)
        else:
            yield Question(step, 1, asked, Came.ACCEPTED, modality, confirmed=int(modality is Modality.SPEECH))
