"""Speakers decide the folds: each is left out once."""

import pytest

from models.training.folds import deal

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
