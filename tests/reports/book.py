"""What a robot counted, and every standard report as it should be by that. Formulas stand here a second time, on purpose."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from voicebot.reports.making import Cell, Report

Key: TypeAlias = tuple[Any, ...]
NOTHING = timedelta()
ZONE = ZoneInfo("Europe/Copenhagen")
MANUAL = timedelta(seconds=45)


class Row(dict[str, Any]):
    """Sums by name. What was never counted is nothing."""

    def __missing__(self, name: str) -> Any:
        return NOTHING if name in LENGTHS else 0

    def put(self, sums: dict[str, Any]) -> None:
        for name, value in sums.items():
            self[name] = max(self[name], value) if name == "longest" else self[name] + value


LENGTHS = frozenset({"talk", "hold", "wrap_up", "waited", "patience", "longest", "to_verify", "outage", "took"})
Column: TypeAlias = Callable[[Row], Cell]


class Book:
    """By report and row."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, Row]] = defaultdict(lambda: defaultdict(Row))

    def add(self, report: str, where: Key, **sums: Any) -> None:
        """Count this in one row of one report."""
        self.rows[report][where].put(sums)

    def add_stay(self, since: datetime, queue: str, sums: dict[str, Any]) -> None:
        """A time in line, wherever such are reported."""
        self.add("queues", (queue,), **sums)
        self.add("abandonment", (_floor(since, 60), queue), **sums)
        self.add("intervals", (_floor(since, 30), queue), **sums)

    def add_part(self, since: datetime, queue: str, agent: str, code: str, sums: dict[str, Any]) -> None:
        """An agent's part of a conversation, wherever such are reported."""
        self.add("queues", (queue,), **sums)
        self.add("agents", (agent,), **sums)
        self.add("codes", (code,), **sums)
        self.add("intervals", (_floor(since, 30), queue), **sums)

    def put(self, other: "Book") -> None:
        """Everything of another book as well."""
        for report, rows in other.rows.items():
            for where, row in rows.items():
                self.rows[report][where].put(row)

    def expected(self, report: str) -> list[tuple[Cell, ...]]:
        """The rows of this report; those in which every figure is nothing are left out."""
        columns = COLUMNS[report]
        made = [(where, tuple(of(row) for of in columns.values())) for where, row in self.rows[report].items()]
        return [(*where, *figures) for where, figures in made if any(figures)]

    def total(self, report: str) -> tuple[Cell, ...]:
        """The figures of all rows together."""
        whole = Row()
        for row in self.rows[report].values():
            whole.put(row)
        return tuple(of(whole) for of in COLUMNS[report].values())


def differences(book: Book, report: Report) -> list[str]:
    """Where a report and the book do not agree, in words; lengths to the millisecond, shares to the billionth."""
    found = [] if _titles(report) == tuple(COLUMNS[report.name]) else [f"{report.name}: columns {_titles(report)}"]
    wanted, made = _in_order(book.expected(report.name)), _in_order(report.rows)
    if len(wanted) != len(made):
        found.append(f"{report.name}: {len(made)} rows instead of {len(wanted)}")
    totals = book.total(report.name), report.total[-len(COLUMNS[report.name]) :]
    for right, given in (*zip(wanted, made, strict=False), totals):
        if any(not _same(one, other) for one, other in zip(right, given, strict=True)):
            found.append(f"{report.name}: {given} instead of {right}")
    return found


