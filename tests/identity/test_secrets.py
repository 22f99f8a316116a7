"""The keeper of stored secrets: hashed under the pepper, bound to their owner, checked one at a time."""

import threading
import traceback
from pathlib import Path

import pytest
from argon2 import extract_parameters

from tests.identity.hashing import CountingHasher, SlowHasher
from voicebot.dialogue.values import Secret
from voicebot.errors import KeyringError
from voicebot.identity.secrets import HASHER, SecretKeeper
from voicebot.keyring import Keyring

PIN = "493817"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def keeper(keyring: Keyring, hasher: CountingHasher) -> SecretKeeper:
    return SecretKeeper(keyring, hasher)


def test_what_is_kept_matches_its_secret_and_no_other(keeper: SecretKeeper) -> None:
    kept = keeper.stored("C-1", "pin", Secret(PIN))
    assert keeper.matches(kept, "C-1", "pin", Secret(PIN)) is True
    assert keeper.matches(kept, "C-1", "pin", Secret("493818")) is False
    assert keeper.matches(kept, "C-1", "pin", Secret("")) is False


def test_a_leading_zero_counts(keeper: SecretKeeper) -> None:
    kept = keeper.stored("C-1", "pin", Secret("0420"))
    assert keeper.matches(kept, "C-1", "pin", Secret("420")) is False
    assert keeper.matches(kept, "C-1", "pin", Secret("0420")) is True


def test_a_hash_is_of_no_use_for_another_account_or_field(keeper: SecretKeeper) -> None:
    """Nobody gets in by copying a row of the table."""
    kept = keeper.stored("C-1", "pin", Secret(PIN))
    assert keeper.matches(kept, "C-2", "pin", Secret(PIN)) is False
    assert keeper.matches(kept, "C-1", "birth_year", Secret(PIN)) is False


def test_the_same_secret_never_looks_the_same(keeper: SecretKeeper) -> None:
    assert keeper.stored("C-1", "pin", Secret(PIN)) != keeper.stored("C-1", "pin", Secret(PIN))


def test_the_table_alone_is_worth_nothing(keeper: SecretKeeper, hasher: CountingHasher, tmp_path: Path) -> None:
    kept = keeper.stored("C-1", "pin", Secret(PIN))
    elsewhere = SecretKeeper(Keyring.open(tmp_path / "other keys"), hasher)
    assert elsewhere.matches(kept, "C-1", "pin", Secret(PIN)) is False


def test_where_nothing_is_kept_the_same_work_is_done_and_the_answer_is_no(keeper: SecretKeeper, hasher: CountingHasher) -> None:
    kept = keeper.stored("C-1", "pin", Secret(PIN))
    assert keeper.matches(kept, "C-1", "pin", Secret(PIN)) is True
    assert hasher.checked == 1
    assert keeper.matches(None, "nobody", "pin", Secret(PIN)) is False
    assert hasher.checked == 2


def test_the_decoy_itself_lets_nobody_in(keeper: SecretKeeper) -> None:
    assert keeper.matches(None, "decoy", "decoy", Secret("decoy")) is False


@pytest.mark.parametrize("kept", ["1:no hash", "1:", "1:$argon2id$v=19$m=64,t=1,p=1$broken"])
def test_a_broken_hash_matches_nothing(keeper: SecretKeeper, kept: str) -> None:
    assert keeper.matches(kept, "C-1", "pin", Secret(PIN)) is False


def test_after_a_change_of_pepper_old_hashes_still_match_and_are_outdated(keeper: SecretKeeper, keyring: Keyring) -> None:
    old = keeper.stored("C-1", "pin", Secret(PIN))
    assert not keeper.is_outdated(old)
    keyring.rotate("pepper")
    assert keeper.matches(old, "C-1", "pin", Secret(PIN)) is True
    assert keeper.is_outdated(old)
    new = keeper.stored("C-1", "pin", Secret(PIN))
    assert not keeper.is_outdated(new)
    assert keeper.matches(new, "C-1", "pin", Secret(PIN)) is True


def test_a_hash_made_with_less_work_is_outdated(keeper: SecretKeeper, keyring: Keyring) -> None:
    kept = keeper.stored("C-1", "pin", Secret(PIN))
    assert SecretKeeper(keyring, CountingHasher(time_cost=2)).is_outdated(kept)


def test_a_missing_pepper_is_said_without_the_secret(keeper: SecretKeeper) -> None:
    kept = keeper.stored("C-1", "pin", Secret(PIN)).replace("1:", "7:", 1)
    with pytest.raises(KeyringError) as missing:
        keeper.matches(kept, "C-1", "pin", Secret(PIN))
    assert PIN not in "".join(traceback.format_exception(missing.value))
    assert keeper.matches(keeper.stored("C-1", "pin", Secret(PIN)), "C-1", "pin", Secret(PIN)) is True  # its turn was given back


def test_a_check_that_does_not_get_its_turn_counts_as_not_run(keyring: Keyring) -> None:
    hasher = SlowHasher()
    keeper = SecretKeeper(keyring, hasher, patience=0.01)
    kept = keeper.stored("C-1", "pin", Secret(PIN))
    answers: list[bool | None] = []
    first = threading.Thread(target=lambda: answers.append(keeper.matches(kept, "C-1", "pin", Secret(PIN))))
    first.start()
    assert hasher.begun.wait(20)
    assert keeper.matches(kept, "C-1", "pin", Secret(PIN)) is None
    hasher.go_on.set()
    first.join()
    assert answers == [True]
    assert hasher.checked == 1


def test_the_work_is_no_less_than_owasps_minimum_for_argon2id() -> None:
    parameters = extract_parameters(HASHER.hash("x"))
    assert parameters.type.name == "ID"
    assert parameters.time_cost >= 2
    assert parameters.memory_cost >= 19_456
    assert parameters.parallelism == 1
