"""Deals speakers into folds, so that every speaker is heard once by a model that was trained without them."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

SMALLEST = 2
FOLDS = "folds.json"  # whom each model beside it was trained without: a list of speakers for the folder 0, 1 and so on


def deal(speakers: Iterable[str], folds: int) -> list[list[str]]:
    """`folds` lists of speakers, equally long but for one, the same on every machine. ValueError if there are too few."""
    shuffled = sorted(set(speakers), key=lambda speaker: hashlib.sha256(speaker.encode()).digest())
    if folds < SMALLEST or len(shuffled) < folds:
        raise ValueError(f"{len(shuffled)} speakers cannot be dealt into {folds} folds; 2 are the fewest")
    return [sorted(shuffled[fold::folds]) for fold in range(folds)]


def strangers(place: Path) -> dict[str, Path]:
    """Speakers, and the model in `place` that was trained without them; a fold whose model is not ready yet is left out.

    Raises OSError if there are no folds, ValueError if what was dealt cannot be read.
    """
    dealt = json.loads((place / FOLDS).read_text("utf-8"))
    if not isinstance(dealt, list) or not all(isinstance(speakers, list) for speakers in dealt):
        raise ValueError("not a list of lists of speakers")
    ready = [(place / str(number), speakers) for number, speakers in enumerate(dealt)]
    return {str(one): model for model, speakers in ready if (model / "graph" / "HCLr.fst").is_file() for one in speakers}
