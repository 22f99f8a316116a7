"""The state of somebody's booking to be called back, while it is talked about in line. Never the phrase itself. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.dialogue.calling_back import Window


class WishStep(StrEnum):
    """What is being asked."""

    KEPT = "kept"  # what is to become of one that they are promised already
    NUMBER = "number"  # which one; once it is known, whether it is right
    WHEN = "when"  # as soon as possible, or at a time of their own
    SLOT = "slot"
    PHRASE = "phrase"  # whose: the caller's, ours, or none
    DIGITS = "digits"  # the caller's own
    AGREED = "agreed"  # whether it was understood


@dataclass(frozen=True)
class KnownWish:
    """A callback that somebody is promised. `id`: the call in which it was wished."""

    id: str
    queue: str
    number: str = field(repr=False)
    window: Window | None = None


@dataclass(frozen=True)
class CallbackWish:
    """`number` (E.164) once it is known. `asked`: how often the present question was. `confirmed`: the switchboard is at it.

    `slots`: those that may be chosen, `shown`: how many were read out before the present ones; `zone`: in whose time they are
    said. `window`: the chosen one. `phrased`: they were asked for a phrase; `made`: it is ours; `unwanted`: how many they
    did not want after all. `known`: those that they are promised already, of which one is `changing`.
    """

    number: str = field(default="", repr=False)
    asked: int = 1
    confirmed: bool = False
    step: WishStep = WishStep.NUMBER
    slots: tuple[Window, ...] = ()
    shown: int = 0
    zone: str = "UTC"
    window: Window | None = None
    phrased: bool = False
    made: bool = False
    unwanted: int = 0
    known: tuple[KnownWish, ...] = ()
    changing: str = ""
