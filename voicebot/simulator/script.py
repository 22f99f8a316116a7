"""Scripts: what a robot caller says and keys, and how the agents' telephones behave. Reading only; nothing happens here.

A turn is one of

    keys:12345678#    press these keys
    audio:FILE.wav    say what is recorded in the file
    say:TEXT          say a text, spoken by flite or espeak-ng
    silence           let this question pass
    hangup            hang up at this question
    wait:SECONDS      takes no question of its own: the next turn comes that much later
    app:approve       the caller approves in their own app, as soon as it shows something; takes no question of its own
    app:deny          or declines there
    app:code          press the digits that the app shows

Turns are used one per *question*. A question is a Gather whose action has `/entry/` in its path, told apart by the turn number
in that path: when the same turn is asked again (its document was repeated, or extended while the caller still speaks) no new
turn is used, and a turn that could not be begun is kept for the next question. Gathers with `/waiting/` in their path are the
waiting loop: there only turns marked `@wait` are used (`keys:1@wait`, `app:code@wait`, `hangup@wait`). A turn marked `@early`
comes while the prompts still play; others wait for their end. Keys marked `@along` are no turn of their own: they are pressed
from the moment in which the spoken turn before them begins. When the turns run out the caller stays silent, and hangs up in the
waiting loop after `patience` seconds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from voicebot.simulator.desk_deeds import DeskDeed
from voicebot.simulator.settings import Faults

CODE = "code"
APP_DEEDS = ("approve", "deny", CODE)


class TurnKind(StrEnum):
    """What a caller does at a question."""

    KEYS = "keys"
    AUDIO = "audio"
    SAY = "say"
    SILENCE = "silence"
    HANGUP = "hangup"
    WAIT = "wait"
    APP = "app"


@dataclass(frozen=True)
class Turn:
    """One turn. `text` holds keys, a file's name or what to say; `seconds` belongs to `wait`."""

    kind: TurnKind
    text: str = field(default="", repr=False)
    seconds: float = 0.0
    waiting: bool = False
    early: bool = False
    along: bool = False

    @classmethod
    def parse(cls, text: str) -> "Turn":
        """Read a turn as it is written in a script. Raises ValueError saying what is wrong and what a turn may be."""
        body, marks = _marks(text)
        word, colon, rest = body.partition(":")
        if word not in set(TurnKind):
            raise ValueError(f"{word!r} is no turn; a turn is keys:…, audio:FILE.wav, say:TEXT, wait:…, app:…, silence or hangup")
        kind = TurnKind(word)
        if kind in (TurnKind.SILENCE, TurnKind.HANGUP) and colon:
            raise ValueError(f"{kind} stands alone; nothing comes after it")
        if kind not in (TurnKind.SILENCE, TurnKind.HANGUP) and not rest.strip():
            raise ValueError(f"{kind}: needs something after the colon")
        if kind is TurnKind.KEYS and not re.fullmatch(r"[0-9*#]+", rest):
            raise ValueError("keys: takes 0 to 9, * and # only")
        if kind is TurnKind.WAIT:
            return cls(kind, seconds=_seconds(rest))
        if kind is TurnKind.APP and rest not in APP_DEEDS:
            raise ValueError(f"app: takes one of {', '.join(APP_DEEDS)}, not {rest!r}")
        if marks & {"wait"} and kind not in (TurnKind.KEYS, TurnKind.HANGUP) and rest != CODE:
            raise ValueError(f"{kind} cannot be marked @wait; only keys, hangup and app:code can")
        if marks & {"along"} and kind is not TurnKind.KEYS:
            raise ValueError(f"{kind} cannot be marked @along; only keys can")
        return cls(kind, rest, waiting="wait" in marks, early="early" in marks, along="along" in marks)


def _marks(text: str) -> tuple[str, set[str]]:
    marks: set[str] = set()
    while found := re.fullmatch(r"(.*)@(wait|early|along)", text, re.DOTALL):
        text, mark = found[1], found[2]
        marks.add(mark)
    return text, marks


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", text):
        raise ValueError(f"wait: takes a number of seconds, not {text!r}")
    return float(text)


class Habit(StrEnum):
    """How an agent's telephone behaves when it rings."""

    ACCEPT = "accept"  # answers, presses 1
    DECLINE = "decline"  # answers, presses 2
    VOICEMAIL = "voicemail"  # a machine answers, greets and records; it presses nothing
    BUSY = "busy"
    NONE = "none"  # rings, nobody comes
    FAILS = "fails"  # cannot be reached
    HANGS_UP = "hangs_up"  # answers, hangs up before a key
    OTHER_KEY = "other_key"  # answers, presses 5
    LEAVES = "leaves"  # answers, presses 1, hangs up at the first words after it


