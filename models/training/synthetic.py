"""Lets synthetic voices say what people in the recordings do not: teens, tens, dates, double, agent, hash; and accents.

Uses those of flite, espeak-ng and festival that are installed, and Pico's, which come as a package. The voices are not
shipped, only what was learned from them.
"""

import concurrent.futures
import io
import random
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from models.training.recordings import RATE, Clip, Kind, Sound
from models.training.sounds import DIGITS, Sounds

LONGEST = 10 * RATE
PATIENCE = 60  # seconds for one utterance
OTHER_WORDS = 6000  # of CMUdict, so that what is no answer is learned
TEENS_AND_TENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
FLITE = ("awb", "rms", "slt", "kal16")
ESPEAK = (
    "en-us", "en-gb", "en-gb-x-rp", "en-us+f2", "en-us+m3", "en-gb+f4", "en-us+Annie", "en-us+Michael", "en-us+linda",
    "en-gb+Andrea", "en-gb-scotland", "en-us+steph", "en-us+grandma", "en-us+Denis",
)  # fmt: skip
PICO = ("en-US", "en-GB")
FESTIVAL = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
# English digits, spelled so that a voice of that language says them as its speakers do.
ACCENTS = {
    "de": "siro uann tu sri fohr faif six sewen eht nein",
    "fr": "ziro ouane tou srie fore faïve six sévène eïte naïne",
    "it": "ziro uan tu tri for faiv six seven eit nain",
    "es": "siro uan tu zri for faif six seven eit nain",
    "nl": "ziero wan toe srie foor faif six seven eet nain",
}
VARIANTS = ("", "+f2", "+m3", "+f4", "+Annie", "+Michael", "+m1", "+steph")
# Which engine has voices of those languages.
FOREIGN = {
    "espeak-ng": [language + variant for language in ACCENTS for variant in VARIANTS],
    "pico": ["de-DE", "fr-FR", "it-IT", "es-ES"],
}


@dataclass(frozen=True)
class Utterance:
    """Something to be said: by which engine and voice, so many times slower, with pauses between the words or without."""

    words: tuple[str, ...]
    engine: str
    voice: str
    slower: float
    pauses: bool

    @property
    def text(self) -> str:
        """What the engine is given."""
        language = self.voice[:2]
        words = self.words
        if language in ACCENTS:
            said = dict(zip(DIGITS, ACCENTS[language].split(), strict=True))
            words = tuple(said[word] for word in words)
        return (", " if self.pauses else " ").join("A" if word == "a" else word.replace("-", " ") for word in words)

    def command(self, file: Path) -> list[str]:
        """The command that writes `file`; festival reads the text from its input."""
        match self.engine:
            case "flite":
                speed = f"duration_stretch={self.slower}"
                return ["flite", "-voice", self.voice, "--setf", speed, "-t", self.text, "-o", str(file)]
            case "espeak-ng":
                return ["espeak-ng", "-v", self.voice, "-s", str(int(150 / self.slower)), "-w", str(file), self.text]
            case "pico":
                speed = str(round(1 / self.slower, 2))
                return [sys.executable, "-m", "py_nanotts", self.text, "-o", str(file), "-v", self.voice, "--speed", speed]
        settings = f"(begin (voice_{self.voice}) (Parameter.set 'Duration_Stretch {self.slower}))"
        return ["text2wave", "-eval", settings, "-o", str(file)]


def utterances(count: int, sounds: Sounds, lexicon_words: Sequence[str], seed: int) -> list[Utterance]:
    """`count` utterances by chance; a fifth of them digits with a foreign accent. Without engines there are none."""
    chance = random.Random(seed)  # noqa: S311 - for training
    engines = _engines()
    if not engines:
        return []
    others = [word for word in sorted(sounds.words) if word.isalpha() and 2 < len(word) < 9]
    others = chance.sample(others, min(OTHER_WORDS, len(others)))
    made = []
    for number in range(count):
        slower = round(chance.uniform(0.85, 1.25), 2)
        if number % 5 == 0 and (accented := [name for name in FOREIGN if name in engines]):
            engine = chance.choice(accented)
            words = tuple(chance.choice(DIGITS) for _ in range(chance.randint(2, 7)))
            made.append(Utterance(words, engine, chance.choice(FOREIGN[engine]), slower, chance.random() < 0.35))
            continue
        (engine,) = chance.choices(list(engines), list(engines.values()))
        voice = chance.choice({"flite": FLITE, "espeak-ng": ESPEAK, "text2wave": FESTIVAL, "pico": PICO}[engine])
        words = tuple(word for word in _words(chance, lexicon_words, others) if sounds.is_known(word))
        if words:
            made.append(Utterance(words, engine, voice, slower, chance.random() < 0.35))
    return made


def _engines() -> dict[str, int]:
    """The engines that are here, with their shares."""
    shares = {"flite": 5, "espeak-ng": 3, "text2wave": 1, "pico": 2}
    here = {name for name in shares if shutil.which(name)} | ({"pico"} if find_spec("py_nanotts") else set())
    return {name: share for name, share in shares.items() if name in here}


def _words(chance: random.Random, lexicon_words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Digits, numbers beyond digits, doubled digits, words of the lexicon, and words that are no answer."""
    match chance.choices(["digits", "numbers", "double", "commands", "others"], [30, 20, 6, 24, 20])[0]:
        case "digits":
            return [chance.choice([*DIGITS, "oh"]) for _ in range(chance.randint(1, 7))]
        case "numbers":
            return [chance.choice([*TEENS_AND_TENS, *DIGITS]) for _ in range(chance.randint(2, 4))]
        case "double":
            return [chance.choice(["double", "triple"]), chance.choice(DIGITS), chance.choice(DIGITS)]
        case "commands":
            return [chance.choice(lexicon_words) for _ in range(chance.randint(1, 4))]
    return [chance.choice(lexicon_words), *(chance.choice(others) for _ in range(3))]


def speak(several: Sequence[Utterance], threads: int) -> list[Clip]:
    """What the engines said. One that fails, or speaks for ten seconds, is left out."""
    with tempfile.TemporaryDirectory() as place, concurrent.futures.ThreadPoolExecutor(threads) as pool:
        files = [Path(place) / f"{number}.wav" for number in range(len(several))]
        spoken = list(pool.map(_say, several, files))
    return [
        Clip(Kind.SYNTHETIC, f"{one.engine} {one.voice}", one.words, sound)
        for one, sound in zip(several, spoken, strict=True)
        if sound is not None and 0 < len(sound) < LONGEST
    ]


def _say(utterance: Utterance, file: Path) -> Sound | None:
    try:
        subprocess.run(
            utterance.command(file), input=utterance.text.encode(), check=True, timeout=PATIENCE, capture_output=True
        )  # fmt: skip
        return _telephone_rate(file.read_bytes())
    except (subprocess.SubprocessError, OSError, wave.Error, EOFError):
        return None
    finally:
        file.unlink(missing_ok=True)


def _telephone_rate(content: bytes) -> Sound:
    with wave.open(io.BytesIO(content)) as file:
        rate, sound = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16)
    if rate == RATE:
        return sound
    resampled: npt.NDArray[np.float64] = soxr.resample(sound.astype(np.float64), rate, RATE, "VHQ")
    return resampled.clip(-32768, 32767).astype(np.int16)
