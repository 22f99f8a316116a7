"""How loud speech is, and how much louder or softer the recogniser should get it. Levels are dBFS: 0 is as loud as can be."""

import math
from dataclasses import dataclass

import numpy as np

from voicebot.dialogue.values import Loudness
from voicebot.speech.codec import Samples

FULL_SCALE = 32768.0
FLOOR = -96.0
AIM = -9.0  # the middle of -6 to -12, where the recogniser hears best
QUIET_PEAK = -26.0
CLIPPED_SHARE = 0.001
LOUDEST_CODE = 32000  # the last step of µ-law
MOST_GAIN = 30.0
LEAST_GAIN = -6.0


@dataclass(frozen=True)
class Level:
    """An utterance's level. `clipped`: too loud for the line; `quiet`: so soft that recognition suffers."""

    peak: float
    rms: float
    clipped: bool

    @property
    def loudness(self) -> Loudness:
        """How the caller's voice comes over the line."""
        return Loudness.LOUD if self.clipped else Loudness.QUIET if self.quiet else Loudness.FINE

    @property
    def quiet(self) -> bool:
        """Whether the caller should speak up."""
        return self.peak < QUIET_PEAK


def decibels(amplitude: float) -> float:
    """dBFS of a linear amplitude in sample units."""
    return max(FLOOR, 20 * math.log10(amplitude / FULL_SCALE)) if amplitude > 0 else FLOOR


def rms(samples: Samples) -> float:
    """Level of all of these samples together, dBFS."""
    if not len(samples):
        return FLOOR
    wide = samples.astype(np.float64)
    return decibels(float(np.sqrt(np.mean(wide * wide))))


def levels(frames: Samples) -> list[float]:
    """The same of each row."""
    wide = frames.astype(np.float64)
    return [decibels(amplitude) for amplitude in np.sqrt(np.mean(wide * wide, axis=1)).tolist()]


def measure(samples: Samples) -> Level:
    """The level of an utterance. The peak leaves out the loudest 1 in 1,000, so that a click is not a voice."""
    if not len(samples):
        return Level(FLOOR, FLOOR, clipped=False)
    size = np.abs(samples.astype(np.int32))
    clipped = float(np.mean(size >= LOUDEST_CODE)) >= CLIPPED_SHARE
    return Level(decibels(float(np.quantile(size, 0.999))), rms(samples), clipped)


def gain_for(peak: float) -> float:
    """Decibels to add to a caller whose speech peaks at `peak`, so that it peaks near -9 dBFS."""
    return min(MOST_GAIN, max(LEAST_GAIN, AIM - peak))


def amplify(samples: Samples, gain: float) -> Samples:
    """The same, `gain` decibels louder; what does not fit is cut off."""
    if gain == 0:
        return samples
    factor = 10 ** (gain / 20)
    return np.clip(np.rint(samples.astype(np.float64) * factor), -32768, 32767).astype(np.int16)
