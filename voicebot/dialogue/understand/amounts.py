"""Words to money, in the smallest coins: "twelve dollars (and) fifty cents", "twelve fifty", "twelve point five". Every way."""

from collections.abc import Iterator, Sequence

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import Bounds, ways
from voicebot.dialogue.understand.tokens import Mark, Token, Word
from voicebot.dialogue.values import AMOUNT_DIGITS

MONEY = (Mark.UNIT, Mark.PART, Mark.POINT)
Run = tuple[str, ...]


class SaidAmount:
    """What was said of an amount with so many decimals: runs of number words, and the words of money between and after them."""

    def __init__(self, said: Sequence[Token], grammar: Grammar, decimals: int) -> None:
        self._grammar, self._decimals = grammar, decimals
        runs: list[list[str]] = [[]]
        marks: list[Mark] = []
        for token in said:
            match token:
                case Word(text):
                    runs[-1].append(text)
                case Mark() if token in MONEY:
                    marks.append(token)
                    runs.append([])
        self._runs = [tuple(run) for run in runs if run]
        self._ends = not runs[-1]
        self._marks = tuple(marks)

    def amounts(self) -> list[str]:
        """Digits of the smallest coins, likeliest first; none if that is no amount, or one in coins that there are not."""
        found = [whole * 10**self._decimals + coins for whole, coins in self._whole_and_coins()]
        return [str(amount) for amount in dict.fromkeys(found) if 0 < amount < 10**AMOUNT_DIGITS]

    def _whole_and_coins(self) -> Iterator[tuple[int, int]]:
        match self._runs:
            case [run] if self._marks == (Mark.PART,):
                yield from ((0, coins) for coins in self._coins(run))
            case [run] if self._marks in ((), (Mark.UNIT,)) and (self._ends or not self._marks):
                yield from ((whole, 0) for whole in self._wholes(run))
                yield from self._side_by_side(run)
            case [run, rest]:
                coins = self._after(rest)
                yield from ((whole, one) for whole in self._wholes(run) for one in coins)

    def _after(self, run: Run) -> list[int]:
        """The coins of the second run, by the words before and after it."""
        match self._marks:
            case (Mark.UNIT, Mark.PART) if self._ends:
                return self._coins(run)
            case (Mark.UNIT,):
                return self._coins(run)
            case (Mark.POINT,):
                return self._decimal(run)
            case (Mark.POINT, Mark.UNIT) if self._ends:
                return self._decimal(run)
        return []

    def _side_by_side(self, run: Run) -> Iterator[tuple[int, int]]:
        """Nothing between them: "twelve fifty", "twelve oh five". The coins are one number of all digits, or begin with 0."""
        for cut in range(1, len(run)) if self._decimals and not self._marks else ():
            several = run[cut:]
            whole = [digits for digits in self._numbers(several) if len(digits) == self._decimals]
            coins = [int(digits) for digits in whole if digits[0] == "0" or not self._is_one_by_one(several, digits)]
            yield from ((whole, one) for whole in self._wholes(run[:cut]) for one in coins)

    def _wholes(self, run: Run) -> list[int]:
        return [int(digits) for digits in self._numbers(run)]

    def _coins(self, run: Run) -> list[int]:
        return [int(digits) for digits in self._numbers(run) if len(digits) <= self._decimals]

    def _decimal(self, run: Run) -> list[int]:
        """Digits after a point: "point five" is fifty."""
        digits = [digits for digits in self._numbers(run) if len(digits) <= self._decimals]
        return [int(one.ljust(self._decimals, "0")) for one in digits]

    def _is_one_by_one(self, run: Run, digits: str) -> bool:
        known = dict(self._grammar.digits)
        return digits == "".join(known.get(word, "") for word in run)

    def _numbers(self, run: Run) -> list[str]:
        """One number, or digits one by one."""
        found = []
        for pieces in ways(run, self._grammar, Bounds(1, AMOUNT_DIGITS)):
            said = [piece for piece in pieces if piece.digits]
            if len(said) == 1 or not any(piece.number for piece in said):
                found.append("".join(piece.digits for piece in said))
        return list(dict.fromkeys(found))
