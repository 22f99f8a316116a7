"""Words to dates: with a month by its name, or in figures in the language's order. Every reading, best first, year in front."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from voicebot.dialogue.dates import date_of, in_both_centuries
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import Bounds, readings
from voicebot.dialogue.understand.tokens import Month, Ordinal, Token, Word
from voicebot.dialogue.words import DateOrder

FIRST_OF_YEARS = ("18", "19", "20", "21")

Part = tuple[Word | Ordinal, ...]


class SaidDate:
    """What was said of a date; commands, corrections and pauses are left out. Remembers what its parts can be."""

    def __init__(self, said: Sequence[Token], grammar: Grammar) -> None:
        self.items = tuple(token for token in said if isinstance(token, Word | Ordinal | Month))
        self.grammar = grammar
        self._known: dict[tuple[Part, Bounds], list[str]] = {}

    @property
    def digits(self) -> str:
        """Some digits for what is no whole date, only to tell how far it has come."""
        words = [item.text for item in self.items if isinstance(item, Word)]
        found = readings(words, self.grammar, Bounds(1, 2 * len(words)))
        return (found[0].digits if found else "0" if self.items else "")[:7]

    def dates(self) -> list[str]:
        """Eight digits each. A year of two digits is in both centuries; whole years come first."""
        found = [(len(year), month, day, year) for month, day, year in self._month_day_year()]
        whole = [
            f"{full}{month:02}{day:02}"
            for _, month, day, year in sorted(found, key=lambda one: -one[0])
            for full in in_both_centuries(year)
        ]
        return list(dict.fromkeys(digits for digits in whole if date_of(digits) is not None))

    def _month_day_year(self) -> Iterator[tuple[int, int, str]]:
        months = [place for place, item in enumerate(self.items) if isinstance(item, Month)]
        if len(months) == 1:
            yield from self._by_name(months[0])
        elif not months:
            yield from self._in_figures()

    def _by_name(self, place: int) -> Iterator[tuple[int, int, str]]:
        """Day and year on both sides of the month, or both after it."""
        month = self.items[place]
        assert isinstance(month, Month)  # that is where it is  # noqa: S101
        before, after = self._part(0, place), self._part(place + 1, len(self.items))
        for day_part, year_part in ((before, after), (after, before)) if before else self._halves(after):
            for day in self._days(day_part):
                for year in self._years(year_part):
                    yield month.number, day, year

    def _halves(self, part: Part) -> list[tuple[Part, Part]]:
        return [(part[:cut], part[cut:]) for cut in range(1, len(part))]

    def _in_figures(self) -> Iterator[tuple[int, int, str]]:
        for one, two in combinations(range(1, len(self.items)), 2):
            parts = self._part(0, one), self._part(one, two), self._part(two, len(self.items))
            match self.grammar.dates.order:
                case DateOrder.DAY_FIRST:
                    day, month, year = parts
                case DateOrder.MONTH_FIRST:
                    month, day, year = parts
                case _:
                    year, month, day = parts
            for number in self._months(month):
                yield from ((number, known, full) for known in self._small(day) for full in self._years(year))

    def _part(self, start: int, end: int) -> Part:
        return tuple(item for item in self.items[start:end] if not isinstance(item, Month))

    def _months(self, part: Part) -> list[int]:
        return [number for number in self._small(part) if number <= 12]

    def _days(self, part: Part) -> list[int]:
        """Beside a month the word for a day is no digit, where it leaves a day ("이십 일 일" is the 21st)."""
        marked = bool(part) and isinstance(part[-1], Word) and part[-1].text in self.grammar.dates.day_marks
        return (self._small(part[:-1]) if marked else []) or self._small(part)

    def _small(self, part: Part) -> list[int]:
        """One to 31: a number, one or two digits, or an ordinal, after a ten too ("twenty first")."""
        *before, last = part or (Word(""),)
        if isinstance(last, Ordinal):
            tens = [number for number in self._small(tuple(before)) if number % 10 == 0] if before else [0]
            return [ten + last.number for ten in tens if last.number < 10 or not before]
        return [number for number in map(int, self._digits(part, Bounds(1, 2))) if 1 <= number <= 31]

    def _years(self, part: Part) -> list[str]:
        found = self._digits(part, Bounds(2, 4))
        return [digits for digits in found if len(digits) == 2 or (len(digits) == 4 and digits[:2] in FIRST_OF_YEARS)]

    def _digits(self, part: Part, bounds: Bounds) -> list[str]:
        if (part, bounds) not in self._known:
            words = [item.text for item in part if isinstance(item, Word)]
            found = readings(words, self.grammar, bounds) if len(words) == len(part) else []
            self._known[part, bounds] = [reading.digits for reading in found]
        return self._known[part, bounds]
