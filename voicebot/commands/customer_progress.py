"""How far an import is: a bar on a terminal, a line now and then elsewhere. Must not know what is being done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Report = Callable[[int, int], None]  # done, in all
EVERY = 10.0  # seconds between two lines


@contextmanager
def progress(*, terminal: bool) -> Iterator[Report]:
    """What to call with (done, in all). Shown on standard error."""
    if not terminal:
        yield PlainProgress(lambda line: click.echo(line, err=True), time.monotonic)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        rows = bar.add_task("Customers", total=None, rate="")

        def report(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(rows, completed=done, total=total, rate=f"{speed:,.0f} a second" if speed else "")

        yield report


class PlainProgress:
    """Lines for a log: rate and time left, measured from the first report on. Nothing for what is done within `EVERY`."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say, self._clock = say, clock
        self._first: tuple[float, int] | None = None
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """So many are done."""
        now = self._clock()
        if self._first is None:
            self._first, self._last = (now, done), now
            if done:
                self._say(f"Customers: {done:,} of {total:,} were done before")
            return
        if now - self._last < EVERY:
            return
        self._last = now
        began, before = self._first
        rate = (done - before) / (now - began)
        left = f", {span((total - done) / rate)} left" if rate else ""
        self._say(f"Customers: {done:,} of {total:,}, {rate:,.0f} a second{left}")


def span(seconds: float) -> str:
    """A length of time in one or two words."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
