"""Speakers decide the folds: each is left out once."""

import json
from pathlib import Path

import pytest

from models.training.folds import FOLDS, deal, strangers

SPEAKERS = [f"speaker {number}" for number in range(11)]


def test_every_speaker_is_in_one_fold_and_folds_are_equal() -> None:
    folds = deal([*SPEAKERS, *SPEAKERS], 4)
    assert sorted(speaker for fold in folds for speaker in fold) == sorted(SPEAKERS)
    assert sorted(map(len, folds)) == [2, 3, 3, 3]


def test_the_order_of_the_index_changes_nothing() -> None:
    assert deal(SPEAKERS, 3) == deal(SPEAKERS[::-1], 3)


@pytest.mark.parametrize(("speakers", "folds"), [(1, 2), (11, 1), (3, 4)])
def test_too_few_speakers_or_folds_are_refused(speakers: int, folds: int) -> None:
    with pytest.raises(ValueError, match="cannot be dealt"):
        deal(SPEAKERS[:speakers], folds)


def test_a_speaker_is_heard_by_the_model_that_was_trained_without_them(tmp_path: Path) -> None:
    (tmp_path / FOLDS).write_text(json.dumps([["ann", "bob"], ["eve"], ["kim"]]), encoding="utf-8")
    for ready in ("0", "2"):
        (tmp_path / ready / "graph").mkdir(parents=True)
        (tmp_path / ready / "graph" / "HCLr.fst").touch()
    (tmp_path / "1.work").mkdir()  # still in training
    assert strangers(tmp_path) == {"ann": tmp_path / "0", "bob": tmp_path / "0", "kim": tmp_path / "2"}


@pytest.mark.parametrize("written", ["{}", "[1]", "no"])
def test_folds_that_cannot_be_read_are_no_folds(tmp_path: Path, written: str) -> None:
    (tmp_path / FOLDS).write_text(written, encoding="utf-8")
    with pytest.raises(ValueError, match=r"\w"):
        strangers(tmp_path)