def _in_order(rows: Iterable[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    return sorted(rows, key=lambda row: tuple(map(_comparable, row)))


def _titles(report: Report) -> tuple[str, ...]:
    return tuple(head.title for head in report.heads[-len(COLUMNS[report.name]) :])


def _comparable(value: Cell) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _same(one: Cell, other: Cell) -> bool:
    if isinstance(one, timedelta) and isinstance(other, timedelta):
        return abs(one - other) < timedelta(milliseconds=1)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1e-9
    return one == other and type(one) is type(other)


def _floor(at: datetime, minutes: int) -> datetime:
    """The beginning of the half hour or hour, by the clock on the wall there."""
    local = at.astimezone(ZONE)
    return local.replace(minute=local.minute // minutes * minutes, second=0, microsecond=0)


def _over(some: Any, of: int) -> Cell:
    return some / of if of else None


def _handling(row: Row) -> Cell:
    return _over(row["talk"] + row["hold"] + row["wrap_up"], row["handled"])


def _abandonment(row: Row) -> Cell:
    return _over(row["abandoned"] - row["early"], row["offered"] - row["early"])


def _score(row: Row) -> Cell:
    return _over(row["scores"], row["scored"])


def _longest(row: Row) -> Cell:
    return row["longest"] if row["offered"] else None


def _columns(*pairs: tuple[str, str | Column]) -> dict[str, Column]:
    return {title: (lambda row, of=of: row[of]) if isinstance(of, str) else of for title, of in pairs}  # type: ignore[misc]


REACHED: tuple[tuple[str, str | Column], ...] = (
    ("Reached", "reached"), ("Not reached", "unreached"), ("Not needed", "not_needed"), ("Under way", "under_way"),
    ("Share reached", lambda row: _over(row["reached"], row["reached"] + row["unreached"])), ("Dials", "dials"),
    ("Time to reach", lambda row: _over(row["took"], row["timed"])),
)  # fmt: skip
COLUMNS: dict[str, dict[str, Column]] = {
    "agents": _columns(
        ("Handled", "handled"), ("Talk", "talk"), ("Hold", "hold"), ("Wrap-up", "wrap_up"), ("Handling", _handling),
        ("Average wrap-up", lambda row: _over(row["wrap_up"], row["filed"])), ("Filed", "filed"),
        ("Transfers", lambda row: _over(row["moved_on"], row["handled"])), ("Consults", "consults"),
        ("Rung in vain", "rung_in_vain"), ("Gave a score", "scored"), ("Mean score", _score),
    ),
    "queues": _columns(
        ("Offered", "offered"), ("Answered", "answered"), ("In time", "in_time"),
        ("Service level", lambda row: _over(row["in_time"], row["offered"] - row["early"])), ("Abandoned", "abandoned"),
        ("Abandonment", _abandonment), ("Average wait", lambda row: _over(row["waited"], row["answered"])),
        ("Longest wait", _longest), ("Callbacks promised", "promised"), ("Of those kept", "kept"), ("Handled", "handled"),
        ("Handling", _handling), ("Gave a score", "scored"), ("Mean score", _score),
    ),
    "interactions": _columns(
        ("Calls", "calls"), ("Verified", "verified"), ("Contained", "contained"), ("Handed over", "handed_over"),
        ("Out of hours", "closed"), ("Again in 24 hours", "again_in_a_day"), ("Again in 7 days", "again_in_a_week"),
    ),
    "verification": _columns(
        ("Calls", "calls"), ("Left in the dialogue", "left_before_line"), ("Verified", "verified"),
        ("Time to verify", lambda row: _over(row["to_verify"], row["proven"])), ("With an agent", "picked_up"),
        ("Verified by then", "picked_up_verified"),
        ("Share verified by then", lambda row: _over(row["picked_up_verified"], row["picked_up"])),
        ("Containment", lambda row: _over(row["contained"], row["calls"] - row["closed"])),
        ("Checks lost", "checks_lost"), ("Outage", "outage"),
        ("Agents' time saved", lambda row: row["picked_up_verified"] * MANUAL),
    ),
    "funnel": _columns(
        ("Questions", "questions"), ("Accepted", "accepted"),
        ("Acceptance", lambda row: _over(row["accepted"], row["questions"])),
        ("Refused", "refused"), ("Not checked", "not_checked"), ("Kept", "kept"), ("Not understood", "not_understood"),
        ("Silent", "silent"), ("Wanted help", "helped"), ("Opted out", "opted_out"), ("Left", "left"),
        ("Speech success", lambda row: _over(row["understood"], row["spoken"])),
        ("Confirm rate", lambda row: _over(row["confirmed"], row["confirmed"] + row["denied"])),
    ),
    "unproven": _columns(("Callers", "callers")),
    "security": _columns(("Events", "events")),
    "payments": _columns(
        ("Begun", "begun"), ("Charged", "charged"), ("Share charged", lambda row: _over(row["charged"], row["begun"])),
        ("Declined", "declined"), ("Not charged", "not_charged"), ("Uncertain", "uncertain"),
    ),
    "abandonment": _columns(
        ("Offered", "offered"), ("Abandoned", "abandoned"), ("Of those early", "early"), ("Abandonment", _abandonment),
        ("Average patience", lambda row: _over(row["patience"], row["abandoned"])), ("Waited too long", "waited_too_long"),
        ("Closed meanwhile", "closed_meanwhile"),
    ),
    "callbacks": _columns(("Booked", "outreach"), *REACHED),
    "outbound": _columns(("Offered", "outreach"), *REACHED),
    "unreached": _columns(("Not reached", "unreached"), ("Not needed", "not_needed")),
    "satisfaction": _columns(
        ("With an agent", "picked_up"), ("Gave a score", "scored"),
        ("Mean score", _score), ("9 or 10", "promoters"), ("6 or less", "detractors"),
        ("Share of 9 and 10", lambda row: _over(row["promoters"], row["scored"])),
        ("Share up to 6", lambda row: _over(row["detractors"], row["scored"])),
    ),
    "scores": _columns(("Gave a score", "scored")),
    "evaluations": _columns(
        ("Evaluated", "judged"), ("Score", lambda row: _over(row["points"], 100 * row["scored"])), ("Critical failed", "failed"),
        ("Read by the agent", "seen"),
    ),
    "marks": _columns(("Times", "marks"), ("Mean points", lambda row: _over(row["points"], row["marks"]))),
    "codes": _columns(
        ("Handled", "handled"), ("Talk", "talk"), ("Hold", "hold"), ("Wrap-up", "wrap_up"), ("Handling", _handling),
        ("Transfers", lambda row: _over(row["moved_on"], row["handled"])),
    ),
    "intervals": _columns(
        ("Offered", "offered"), ("Answered", "answered"), ("In time", "in_time"), ("Abandoned", "abandoned"),
        ("Of those early", "early"), ("Average wait", lambda row: _over(row["waited"], row["answered"])), ("Handled", "handled"),
        ("Handling", _handling),
    ),
}  # fmt: skip
