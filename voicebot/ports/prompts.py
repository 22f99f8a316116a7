"""What the callers and agents hear: text or recorded audio per prompt id, language and attempt."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from voicebot.dialogue.actions import Say


@dataclass(frozen=True)
class SpokenText:
    """To be spoken by the carrier's voice. `language` as the carrier wants it (`en-GB`), `voice` may be empty.

    `parts`: of a text with places, what stands in it and what fills them, for whoever can only put together what was rendered
    before.
    """

    text: str
    language: str
    voice: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recording:
    """To be played. `name` is the audio file's content hash with its ending; `prompts` serves it."""

    name: str


Utterance: TypeAlias = SpokenText | Recording


class Prompts(Protocol):
    """A catalogue of one moment, named by `version`; a call keeps the one it began with."""

    @property
    def version(self) -> str:
        """Content hash of everything in it."""
        ...

    def utterances(self, say: Say, language: str) -> tuple[Utterance, ...]:
        """What to play. A variant missing for this attempt is the last before it; a field's missing prompt is the general one."""
        ...

    def audio(self, name: str) -> bytes | None:
        """A recording's bytes (WAV, 8 kHz µ-law or PCM16 mono)."""
        ...


class PromptShelf(Protocol):
    """All catalogues that some call may still need."""

    def current(self) -> Prompts:
        """The newest, for a call that begins now."""
        ...

    def version(self, version: str) -> Prompts:
        """The one of this version; the newest where it is not kept any more."""
        ...
