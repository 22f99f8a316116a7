"""A recording of a leg: when it ran, when it was paused, how long it is. Knows nothing of HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from voicebot.simulator.settings import new_sid

GOING = ("in-progress", "paused")
# Layer III of MPEG 2.5, 8 kbit/s, 8 kHz, mono: 72 milliseconds of silence.
_FRAME = bytes((0xFF, 0xE3, 0x18, 0xC0)).ljust(72, b"\0")
_FRAME_SECONDS = 0.072


@dataclass
class Tape:
    """One recording. `spans` holds what was recorded, in call time: when it began and ended. `wav` is the sound of a <Record>;
    so often more it is not there yet as it `misses`.
    """

    call_sid: str
    channels: int
    callback: str | None = None
    events: frozenset[str] = frozenset({"completed"})
    sid: str = field(default_factory=lambda: new_sid("RE"))
    status: str = "in-progress"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    spans: list[tuple[float, float | None]] = field(default_factory=list)
    source: str = "StartCallRecordingAPI"
    wav: bytes = field(default=b"", repr=False)
    misses: int = 0

    def run(self, now: float) -> None:
        """From here on."""
        if not self.spans or self.spans[-1][1] is not None:
            self.spans.append((now, None))
        self.status = "in-progress"

    def stop(self, now: float, status: str) -> None:
        """To here: `paused`, `stopped` or `completed`."""
        if self.spans and self.spans[-1][1] is None:
            self.spans[-1] = (self.spans[-1][0], now)
        self.status = status

    def runs_at(self, now: float) -> bool:
        """Whether this moment is on it."""
        return any(began <= now and (ended is None or now < ended) for began, ended in self.spans)

    @property
    def seconds(self) -> int:
        """How long it is, in whole seconds of call time; only once nothing more comes."""
        return round(sum(ended - began for began, ended in self.spans if ended is not None))

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What the product is told once it can be had."""
        return (
            ("RecordingSid", self.sid),
            ("RecordingStatus", "completed"),
            ("RecordingDuration", str(self.seconds)),
            ("RecordingChannels", str(self.channels)),
            ("RecordingSource", self.source),
        )

    @property
    def sound(self) -> bytes:
        """Silence of that length, as MP3."""
        return _FRAME * max(1, round(self.seconds / _FRAME_SECONDS))
