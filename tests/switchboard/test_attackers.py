"""Attackers against ten thousand accounts: the limits hold, and nobody's six-digit PIN falls. Seeds 1 to 20."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.switchboard.counters import Counters
from voicebot.dialogue.actions import CheckSecret, Claim
from voicebot.dialogue.lockout import A_DAY, IN_A_ROW, WITHOUT_SUCCESS
from voicebot.dialogue.policy import ACCOUNTS_A_DAY, ATTACK_ACCOUNTS, FAILURES_AN_HOUR, WITHHELD_FAILURES_AN_HOUR
from voicebot.dialogue.values import Ani, AniStanding, Secret, SecretVerdict
from voicebot.keyring import Keyring
from voicebot.switchboard.guard import Alarm, Reservation, SecretGuard

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACCOUNTS = 10_000
SEEDS = range(1, 21)
WITHHELD = Ani(AniStanding.WITHHELD)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.open(Path(tmp_path_factory.mktemp("keys")))


class Bank:
    """Ten thousand customers with random PINs, and a count of what their secrets were tried with."""

    def __init__(self, keyring: Keyring, seed: int) -> None:
        self.chance = Random(seed)
        self.pins = [f"{self.chance.randrange(10**6):06}" for _ in range(ACCOUNTS)]
        self.at = NOON
        self.checked: list[tuple[datetime, int]] = []
        self.fallen: list[int] = []
        self.alarms: list[Alarm] = []
        self._keyring, self._counters = keyring, Counters()

    @property
    def guard(self) -> SecretGuard:
        return SecretGuard(self._counters.as_ledger, self._keyring, self.at)

    def guess(self) -> str:
        return f"{self.chance.randrange(10**6):06}"

    def spoofed(self) -> Ani:
        """A calling number that nobody has used before."""
        return Ani(AniStanding.USABLE, f"+1{self.chance.randrange(2 * 10**9, 10**10)}")

    def begins(self, account: int, ani: Ani, *, joint: bool = False) -> Reservation | SecretVerdict:
        claim = Claim(by="account_number", value=str(account)) if joint else Claim(ref=str(account))
        return self.guard.reserve(CheckSecret(1, claim, "pin", Secret("")), ani, joint=joint)

    def ends(self, held: Reservation, account: int, pin: str) -> SecretVerdict:
        """The check itself. An account falls if the right PIN verifies: not when locked, not in an attack."""
        right = account < ACCOUNTS and self.pins[account] == pin
        if not held.refused:
            self.checked.append((self.at, account))
        verdict = self.guard.settle(held, SecretVerdict.MATCHED if right else SecretVerdict.MISMATCHED)
        self.alarms += [alarm] if (alarm := self.guard.alarm()) else []
        if verdict is SecretVerdict.MATCHED and not self.guard.under_attack():
            self.fallen.append(account)
        return verdict

    def tries(self, account: int, ani: Ani, pin: str, *, joint: bool = False) -> SecretVerdict:
        held = self.begins(account, ani, joint=joint)
        return held if isinstance(held, SecretVerdict) else self.ends(held, account, pin)

    def most_within(self, window: timedelta) -> int:
        """The most checks in any window of this length."""
        times = [at for at, _ in self.checked]
        return max(sum(1 for other in times if at <= other < at + window) for at in times)


@pytest.fixture(params=SEEDS)
def bank(request: pytest.FixtureRequest, keyring: Keyring) -> Bank:
    return Bank(keyring, request.param)


def test_a_vertical_attacker_has_ten_tries_a_day_and_twenty_in_all(bank: Bank) -> None:
    """One account, every ten minutes for five days, each time from another number."""
    for _ in range(5 * 24 * 6):
        bank.tries(7, bank.spoofed(), bank.guess())
        bank.at += timedelta(minutes=10)
    assert bank.most_within(timedelta(days=1)) <= A_DAY
    assert len(bank.checked) == WITHOUT_SUCCESS
    assert bank.fallen == []


def test_a_parallel_attacker_has_no_more_than_one_who_takes_turns(bank: Bank) -> None:
    held = [one for _ in range(200) if isinstance(one := bank.begins(7, bank.spoofed()), Reservation)]
    bank.at += timedelta(seconds=1)
    for one in held:
        bank.ends(one, 7, bank.guess())
    assert len(held) == IN_A_ROW
    assert isinstance(bank.begins(7, bank.spoofed()), SecretVerdict)
    assert bank.fallen == []


def test_a_horizontal_attacker_is_noticed_and_a_right_guess_is_worth_nothing_then(bank: Bank) -> None:
    """One PIN on account after account, two in five seconds, each time from another number."""
    for account in bank.chance.sample(range(ACCOUNTS), 600):
        bank.tries(account, bank.spoofed(), "123456")
        bank.at += timedelta(seconds=2.5)
    assert [alarm.begins for alarm in bank.alarms] == [True]
    assert bank.alarms[0].failing == ATTACK_ACCOUNTS
    lucky = bank.chance.randrange(ACCOUNTS)
    assert bank.tries(lucky, bank.spoofed(), bank.pins[lucky]) in (SecretVerdict.MATCHED, SecretVerdict.LOCKED)
    assert bank.fallen == []


def test_a_horizontal_attacker_with_one_number_has_five_accounts_a_day(bank: Bank) -> None:
    one = bank.spoofed()
    for account in bank.chance.sample(range(ACCOUNTS), 300):
        bank.tries(account, one, bank.guess())
        bank.at += timedelta(minutes=4)
    assert len(bank.checked) == ACCOUNTS_A_DAY
    assert bank.most_within(timedelta(hours=1)) <= FAILURES_AN_HOUR
    assert bank.fallen == []


def test_an_attacker_without_a_number_shares_thirty_an_hour_with_all_the_others(bank: Bank) -> None:
    for account in bank.chance.sample(range(ACCOUNTS), 360):
        bank.tries(account, WITHHELD, bank.guess())
        bank.at += timedelta(seconds=30)
    assert bank.most_within(timedelta(hours=1)) <= WITHHELD_FAILURES_AN_HOUR
    assert bank.fallen == []


def test_an_enumerating_attacker_learns_nothing_from_one_verdict_for_both(bank: Bank) -> None:
    """Numbers that exist, numbers that do not, and one that is locked: the same verdicts, the same limit."""
    locked, unknown, known = 3, ACCOUNTS + 17, 9
    for _ in range(IN_A_ROW):
        bank.tries(locked, bank.spoofed(), bank.guess(), joint=True)
    heard = {}
    for account in (locked, unknown, known):
        one = bank.spoofed()
        verdicts = [bank.tries(account, one, "000000", joint=True) for _ in range(FAILURES_AN_HOUR + 1)]
        heard[account] = ["no" if verdict is not SecretVerdict.LIMITED else "agent" for verdict in verdicts]
    assert heard[locked] == heard[unknown] == heard[known] == ["no"] * FAILURES_AN_HOUR + ["agent"]


def test_customers_go_on_being_verified_while_one_number_is_stopped(bank: Bank) -> None:
    one = bank.spoofed()
    for account in range(20):
        bank.tries(account, one, bank.guess())
    for account in range(100, 120):
        assert bank.tries(account, bank.spoofed(), bank.pins[account]) is SecretVerdict.MATCHED
    assert bank.fallen == list(range(100, 120))  # each with the PIN that is theirs
