"""Which numbers are called back, as an operator writes it; and what is said where that is wrong."""

from typing import Any

import pytest

from voicebot.config.callbacks import read_callbacks
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.outbound import CallbackRules


def read(**plain: Any) -> tuple[CallbackRules, list[str]]:
    wrong = Complaints("voicebot.toml")
    table = Table(plain, "callbacks.", wrong)
    rules = read_callbacks(table)
    table.close()
    return rules, wrong.found


def test_nothing_said_is_the_usual() -> None:
    assert read() == (CallbackRules(), [])


def test_everything_said() -> None:
    counted = {"a_number_a_day": 3, "unverified_a_day": 0, "an_hour_an_agent": 10, "tries": 1, "again_after": 60}
    counted |= {"slot_minutes": 60, "a_slot": 2, "days_ahead": 3}
    counted |= {"choose_time": False, "phrase": False, "phrase_digits": 4}
    plain = {"countries": ["DK", "US"], **counted}
    assert read(**plain) == (CallbackRules(("DK", "US"), 3, 0, 10, 1, 60, 60, 2, 3, False, False, 4), [])


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("countries", ["Denmark"], 'names "Denmark"; a country is written like "US" or "DK"'),
        ("countries", "DK", "list"),
        ("a_number_a_day", 0, "1 to 1000"),
        ("unverified_a_day", -1, "0 to 1000"),
        ("an_hour_an_agent", "6", "1 to 1000"),
        ("tries", 0, "1 to 10"),
        ("again_after", 59, "60 to 86400"),
        ("slot_minutes", 45, "one of 15, 30, 60, 120"),
        ("slot_minutes", True, "one of 15, 30, 60, 120"),
        ("a_slot", 0, "1 to 1000"),
        ("days_ahead", 61, "1 to 60"),
        ("choose_time", "yes", "true or false"),
        ("phrase", 1, "true or false"),
        ("phrase_digits", 3, "4 to 12"),
        ("countrys", ["US"], "countries"),
    ],
)
def test_what_is_wrong_is_named(key: str, value: object, told: str) -> None:
    _, wrong = read(**{key: value})
    assert len(wrong) == 1
    assert f"callbacks.{key}" in wrong[0]
    assert told in wrong[0]
