"""Whole calls in which people say everything: account number and PIN, over the real server. See `bench spoken`."""

import asyncio
from pathlib import Path

import click
import pytest

from voicebot.commands.bench_spoken import (
    JOINED,
    TRAINED_ON,
    Ended,
    MaterialMissing,
    Outcome,
    an4_calls,
    fsdd_calls,
    material_at,
    measure,
    share,
    table,
)

pytestmark = [pytest.mark.material, pytest.mark.slow]
LEAST_VERIFIED = 0.7  # of the speakers whom the model has heard, at the first go; 27 of 33 were measured
LEAST_JOINED = 0.1  # of strangers' joined digits; 4 of 16 were measured


@pytest.fixture(scope="module")
def audio() -> Path:
    try:
        return material_at()
    except MaterialMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def measured(audio: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Ended]]:
    assert audio.is_dir()
    return asyncio.run(measure(tmp_path_factory.mktemp("spoken")))


def test_people_whom_the_model_knows_are_verified_by_voice_alone(
    measured: dict[str, list[Ended]], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        click.echo("\n" + table(measured))
    assert "speakers the model was trained on" in table(measured)
    assert len(measured[TRAINED_ON]) >= 20
    assert share(measured[TRAINED_ON]) >= LEAST_VERIFIED


def test_strangers_joined_digits_are_understood_now_and_then(measured: dict[str, list[Ended]]) -> None:
    assert len(measured[JOINED]) >= 10
    assert share(measured[JOINED]) >= LEAST_JOINED


def test_nobody_is_verified_as_somebody_else_and_the_carrier_has_nothing_to_complain_about(
    measured: dict[str, list[Ended]],
) -> None:
    ended = [one for calls in measured.values() for one in calls]
    assert not [one for one in ended if one.outcome is Outcome.WRONGLY_VERIFIED]
    assert not [one.failures for one in ended if one.failures]


def test_no_two_callers_share_an_account_number_and_joins_are_the_same_every_time(audio: Path, tmp_path: Path) -> None:
    places = [tmp_path / "first", tmp_path / "second"]
    for place in places:
        place.mkdir()
    first, second = (fsdd_calls(audio, place) for place in places)
    assert [(call.account, call.pin) for call in first] == [(call.account, call.pin) for call in second]
    assert [call.says_pin.read_bytes() for call in first] == [call.says_pin.read_bytes() for call in second]
    accounts = [call.account for call in (*an4_calls(audio), *first)]
    assert len(accounts) == len(set(accounts))
