"""Prompts that were changed while the house is open: kept for good, each change a version of its own. The files stay below."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class PromptEdit:
    """What one prompt of one language says since then. `number` counts the changes of a prompt from 1; 0 is its file.

    `texts`: one for each attempt, none of them: as in the file again. `recordings`: the names of what is played instead, one for
    each text, "" where the text is spoken.
    """

    language: str
    prompt_id: str
    number: int
    by: str
    at: datetime
    texts: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()


class PromptEdits(Protocol):
    """All changes."""

    def count(self) -> int:
        """How many there are. They are never taken back, so whoever has seen as many has seen all."""
        ...

    def newest(self) -> tuple[PromptEdit, ...]:
        """The one that counts of each prompt that was ever changed."""
        ...

    def of_prompt(self, language: str, prompt_id: str) -> tuple[PromptEdit, ...]:
        """All of one prompt, oldest first."""
        ...

    def keep(self, edit: PromptEdit, audio: Mapping[str, bytes]) -> bool:
        """Keep a change, and recordings by name. False where its number is taken: somebody else was quicker."""
        ...

    def audio(self, name: str) -> bytes | None:
        """A recording that came with some change."""
        ...
