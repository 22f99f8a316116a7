"""Cuts single digits out of recorded strings by a model's word times, so that strings of all speakers' digits can be made.

Runs Vosk in this process: only on recordings that were checked.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import vosk

from models.training.recordings import RATE, Clip, Kind
from models.training.sounds import DIGITS

BLOCK = 1600  # bytes, 100 ms
BEFORE, AFTER = 0.2, 0.25  # seconds around a word's time, which is where the network was surest, not where it begins
SHORTEST = 800  # samples


def cut_digits(clips: Sequence[Clip], model: Path) -> Iterator[Clip]:
    """A clip for each digit of the strings in which the model hears exactly the transcript."""
    vosk.SetLogLevel(-1)
    recogniser_model = vosk.Model(str(model))
    strings = [clip for clip in clips if clip.kind is Kind.SPEECH and set(clip.words) & set(DIGITS)]
    for clip in strings:
        heard = _heard(recogniser_model, clip)
        if [word["word"] for word in heard] == list(clip.words):
            yield from _digits_of(clip, heard)


def _heard(model: vosk.Model, clip: Clip) -> list[dict[str, float | str]]:
    """Words with their times, `start` and `end` in seconds."""
    words = [word for word in sorted(set(clip.words)) if model.vosk_model_find_word(word) >= 0]
    recogniser = vosk.KaldiRecognizer(model, RATE, json.dumps(words, ensure_ascii=False))
    recogniser.SetWords(True)
    audio = np.concatenate([clip.sound, np.zeros(RATE // 5, np.int16)]).tobytes()
    heard: list[dict[str, float | str]] = []
    for start in range(0, len(audio), BLOCK):
        if recogniser.AcceptWaveform(audio[start : start + BLOCK]):
            heard += json.loads(recogniser.Result()).get("result", [])
    heard += json.loads(recogniser.FinalResult()).get("result", [])
    return heard


def _digits_of(clip: Clip, heard: Sequence[dict[str, float | str]]) -> Iterator[Clip]:
    """Each digit from the middle between it and its neighbours."""
    starts, ends = ([float(word[edge]) for word in heard] for edge in ("start", "end"))
    for place, word in enumerate(clip.words):
        if word not in DIGITS:
            continue
        first = (ends[place - 1] + starts[place]) / 2 if place else 0.0
        last = (ends[place] + starts[place + 1]) / 2 if place + 1 < len(heard) else len(clip.sound) / RATE
        first, last = max(first, starts[place] - BEFORE), min(last, ends[place] + AFTER)
        sound = clip.sound[int(first * RATE) : int(last * RATE)]
        if len(sound) > SHORTEST:
            yield Clip(Kind.DIGIT, clip.speaker, (word,), sound)
