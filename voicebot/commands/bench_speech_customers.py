"""What a table of customers adds to `bench speech`: numbers of doubt are looked for in it, as a call does. Decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from voicebot.dialogue.policy import how_many_to_look_for
from voicebot.dialogue.values import Hearing

SHORTEST = 6  # digits: of shorter numbers so many are taken that chance finds one


@dataclass(frozen=True)
class Doubt:
    """An answer to a question for `right`: what the ear made of it, likeliest first."""

    right: str
    decision: Hearing
    values: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """One condition. Of so many answers: right and wrong without a question, before and with looking in the table; and, where
    nobody in the table has said anything, how many were taken for somebody all the same.
    """

    condition: str
    answers: int
    right: int
    wrong: int
    right_looked: int
    wrong_looked: int
    strangers: int


def look(condition: str, answers: Sequence[Doubt], customers: int) -> Looked:
    """The figures of one condition, with made-up tables of so many numbers of each length."""
    answers = [one for one in answers if len(one.right) >= SHORTEST]
    taken = [one.values[0] if one.decision is Hearing.ACCEPTED and one.values else "" for one in answers]
    lengths = {len(one.right) for one in answers}
    others = {length: _table(length, customers) for length in lengths}
    everybody = {length: others[length] | {one.right for one in answers} for length in lengths}
    looked = [_found(one, everybody, customers) for one in answers]
    strangers = [_found(one, {length: table - {one.right} for length, table in others.items()}, customers) for one in answers]
    return Looked(
        condition, len(answers),
        sum(value == one.right for value, one in zip(taken, answers, strict=True)),
        sum(value not in ("", one.right) for value, one in zip(taken, answers, strict=True)),
        sum(value == one.right for value, one in zip(looked, answers, strict=True)),
        sum(value not in ("", one.right) for value, one in zip(looked, answers, strict=True)),
        sum(bool(value) and one.decision is not Hearing.ACCEPTED for value, one in zip(strangers, answers, strict=True)),
    )  # fmt: skip


def _found(one: Doubt, tables: dict[int, set[str]], customers: int) -> str:
    """What is taken without a question: the ear's own, or the only one that exists."""
    if one.decision is Hearing.ACCEPTED or not one.values:
        return one.values[0] if one.values else ""
    if one.decision is not Hearing.CONFIRM:
        return ""
    length = len(one.right)
    there = [value for value in one.values[: how_many_to_look_for(customers, length)] if value in tables[length]]
    return there[0] if len(there) == 1 else ""


def _table(length: int, customers: int) -> set[str]:
    chance = Random(length)  # noqa: S311 - chance in a measurement guards nothing
    return {f"{chance.randrange(10**length):0{length}}" for _ in range(customers)}


HEADING = (
    "condition", "answers", "right, no question", "wrong, no question", "right, looked for", "wrong, looked for",
    "strangers taken for a customer",
)  # fmt: skip


def table(rows: Sequence[Looked], customers: int) -> str:
    """The figures, in Markdown."""
    lines = [f"| {' | '.join(HEADING)} |", "|-" * len(HEADING) + "|"]
    for row in rows:
        before, after = f"{row.right} | {row.wrong}", f"{row.right_looked} | {row.wrong_looked}"
        lines.append(f"| {row.condition} | {row.answers} | {before} | {after} | {row.strangers} |")
    about = f"**Looked for among {customers:,} customers** (`--customers {customers}`), numbers of at least {SHORTEST} digits"
    return f"{about}:\n\n" + "\n".join(lines)
