"""Secrets that are easy to guess are counted, refused or accepted at an import, and never quoted."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.records.customer_plan import GOOD, PLAN, Importer
from voicebot.dialogue.values import Shape
from voicebot.identity.secret_rules import strength
from voicebot.records.customer_staging import WeakSecrets
from voicebot.records.store import SqlStore

PINS = ("493817", "123456", "194026", "310326", "")  # good, a run, part of the account, the day, none


@pytest.fixture
def importing(store: SqlStore) -> Importer:
    return Importer(store, weigh=strength)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "customers.csv"
    lines = (f"C{n},,,7194026{n},,{pin},,2026-03-31,," for n, pin in enumerate(PINS))
    made.write_text("\n".join([",".join(GOOD), *lines]))
    return made


def test_by_default_they_are_counted_and_their_lines_named(importing: Importer, file: Path) -> None:
    summary = importing(file)
    assert summary.added == 5
    assert summary.warnings == ("3 of column pin are easy to guess: line 3, line 4, line 5",)


def test_they_can_be_refused_with_nothing_imported(importing: Importer, file: Path) -> None:
    said = importing.refusal(file, weak=WeakSecrets.REFUSE)
    assert said.startswith("customers.csv: 3 faults")
    assert "line 3, column pin: is easy to guess: draw another by chance" in said
    assert not any(pin in said for pin in PINS if pin)


def test_they_can_be_accepted_in_silence(importing: Importer, file: Path) -> None:
    assert importing(file, weak=WeakSecrets.ACCEPT).warnings == ()


def test_fifty_lines_are_named_and_the_rest_counted(importing: Importer, file: Path) -> None:
    lines = (f"C{n},,,{n:05d},,000000,,,," for n in range(60))
    file.write_text("\n".join([",".join(GOOD), *lines]))
    [warning] = importing(file).warnings
    assert warning.startswith("60 of column pin are easy to guess: line 2, line 3")
    assert warning.endswith("line 51 and 10 more")


@pytest.mark.parametrize("weak", [WeakSecrets.WARN, WeakSecrets.REFUSE])
def test_fewer_than_four_digits_are_refused(importing: Importer, file: Path, weak: WeakSecrets) -> None:
    plan = replace(PLAN, secrets=(("pin", Shape.parse("digits:3")),))
    file.write_text(f"{','.join(GOOD)}\nC1,,,,,493,,,,\n")
    assert "line 2, column pin: is too short for a secret" in importing.refusal(file, plan, weak=weak)
    assert importing(file, plan, weak=WeakSecrets.ACCEPT).added == 1
