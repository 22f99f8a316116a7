"""Whether the caller is speaking, frame by frame of 20 ms, by loudness over the line's own noise. Keys' tones are not speech.

Time is counted in frames. A voice is anything clearly above the softest that was heard in the last second and a half; the
recogniser's words are the better judge of *what* it was.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from voicebot.speech.codec import RATE, Samples

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

    def is_speech(self, level: float) -> bool:
        """Whether a frame of this level, in dBFS, is louder than the line's noise by enough to be a voice."""
        self._recent.append(level)
        return level > max(SOFTEST_SPEECH, self.noise + ABOVE_NOISE)


def _probes(tones: tuple[float, ...]) -> npt.NDArray[np.complex128]:
    time = np.arange(FRAME) / RATE
    window = np.hanning(FRAME)
    return np.array([window * np.exp(-2j * np.pi * tone * time) for tone in tones])


_TONES = _probes(LOW_TONES + HIGH_TONES).T
_WINDOW = np.hanning(FRAME)
# A tone of amplitude A gives |probe| = A/2 * sum(window); its windowed energy is A²/2 * sum(window²).
_PER_TONE = 2 * float(np.sum(_WINDOW**2)) / float(np.sum(_WINDOW)) ** 2


def key_tones(frames: Samples, levels: Sequence[float]) -> list[bool]:
    """Which of these frames, rows of 160 samples, are the tone of a telephone key (ITU-T Q.23): two tones and next to nothing
    else. `levels`: theirs, in dBFS.
    """
    if max(levels, default=FAINTEST_TONE) <= FAINTEST_TONE:
        return [False] * len(levels)
    wide = frames.astype(np.float64)
    energy = np.sum((wide * _WINDOW) ** 2, axis=1) + 1e-9  # which keeps dead silence from dividing by nothing
    shares = np.abs(wide @ _TONES) ** 2 * (_PER_TONE / energy)[:, None]
    low, high = shares[:, : len(LOW_TONES)].max(axis=1), shares[:, len(LOW_TONES) :].max(axis=1)
    clear = (low + high > TONE_SHARE) & (np.minimum(low, high) > WEAKER_TONE_SHARE)
    return [bool(one) and level > FAINTEST_TONE for one, level in zip(clear, levels, strict=True)]
