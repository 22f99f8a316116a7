"""Whether this process can take calls, and what it cannot do meanwhile. Asks nothing that could block, and writes nothing."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from voicebot.ticker import Ticker

LEAST_FREE = 500 * 1024 * 1024  # bytes on the disk of the data directory
SILENT = 10.0  # seconds without a heartbeat in the database


class Readiness:
    """`languages`: those of the lines that listen; `can_listen(language)`: whether the ear has a model and room for it."""

    def __init__(
        self, ticker: Ticker, data: Path, languages: Iterable[str], can_listen: Callable[[str], bool],
        free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._ticker, self._data, self._languages, self._can_listen = ticker, data, tuple(dict.fromkeys(languages)), can_listen
        self._free = free

    def missing(self) -> list[str]:
        """What stands in the way of taking calls; empty if nothing does."""
        silent = self._ticker.silent_for()
        missing = []
        if self._ticker.is_over:
            missing.append("draining: this process is about to end")
        elif silent is None:
            missing.append("starting")
        elif silent > SILENT:
            missing.append("the database takes no writes")
        if self._free(self._data) < LEAST_FREE:
            missing.append("the disk is almost full")
        return missing

    def remarks(self) -> list[str]:
        """What is worth knowing although calls can be taken: without hearing there are still the keys."""
        return [f"keypad only: {language}" for language in self._languages if not self._can_listen(language)]
