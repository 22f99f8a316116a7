from enum import StrEnum
from typing import Any

import pytest

from voicebot.config.tables import Complaints, Table, nearest
from voicebot.errors import ConfigError


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def table(**plain: Any) -> tuple[Table, Complaints]:
    complaints = Complaints("file.toml")
    return Table(plain, "top.", complaints), complaints


def test_right_values_are_given_and_nothing_is_said() -> None:
    read, complaints = table(text="a", whole=3, flag=True, colour="blue", texts=["x", "y"])
    assert read.text("text") == "a"
    assert read.whole("whole", 1, 0, 5) == 3
    assert read.flag("flag", default=False) is True
    assert read.choice("colour", Colour.RED) is Colour.BLUE
    assert read.texts("texts") == ("x", "y")
    read.close()
    assert complaints.found == []


def test_what_is_missing_takes_its_default() -> None:
    read, complaints = table()
    assert (read.text("text", "d"), read.whole("whole", 1, 0, 5), read.choice("colour", Colour.RED)) == ("d", 1, Colour.RED)
    assert complaints.found == []


def test_what_is_missing_and_needed_is_named() -> None:
    read, complaints = table()
    assert read.text("text") == ""
    assert complaints.found == ["file.toml: top.text: is missing"]


def test_a_wrong_choice_names_the_allowed_ones() -> None:
    read, complaints = table(colour="green")
    assert read.choice("colour", Colour.RED) is Colour.RED
    assert complaints.found == ['file.toml: top.colour: must be one of red, blue, not "green"']


def test_a_name_that_stands_twice_is_named() -> None:
    read, complaints = table(texts=["x", "x"])
    assert read.texts("texts") == ("x",)
    assert complaints.found == ["file.toml: top.texts: names x twice"]


def test_a_table_that_is_none_is_named() -> None:
    read, complaints = table(inner=3)
    assert list(read.tables("inner")) == []
    assert complaints.found == ["file.toml: top.inner: must be a table ([top.inner]), not 3"]


def test_a_long_value_is_shortened() -> None:
    read, complaints = table(text=["x" * 100])
    read.whole("text", 1, 0, 5)
    assert len(complaints.found[0]) < 120


def test_all_complaints_come_at_once() -> None:
    complaints = Complaints("f")
    complaints.raise_if_any()
    complaints.add("a", "is wrong")
    complaints.add("b", "too")
    with pytest.raises(ConfigError, match="f: a: is wrong\nf: b: too"):
        complaints.raise_if_any()


def test_the_nearest_name_is_offered_or_all_of_them() -> None:
    assert nearest("biling", ["billing", "sales"]) == "did you mean billing?"
    assert nearest("qqq", ["b", "a"]) == "known are a, b"
    assert nearest("x", []) == "nothing is known here"
