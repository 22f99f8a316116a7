"""A sign-in by the provider comes back to the browser that began it, in time, and to a page of ours."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voicebot.keyring import Keyring
from voicebot.pages.flow import begin, come_back

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


def test_it_comes_back_as_it_was_begun(keys: Keyring) -> None:
    begun = begin(keys, "/calls?page=2", NOON)
    assert come_back(keys, begun.held, begun.state, NOON + timedelta(minutes=10)) == begun
    assert len(begun.verifier) >= 43
    assert len({begun.state, begun.nonce, begun.verifier, begun.challenge, begun.held}) == 5


@pytest.mark.parametrize("later", [timedelta(minutes=10, seconds=1), timedelta(seconds=-2)])
def test_not_too_late_and_not_before_it_began(keys: Keyring, later: timedelta) -> None:
    begun = begin(keys, "/", NOON)
    assert come_back(keys, begun.held, begun.state, NOON + later) is None


def test_not_with_anothers_state_or_cookie(keys: Keyring) -> None:
    mine, other = begin(keys, "/", NOON), begin(keys, "/", NOON)
    assert come_back(keys, mine.held, other.state, NOON) is None
    assert come_back(keys, "", mine.state, NOON) is None
    assert come_back(keys, mine.held + "x", mine.state, NOON) is None
    assert come_back(keys, "né.1.x", mine.state, NOON) is None


def test_never_to_another_site(keys: Keyring) -> None:
    begun = begin(keys, "//evil.example", NOON)
    back = come_back(keys, begun.held, begun.state, NOON)
    assert back is not None
    assert back.target == "/"
