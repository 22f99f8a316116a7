"""Secrets that many people choose, or that somebody who knows a little can guess, are known; new ones are drawn by chance."""

from collections.abc import Iterator

import pytest

from voicebot.dialogue.values import Secret, Shape
from voicebot.identity.secret_rules import advice, draw, strength
from voicebot.ports.secrets import Strength

SIX, FOUR = Shape.parse("digits:6"), Shape.parse("digits:4")


def weighed(digits: str, numbers: tuple[str, ...] = (), days: tuple[str, ...] = ()) -> Strength:
    return strength(Secret(digits), numbers, days)


@pytest.mark.parametrize(
    "digits",
    """
    0000 1111 7777 1234 4321 0123 9876 7890 2345 1357 8642 2468 1212 6969 1122 1221 2112 1984 2001 1999 2026 2580 0852 1004 5683
    000000 999999 123456 654321 012345 987654 890123 121212 123123 456456 112233 998877 123321 696969 159753 147258 789456
    456123 321654 963852 741852 258456 123789 100001 101010 112211 520131 246810 135790 010203 314159 111222
    12345678 87654321 11223344 12341234 13571357 1234554321 19191919
    """.split(),
)
def test_what_many_people_choose_is_guessable(digits: str) -> None:
    assert weighed(digits) is Strength.GUESSABLE


@pytest.mark.parametrize("digits", "493817 270694 860917 582604 194736 20483719".split())
def test_what_follows_no_rule_is_good(digits: str) -> None:
    assert weighed(digits) is Strength.GOOD


@pytest.mark.parametrize(("digits", "found"), [("", "too_short"), ("7", "too_short"), ("493", "too_short"), ("1", "too_short")])
def test_fewer_than_four_digits_are_too_short(digits: str, found: str) -> None:
    assert weighed(digits) == found


@pytest.mark.parametrize("digits", ["4938", "49381", "7142"])
def test_four_and_five_digits_are_short(digits: str) -> None:
    assert weighed(digits) is Strength.SHORT


@pytest.mark.parametrize("digits", ["719402", "194026", "940263", "7194", "0263", "555010", "550101", "0101", "202555"])
def test_part_of_a_number_of_ones_own_is_guessable(digits: str) -> None:
    assert weighed(digits, ("71940263", "+1 (202) 555-0101")) is Strength.GUESSABLE
    assert weighed("719403", ("71940263",)) is Strength.GOOD


@pytest.mark.parametrize(
    "digits",
    "230784 072384 840723 842307 23071984 07231984 19840723 19842307 2307 0723 0784 1984 198407 071984".split(),
)
def test_a_day_of_ones_own_is_guessable_however_it_is_written(digits: str) -> None:
    assert weighed(digits, days=("1984-07-23", "", "soon")) is Strength.GUESSABLE


def test_somebody_elses_day_is_not() -> None:
    assert weighed("230784", days=("1985-07-23",)) is Strength.GOOD


def test_few_of_all_secrets_are_guessable() -> None:
    four = sum(weighed(f"{n:04d}") is Strength.GUESSABLE for n in range(10_000))
    six = sum(weighed(f"{n:06d}") is Strength.GUESSABLE for n in range(0, 1_000_000, 7))
    assert four < 1100
    assert six < 1_000_000 / 7 * 0.02


def test_a_drawn_secret_has_the_shape_and_is_good() -> None:
    for shape, length in ((SIX, 6), (FOUR, 4), (Shape.parse("digits:4-8"), 6), (Shape.parse("digits:8"), 8)):
        drawn = draw(shape).reveal()
        assert len(drawn) == length
        assert weighed(drawn) in (Strength.GOOD, Strength.SHORT)


def test_a_guessable_draw_is_drawn_again() -> None:
    digits: Iterator[int] = iter([int(digit) for digit in "123456" + "719402" + "230784" + "493817"])
    drawn = draw(SIX, ("71940263",), ("1984-07-23",), below=lambda _: next(digits))
    assert drawn.reveal() == "493817"


def test_chance_decides_every_digit() -> None:
    asked: list[int] = []

    def below(limit: int) -> int:
        asked.append(limit)
        return (3, 1, 4, 8, 0, 7)[len(asked) - 1]

    assert draw(SIX, below=below).reveal() == "314807"
    assert asked == [10] * 6


@pytest.mark.parametrize("shape", ["digits:3", "digits:1-2", "yesno"])
def test_no_secret_is_drawn_in_a_shape_that_is_too_short(shape: str) -> None:
    with pytest.raises(ValueError, match="no secret of the shape"):
        draw(Shape.parse(shape))


def test_chance_that_never_gives_a_good_one_ends() -> None:
    with pytest.raises(ValueError, match="no secret of the shape"):
        draw(SIX, below=lambda _: 7)


def test_advice_is_for_short_shapes_only() -> None:
    assert advice("pin", SIX) == ""
    assert advice("pin", Shape.parse("digits:6-8")) == ""
    assert advice("pin", FOUR) == "pin may have 4 digits, one of 10,000: 6 are advised"
    assert advice("pin", Shape.parse("digits:5-8")) == "pin may have 5 digits, one of 100,000: 6 are advised"
    assert advice("tail", Shape.parse("digits:3")) == "tail has fewer than 4 digits: too few for a secret"


@pytest.mark.parametrize(("day", "written"), [("1984-07-23", "0784"), ("1953-11-02", "1153"), ("1953-11-02", "1953")])
def test_month_and_year_of_ones_own_are_guessable(day: str, written: str) -> None:
    assert weighed(written, days=(day,)) is Strength.GUESSABLE


def test_a_year_that_no_rule_knows_is_guessable_if_it_is_ones_own() -> None:
    assert weighed("2143") is Strength.SHORT
    assert weighed("2143", days=("2143-05-17",)) is Strength.GUESSABLE
    assert weighed("0593", days=("1993-05-17",)) is Strength.GUESSABLE


@pytest.mark.parametrize("digits", ["583583", "58315831", "583158315831", "5831758317"])
def test_a_block_that_is_said_again_is_guessable(digits: str) -> None:
    assert weighed(digits) is Strength.GUESSABLE
    assert weighed(digits[:-1] + str((int(digits[-1]) + 4) % 10)) is Strength.GOOD


@pytest.mark.parametrize("digits", ["583385", "5837385", "92744729"])
def test_what_reads_the_same_backwards_is_guessable(digits: str) -> None:
    assert weighed(digits) is Strength.GUESSABLE


def test_pairs_are_told_only_where_there_are_three_of_them() -> None:
    assert weighed("338855") is Strength.GUESSABLE
    assert weighed("3377") is Strength.GUESSABLE  # two digits only
    assert weighed("33885") is Strength.SHORT


def test_chance_is_not_asked_for_a_shape_that_can_have_no_secret() -> None:
    asked: list[int] = []

    def below(limit: int) -> int:
        asked.append(limit)
        return 7

    with pytest.raises(ValueError, match=r"^no secret of the shape digits:1-3 could be drawn$"):
        draw(Shape.parse("digits:1-3"), below=below)
    assert asked == []
