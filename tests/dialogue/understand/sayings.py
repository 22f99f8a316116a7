"""Ways to say digits in four languages, made without the grammars: numbers are num2words', digits and habits are written here.

A saying is digits and words for them. Whatever a grammar file holds, its language must understand every one of these.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import hypothesis.strategies as st
import num2words


@dataclass(frozen=True)
class Tongue:
    """How a language's people say numbers. `digit_words` by digit; `locales` of num2words; `tidy` makes its text our words."""

    digit_words: tuple[tuple[str, ...], ...]
    locales: tuple[str, ...]
    dash: str
    tidy: Callable[[str], str] = lambda text: text
    times: tuple[tuple[int, str], ...] = ()


def _plain(text: str) -> str:
    return text.replace("-", " ").replace(",", "")


def _syllables(text: str) -> str:
    return " ".join(text.replace(" ", ""))


def _danish(text: str) -> str:
    """num2words writes 60 as "treds"; Danes write "tres"."""
    return re.sub("(?<!halv)treds", "tres", text)


ENGLISH = Tongue(
    (("zero", "oh", "nought"), ("one",), ("two",), ("three",), ("four",), ("five",), ("six",), ("seven",), ("eight",), ("nine",)),
    ("en",), "dash", _plain, ((2, "double"), (3, "triple")),
)  # fmt: skip
FRENCH = Tongue(
    (("zéro",), ("un", "une"), ("deux",), ("trois",), ("quatre",), ("cinq",), ("six",), ("sept",), ("huit",), ("neuf",)),
    ("fr", "fr_BE", "fr_CH"), "tiret", _plain, ((2, "double"), (3, "triple")),
)  # fmt: skip
DANISH = Tongue(
    (("nul",), ("en", "et"), ("to",), ("tre",), ("fire",), ("fem",), ("seks",), ("syv",), ("otte",), ("ni",)),
    ("da",), "streg", _danish, ((2, "dobbelt"),),
)  # fmt: skip
KOREAN = Tongue(
    (
        ("공", "영"), ("일", "하나"), ("이", "둘"), ("삼", "셋"), ("사", "넷"), ("오", "다섯"), ("육", "여섯"), ("칠", "일곱"),
        ("팔", "여덟"), ("구", "아홉"),
    ),
    ("ko",), "에", _syllables,
)  # fmt: skip
TONGUES = {"en": ENGLISH, "fr": FRENCH, "da": DANISH, "ko": KOREAN}
NUMBER = re.compile("[1-9][0-9]{1,3}")


@cache
def number_said(number: int, locale: str) -> str:
    """A number as num2words says it."""
    return str(num2words.num2words(number, lang=locale))


@dataclass(frozen=True)
class Saying:
    """Digits, the words for them, and how many digits each number above nine had."""

    digits: str
    words: str
    numbers: int


@st.composite
def sayings(draw: st.DrawFn, language: str, digits: st.SearchStrategy[str], *, in_numbers: bool = True) -> Saying:
    """A way to say a number: digit by digit, doubled, in numbers of two to four digits, with dashes between."""
    tongue, value = TONGUES[language], draw(digits)
    locale = draw(st.sampled_from(tongue.locales))
    said: list[str] = []
    numbers = place = 0
    while place < len(value):
        rest = value[place:]
        count, words = draw(st.sampled_from(list(_next(tongue, locale, rest, in_numbers=in_numbers))))
        said.append(words)
        numbers += count > 1 and words.split()[0] not in dict(tongue.times).values()
        place += count
        said += [tongue.dash] if place < len(value) and draw(st.integers(0, 5)) == 0 else []
    return Saying(value, " ".join(said), numbers)


def _next(tongue: Tongue, locale: str, rest: str, *, in_numbers: bool) -> Any:
    """What may come next: how many digits it says, and its words."""
    for word in tongue.digit_words[int(rest[0])]:
        yield 1, word
        for times, multiplier in tongue.times:
            if rest.startswith(rest[0] * times):
                yield times, f"{multiplier} {word}"
    for length in (2, 3, 4) if in_numbers else ():
        if NUMBER.fullmatch(rest[:length]) and len(rest) >= length:
            yield length, tongue.tidy(number_said(int(rest[:length]), locale))
