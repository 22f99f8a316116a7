"""Tries at secrets, counted across calls: per account, per calling number, over all accounts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.switchboard.counters import Counters
from voicebot.dialogue.actions import CheckSecret, Claim
from voicebot.dialogue.policy import ACCOUNTS_A_DAY, ATTACK_ACCOUNTS, FAILURES_AN_HOUR, WITHHELD_FAILURES_AN_HOUR
from voicebot.dialogue.values import Ani, AniStanding, Secret, SecretVerdict
from voicebot.keyring import Keyring
from voicebot.switchboard.guard import Alarm, Reservation, SecretGuard

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WITHHELD = Ani(AniStanding.WITHHELD)
MATCHED, MISMATCHED, LOCKED = SecretVerdict.MATCHED, SecretVerdict.MISMATCHED, SecretVerdict.LOCKED


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.open(Path(tmp_path_factory.mktemp("keys")))


class House:
    """Many callers at one guard, in time."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring, self.counters, self.at = keyring, Counters(), NOON

    @property
    def guard(self) -> SecretGuard:
        return SecretGuard(self.counters.as_ledger, self._keyring, self.at)

    def later(self, passed: timedelta) -> None:
        self.at += passed

    def reserve(self, account: str = "ada", ani: Ani = WITHHELD, *, joint: bool = False) -> Reservation | SecretVerdict:
        claim = Claim(by="account_number", value=account) if joint else Claim(ref=account)
        return self.guard.reserve(CheckSecret(1, claim, "pin", Secret("493817")), ani, joint=joint)

    def tries(
        self, account: str = "ada", ani: Ani = WITHHELD, verdict: SecretVerdict = MISMATCHED, *, joint: bool = False
    ) -> SecretVerdict:
        held = self.reserve(account, ani, joint=joint)
        self.later(timedelta(seconds=1))
        return held if isinstance(held, SecretVerdict) else self.guard.settle(held, verdict)

    def fails_on(self, accounts: int, name: str = "a", apart: timedelta = timedelta(seconds=1)) -> list[Alarm]:
        """One wrong secret each, from numbers of their own; the alarms that were told."""
        alarms = []
        for number in range(accounts):
            self.tries(f"{name}{number}", ani(5000 + number + 100 * len(self.counters.standings)))
            alarms += [alarm] if (alarm := self.guard.alarm()) else []
            self.later(apart)
        return alarms


@pytest.fixture
def house(keyring: Keyring) -> House:
    return House(keyring)


def ani(number: int) -> Ani:
    return Ani(AniStanding.USABLE, f"+1202555{number:06}")


ONE = ani(1)


# ---- one account -------------------------------------------------------------------------------------------------


def test_an_account_is_locked_whoever_tries(house: House) -> None:
    for number in range(5):
        assert house.tries(ani=ani(number)) is MISMATCHED
    assert house.tries(ani=ani(99), verdict=MATCHED) is LOCKED
    assert house.tries("ben", ani=ani(99), verdict=MATCHED) is MATCHED


def test_with_one_verdict_for_both_a_locked_account_is_checked_all_the_same_and_the_verdict_thrown_away(house: House) -> None:
    for number in range(5):
        house.tries(ani=ani(number), joint=True)
    held = house.reserve(ani=ani(99), joint=True)
    assert isinstance(held, Reservation)
    assert held.refused
    before = dict(house.counters.standings)
    assert house.guard.settle(held, MATCHED) is LOCKED
    assert house.counters.standings == before


def test_a_claim_is_an_account_of_its_own_whether_anybody_has_it_or_not(house: House) -> None:
    for number in range(5):
        house.tries("40719238", ani(number), joint=True)
    held = house.reserve("40719238", ani(9), joint=True)
    assert isinstance(held, Reservation)
    assert held.refused


# ---- one calling number ------------------------------------------------------------------------------------------