class Moment(StrEnum):
    """Something that happens in a call, and at which a caller may hang up."""

    SPEAKING = "speaking"  # the caller begins to speak
    SPOKEN = "spoken"  # and has just spoken
    PUSHED = "pushed"  # the product has pushed a document
    AGENT_RINGING = "agent_ringing"
    AGENT_ANSWERED = "agent_answered"
    AGENT_KEY = "agent_key"
    IN_ROOM = "in_room"  # the caller is in the room; the agent hears the whisper
    TOGETHER = "together"


class Elsewhere(StrEnum):
    """What the other system does with a call."""

    TAKES = "takes"  # and keeps it to its end
    GIVES_BACK = "gives_back"  # takes it, and ends its part after a while; a SIP peer only
    FAILS = "fails"  # does not answer; a SIP peer only


class Connector(StrEnum):
    """What whoever charges cards says."""

    APPROVES = "approves"
    DECLINES = "declines"
    BREAKS = "breaks"  # fails, and nobody can tell whether it charged
    SILENT = "silent"  # charges, and nothing is ever told of it


Habits: TypeAlias = Sequence[Habit] | Mapping[str, Sequence[Habit]]


@dataclass(frozen=True)
class Script:
    """One call. Seconds are call time.

    `agents`: habits in the order in which telephones ring (the last one stays), or such a list per number.
    `hangs_up`: who ends the conversation after `talk` seconds, `agent` or `caller`. `leaves_when`: the caller hangs up in that
    very moment. `elsewhere`: what another system does with a call that is handed over to it; without it there is none.
    `pays`: what the caller keys when card data are wanted, one entry after the other, `-` for nothing until the carrier's
    patience ends; when they run out, nothing comes of it. `connector`: what whoever charges says.
    `desk`: what the agent who has the call does at their desk (`desk_deeds`), where the call is ended then, `talk` afterwards.
    `app`: the name of the customer, at the provider of approvals, whose app the caller holds; empty: nobody's.
    `longest`: the caller gives up then, whatever happens, and it counts as a failure.
    """

    line: str
    from_: str
    turns: tuple[Turn, ...] = ()
    agents: Habits = (Habit.ACCEPT,)
    stir: str | None = None
    forwarded_from: str | None = None
    patience: float = 120.0
    talk: float = 3.0
    hangs_up: str = "agent"
    leaves_when: Moment | None = None
    elsewhere: Elsewhere | None = None
    pays: tuple[str, ...] = field(default=(), repr=False)
    connector: Connector = Connector.APPROVES
    app: str = ""
    desk: tuple[DeskDeed, ...] = ()
    longest: float = 3600.0
    faults: Faults | None = None
    folder: Path = Path()

    def __post_init__(self) -> None:
        if self.hangs_up not in ("agent", "caller"):
            raise ValueError(f"hangs_up is agent or caller, not {self.hangs_up!r}")

    @classmethod
    def of(cls, line: str, from_: str, turns: Sequence[str] = (), agents: Sequence[str] = ("accept",)) -> "Script":
        """A script from words, as a command line gives them. Raises ValueError."""
        return cls(line, from_, parse_turns(turns), parse_habits(agents))

    def habit_of(self, phone: str, rung: int, rung_here: int) -> Habit:
        """How this telephone behaves, the `rung`th to ring in this call and rung the `rung_here`th time (from 0)."""
        if isinstance(self.agents, Mapping):
            habits, place = self.agents.get(phone, ()), rung_here
        else:
            habits, place = self.agents, rung
        return habits[min(place, len(habits) - 1)] if habits else Habit.NONE


def parse_turns(turns: Sequence[str]) -> tuple[Turn, ...]:
    """Read a script's turns. Raises ValueError naming the number of the wrong one."""
    read: list[Turn] = []
    for number, text in enumerate(turns, start=1):
        try:
            read.append(Turn.parse(text))
        except ValueError as wrong:
            raise ValueError(f"turn {number}: {wrong}") from None
        if read[-1].along and (number == 1 or read[-2].kind not in (TurnKind.AUDIO, TurnKind.SAY)):
            raise ValueError(f"turn {number}: keys marked @along must come after audio: or say:")
    return tuple(read)


def parse_habits(words: Sequence[str]) -> tuple[Habit, ...]:
    """Read the agents' habits. Raises ValueError naming the wrong one and the known ones."""
    for word in words:
        if word not in set(Habit):
            raise ValueError(f"{word!r} is nothing an agent's telephone does; known are {', '.join(Habit)}")
    return tuple(Habit(word) for word in words)
