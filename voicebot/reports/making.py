"""A report out of facts: cells with their kinds, a sum over all, plots. Page and files show this value and count nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from voicebot.facts.periods import Period, began
from voicebot.facts.sums import Targets
from voicebot.facts.tally import Assumed, Tally, total
from voicebot.ports.facts import By, FactStore, Sum, Wanted
from voicebot.reports.library import Definition, Figure, Kind

Cell: TypeAlias = str | int | float | timedelta | datetime | None
WORDS: Mapping[By, str] = {
    By.AGENT: "Agent", By.QUEUE: "Queue", By.LINE: "Line", By.LANGUAGE: "Language", By.CODE: "Wrap-up", By.ENDING: "Outcome",
    By.STEP: "Question", By.ATTEMPT: "Attempt", By.MODALITY: "Answered by", By.REASON: "Why", By.EVENT: "Event",
    By.WAY: "How", By.KIND: "What", By.SCORE: "Score",
}  # fmt: skip
BEGAN = "Began"


EARLIEST, LATEST = 1970, 2999  # years


@dataclass(frozen=True)
class Asked:
    """Whole days of the company's time zone, both included. Raises ValueError where they are the wrong way round, or of no
    calendar that anybody needs.
    """

    first: date
    last: date
    only: Mapping[By, str] = field(default_factory=dict)
    period: Period | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the last day, {self.last}, is before the first, {self.first}")
        if self.first.year < EARLIEST or self.last.year > LATEST:
            raise ValueError(f"days are from {EARLIEST} to {LATEST}, not {self.first} to {self.last}")


@dataclass(frozen=True)
class House:
    """Whose reports these are."""

    company: str
    zone: str
    facts: FactStore
    targets: Targets = field(default_factory=Targets)
    assumed: Assumed = field(default_factory=Assumed)


@dataclass(frozen=True)
class Head:
    """Of a column."""

    title: str
    kind: Kind


@dataclass(frozen=True)
class Plot:
    """Bars, one for each label. A value of None has none."""

    title: str
    kind: Kind
    labels: tuple[str, ...]
    values: tuple[int | float | timedelta | None, ...]


@dataclass(frozen=True)
class Report:
    """`rows` are as long as `heads`; so is `total`, its first cells empty. `missing`: interactions not counted yet."""

    name: str
    title: str
    company: str
    zone: str
    asked: Asked
    made_at: datetime
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    plots: tuple[Plot, ...]
    missing: int
    assumption: str = ""

    @property
    def cover(self) -> tuple[str, ...]:
        """What stands above the figures: whose they are, of when, filtered how, how fresh."""
        filters = "; ".join(f"{WORDS[one]}: {value}" for one, value in self.asked.only.items()) or "no filter"
        lines = (
            f"{self.company}, {self.asked.first} to {self.asked.last} ({self.zone}); {filters}",
            f"Made {self.made_at:%Y-%m-%d %H:%M}",
            *([self.assumption] if self.assumption else []),
        )
        return (*lines, f"{self.missing} interactions are not counted yet") if self.missing else lines


def make(house: House, definition: Definition, asked: Asked, now: datetime) -> Report:
    """The report, from the facts as they are now."""
    assumed = house.assumed
    zone, period = ZoneInfo(house.zone), asked.period or definition.period
    since, until = (datetime.combine(day, time(), zone) for day in (asked.first, asked.last + timedelta(days=1)))
    found = house.facts.sums(Wanted(since, until, asked.only, house.targets, definition.parts), definition.by, period)
    shown = [one for one in found if _holds_something(definition, one.tally, assumed)]
    heads = (
        *([Head(BEGAN, Kind.TIME)] if period else []),
        *(Head(WORDS[one], Kind.WORDS) for one in definition.by),
        *(Head(one.title, one.kind) for one in definition.figures),
    )
    rows = tuple(
        (
            *([one.began.astimezone(zone)] if one.began else []),
            *one.by,
            *(figure.of(one.tally, assumed) for figure in definition.figures),
        )
        for one in shown
    )
    grouped = _grouped(shown, period, zone)
    whole = total(grouped.values())
    sums = (*("" for _ in range(len(heads) - len(definition.figures))), *(one.of(whole, assumed) for one in definition.figures))
    return Report(
        definition.name, definition.title, house.company, house.zone, asked, now.astimezone(zone), heads, rows, sums,
        _plots(definition, grouped, assumed), house.facts.missing(), _assumption(definition, assumed),
    )  # fmt: skip


def _assumption(definition: Definition, assumed: Assumed) -> str:
    seconds = assumed.manual_verification.total_seconds()
    saved = f"Time saved is an estimate: control questions by an agent are assumed to take {seconds:g} s"
    return saved if definition.estimates else ""


def _holds_something(definition: Definition, tally: Tally, assumed: Assumed) -> bool:
    return any(figure.of(tally, assumed) for figure in definition.figures)


def _grouped(shown: Sequence[Sum], period: Period | None, zone: ZoneInfo) -> dict[str, Tally]:
    """Over time where time is told apart, else over the first thing that the report is by. Many quarters are put into days."""
    groups: dict[str, list[Tally]] = {}
    begun = {one.began for one in shown if one.began is not None}
    coarse, form = len(begun) > MOST_BARS, "%Y-%m-%d %H:%M" if period in HOURS else "%Y-%m-%d"
    there = {at: (began(Period.DAY, at, zone) if coarse else at).astimezone(zone) for at in begun}
    labels = {at: one.strftime("%Y-%m-%d" if coarse else form) for at, one in there.items()}
    for one in shown:
        groups.setdefault(labels[one.began] if one.began is not None else one.by[0] or "–", []).append(one.tally)
    return {label: total(those) for label, those in groups.items()}


def _plots(definition: Definition, grouped: Mapping[str, Tally], assumed: Assumed) -> tuple[Plot, ...]:
    chosen: list[Figure] = [one for title in definition.plots for one in definition.figures if one.title == title]
    return tuple(
        Plot(one.title, one.kind, tuple(grouped), tuple(one.of(tally, assumed) for tally in grouped.values()))
        for one in chosen
        if grouped
    )


MOST_BARS = 60
HOURS = (Period.QUARTER, Period.HALF, Period.HOUR)