def test_ten_failures_in_an_hour_are_all_that_one_number_has(house: House) -> None:
    accounts = ["a", "b", "c"]
    for number in range(FAILURES_AN_HOUR):
        assert house.tries(accounts[number % 3], ONE) is MISMATCHED
    assert house.tries("c", ONE, MATCHED) is SecretVerdict.LIMITED
    assert house.tries("c", ani(2), MATCHED) is MATCHED
    house.later(HOUR)
    assert house.tries("b", ONE, MATCHED) is MATCHED


def test_five_accounts_in_a_day_are_all_that_one_number_has(house: House) -> None:
    for number in range(ACCOUNTS_A_DAY):
        house.tries(f"a{number}", ONE)
    house.later(2 * HOUR)
    assert house.tries("f", ONE, MATCHED) is SecretVerdict.LIMITED
    house.later(22 * HOUR)
    assert house.tries("f", ONE, MATCHED) is MATCHED


def test_an_account_counts_once_however_often_it_fails(house: House) -> None:
    for _ in range(3):
        house.tries("a", ONE)
    for number in range(3):
        house.tries(f"b{number}", ONE)
    assert house.tries("c", ONE) is MISMATCHED


@pytest.mark.parametrize(
    "verdict", [MATCHED, SecretVerdict.TIMED_OUT, SecretVerdict.UNAVAILABLE, SecretVerdict.NOT_SET, SecretVerdict.LOCKED]
)
def test_what_is_no_failure_is_taken_back(house: House, verdict: SecretVerdict) -> None:
    for number in range(12):
        assert house.tries(f"a{number}", ONE, verdict) is verdict


@pytest.mark.parametrize("verdict", [SecretVerdict.NOT_SET, SecretVerdict.LOCKED])
def test_with_one_verdict_for_both_whatever_sounds_wrong_counts_as_wrong(house: House, verdict: SecretVerdict) -> None:
    for number in range(ACCOUNTS_A_DAY):
        house.tries(f"a{number}", ONE, verdict, joint=True)
    assert house.tries("f", ONE, joint=True) is SecretVerdict.LIMITED


def test_withheld_numbers_share_one_bucket_without_a_count_of_accounts(house: House) -> None:
    bogus = Ani(AniStanding.BOGUS)
    for number in range(WITHHELD_FAILURES_AN_HOUR):
        assert house.tries(f"a{number}", bogus if number % 2 else WITHHELD) is MISMATCHED
    assert house.tries("z", WITHHELD, MATCHED) is SecretVerdict.LIMITED
    assert house.tries("z", bogus, MATCHED) is SecretVerdict.LIMITED
    assert house.tries("z", ONE, MATCHED) is MATCHED


def test_tries_under_way_count_so_that_guesses_at_once_are_no_more_than_guesses_in_a_row(house: House) -> None:
    held = [house.reserve(f"a{number}", ONE) for number in range(40)]
    assert sum(isinstance(one, Reservation) for one in held) == ACCOUNTS_A_DAY
    held = [house.reserve("b", WITHHELD) for number in range(40)]
    assert sum(isinstance(one, Reservation) for one in held) == 5


def test_no_number_and_no_account_can_be_read_from_a_counter(house: House) -> None:
    house.tries("40719238", ONE, joint=True)
    keys = [*house.counters.marks, *house.counters.standings]
    assert not any("40719238" in key or "202555" in key for key in keys)


# ---- a process that died -----------------------------------------------------------------------------------------


def check(account: str, *, joint: bool) -> CheckSecret:
    claim = Claim(by="account_number", value=account) if joint else Claim(ref=account)
    return CheckSecret(1, claim, "pin", Secret("493817"))


@pytest.mark.parametrize("joint", [False, True])
def test_a_try_that_was_reserved_before_a_crash_is_settled_after_it(house: House, joint: bool) -> None:
    first = house.reserve(joint=joint)
    assert isinstance(first, Reservation)
    house.later(MINUTE)
    again = house.guard.reserved_before(check("ada", joint=joint), WITHHELD, [NOON], joint=joint)
    assert again is not None
    assert (again.account, again.at, again.refused) == (first.account, first.at, False)
    assert house.guard.settle(again, MISMATCHED) is MISMATCHED
    assert house.counters.standing(first.account).consecutive == 1


