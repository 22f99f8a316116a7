"""Secrets stay opaque, shapes say what fits."""

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.actions import CheckSecret, Claim
from voicebot.dialogue.call import Authenticating, Heard
from voicebot.dialogue.spoken import Digits, Words
from voicebot.dialogue.values import (
    Ani,
    AniStanding,
    Customer,
    DateSpan,
    Modality,
    Secret,
    Shape,
    ShapeKind,
)

CANARY = "805317"


def test_a_secret_shows_itself_only_when_asked_to() -> None:
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", "%s" % secret, repr([secret]), repr({"pin": secret})):  # noqa: UP031
        assert CANARY not in shown


def test_a_secret_does_not_show_its_length() -> None:
    assert repr(Secret("1")) == repr(Secret(CANARY))


def test_a_secret_cannot_be_compared_not_even_with_itself_by_value() -> None:
    with pytest.raises(TypeError, match="not compared"):
        assert Secret(CANARY) == Secret(CANARY)
    with pytest.raises(TypeError, match="not compared"):
        assert Secret(CANARY) != CANARY


def test_a_secret_is_the_key_of_nothing() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Secret(CANARY))


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_neither_pickled_nor_copied(duplicate) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(TypeError, match="never pickled") as caught:
        duplicate(Secret(CANARY))
    assert CANARY not in str(caught.value)


def test_a_secret_is_not_json() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"pin": Secret(CANARY)})
    assert CANARY not in str(caught.value)


def test_a_secret_takes_no_new_attribute() -> None:
    with pytest.raises(AttributeError):
        Secret(CANARY).text = CANARY  # type: ignore[attr-defined]


def test_what_holds_a_secret_does_not_show_it() -> None:
    assert CANARY not in repr(CheckSecret(1, Claim(ref="r"), "pin", Secret(CANARY)))


@pytest.mark.parametrize(
    "holder",
    [
        Ani(AniStanding.USABLE, CANARY),
        Customer(CANARY, CANARY, CANARY),
        Digits(CANARY),
        Words(CANARY),
        Heard(CANARY, Modality.KEYPAD),
        Authenticating(heard=Heard(CANARY, Modality.SPEECH), prefix=CANARY, denied=(CANARY,), speech_won=CANARY),
    ],
)
def test_personal_data_stay_out_of_a_repr(holder: object) -> None:
    assert CANARY not in repr(holder)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("digits:8", Shape(ShapeKind.DIGITS, 8, 8)),
        ("digits:3-10", Shape(ShapeKind.DIGITS, 3, 10)),
        ("digits:8:44,045", Shape(ShapeKind.DIGITS, 8, 8, prefixes=("44", "045"))),
        ("digits:3-10:9", Shape(ShapeKind.DIGITS, 3, 10, prefixes=("9",))),
        ("digits:1-24", Shape(ShapeKind.DIGITS, 1, 24)),
        ("phone", Shape(ShapeKind.PHONE, 6, 18)),
        ("date", Shape(ShapeKind.DATE, 8, 8)),
        ("date:past", Shape(ShapeKind.DATE, 8, 8, DateSpan.PAST)),
        ("date:future", Shape(ShapeKind.DATE, 8, 8, DateSpan.FUTURE)),
        ("amount:2", Shape(ShapeKind.AMOUNT, 1, 9, decimals=2)),
        ("amount:0", Shape(ShapeKind.AMOUNT, 1, 9)),
        ("yesno", Shape(ShapeKind.YES_NO)),
        ("yesno:8", Shape.read_back(8)),
        ("commands", Shape(ShapeKind.COMMANDS)),
    ],
)
def test_a_shape_reads_as_it_is_written(text: str, shape: Shape) -> None:
    assert Shape.parse(text) == shape
    assert str(shape) == text


def test_a_range_of_one_length_is_that_length() -> None:
    assert str(Shape.parse("digits:4-4")) == "digits:4"


@pytest.mark.parametrize(
    "text",
    ["", "digits", "digits:", "digits:0", "digits:25", "digits:5-4", "digits:3-25", "digit:8",
     "date:", "date:soon", "amount", "amount:4", "phone:8", "yesno:1", "yesno:25"],
)  # fmt: skip
def test_no_other_shape_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match="a shape is digits:N"):
        Shape.parse(text)


@given(st.integers(1, 24), st.integers(1, 24), st.text("0123456789", max_size=26))
def test_digits_fit_by_their_length_alone(one: int, other: int, digits: str) -> None:
    shape = Shape(ShapeKind.DIGITS, min(one, other), max(one, other))
    assert shape.fits(digits) == (shape.shortest <= len(digits) <= shape.longest)
    assert shape.fixed == (one == other)


def test_no_amount_is_none_at_all() -> None:
    amount = Shape.parse("amount:2")
    assert not any(map(amount.fits, ("", "0", "000", "1234567890")))
    assert amount.fits("5")
    assert amount.fits("050")


@pytest.mark.parametrize("shape", [Shape(ShapeKind.YES_NO), Shape(ShapeKind.COMMANDS)])
def test_no_digits_fit_where_none_are_asked(shape: Shape) -> None:
    assert not shape.fits("")
    assert not shape.fixed


@given(st.text("0123456789", max_size=6))
def test_digits_begin_with_one_of_the_prefixes_or_with_anything(digits: str) -> None:
    assert Shape.parse("digits:4").begins(digits)
    assert Shape.parse("digits:4:44,045").begins(digits) is (digits[:2] == "44" or digits[:3] == "045")
