"""A soft hiss under every call. Our models have learned from rooms and lines that are never dead silent: where a gate, a codec or
a cut recording sends zeros between words, they lose the words beside them.
"""

import numpy as np

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
        self._noise: Samples = np.rint(_NOISE * loudness).astype(np.int16)
        self._place = 0

    def under(self, samples: Samples) -> Samples:
        """These samples, which come next, with the hiss."""
        places = (self._place + np.arange(len(samples))) % PERIOD
        self._place = (self._place + len(samples)) % PERIOD
        hissing: Samples = np.clip(samples.astype(np.int32) + self._noise[places], -32768, 32767).astype(np.int16)
        return hissing
