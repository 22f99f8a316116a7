"""Bars as SVG's numbers: a page puts them into its mark-up, so that nothing is loaded and every text is escaped."""

from dataclasses import dataclass
from datetime import timedelta

from voicebot.reports.cells import shown
from voicebot.reports.making import Plot

WIDTH, HEIGHT, FOOT = 720.0, 140.0, 120.0  # of the drawing, and where bars stand
ROOM = 90.0  # for one label


@dataclass(frozen=True)
class Bar:
    """`label` is empty where there is no room for it; `words` say label and value to whoever points or listens."""

    x: float
    y: float
    width: float
    height: float
    label: str
    words: str


@dataclass(frozen=True)
class Drawing:
    """A plot to be shown."""

    title: str
    highest: str
    bars: tuple[Bar, ...]


def drawn(plot: Plot) -> Drawing:
    """The highest bar is as tall as there is room; one of nothing has no height."""
    numbers = [_number(value) for value in plot.values]
    most, step = max(numbers), WIDTH / len(numbers)
    every = max(1, round(ROOM / step))
    bars = tuple(
        Bar(
            round(place * step + step * 0.1, 1),
            round(FOOT - (tall := FOOT * 0.95 * number / most if most else 0.0), 1),
            round(min(step * 0.8, 80), 1),
            round(tall, 1),
            label if place % every == 0 else "",
            f"{label}: {shown(value, plot.kind)}",
        )
        for place, (label, value, number) in enumerate(zip(plot.labels, plot.values, numbers, strict=True))
    )
    return Drawing(plot.title, shown(plot.values[numbers.index(most)], plot.kind), bars)


def _number(value: float | timedelta | None) -> float:
    if value is None:
        return 0.0
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
