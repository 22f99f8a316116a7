"""The people on the telephones: what a robot caller or agent does when a leg begins to gather keys. No I/O.

A robot only plans; the leg carries the plan out and tells the robot how far it came.
"""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlsplit

from voicebot.simulator.gather import Press
from voicebot.simulator.script import CODE, Connector, Elsewhere, Habit, Script, Turn, TurnKind

REACTION = 0.4  # seconds from the end of a prompt to the first key or word
KEY_PACE = 0.2  # seconds from key to key
SPOKEN = (TurnKind.AUDIO, TurnKind.SAY)
_ENTRIES = (re.compile(r"/(?:entry|spoken)/(?:[^/]+/)*?(\d{1,6})-\d+(?=/|$)"), re.compile(r"/entry/(?:[^/]+/)?(\d{1,6})(?=/|$)"))


@dataclass(frozen=True)
class Gathering:
    """A Gather as somebody on the telephone meets it: its action's path, how long the prompts last, and the call's time.

    `tone_follows`: they say that one should speak after a tone.
    """

    path: str
    prompts: float
    now: float
    tone_follows: bool = False


@dataclass(frozen=True)
class Speech:
    """Something to say: a name to know it by and its media payloads."""

    name: str
    frames: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """What somebody is going to do during a Gather; seconds since it began. `turn` is the script's turn it carries out."""

    presses: tuple[Press, ...] = ()
    speech: Speech | None = None
    speaks_at: float = 0.0
    hangs_up_at: float | None = None
    turn: Turn | None = None


class App(Protocol):
    """What a caller holds in the other hand."""

    def code(self) -> str:
        """The digits that it shows; empty where it shows none."""
        ...

    def answer(self, deed: str) -> bool:
        """Say `approve` or `deny`. False where it asks for nothing."""
        ...


class Robot(Protocol):
    """Somebody on a telephone."""

    def plan(self, gathering: Gathering) -> Plan:
        """What to do during this Gather."""
        ...

    def carried_out(self, plan: Plan, began: float, presses: int, spoke: bool) -> None:
        """How far the plan came before the Gather ended: so many presses, spoken or not. `began` in call time."""
        ...

    def leaves_conversation_after(self) -> float | None:
        """Seconds after which this one ends a conversation; None leaves it to the other."""
        ...

    def elsewhere(self) -> Elsewhere | None:
        """What another system does with a call that is handed over to it; None if there is none."""
        ...

    def stays_elsewhere(self) -> float:
        """Seconds with that other system."""
        ...

    def leaves_when_alone_after(self) -> float:
        """Seconds after which this one tires of an empty room."""
        ...

    def pays(self) -> str | None:
        """What this one keys when the next piece of card data is wanted; None for nothing at all."""
        ...

    def connector(self) -> Connector:
        """What whoever charges this one's card says."""
        ...


def turn_number(path: str) -> int | None:
    """The number of the question that a Gather's action belongs to; None if it is no question."""
    found = next((found for known in _ENTRIES if (found := known.search(path))), None)
    return int(found[1]) if found else None


