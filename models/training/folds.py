"""Deals speakers into folds, so that every speaker is heard once by a model that was trained without them. Pure."""

import hashlib
from collections.abc import Iterable

SMALLEST = 2


def deal(speakers: Iterable[str], folds: int) -> list[list[str]]:
    """`folds` lists of speakers, equally long but for one, the same on every machine. ValueError if there are too few."""
    shuffled = sorted(set(speakers), key=lambda speaker: hashlib.sha256(speaker.encode()).digest())
    if folds < SMALLEST or len(shuffled) < folds:
        raise ValueError(f"{len(shuffled)} speakers cannot be dealt into {folds} folds; 2 are the fewest")
    return [sorted(shuffled[fold::folds]) for fold in range(folds)]
