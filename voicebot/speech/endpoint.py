"""When to stop listening: rules over what was heard so far and how long it has been quiet. Pure; times are seconds of audio."""

from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.dialogue.understand import Understood
from voicebot.dialogue.values import Command, Shape, ShapeKind

SETTLED_QUIET = 0.18  # a complete number and this much silence
LONGER_THAN_RHYTHM = 0.06  # who pauses inside of a number may be pausing again: longer by this than so far, up to a limit
FITTING_QUIET = 0.16  # the same where the check digit is right, which it hardly is of half a number; no longer than so far
LONGEST_RHYTHM = 1.0
LONGER_PAUSE = 0.8  # a number that has already become too long: its end is not cut off
STEADY_IN_NOISE = 0.5  # or for so long no decoder has changed its mind, however loud the line is
COMMAND_PAUSE = 0.5
DENIED_PAUSE = 0.8  # what was wrong may follow at once
MENDED_PAUSE = 1.0  # and may go on
START_OVER_PAUSE = 1.2  # the number may follow at once
VALID_PREFIX_PAUSE = 1.5  # long enough already, but it could go on
# Numbers are read in groups of four at most. Who has gone on without a pause reads none; who has paused is given more than that.
LARGEST_GROUP = 4
NO_GROUPS_PAUSE = 0.6
BETWEEN_GROUPS = 2.0  # times the longest pause so far
INCOMPLETE_PAUSE = 2.5  # people read numbers in blocks
NO_ANSWER_PAUSE = 1.2  # words, but none that we know
LONGEST = 30.0  # of one utterance


class Stop(StrEnum):
    """What to do now."""

    GO_ON = "go_on"
    DECIDE = "decide"
    FORGET = "forget"  # it was nothing


@dataclass(frozen=True)
class Progress:
    """An utterance so far.

    `quiet`: since the last loud frame; `pause`: since that or the last new word, whichever is later; `steady`: since
    either decoder changed its mind; `only_noise`: neither has any word, not even an unknown one; `lasted`: since it began;
    `spoken`: of loud frames in all; `rhythm`: the longest pause between two loud frames; `longer`: more digits are on their way
    than were asked for; `fits`: there is a check digit, and it is right.
    """

    understood: Understood = field(repr=False)
    quiet: float
    pause: float
    steady: float
    only_noise: bool
    lasted: float
    spoken: float
    rhythm: float = 0.0
    longer: bool = False
    fits: bool = False


GOES_ON = (ShapeKind.DATE, ShapeKind.AMOUNT)  # "nineteen eighty" is a year, and "five" may follow
SHORTEST_SPEECH = 0.3  # less than this of unknown words is a cough


def judge(shape: Shape, progress: Progress) -> Stop:
    """Whether this utterance is over."""
    if progress.only_noise:
        return Stop.FORGET if progress.pause >= NO_ANSWER_PAUSE or progress.lasted >= LONGEST else Stop.GO_ON
    if progress.lasted >= LONGEST:
        return Stop.DECIDE
    if progress.understood.digits:
        return _after(_number_is_over(shape, progress))
    if shape.puts_right and (progress.understood.partial or progress.understood.command is Command.NO):
        return _after(progress.pause >= (MENDED_PAUSE if progress.understood.partial else DENIED_PAUSE))
    if progress.understood.command is not None:
        later = progress.understood.command is Command.START_OVER and shape.takes_digits
        return _after(progress.pause >= (START_OVER_PAUSE if later else COMMAND_PAUSE))
    if progress.understood.partial:
        return _after(progress.pause >= INCOMPLETE_PAUSE)
    if progress.pause < NO_ANSWER_PAUSE:
        return Stop.GO_ON
    return Stop.DECIDE if progress.spoken >= SHORTEST_SPEECH else Stop.FORGET


def _after(over: bool) -> Stop:
    return Stop.DECIDE if over else Stop.GO_ON


def _number_is_over(shape: Shape, progress: Progress) -> bool:
    if len(progress.understood.digits[0]) < shape.longest or shape.kind in GOES_ON:
        return progress.pause >= _pause_after_prefix(shape, progress)
    if progress.longer:
        return progress.pause >= LONGER_PAUSE
    settled, longer = (FITTING_QUIET, 0.0) if progress.fits else (SETTLED_QUIET, LONGER_THAN_RHYTHM)
    rhythm = min(LONGEST_RHYTHM, progress.rhythm + longer)
    return progress.quiet >= max(settled, rhythm) or progress.steady >= max(STEADY_IN_NOISE, rhythm)


def _pause_after_prefix(shape: Shape, progress: Progress) -> float:
    """How long to wait for more of a number that may be all."""
    if shape.kind in GOES_ON or len(progress.understood.digits[0]) <= LARGEST_GROUP:
        return VALID_PREFIX_PAUSE
    return max(NO_GROUPS_PAUSE, min(VALID_PREFIX_PAUSE, BETWEEN_GROUPS * progress.rhythm))
