"""Codes of authenticator apps: RFC 6238's own examples, the steps around now, and seeds that lie sealed."""

import base64
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from voicebot.dialogue.values import Secret
from voicebot.errors import KeyringError
from voicebot.identity.codes import PERIOD, CodeKeeper, address_for, new_seed
from voicebot.keyring import Keyring

SEED = b"12345678901234567890"  # RFC 6238, appendix B; its codes have eight digits, of which six are the end
VECTORS = [
    (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
]  # fmt: skip


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def keeper(keyring: Keyring) -> CodeKeeper:
    return CodeKeeper(keyring)


@pytest.fixture
def stored(keeper: CodeKeeper) -> str:
    return keeper.stored("C-1", "code", SEED)


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_the_codes_of_the_standard_are_right_at_their_time(keeper: CodeKeeper, stored: str, at: int, code: str) -> None:
    assert keeper.step(stored, "C-1", "code", Secret(code[-6:]), at) == at // PERIOD


def test_a_code_is_taken_a_step_before_and_after_its_own_and_no_further(keeper: CodeKeeper, stored: str) -> None:
    at, code = VECTORS[1][0], Secret(VECTORS[1][1][-6:])
    step = at // PERIOD
    begins, ends = step * PERIOD, (step + 1) * PERIOD
    for moment in (begins - PERIOD, begins, ends - 0.001, ends, ends + PERIOD - 0.001):
        assert keeper.step(stored, "C-1", "code", code, moment) == step
    for moment in (begins - PERIOD - 0.001, ends + PERIOD):
        assert keeper.step(stored, "C-1", "code", code, moment) is None


@pytest.mark.parametrize("wrong", ["000000", "081805", "07081804", "81804", "", "08180é"])
def test_another_code_is_none(keeper: CodeKeeper, stored: str, wrong: str) -> None:
    assert keeper.step(stored, "C-1", "code", Secret(wrong), VECTORS[1][0]) is None


def test_without_a_seed_no_code_is_right(keeper: CodeKeeper) -> None:
    for _, code in VECTORS:
        assert keeper.step(None, "nobody", "code", Secret(code[-6:]), 59) is None


def test_a_seed_lies_sealed_for_its_customer_and_field(keeper: CodeKeeper, stored: str) -> None:
    assert SEED not in stored.encode()
    assert base64.b32encode(SEED).decode() not in stored
    for account, field in (("C-2", "code"), ("C-1", "other")):
        with pytest.raises(KeyringError):
            keeper.step(stored, account, field, Secret("287082"), 59)


def test_a_seed_outlives_a_change_of_keys_and_is_kept_anew(keyring: Keyring, keeper: CodeKeeper, stored: str) -> None:
    assert not keeper.is_outdated(stored)
    keyring.rotate("pepper")
    assert keeper.is_outdated(stored)
    again = keeper.renewed(stored, "C-1", "code")
    assert not keeper.is_outdated(again)
    for one in (stored, again):
        assert keeper.step(one, "C-1", "code", Secret("287082"), 59) == 1


def test_an_app_reads_whose_it_is_and_the_seed() -> None:
    parts = urlsplit(address_for(SEED, "Larkfield Energy & Sons", "C-1001/ä"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Larkfield%20Energy%20%26%20Sons:C-1001%2F%C3%A4"
    asked = parse_qs(parts.query)
    assert base64.b32decode(asked["secret"][0]) == SEED
    assert asked["issuer"] == ["Larkfield Energy & Sons"]


def test_a_company_with_a_slash_in_its_name_is_one_part_of_the_address() -> None:
    whole = address_for(SEED, "A/S", "C/1")
    assert whole.startswith("otpauth://totp/A%2FS:C%2F1?secret=")
    assert whole.endswith("&issuer=A%2FS")


def test_seeds_are_by_chance() -> None:
    assert len({new_seed() for _ in range(100)}) == 100
    assert len(new_seed()) == 20
