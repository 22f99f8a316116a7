"""Runs checks side by side within a time, whatever they wait for. Must not know what they check."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from voicebot.telephony.findings import Finding, skipped, wrong

EACH = 5.0  # seconds that a check may take
ALL = 30.0  # seconds for all of them
AT_ONCE = 8


@dataclass(frozen=True)
class Probe:
    """`run` gives what was found; it is given up after a while, and then `late` (or a plain sentence) is what was found."""

    part: str
    name: str
    run: Callable[[], Sequence[Finding]]
    late: Finding | None = None


@dataclass
class Probing:
    """Seconds: `each` check, and what is `left` for all."""

    each: float = EACH
    left: float = ALL
    at_once: int = AT_ONCE

    def run(self, probes: Sequence[Probe]) -> list[Finding]:
        """What all of them found, in their order. A check that is given up goes on by itself, and nobody waits for it."""
        found: list[Finding] = []
        for first in range(0, len(probes), self.at_once):
            some = [_Running(probe) for probe in probes[first : first + self.at_once]]
            began = monotonic()
            if self.left > 0:
                for running in some:
                    running.thread.start()
                for running in some:
                    running.thread.join(max(0.0, began + min(self.each, self.left) - monotonic()))
            self.left -= monotonic() - began
            found += [one for running in some for one in running.outcome(self.each)]
        return found


@dataclass
class _Running:
    probe: Probe
    found: list[Finding] | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, name=f"probe {self.probe.name}", daemon=True)

    def _run(self) -> None:
        try:
            self.found = list(self.probe.run())
        except Exception as failure:  # noqa: BLE001  # one check that fails must not cost the others; a text may hold a secret
            says = f"{self.probe.name}: this check itself failed ({type(failure).__name__})"
            self.found = [wrong(self.probe.part, says, "please report it")]

    def outcome(self, each: float) -> list[Finding]:
        if self.found is not None:
            return self.found
        if self.thread.ident is None:
            return [skipped(self.probe.part, f"{self.probe.name}: there was no time left for it")]
        says = f"{self.probe.name}: not finished within {each:g} s"
        return [self.probe.late or wrong(self.probe.part, says)]
