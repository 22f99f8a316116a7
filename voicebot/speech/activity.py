"""Whether the caller is speaking, frame by frame of 20 ms, by loudness over the line's own noise. Keys' tones are not speech.

Time is counted in frames. A voice is anything clearly above the softest that was heard in the last second and a half; the
recogniser's words are the better judge of *what* it was.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

from voicebot.speech.codec import RATE, Samples
from voicebot.speech.level import rms

FRAME = RATE // 50  # samples
FRAMES_PER_SECOND = 50
ABOVE_NOISE = 6.0  # dB
SOFTEST_SPEECH = -58.0  # dBFS
QUIETEST_NOISE = -70.0
MEMORY = 75  # frames: one and a half seconds holds a gap between words
LOW_TONES = (697.0, 770.0, 852.0, 941.0)
HIGH_TONES = (1209.0, 1336.0, 1477.0, 1633.0)
TONE_SHARE = 0.75  # of a frame's energy in its two tones: misses no key within 1.5 %; 1 of 45,780 frames of speech has it
WEAKER_TONE_SHARE = 0.1
FAINTEST_TONE = -45.0


class Activity:
    """The state of one audio stream. Feed it every frame, also between questions."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque([QUIETEST_NOISE], maxlen=MEMORY)

    @property
    def noise(self) -> float:
        """The line's noise now, dBFS."""
        return max(QUIETEST_NOISE, min(self._recent))

    def is_speech(self, frame: Samples) -> bool:
        """Whether this frame of 160 samples is louder than the line's noise by enough to be a voice."""
        level = rms(frame)
        self._recent.append(level)
        return level > max(SOFTEST_SPEECH, self.noise + ABOVE_NOISE)


def _probes(tones: tuple[float, ...]) -> npt.NDArray[np.complex128]:
    time = np.arange(FRAME) / RATE
    window = np.hanning(FRAME)
    return np.array([window * np.exp(-2j * np.pi * tone * time) for tone in tones])


_LOW, _HIGH = _probes(LOW_TONES), _probes(HIGH_TONES)
_WINDOW = np.hanning(FRAME)


def is_key_tone(frame: Samples) -> bool:
    """Whether these 160 samples are the tone of a telephone key (ITU-T Q.23): two tones and next to nothing else."""
    if rms(frame) < FAINTEST_TONE:
        return False
    wide = frame.astype(np.float64)
    # A tone of amplitude A gives |probe| = A/2 * sum(window); its windowed energy is A²/2 * sum(window²).
    energy = float(np.sum((wide * _WINDOW) ** 2))
    per_tone = 2 * float(np.sum(_WINDOW**2)) / float(np.sum(_WINDOW)) ** 2
    low = float(np.max(np.abs(_LOW @ wide)) ** 2) * per_tone / energy
    high = float(np.max(np.abs(_HIGH @ wide)) ** 2) * per_tone / energy
    return low + high > TONE_SHARE and min(low, high) > WEAKER_TONE_SHARE
