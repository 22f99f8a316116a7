"""Dates as a recogniser's grammar: every day that exists, in the words that `dialogue.understand` reads as dates; no other day.

With a month by its name, or in figures in the language's order. A year of two digits may be of either century.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from voicebot.dialogue.dates import CENTURIES, FARTHEST, OLDEST
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.dates import FIRST_OF_YEARS
from voicebot.dialogue.understand.numerals import number_table
from voicebot.dialogue.values import DateSpan
from voicebot.dialogue.words import DateOrder
from voicebot.speech.fst import Machine
from voicebot.speech.saying import BETWEEN, Sayings, Step

LEAP_DAY = 29
DAYS = range(1, 32)
MONTHS = range(1, 13)


def years_of(span: DateSpan, today: date | None) -> range:
    """The years that can be meant; one more where the caller's day need not be ours."""
    if today is None:
        return range(int(f"{FIRST_OF_YEARS[0]}00"), int(f"{FIRST_OF_YEARS[-1]}99") + 1)
    first = today.year - 1 if span is DateSpan.FUTURE else today.year - OLDEST
    last = today.year + 1 if span is DateSpan.PAST else today.year + FARTHEST
    return range(first, last + 1)


def _longest(month: int) -> int:
    """Days of a month, in a leap year."""
    return (date(2000 + month // 12, month % 12 + 1, 1) - date(2000, month, 1)).days


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@dataclass
class SpokenDates:
    """Writes the ways to say a date into a machine. `numbers`: word -> label; `between` gives a state words that mean nothing."""

    machine: Machine
    grammar: Grammar
    numbers: dict[str, int]
    said: Sayings
    years: range
    between: Callable[[int], None]
    _named: dict[tuple[str, int], int] = field(default_factory=dict)

    def write(self, sources: Iterable[int], done: int) -> None:
        """From each of `sources` to `done`."""
        sources = tuple(sources)
        if self.grammar.dates.order is DateOrder.YEAR_FIRST:
            self._year_first(sources, done)
        self._months(sources, {month: self._state("month", _longest(month)) for month in MONTHS}, in_figures=self._leads_by_month)
        for days in {_longest(month) for month in MONTHS}:
            self._days((self._state("month", days),), {day: self._before_year(day, days) for day in DAYS if day <= days})
        self._days(sources, {day: self._state("day", max(day, 28)) for day in DAYS})
        for day in range(28, 32):
            after = {month: self._before_year(day, _longest(month)) for month in MONTHS if day <= _longest(month)}
            in_figures = self.grammar.dates.order is DateOrder.DAY_FIRST
            self._months((self._state("day", day),), after, in_figures=in_figures)
        self._years(self._state("year", 0), dict.fromkeys(self.years, done))
        self._years(self._state("year", LEAP_DAY), {year: done for year in self.years if _is_leap(year)})

    @property
    def _leads_by_month(self) -> bool:
        return self.grammar.dates.order is DateOrder.MONTH_FIRST

    def _year_first(self, sources: tuple[int, ...], done: int) -> None:
        for source in sources:
            self._years(source, {year: self._state("after year", LEAP_DAY if _is_leap(year) else 28) for year in self.years})
        for february in (28, LEAP_DAY):
            state = self._state("after year", february)
            for word in self.grammar.breaks:
                self._accept(state, word, state)
            longest = {month: february if _longest(month) == LEAP_DAY else _longest(month) for month in MONTHS}
            self._months((state,), {month: self._state("last", days) for month, days in longest.items()}, in_figures=True)
        for days in range(28, 32):
            self._days((self._state("last", days),), dict.fromkeys(range(1, days + 1), done))
        for word in self.grammar.dates.day_marks:
            self._accept(done, word, done)

    def _before_year(self, day: int, days: int) -> int:
        """Where the year comes: only one with a 29th of February after that."""
        return self._state("year", LEAP_DAY if day == days == LEAP_DAY else 0)

    # ---- parts of a date ---------------------------------------------------------------------------------------------

    def _months(self, sources: tuple[int, ...], after: dict[int, int], *, in_figures: bool) -> None:
        for source, (phrase, month) in product(sources, self.grammar.dates.months):
            if month in after:
                self._phrase(source, phrase, after[month])
        for source in sources if in_figures else ():
            self._figures(source, {digits: {state} for month, state in after.items() for digits in {f"{month}", f"{month:02}"}})

    def _days(self, sources: tuple[int, ...], after: dict[int, int]) -> None:
        """In figures, or as "fifth", "twenty first"."""
        words = dict(self.grammar.dates.ordinals)
        tens = {" ".join(phrase): ten for phrase, (ten, _) in number_table(self.grammar).tens.items()}
        words |= {f"{ten} {one}": tens[ten] + words[one] for ten, one in product(tens, words) if words[one] < 10}
        for source in sources:
            for phrase, day in words.items():
                if day in after:
                    self._phrase(source, phrase, after[day])
            self._figures(source, {digits: {state} for day, state in after.items() for digits in {f"{day}", f"{day:02}"}})

    def _years(self, source: int, after: dict[int, int]) -> None:
        ends = {f"{year}": {state} for year, state in after.items() if f"{year}"[:2] in FIRST_OF_YEARS}
        for year, state in after.items():
            if f"{year}"[:2] in CENTURIES:
                ends.setdefault(f"{year % 100:02}", set()).add(state)
        self._figures(source, ends)

    def _figures(self, source: int, ends: dict[str, set[int]]) -> None:
        """Digits and numbers from `source` to the states that they end in."""
        _Figures(self, ends).write(source)

    # ---- states and arcs ---------------------------------------------------------------------------------------------

    def _state(self, name: str, number: int) -> int:
        """A place between two parts."""
        if (name, number) not in self._named:
            self._named[name, number] = state = self.machine.new_state()
            self.between(state)
            for word in self.grammar.dates.day_marks if name == "day" else ():
                self._accept(state, word, state)
        return self._named[name, number]

    def _phrase(self, source: int, phrase: str, target: int) -> None:
        words = phrase.split()
        if all(word in self.numbers for word in words):
            self.machine.chain(source, [self.numbers[word] for word in words], target, self.said.cost)

    def _accept(self, source: int, word: str, target: int) -> None:
        if word in self.numbers:
            self.machine.accept(source, self.numbers[word], target, self.said.cost)


@dataclass
class _Figures:
    """One part in figures. `ends`: digits -> states. A number above nine costs no more than a digit: so people say dates."""

    dates: SpokenDates
    ends: dict[str, set[int]]
    _within: dict[tuple[str, int], int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._begun = {digits[:length] for digits in self.ends for length in range(len(digits))}

    def write(self, source: int) -> None:
        """From `source` on."""
        for step, target in self._further("", BETWEEN):
            self.dates._accept(source, step.word, target)  # noqa: SLF001 - one thing in two classes

    def _further(self, digits: str, state: int) -> list[tuple[Step, int]]:
        return [(step, target) for step in self.dates.said.steps[state] for target in self._targets(digits + step.digits, step)]

    def _targets(self, digits: str, step: Step) -> list[int]:
        """Where a word leads that makes these digits: to the end, or to where more of them come."""
        ended = sorted(self.ends.get(digits, ())) if step.target == BETWEEN else []
        if digits not in self._begun:
            return ended
        key = (digits, step.target)
        if key not in self._within:
            further = self._further(digits, step.target)
            self._within[key] = self._written(further) if further else None
        within = self._within[key]
        return ended if within is None else [*ended, within]

    def _written(self, further: list[tuple[Step, int]]) -> int:
        state = self.dates.machine.new_state()
        for step, target in further:
            self.dates._accept(state, step.word, target)  # noqa: SLF001 - the same
        return state
