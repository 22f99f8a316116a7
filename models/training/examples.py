"""Makes the examples of one epoch: strings put together from speakers' digits, words, sentences and noise over telephones.

Everything comes from (seed, epoch), so that a training which was broken off goes on as it would have.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from models.training.augment import RATE, Wave, faster, hiss, hum, telephoned, tones
from models.training.features import BANKS, COSINES, WARPED, log_energies
from models.training.network import frames_out
from models.training.recordings import Clip, Kind
from models.training.sounds import BLANK, DIGITS, Sounds

DIGIT_STRINGS, WORD_STRINGS, NOISES, SYNTHETIC, NEURAL = 1300, 800, 140, 600, 1000  # of an epoch
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 10)  # digits
LONGEST = 1200  # frames
SLOWEST, FASTEST = 0.82, 1.33
COLOURED, COLOUR, KNOTS = 0.5, 0.7, 5  # how often a microphone has a colour, and how strong; 0.7 is 3 dB


@dataclass(frozen=True)
class Example:
    """`features` (frames, 40) as float16, the outputs to be found in order, and a rough guess of which is where.

    `guess` has a number of an output for each third frame: it only starts the training.
    """

    features: npt.NDArray[np.float16]
    target: list[int]
    guess: npt.NDArray[np.int64]


class Examples:
    """One epoch's. Needs digits, words spoken alone, sentences; noise and synthetic speech if there are any."""

    def __init__(self, clips: Sequence[Clip], sounds: Sounds, seed: int) -> None:
        self.sounds = sounds
        self.numbers = np.random.default_rng(seed)
        self.chance = random.Random(seed)  # noqa: S311 - for training
        self.by_kind: dict[Kind, list[Clip]] = {kind: [clip for clip in clips if clip.kind is kind] for kind in Kind}
        self.digits = self._by_word(Kind.DIGIT)
        self.single = self._by_word(Kind.WORD)
        self.speakers = sorted({clip.speaker for clip in self.by_kind[Kind.DIGIT]})
        self.spoken = [clip for clip in clips if clip.kind in (Kind.SPEECH, Kind.WORD, Kind.SYNTHETIC, Kind.NEURAL)]

    def _by_word(self, kind: Kind) -> dict[str, dict[str, list[Clip]]]:
        found: dict[str, dict[str, list[Clip]]] = {}
        for clip in self.by_kind[kind]:
            found.setdefault(clip.words[0], {}).setdefault(clip.speaker, []).append(clip)
        return found

    def make(self) -> list[Example]:
        """All of the epoch, in an order by chance."""
        makers: list[Callable[[], tuple[Wave, Sequence[str]]]] = []
        for clip in self.by_kind[Kind.SPEECH]:
            times = 4 if len(clip.words) == 1 or set(clip.words) <= {*DIGITS, "oh"} else 2
            makers += [partial(self._sentence, clip)] * times
        for kind, most in ((Kind.SYNTHETIC, SYNTHETIC), (Kind.NEURAL, NEURAL)):
            spoken = self.by_kind[kind]
            makers += [partial(self._as_it_is, clip) for clip in self.chance.sample(spoken, min(most, len(spoken)))]
        makers += [self._digit_string] * DIGIT_STRINGS if self.digits else []
        makers += [self._words] * WORD_STRINGS if self.single else []
        makers += [self._no_words] * NOISES
        self.chance.shuffle(makers)
        return [example for maker in makers if (example := self._example(*maker())) is not None]

    # ---- what is said ------------------------------------------------------------------------------------------------

    def _digit_string(self) -> tuple[Wave, Sequence[str]]:
        """Digits of one speaker where there are any, some or all of them instead from words spoken alone."""
        speaker, alone = self.chance.choice(self.speakers), self.chance.choice([0, 0.35, 0.35, 1])
        tight, pace = self.chance.random() < 0.5, self.numbers.uniform(SLOWEST, FASTEST)
        words = [self.chance.choice(sorted(self.digits)) for _ in range(self.chance.choice(LENGTHS))]
        sound = np.zeros(0)
        for word in words:
            if word in self.single and self.chance.random() < alone:
                digit = self._trimmed(self._any_of(self.single[word]).sound.astype(np.float64))
            else:
                own = self.digits[word].get(speaker)
                digit = (self.chance.choice(own) if own else self._any_of(self.digits[word])).sound.astype(np.float64)
            digit = _at_peak(faster(digit, pace * self.numbers.uniform(0.95, 1.05)), 10000)
            if not tight:
                sound = np.concatenate([sound, self._pause(), digit])
            else:
                sound = _blended(sound, digit, self.chance.choice([0, 80, 160, 240]))
        return sound, words

    def _words(self) -> tuple[Wave, Sequence[str]]:
        """One to three words that were spoken alone."""
        count = self.chance.choice([1, 1, 1, 2, 3])
        parts: list[Wave] = []
        words: list[str] = []
        for _ in range(count):
            clip = self.chance.choice(self.by_kind[Kind.WORD])
            sound = self._paced(clip)
            if count > 1 or self.chance.random() < 0.5:
                sound = self._trimmed(sound)
            parts += [_at_peak(sound, 10000 * self.numbers.uniform(0.5, 1)), self._pause()]
            words += clip.words
        return np.concatenate(parts), words

    def _sentence(self, clip: Clip) -> tuple[Wave, Sequence[str]]:
        sound, words = self._paced(clip), clip.words
        if self.chance.random() < 0.1:
            other = self.chance.choice(self.by_kind[Kind.SPEECH])
            sound = np.concatenate([_at_peak(sound, 10000), self._pause(), _at_peak(self._paced(other), 10000)])
            words += other.words
        return sound, words

    def _as_it_is(self, clip: Clip) -> tuple[Wave, Sequence[str]]:
        return self._paced(clip), clip.words

    def _no_words(self) -> tuple[Wave, Sequence[str]]:
        """Noise, a crowd of which nobody can be understood, tones."""
        length = self.chance.randrange(6000, 24000)
        recorded = self.by_kind[Kind.NOISE]
        if recorded and self.chance.random() < 0.3:
            return np.resize(self.chance.choice(recorded).sound.astype(np.float64), length), ()
        if self.chance.random() < 0.4:
            return self._voices(self.chance.randint(5, 9), length), ()
        return self.chance.choice([hiss, hum, tones])(length, self.numbers), ()

    def _any_of(self, speakers: dict[str, list[Clip]]) -> Clip:
        return self.chance.choice(speakers[self.chance.choice(sorted(speakers))])

    # ---- how it sounds -----------------------------------------------------------------------------------------------

    def _paced(self, clip: Clip) -> Wave:
        sound = clip.sound.astype(np.float64)
        return faster(sound, self.numbers.uniform(SLOWEST, FASTEST)) if self.chance.random() < 0.75 else sound

    def _pause(self) -> Wave:
        return np.zeros(int(RATE * self.numbers.uniform(0, 0.35) ** 1.3))

    def _trimmed(self, sound: Wave) -> Wave:
        """Without most of the silence around."""
        energy = np.convolve(sound**2, np.ones(400) / 400, "same")
        loud = np.flatnonzero(energy > energy.max() * 2e-3)
        before, after = self.numbers.integers(200, 1200, 2)
        return sound[max(0, loud[0] - int(before)) : loud[-1] + int(after)] if len(loud) else sound

    def _babble(self, length: int) -> Wave:
        """A recorded noise, or one to five other people."""
        recorded = self.by_kind[Kind.NOISE]
        if recorded and self.chance.random() < 0.3:
            return _even(np.resize(self.chance.choice(recorded).sound.astype(np.float64), length))
        return self._voices(self.chance.choice([1, 3, 5]), length)

    def _voices(self, count: int, length: int) -> Wave:
        """So many people at once."""
        voices = [self.chance.choice(self.spoken).sound.astype(np.float64) for _ in range(count)]
        return _even(np.sum([np.roll(_even(np.resize(one, length)), self.chance.randrange(length)) for one in voices], 0))

    def _example(self, sound: Wave, words: Sequence[str]) -> Example | None:
        """None if it is too long, or too short for its words."""
        if words:
            heard = telephoned(sound, self.numbers, self._babble)
        else:
            heard = np.round(_at_peak(sound, 32767) * 10 ** (self.numbers.uniform(-50, -3) / 20)).astype(np.int16)
        target = [one for word in words for one in self.sounds.numbers(self.chance.choice(self.sounds.words[word]))]
        energies = log_energies(heard, self.chance.choice(WARPED) if self.chance.random() < 0.65 else BANKS)
        if self.chance.random() < COLOURED:
            knots = self.numbers.normal(0, COLOUR, KNOTS)
            energies += torch.from_numpy(np.interp(np.linspace(0, KNOTS - 1, energies.shape[1]), range(KNOTS), knots)).float()
        if self.chance.random() < 0.3:  # a band is missing
            low = self.chance.randrange(0, 36)
            bands = slice(low, low + self.chance.randrange(1, 7))
            energies[:, bands] = energies[:, bands].mean()
        features = energies @ COSINES.T
        if self.chance.random() < 0.3 and len(features) > 60:  # a moment is missing
            start = self.chance.randrange(0, len(features) - 12)
            features[start : start + self.chance.randrange(2, 12)] = features.mean(0)
        repeats = sum(one == following for one, following in pairwise(target))
        if len(features) > LONGEST or frames_out(len(features)) < len(target) + repeats + 1:
            return None
        return Example(features.half().numpy(), target, _guess(energies, target))


def _guess(energies: torch.Tensor, target: Sequence[int]) -> npt.NDArray[np.int64]:
    """The target spread evenly over the loud frames, blank elsewhere. Without such a start, all stays blank."""
    loudness = energies.mean(1).numpy()[::3]
    loud = np.flatnonzero(loudness > np.percentile(loudness, 10) * 0.55 + np.percentile(loudness, 95) * 0.45)
    guess = np.full(len(loudness), BLANK, np.int64)
    if target:
        guess[loud] = np.asarray(target)[np.arange(len(loud)) * len(target) // max(1, len(loud))]
    return guess


def _even(sound: Wave) -> Wave:
    return np.asarray(sound / (sound.std() + 1e-9))


def _at_peak(sound: Wave, peak: float) -> Wave:
    return np.asarray(sound / (np.abs(sound).max() + 1) * peak)


def _blended(before: Wave, after: Wave, samples: int) -> Wave:
    """One straight after the other, overlapping by so many samples."""
    if not samples or min(len(before), len(after)) <= samples:
        return np.concatenate([before, after])
    rising = np.linspace(0, 1, samples)
    middle = before[-samples:] * (1 - rising) + after[:samples] * rising
    return np.concatenate([before[:-samples], middle, after[samples:]])