class Caller:
    """A robot caller with a script. `speeches` holds the media payloads of every audio: and say: turn."""

    def __init__(self, script: Script, speeches: Mapping[Turn, Speech], app: App | None = None) -> None:
        self._script, self._app = script, app
        self._turns = deque(script.turns)
        self._pays = deque(script.pays)
        self._speeches = speeches
        self._answered: set[int] = set()
        self._carried: list[tuple[float, str]] = []
        self._waiting_since: float | None = None
        self._number: int | None = None
        self.lost_keys = 0

    @property
    def turns_left(self) -> int:
        """How many turns of the script have not been used."""
        return len(self._turns)

    def plan(self, gathering: Gathering) -> Plan:
        """See the module `script` for when a turn is used."""
        late = self._late_keys(gathering.now)
        path = urlsplit(gathering.path).path
        self._number = turn_number(path)
        self._mind_the_app()
        plan = Plan()
        if "/waiting/" in path:
            plan = self._in_line(gathering)
        elif self._number is not None and self._number not in self._answered:
            plan = self._at_question(gathering)
        return replace(plan, presses=(*late, *plan.presses)) if late else plan

    def _mind_the_app(self) -> None:
        """Answer there as soon as it asks."""
        while self._turns and self._turns[0].kind is TurnKind.APP and self._turns[0].text != CODE:
            if self._app is None or not self._app.answer(self._turns[0].text):
                return
            self._turns.popleft()

    def _late_keys(self, now: float) -> tuple[Press, ...]:
        """Keys still being pressed from the last entry; those pressed while nothing was gathered are lost."""
        self.lost_keys += sum(at < now for at, _ in self._carried)
        return tuple(Press(at - now, key, own=False) for at, key in self._carried if at >= now)

    def _in_line(self, gathering: Gathering) -> Plan:
        if self._waiting_since is None:
            self._waiting_since = gathering.now
        leaves = max(0.0, self._waiting_since + self._script.patience - gathering.now)
        turn, delay = self._next()
        if turn is None or not turn.waiting:
            return Plan(hangs_up_at=leaves)
        plan = self._act(turn, delay + REACTION)
        return replace(plan, hangs_up_at=min(leaves, plan.hangs_up_at if plan.hangs_up_at is not None else leaves))

    def _at_question(self, gathering: Gathering) -> Plan:
        turn, delay = self._next()
        if turn is None or turn.waiting or (gathering.tone_follows and turn.kind in SPOKEN):
            return Plan()
        if turn.kind is TurnKind.SILENCE:
            self._use()
            return Plan()
        return self._act(turn, delay + REACTION + (0.0 if turn.early else gathering.prompts))

    def _next(self) -> tuple[Turn | None, float]:
        delay = 0.0
        for turn in self._turns:
            if turn.kind is not TurnKind.WAIT:
                return turn, delay
            delay += turn.seconds
        return None, delay

    def _use(self) -> None:
        while self._turns and self._turns.popleft().kind is TurnKind.WAIT:
            pass
        if self._turns and self._turns[0].along:
            self._turns.popleft()
        if self._number is not None:
            self._answered.add(self._number)

    def _act(self, turn: Turn, at: float) -> Plan:
        match turn.kind:
            case TurnKind.KEYS:
                return Plan(_presses(turn, at), turn=turn)
            case TurnKind.APP:
                code = self._app.code() if self._app is not None and turn.text == CODE else ""
                return Plan(_presses(turn, at, code), turn=turn)
            case TurnKind.HANGUP:
                return Plan(hangs_up_at=at, turn=turn)
            case _:
                rest = list(self._turns)[self._turns.index(turn) + 1 :]
                along = _presses(rest[0], at) if rest and rest[0].along else ()
                return Plan(along, self._speeches[turn], at, turn=turn)

    def carried_out(self, plan: Plan, began: float, presses: int, spoke: bool) -> None:
        """Use the turn if it was begun; keep pressing the keys that were not pressed yet."""
        begun = spoke or any(press.own for press in plan.presses[:presses])
        rest = [press for press in plan.presses[presses:] if begun or not press.own]
        self._carried = [(began + press.at, press.key) for press in rest]
        if begun:
            self._use()

    def leaves_conversation_after(self) -> float | None:
        """The script says who hangs up."""
        return self._script.talk if self._script.hangs_up == "caller" else None

    def elsewhere(self) -> Elsewhere | None:
        """The script says so."""
        return self._script.elsewhere

    def stays_elsewhere(self) -> float:
        """As long as a conversation."""
        return self._script.talk

    def leaves_when_alone_after(self) -> float:
        """As long as in line."""
        return self._script.patience

    def pays(self) -> str | None:
        """The script says so."""
        return self._pays.popleft() if self._pays else None

    def connector(self) -> Connector:
        """The script says so."""
        return self._script.connector


class Agent:
    """A robot agent: presses one key at its first Gather, or none."""

    def __init__(self, habit: Habit, talk: float | None) -> None:
        self.habit = habit
        self.talk = talk  # seconds of conversation, if the agent is the one to end it
        self._pressed = False

    def plan(self, gathering: Gathering) -> Plan:
        """Listen to the invitation, then press the key of this habit once."""
        if self.habit is Habit.HANGS_UP:
            return Plan(hangs_up_at=gathering.prompts / 2)
        key = {Habit.ACCEPT: "1", Habit.LEAVES: "1", Habit.DECLINE: "2", Habit.OTHER_KEY: "5"}.get(self.habit)
        if key is None or self._pressed:
            return Plan()
        return Plan((Press(gathering.prompts + REACTION, key),))

    def carried_out(self, plan: Plan, began: float, presses: int, spoke: bool) -> None:  # noqa: ARG002  the Protocol's names
        """Remember having pressed."""
        self._pressed = self._pressed or presses > 0

    def leaves_conversation_after(self) -> float | None:
        """Seconds of conversation, if the agent is the one to end it."""
        return self.talk

    def elsewhere(self) -> Elsewhere | None:
        """An agent's leg is handed over to nobody."""
        return None

    def stays_elsewhere(self) -> float:
        """Not at all."""
        return 0.0

    def leaves_when_alone_after(self) -> float:
        """A minute."""
        return 60.0

    def pays(self) -> str | None:
        """An agent has no card."""
        return None

    def connector(self) -> Connector:
        """Nobody charges an agent."""
        return Connector.DECLINES


def _presses(turn: Turn, at: float, keys: str | None = None) -> tuple[Press, ...]:
    return tuple(Press(at + KEY_PACE * place, key) for place, key in enumerate(turn.text if keys is None else keys))


def speaking_turns(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns that need sound."""
    return tuple(turn for turn in turns if turn.kind in SPOKEN)
