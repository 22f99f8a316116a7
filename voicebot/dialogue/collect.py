"""Keys into answers: what a finished run of keys means at a question, and when it is somebody's second thought.

`*` clears what was keyed before it, alone it repeats the question; `0` alone asks for a person; the terminator ends.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from voicebot.dialogue.actions import KeyPlan
from voicebot.dialogue.call import Authenticating
from voicebot.dialogue.values import Shape, ShapeKind

CLEAR = "*"
TERMINATOR = "#"
AGENT_KEY = "0"
YES_KEY, NO_KEY = "1", "2"
YES_OR_NO = Shape(ShapeKind.YES_NO)
QUESTION_TIMEOUT = 6  # seconds of silence before the first key; also the longest pause between two
AFTER_SPEECH = timedelta(seconds=2)  # keys this soon after speech won belong to the question before
MEANT_FOR_BEFORE = "keys for a question that speech had answered"
TAIL = 2  # so many last digits of the value just heard are taken for its repetition
AT_ONCE = timedelta(seconds=2)  # an empty terminator this soon after a question belongs to the one before


class Took(StrEnum):
    """What a run of keys is."""

    COMPLETE = "complete"
    SHORT = "short"
    NO_MATCH = "no_match"
    AGENT = "agent"
    REPEAT = "repeat"
    YES = "yes"
    NO = "no"
    BEGUN = "begun"


@dataclass(frozen=True)
class Keyed:
    """The meaning of keys; `digits` with COMPLETE, SHORT and BEGUN, those of an earlier short entry in front."""

    took: Took
    digits: str = field(default="", repr=False)


def read_keys(keys: str, shape: Shape, prefix: str = "", *, spilled: bool = False) -> Keyed:
    """What these keys mean at a question of this shape, after `prefix` from an earlier short entry.

    `spilled`: the entry before was cut off by its length because a star stood in it, so that its last keys may stand in front
    of this one; they do not count.
    """
    cleared = CLEAR in keys
    rest = keys.rstrip(TERMINATOR).rpartition(CLEAR)[2]
    if cleared and not rest:
        return Keyed(Took.REPEAT)
    if not shape.takes_digits:
        return Keyed({YES_KEY: Took.YES, NO_KEY: Took.NO, AGENT_KEY: Took.AGENT}.get(rest, Took.NO_MATCH))
    digits = rest if cleared else prefix + rest
    if spilled and len(digits) > shape.longest:
        digits = digits[-shape.longest :]
    if digits == AGENT_KEY and not shape.fits(digits):
        return Keyed(Took.AGENT)
    if shape.fits(digits):
        return Keyed(Took.COMPLETE, digits)
    return Keyed(Took.SHORT, digits) if len(digits) < shape.shortest else Keyed(Took.NO_MATCH)


def read_keys_at_read_back(keys: str, shape: Shape, prefix: str = "") -> Keyed:
    """What these keys mean where a number of this shape is read back: a yes or no, or the number that it should have been.

    The first key comes alone, so that a yes is heard at once; one that is neither begins the number anew, and comes back as
    `prefix` with the rest. What then does not make a number is none: keys may have been lost in between.
    """
    answered = read_keys(keys, YES_OR_NO)
    if not prefix and answered.took is not Took.NO_MATCH:
        return answered
    digits = prefix + keys.rstrip(TERMINATOR)
    if CLEAR in digits:
        return Keyed(Took.NO_MATCH)
    if len(digits) == 1:
        return Keyed(Took.BEGUN, digits) if shape.longest > 1 else Keyed(Took.NO_MATCH)
    return Keyed(Took.COMPLETE, digits) if shape.fits(digits) else Keyed(Took.NO_MATCH)


def key_plan(shape: Shape, prefix: str = "", *, spilled: bool = False) -> KeyPlan:
    """How the line should gather: a known length ends the entry by itself, without waiting for the terminator.

    Not after an entry that has `spilled` over (see `read_keys`): then a pause or the terminator ends it.
    """
    if not shape.takes_digits:
        return KeyPlan(count=1, terminator="", timeout=QUESTION_TIMEOUT)
    if spilled:
        return KeyPlan(count=None, terminator=TERMINATOR, timeout=QUESTION_TIMEOUT)
    return KeyPlan(count=shape.longest - len(prefix), terminator=TERMINATOR, timeout=QUESTION_TIMEOUT)


def is_empty(keys: str) -> bool:
    """Whether this is only the end of an entry, which a known length had ended already."""
    return not keys.strip(TERMINATOR)


def won_by_speech(state: Authenticating, at: datetime) -> Authenticating:
    """Speech has claimed the turn, whatever it says: keys of before are void, and those on their way belong to that turn."""
    return replace(state, speech_won_at=at, prefix="")


def second_thought(keys: str, state: Authenticating, at: datetime) -> Authenticating | None:
    """The state after dropping keys that belong to a question which speech has just answered; None where they are meant.

    Soon after it, all keys are dropped; later a tail of what was heard, and that only once: keyed again, it is meant.
    """
    if state.speech_won_at is None:
        return None
    if at - state.speech_won_at <= AFTER_SPEECH:
        return state
    rest = keys.rstrip(TERMINATOR)
    if len(rest) >= TAIL and state.speech_won.endswith(rest):
        return replace(state, speech_won="")
    return None


def masked(value: str, *, secret: bool) -> str:
    """A value as it may be shown: a secret not even by its length, anything else by its last three digits."""
    if secret:
        return "•••"
    shown = min(3, max(0, len(value) - 3))
    return "•" * (len(value) - shown) + (value[-shown:] if shown else "")
