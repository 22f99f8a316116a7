"""Something to be played on a leg."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Prompt:
    """A text or a recording's name, empty for a pause. `audio` is a recording's file, for those who can hear it."""

    what: str
    seconds: float
    recording: bool = False
    audio: bytes = field(default=b"", repr=False)
