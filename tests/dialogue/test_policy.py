"""How much may fail from one number, and what an attack is."""

import pytest

from voicebot.dialogue.policy import (
    ACCOUNTS_A_DAY,
    ATTACK_ACCOUNTS,
    FAILURES_AN_HOUR,
    WITHHELD_FAILURES_AN_HOUR,
    NumberRecord,
    is_attack,
    may_try,
)


@pytest.mark.parametrize(
    ("withheld", "failures", "accounts", "may"),
    [
        (False, 0, 0, True),
        (False, 9, 4, True),
        (False, 10, 1, False),
        (False, 0, 5, False),
        (True, 10, 5, True),  # nobody's own number: everybody's tries are in it
        (True, 29, 0, True),
        (True, 30, 0, False),
    ],
)
def test_a_number_may_try_until_too_much_has_failed(withheld: bool, failures: int, accounts: int, may: bool) -> None:
    assert (FAILURES_AN_HOUR, ACCOUNTS_A_DAY, WITHHELD_FAILURES_AN_HOUR) == (10, 5, 30)
    assert may_try(NumberRecord(withheld, failures, accounts)) is may


@pytest.mark.parametrize(
    ("failing", "hour_before", "attack"),
    [
        (19, 0, False),  # few
        (20, 0, True),
        (20, 39, True),
        (20, 40, False),  # three times the usual is not more than three times
        (60, 120, False),  # a large company on a usual day
        (61, 120, True),
    ],
)
def test_many_failing_accounts_are_an_attack_if_they_are_more_than_usual(failing: int, hour_before: int, attack: bool) -> None:
    assert ATTACK_ACCOUNTS == 20
    assert is_attack(failing, hour_before) is attack
