"""Audio that a worker has been given and has not worked off: how much, how old, and whether there is a voice in it."""

from collections import deque

import numpy as np

from voicebot.speech.codec import RATE, to_samples

# Seconds that a line may be behind. Audio that came faster than it was spoken may take as long as it lasts.
MOST_BEHIND = 2.0
SHARE_OF_OWN_LENGTH = 0.8
MOST_SECONDS = 60
LONGEST_START = 6.0
VOICE_PEAK = 330  # -40 dBFS


class Backlog:
    """One line's. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[float, bytes]] = deque()
        self._bytes = 0

    def sent(self, block: bytes, now: float) -> None:
        """A block of µ-law has gone out."""
        self._blocks.append((now, block))
        self._bytes += len(block)

    def worked_off(self, size: int) -> None:
        """The worker has done with so many bytes."""
        while size > 0 and self._blocks:
            length = len(self._blocks.popleft()[1])
            self._bytes -= length
            size -= length

    def clear(self) -> None:
        """Nobody will work it off."""
        self._blocks.clear()
        self._bytes = 0

    @property
    def loud(self) -> bool:
        """Whether a voice may be waiting in it."""
        return any(np.abs(to_samples(block).astype(np.int32)).max(initial=0) > VOICE_PEAK for _, block in self._blocks)

    def behind(self, now: float) -> float:
        """Seconds since the oldest block was given out."""
        return now - self._blocks[0][0] if self._blocks else 0.0

    def hopeless(self, now: float, ready: float | None = 0.0) -> bool:
        """Whether the worker is more than two seconds behind a line that comes in its own time, or a minute behind any.

        `ready`: since when it is there at all. One that is still starting, because everything is or another one has died, is
        given longer.
        """
        if not self._blocks:
            return False
        if ready is None:
            return self.behind(now) > LONGEST_START
        seconds = self._bytes / RATE
        behind = min(self.behind(now), now - ready)
        return seconds > MOST_SECONDS or behind > max(MOST_BEHIND, SHARE_OF_OWN_LENGTH * seconds)
