"""When keys on a two-way stream are a whole entry. Pure: the rules of the carrier's <Gather>, since we are the ones to gather.

The time-out counts from the end of the prompts, from the last key, or from the last moment of speech; a fixed count ends the
entry at once, and so does the terminator, which is not part of it. Time is the caller's: seconds of sound that have come.
"""

from dataclasses import dataclass, field

from voicebot.dialogue.actions import KeyPlan

LONGEST = 10  # seconds without a key: no question is held open longer
LONGEST_SPEECH = 30.0  # seconds after the prompts for which speech holds a question open: noise does not, for ever
MOST_KEYS = 64  # no question asks for half as many


@dataclass
class Entering:
    """The keys of one question so far."""

    plan: KeyPlan
    keys: str = field(default="", repr=False)
    by_terminator: bool = False
    complete: bool = False
    _until: float | None = None
    _speech_until: float = 0.0

    def prompts_ended(self, at: float) -> None:
        """Nothing is played any more: from here on silence counts."""
        if self._until is None:
            self._wait_from(at)
            self._speech_until = at + LONGEST_SPEECH

    def speaks(self, at: float) -> None:
        """The caller is speaking, or what they said is still being understood: that is no silence."""
        if self._until is not None and at < self._speech_until:
            self._wait_from(at)

    def press(self, key: str, at: float) -> None:
        """One key more."""
        if self.complete:
            return
        if key in self.plan.terminator:
            self.by_terminator = self.complete = True
            return
        self.keys = (self.keys + key)[-MOST_KEYS:]
        self.complete = self.plan.count is not None and len(self.keys) >= self.plan.count
        self._wait_from(at)

    def is_over(self, now: float) -> bool:
        """Whether the entry is complete, or its time has run out."""
        return self.complete or (self._until is not None and now >= self._until)

    def _wait_from(self, at: float) -> None:
        self._until = at + min(self.plan.timeout, LONGEST)
