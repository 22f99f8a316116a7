"""Dates and amounts as people of four languages say them, in both directions."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from babel.dates import format_date
from hypothesis import example, given
from hypothesis import strategies as st

from tests.dialogue.understand.sayings import TONGUES, number_said
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.dates import one_century
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import Understood, understand
from voicebot.dialogue.values import Command, Shape

GRAMMARS = Path(__file__).resolve().parents[3] / "grammars"
LANGUAGES = sorted(TONGUES)
TODAY = date(2026, 3, 2)
DATE = Shape.parse("date")
days = st.dates(date(1900, 1, 1), date(2039, 12, 31))


@cache
def grammar(language: str) -> Grammar:
    return load_grammar(GRAMMARS / f"{language}.toml")


def meaning(words: str, shape: Shape, language: str) -> Understood:
    return understand(words, shape, grammar(language))


def number(language: str, value: int, locale: str = "") -> str:
    tongue = TONGUES[language]
    return tongue.tidy(number_said(value, locale or tongue.locales[0]))


def month_name(day: date, language: str) -> str:
    return format_date(day, "MMMM", locale=language)


@st.composite
def said_dates(draw: st.DrawFn, language: str) -> tuple[date, str]:
    """A date, and a way in which its language's people say it with the month's name."""
    day, year = draw(days), 0
    year = draw(st.sampled_from([day.year, *([day.year // 100] if day.year % 100 > 9 else [])]))
    in_pairs = year != day.year and language in ("en", "da")
    years = f"{number(language, year)} {number(language, day.year % 100)}" if in_pairs else number(language, day.year)
    days_word = number(language, day.day)
    match language:
        case "en":
            order = draw(st.sampled_from(["{month} {day} {year}", "the {day} of {month} {year}", "{month} the {day} {year}"]))
            return day, order.format(month=month_name(day, "en").lower(), day=days_word, year=years)
        case "fr":
            first = "premier" if day.day == 1 else days_word
            return day, f"le {first} {month_name(day, 'fr')} {years}"
        case "da":
            return day, f"den {days_word} {month_name(day, 'da')} {years}"
    month = {6: "유", 10: "시"}.get(day.month, number("ko", day.month))
    return day, f"{years} 년 {month} 월 {days_word} 일"


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_every_date_that_is_said_with_its_months_name_is_understood_as_it_alone(language: str, data: st.DataObject) -> None:
    day, words = data.draw(said_dates(language))
    assert meaning(words, DATE, language).digits == (f"{day:%Y%m%d}",), words


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=days)
def test_every_date_that_is_said_in_single_figures_is_among_its_readings(language: str, day: date) -> None:
    order = {"dmy": "%d%m%Y", "mdy": "%m%d%Y", "ymd": "%Y%m%d"}[grammar(language).dates.order]
    words = " ".join(TONGUES[language].digit_words[int(digit)][0] for digit in day.strftime(order))
    assert f"{day:%Y%m%d}" in meaning(words, DATE, language).digits


@given(day=st.dates(date(1930, 1, 1), date(2026, 3, 1)))
def test_a_date_in_three_numbers_has_one_century(day: date) -> None:
    if day.year % 100 < 10:
        return
    words = f"{number('en', day.month)} {number('en', day.day)} {number('en', day.year % 100)}"
    readings = meaning(words, DATE, "en").digits
    assert f"{day:%Y%m%d}" in readings
    assert f"{day:%Y%m%d}" in one_century([one for one in readings if one <= "20260303"], TODAY)


@pytest.mark.parametrize(
    ("language", "words", "digits"),
    [
        ("en", "november twenty seventh nineteen fifty seven", ["19571127"]),
        ("en", "the twenty seventh of november nineteen fifty seven", ["19571127"]),
        ("en", "may first two thousand and five", ["20050501"]),
        ("en", "eleven twenty seven fifty seven", ["20571127", "19571127"]),
        ("en", "one two nineteen eighty", ["19800102", "20801219", "19801219"]),
        ("en", "oh five oh three nineteen eighty", ["19800503"]),
        ("en", "march fifth nineteen eighty no nineteen eighty one", []),
        ("en", "march fifth nineteen eighty sorry march sixth nineteen eighty", ["19800306"]),
        ("en", "february thirtieth nineteen eighty", []),
        ("en", "march april fifth nineteen eighty", []),
        ("en", "nineteen eighty march fifth", ["19800305"]),
        ("en", "march fifth", []),
        ("en", "thirty first march nineteen eighty", ["19800331"]),
        ("en", "twenty tenth march nineteen eighty", []),
        ("fr", "le premier mars mille neuf cent quatre vingt cinq", ["19850301"]),
        ("fr", "douze zéro trois dix neuf cent quatre vingt cinq", ["19850312"]),
        ("fr", "vingt et un juin deux mille un", ["20010621"]),
        ("da", "den tolvte marts nitten femogfirs", ["19850312"]),
        ("da", "enogtyvende i sjette nitten hundrede og firs", ["19800621"]),
        ("ko", "천 구 백 팔 십 오 년 삼 월 이 십 일 일", ["19850321"]),
        ("ko", "천 구 백 팔 십 오 년 삼 월 이 십 일", ["19850320"]),
        ("ko", "천 구 백 팔 십 오 년 유 월 일 일", ["19850601"]),
        ("ko", "팔 십 오 년 십 이 월 삼 십 일 일 생 입니다", ["20851231", "19851231"]),
        ("ko", "일 구 팔 오 공 삼 이 일", ["19850321"]),
    ],
)
def test_words_mean_a_date(language: str, words: str, digits: list[str]) -> None:
    assert list(meaning(words, DATE, language).digits) == digits


def test_a_part_of_a_date_is_so_far_and_a_command_beside_it_is_obeyed() -> None:
    assert meaning("march fifth", DATE, "en") == Understood(partial="0")
    assert meaning("march twenty", DATE, "en") == Understood(partial="20")
    assert meaning("um", DATE, "en") == Understood()
    assert meaning("agent", DATE, "en") == Understood(command=Command.AGENT)
    assert meaning("first two", Shape.parse("digits:1-2"), "en").digits == ()


@example(words=["one", "oh", "first", "twenty", "one"])  # no year has three digits
@given(
    words=st.lists(st.sampled_from("march first twenty one nineteen eighty oh hundred no and [pause] agent".split()), max_size=9)
)
def test_whatever_is_said_every_date_exists(words: list[str]) -> None:
    understood = meaning(" ".join(words), DATE, "en")
    assert all(date(int(one[:4]), int(one[4:6]), int(one[6:])) for one in understood.digits)
    assert all(map(DATE.fits, understood.digits))


MONEY = {
    "en": ("{whole} dollars and {part} cents", "{whole} dollars", "{part} cents"),
    "fr": ("{whole} euros {part}", "{whole} euros", "{part} centimes"),
    "da": ("{whole} kroner og {part} øre", "{whole} kroner", "{part} øre"),
}


@pytest.mark.parametrize("language", sorted(MONEY))
@given(whole=st.integers(0, 99_999), part=st.integers(0, 99))
def test_every_amount_is_understood_as_it_alone(language: str, whole: int, part: int) -> None:
    if not whole and not part:
        return
    both, only_whole, only_part = MONEY[language]
    wording = both if whole and part else only_whole if whole else only_part
    words = wording.format(whole=number(language, whole), part=number(language, part))
    assert meaning(words, Shape.parse("amount:2"), language).digits == (str(whole * 100 + part),), words


@given(won=st.integers(1, 99_999_999))
def test_korean_amounts_have_no_smaller_coins(won: int) -> None:
    assert meaning(f"{number('ko', won)} 원", Shape.parse("amount:0"), "ko").digits[0] == str(won)


@pytest.mark.parametrize(
    ("language", "words", "decimals", "digits"),
    [
        ("en", "twelve fifty", 2, ["1250"]),
        ("en", "twelve [pause] fifty", 2, ["1250"]),
        ("en", "twelve cents five", 2, []),
        ("en", "twenty three fifty", 2, ["2350"]),
        ("en", "twelve oh five", 2, ["1205"]),
        ("en", "one two five", 2, ["12500"]),
        ("en", "twelve point five", 2, ["1250"]),
        ("en", "twelve point oh five dollars", 2, ["1205"]),
        ("en", "twelve point five oh five", 2, []),
        ("en", "twelve point five dollars six", 2, []),
        ("en", "a hundred and twenty dollars", 2, ["12000"]),
        ("en", "twelve dollars sorry thirteen dollars", 2, ["1300"]),
        ("en", "twelve dollars", 0, ["12"]),
        ("en", "twelve fifty", 0, []),
        ("en", "twelve dollars fifty", 0, []),
        ("en", "zero", 2, []),
        ("en", "dollars", 2, []),
        ("en", "one dollar two three cents", 2, ["123"]),
        ("fr", "quatre vingt dix euros et dix centimes", 2, ["9010"]),
        ("fr", "douze virgule cinq", 2, ["1250"]),
        ("da", "tolv halvtreds", 2, ["1250"]),
    ],
)
def test_words_mean_an_amount(language: str, words: str, decimals: int, digits: list[str]) -> None:
    assert list(meaning(words, Shape.parse(f"amount:{decimals}"), language).digits) == digits


PHONES = [
    ("en", "two oh two five five five oh one four four", "2025550144"),
    ("en", "plus one two oh two five five five oh one four four", "0012025550144"),
    ("en", "eight hundred five five five oh one double two", "8005550122"),
    ("fr", "zéro six douze trente quatre cinquante six soixante dix huit", "0612345678"),
    ("fr", "plus trente trois six douze trente quatre cinquante six soixante dix huit", "0033612345678"),
    ("da", "tolv fireogtredive seksoghalvtreds otteoghalvfjerds", "12345678"),
    ("ko", "공 일 공 에 일 이 삼 사 에 오 육 칠 팔", "01012345678"),
    ("ko", "플러스 팔 이 일 공 일 이 삼 사 오 육 칠 팔", "00821012345678"),
]


@pytest.mark.parametrize(("language", "words", "digits"), PHONES)
def test_telephone_numbers_are_understood_as_their_people_say_them(language: str, words: str, digits: str) -> None:
    assert digits in meaning(words, Shape.parse("phone"), language).digits
