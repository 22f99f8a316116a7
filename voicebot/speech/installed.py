"""What the ear is set up with: models by language, workers, questions to make ready. Finds each language's model once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.dialogue.codec import to_plain
from voicebot.ports.ear import Sayable
from voicebot.speech.models import MODELS, find_model, variable
from voicebot.speech.wire import Header

MOST_WORKERS = 4


@dataclass(frozen=True)
class EarSettings:
    """`models`: language -> directory of its model, before those that are found without being named. `cache`: a directory for
    what is made from models and grammars, None for a throw-away one. `warm`: what every worker makes ready at its start.
    """

    models: Mapping[str, Path] = field(default_factory=dict)
    cache: Path | None = None
    warm: tuple[Sayable, ...] = ()
    workers: int = min(os.cpu_count() or 1, MOST_WORKERS)
    lines_per_worker: int = 50
    shipped: Path = MODELS


class Installed:
    """The models of this machine."""

    def __init__(self, settings: EarSettings) -> None:
        self._settings = settings
        self._found: dict[str, Path | None] = {}

    def model(self, language: str) -> Path | None:
        """The directory of a language's model, if it has one."""
        if language not in self._found:
            named = self._settings.models.get(language)
            environ = {variable(language): str(named)} if named is not None else None
            self._found[language] = find_model(language, environ, self._settings.shipped)
        return self._found[language]

    def leave_out(self, language: str) -> None:
        """Do without this language's model from now on."""
        self._found[language] = None

    def question(self, sayable: Sayable) -> Header | None:
        """What a worker must know to listen for an answer; None if the language has no model."""
        model = self.model(sayable.grammar.language)
        if model is None:
            return None
        about = {"shape": str(sayable.shape), "grammar": to_plain(sayable.grammar), "check": sayable.check.value}
        return about | {"model": str(model)}
