"""Reads a grammar beyond single digits: larger numbers, dates, amounts, corrections. Complains by key, never guesses."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from voicebot.dialogue.words import AmountWords, CorrectionWords, DateOrder, DateWords, NumberWords, Tens

LARGEST_POWER = 100_000_000
MOST_PLACES = 9


def is_word(word: object) -> bool:
    """One word in small letters, and no mark like `[unk]`."""
    return isinstance(word, str) and word != "" and word == word.lower() and len(word.split()) == 1 and not word.startswith("[")


def is_phrase(phrase: object) -> bool:
    """One word or more with one space between."""
    return isinstance(phrase, str) and phrase != "" and " ".join(phrase.split()) == phrase and all(map(is_word, phrase.split()))


class Part:
    """One table of a grammar file, read key by key; `close` names the keys that nobody asked for."""

    def __init__(self, plain: Mapping[str, Any], name: str, faults: list[str]) -> None:
        value = plain.get(name, {})
        self._name, self._faults, self._read = name, faults, set[str]()
        self._plain: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            faults.append(f"{name}: must be a table")

    def flag(self, key: str) -> bool:
        """True or false; false where it is not there."""
        value = self._value(key, False)
        if not isinstance(value, bool):
            self._fault(key, f"must be true or false, not {value!r}")
        return value is True

    def phrases(self, key: str) -> tuple[str, ...]:
        """A list of phrases."""
        value = self._value(key, [])
        if isinstance(value, list) and all(map(is_phrase, value)):
            return tuple(value)
        self._fault(key, "must be a list of phrases in small letters, one space between words")
        return ()

    def numbers(self, key: str, allowed: Callable[[int], bool], what: str) -> tuple[tuple[str, int], ...]:
        """A table of phrases with numbers."""
        found = []
        for phrase, number in self._table(key):
            if type(number) is int and allowed(number):
                found.append((phrase, number))
            else:
                self._fault(f"{key}.{phrase}", f"must be {what}, not {number!r}")
        return tuple(found)

    def tens(self, key: str) -> tuple[Tens, ...]:
        """A table of phrases with a multiple of ten each, or with that and the last number that it leads to."""
        found = []
        for phrase, number in self._table(key):
            value, last = number if isinstance(number, list) and len(number) == 2 else (number, number)
            if not (type(value) is int and type(last) is int and 10 <= value < 100 and value % 10 == 0):
                self._fault(f"{key}.{phrase}", f"must be 10, 20 … 90, or with its last number, like [60, 79], not {number!r}")
            elif value < last < 100 or isinstance(number, int):
                found.append(Tens(phrase, value, last if isinstance(number, list) else value + 9))
            else:
                self._fault(f"{key}.{phrase}", f"must lead to a greater number below 100, not to {last}")
        return tuple(found)

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of a few words; the first where it is not there."""
        value = self._value(key, allowed[0])
        if value in allowed:
            return str(value)
        self._fault(key, f"must be one of {', '.join(allowed)}, not {value!r}")
        return allowed[0]

    def close(self) -> None:
        """Name what is left."""
        for key in self._plain.keys() - self._read:
            near = get_close_matches(key, self._read, n=1)
            known = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self._read))}"
            self._fault(key, f"not a key here; {known}")

    def _value(self, key: str, otherwise: Any) -> Any:
        self._read.add(key)
        return self._plain.get(key, otherwise)

    def _table(self, key: str) -> list[tuple[str, Any]]:
        value = self._value(key, {})
        if not isinstance(value, dict):
            self._fault(key, "must be a table")
            return []
        for phrase in value:
            if not is_phrase(phrase):
                self._fault(f"{key}.{phrase}", "must be a phrase in small letters, one space between words")
        return [(phrase, number) for phrase, number in value.items() if is_phrase(phrase)]

    def _fault(self, key: str, what: str) -> None:
        self._faults.append(f"{self._name}.{key}: {what}")


def read_numbers(plain: Mapping[str, Any], faults: list[str]) -> NumberWords:
    """`[numbers]`: how numbers above nine are said."""
    part = Part(plain, "numbers", faults)
    read = NumberWords(
        whole=part.numbers("whole", lambda number: 10 <= number < 100, "a number from 10 to 99"),
        tens=part.tens("tens"),
        powers=part.numbers("powers", _is_power, f"a power of ten from 10 to {LARGEST_POWER}"),
        ones=part.phrases("ones"),
        joins=part.phrases("joins"),
        ones_first=part.flag("ones_first"),
        bare_powers=part.flag("bare_powers"),
    )
    part.close()
    return read


def read_dates(plain: Mapping[str, Any], faults: list[str]) -> DateWords:
    """`[dates]`: months, ordinals, and which comes first."""
    part = Part(plain, "dates", faults)
    read = DateWords(
        order=DateOrder(part.one_of("order", tuple(DateOrder))),
        months=part.numbers("months", lambda month: 1 <= month <= 12, "a month from 1 to 12"),
        ordinals=part.numbers("ordinals", lambda day: 1 <= day <= 31, "a day from 1 to 31"),
        day_marks=part.phrases("day_marks"),
    )
    part.close()
    return read


def read_amounts(plain: Mapping[str, Any], faults: list[str]) -> AmountWords:
    """`[amounts]`: words of money."""
    part = Part(plain, "amounts", faults)
    read = AmountWords(**{one.name: part.phrases(one.name) for one in fields(AmountWords)})
    part.close()
    return read


def read_corrections(plain: Mapping[str, Any], faults: list[str]) -> CorrectionWords:
    """`[corrections]`: how a caller puts right what was heard."""
    part = Part(plain, "corrections", faults)
    read = CorrectionWords(
        instead=part.phrases("instead"),
        nots=part.phrases("not"),
        rathers=part.phrases("rather"),
        places=part.numbers("places", lambda place: 0 < abs(place) <= MOST_PLACES, f"1 to {MOST_PLACES}, or negative"),
    )
    part.close()
    return read


def _is_power(number: int) -> bool:
    return 10 <= number <= LARGEST_POWER and str(number).rstrip("0") == "1"