def test_of_several_tries_at_one_account_each_call_takes_over_its_own(house: House) -> None:
    first = house.reserve()
    house.later(MINUTE)
    house.reserve()
    again = house.guard.reserved_before(check("ada", joint=False), WITHHELD, [NOON], joint=False)
    assert isinstance(first, Reservation)
    assert again is not None
    assert again.at == first.at


def test_a_try_that_was_right_gives_back_what_it_counted_against_the_number(house: House) -> None:
    house.reserve("ada", ONE)
    house.later(MINUTE)
    again = house.guard.reserved_before(check("ada", joint=False), ONE, [NOON], joint=False)
    assert again is not None
    house.guard.settle(again, MATCHED)
    house.later(MINUTE)
    for number in range(FAILURES_AN_HOUR):
        assert house.tries(f"other-{number // 4}", ONE) is MISMATCHED


def test_without_a_reservation_nothing_is_settled(house: House) -> None:
    assert house.guard.reserved_before(check("ada", joint=False), WITHHELD, [NOON], joint=False) is None


def test_a_locked_claim_stays_locked_after_a_crash(house: House) -> None:
    again = house.guard.reserved_before(check("ada", joint=True), WITHHELD, [NOON], joint=True)
    assert again is not None
    assert house.guard.settle(again, MATCHED) is LOCKED


def test_a_locked_claim_is_not_opened_by_an_older_try_that_was_never_settled(house: House) -> None:
    lost = house.reserve(joint=True)
    assert isinstance(lost, Reservation)
    house.later(HOUR)
    again = house.guard.reserved_before(check("ada", joint=True), WITHHELD, [house.at], joint=True)
    assert again is not None
    assert house.guard.settle(again, MATCHED) is LOCKED


# ---- all accounts ------------------------------------------------------------------------------------------------


def test_twenty_failing_accounts_in_ten_minutes_are_an_attack(house: House) -> None:
    assert house.fails_on(ATTACK_ACCOUNTS - 1) == []
    assert not house.guard.under_attack()
    assert house.fails_on(1, "z") == [Alarm(begins=True, failing=20, hour_before=0)]
    assert house.guard.under_attack()


def test_the_same_account_again_and_again_is_no_attack(house: House) -> None:
    for number in range(60):
        house.tries("ada", ani(number))
    assert house.guard.alarm() is None
    assert not house.guard.under_attack()


def test_what_has_become_usual_for_a_company_is_no_attack_any_more(house: House) -> None:
    """Three a minute from a standing start look like an attack for half an hour, and like a large company from then on."""
    alarms = house.fails_on(90, apart=timedelta(seconds=19))
    assert [alarm.begins for alarm in alarms] == [True, False]
    assert house.fails_on(400, "b", apart=timedelta(seconds=19)) == []
    assert not house.guard.under_attack()


def test_a_steady_attack_holds_for_half_an_hour(house: House) -> None:
    house.fails_on(85, apart=timedelta(seconds=19))
    assert house.at - NOON > 25 * MINUTE
    assert house.guard.under_attack()


def test_an_attack_ends_by_itself_and_is_told_once(house: House) -> None:
    house.fails_on(40)
    house.later(11 * MINUTE)
    assert not house.guard.under_attack()
    assert house.guard.alarm() == Alarm(begins=False, failing=0, hour_before=40)
    assert house.guard.alarm() is None


def test_a_second_attack_is_an_alarm_again(house: House) -> None:
    house.fails_on(30)
    house.later(2 * HOUR)
    over = house.guard.alarm()
    assert over is not None
    assert not over.begins
    assert [alarm.begins for alarm in house.fails_on(30, "b")] == [True]


def test_failures_that_were_none_are_no_attack(house: House) -> None:
    for number in range(60):
        house.tries(f"a{number}", ani(number), SecretVerdict.TIMED_OUT)
    assert house.guard.alarm() is None
