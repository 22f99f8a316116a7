"""When a <Gather> ends and with which keys. Pure: seconds in, seconds out.

Source: twilio.com/docs/voice/twiml/gather. The time-out counts from the end of the nested prompts or from the last key; a key
stops the prompts; `numDigits` ends the entry at once; a finishing key needs no digit before it and is not part of the entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from voicebot.simulator.document import Verb


@dataclass(frozen=True)
class GatherRules:
    """A Gather's own rules. Seconds; `count` None means any number of keys."""

    timeout: float = 5.0
    finish_on: str = "#"
    count: int | None = None
    action_on_empty: bool = False

    @classmethod
    def of(cls, gather: Verb) -> "GatherRules":
        """The rules that a verb's attributes spell."""
        count = gather.attributes.get("numDigits")
        return cls(
            timeout=float(gather.attributes.get("timeout", 5)),
            finish_on=gather.attributes.get("finishOnKey", "#"),
            count=int(count) if count else None,
            action_on_empty=gather.flag("actionOnEmptyResult", otherwise=False),
        )


@dataclass(frozen=True)
class Press:
    """A key, and when: seconds since the Gather began. `own` if it belongs to the answer to this very question."""

    at: float
    key: str = field(repr=False)
    own: bool = True


@dataclass(frozen=True)
class Collected:
    """How a Gather ends: when, with which digits, by which finishing key (empty: none), after how many presses."""

    at: float
    digits: str = field(repr=False)
    finished_on: str
    used: int


def collect(rules: GatherRules, prompts: float, presses: Sequence[Press]) -> Collected:
    """Play prompts of this many seconds and take keys, which must be in order of time."""
    digits, deadline, used = "", prompts + rules.timeout, 0
    for press in presses:
        if press.at >= deadline:
            break
        used += 1
        if press.key in rules.finish_on:
            return Collected(press.at, digits, press.key, used)
        digits += press.key
        if rules.count is not None and len(digits) >= rules.count:
            return Collected(press.at, digits, "", used)
        deadline = press.at + rules.timeout
    return Collected(deadline, digits, "", used)
