"""A soft hiss under every call. Our models have learned from rooms and lines that are never dead silent: where a gate, a codec or
a cut recording sends zeros between words, they lose the words beside them.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from voicebot.speech.codec import Samples

# Standard deviation in steps of 16 bits: 53 dB below the peaks of a voice at its proper level. Measured in
# docs/benchmarks/listening.md with the bundled model; 0 for others.
LOUDNESS = 25.0
PERIOD = 8191  # samples; no multiple of a frame or block, so that nothing beats
# The same on every run, so that the same audio is always heard alike.
_NOISE = np.random.default_rng(1).normal(0, 1, PERIOD)


class Hiss:
    """Of one listener; `loudness` is its standard deviation in sample units."""

    def __init__(self, loudness: float) -> None:
        self._noise = _twice(loudness)
        self._place = 0

    def under(self, samples: Samples) -> Samples:
        """These samples, which come next, with the hiss."""
        begin, self._place = self._place, (self._place + len(samples)) % PERIOD
        if len(samples) <= PERIOD:
            noise = self._noise[begin : begin + len(samples)]
        else:
            noise = self._noise[(begin + np.arange(len(samples))) % PERIOD]
        hissing: Samples = (samples + noise).clip(-32768, 32767).astype(np.int16)
        return hissing


@cache
def _twice(loudness: float) -> npt.NDArray[np.int32]:
    """The noise, and again, so that a piece of it is a slice from wherever it begins."""
    return np.tile(np.rint(_NOISE * loudness).astype(np.int32), 2)
