"""Speaking by ourselves: prompts as 8 kHz µ-law, for questions that are put over a two-way stream."""

from typing import Protocol

from voicebot.ports.prompts import SpokenText


class Mouth(Protocol):
    """May take tenths of a second; never raises. What is asked for twice is ready the second time."""

    def of_recording(self, name: str, wav: bytes) -> bytes | None:
        """The µ-law of a recording of this name; None where it is none that a telephone plays."""
        ...

    def of_text(self, spoken: SpokenText) -> bytes | None:
        """The µ-law of a text; None where nobody has rendered it and there is no voice on this machine."""
        ...
