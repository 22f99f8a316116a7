"""A journal as facts: read once, row by row, in order. A row that this release does not know is passed over.

Rows of an erased call have no facts in them: its times still count, under no name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Assurance, Ending
from voicebot.facts.alarms import alarm_of
from voicebot.facts.identifying import Identifying
from voicebot.facts.interaction import NOTHING, Alarm, Facts, GivenTo, InVain, Known, Outcome, Paying, Spell, Stay

_OUTCOMES: dict[str, Outcome] = {
    Ending.SERVED: Outcome.ANSWERED,
    Ending.ABANDONED: Outcome.ABANDONED,
    Ending.WAITED_TOO_LONG: Outcome.WAITED_TOO_LONG,
    Ending.CLOSED_MEANWHILE: Outcome.CLOSED_MEANWHILE,
    Ending.CALLBACK_PROMISED: Outcome.CALLBACK_PROMISED,
}


class Row(Protocol):
    """A row of the journal."""

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def what(self) -> str:
        """A `Noted`, or a word of another release."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What it says."""
        ...


def facts_of(known: Known, rows: Iterable[Row]) -> Facts | None:
    """The facts of a journal, or None while the call goes on. A journal that has grown since (filed late) gives the new facts."""
    reading = _Reading()
    for row in rows:
        reading.read(row.what, row.at, row.facts)
    return reading.facts(known)


@dataclass
class _Talking:
    """An agent has the call. `since` is empty until both are in the room; `taken` is when they took it over from a colleague."""

    agent: str
    accepted: datetime
    since: datetime | None = None
    taken: datetime | None = None
    held: datetime | None = None
    hold: timedelta = NOTHING
    consults: int = 0

    @property
    def met(self) -> bool:
        """Whether it is certain that agent and caller have talked."""
        return self.since is not None and (self.taken is None or self.hold > NOTHING)


@dataclass
class _Reading:
    """How far the journal has been read."""

    arrived: Mapping[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None
    dialled: bool = False
    ended_at: datetime | None = None
    verified_at: datetime | None = None
    ending: str = ""
    assurance: str = ""
    code: str = ""
    queue: str = ""
    score: int | None = None
    waiting: Stay | None = None  # its end is not known yet
    talking: _Talking | None = None
    stays: list[Stay] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    in_vain: list[InVain] = field(default_factory=list)
    identifying: Identifying = field(default_factory=Identifying)
    alarms: list[Alarm] = field(default_factory=list)
    payments: dict[object, Paying] = field(default_factory=dict)  # by their numbers in the call

    def read(self, what: str, at: datetime, told: Mapping[str, Any]) -> None:
        """One row more."""
        self.identifying.read(what, at, told)
        if (alarm := alarm_of(what, at, told)) is not None:
            self.alarms.append(alarm)
        match what:
            case Noted.ARRIVED | Noted.CALLING_BACK:
                self.arrived, self.started_at, self.dialled = told, at, what == Noted.CALLING_BACK
            case Noted.ASSURED if told.get("assurance") == Assurance.VERIFIED:
                self.verified_at = self.verified_at or at
            case Noted.QUEUED:
                self._in_line(_text(told, "queue"), at)
            case Noted.AGENT_TURNED_DOWN:
                self.in_vain.append(InVain(_text(told, "agent"), self.queue, at))
            case Noted.AGENT_ACCEPTED:
                self.talking = _Talking(_text(told, "agent"), at)
            case Noted.SURVEY_BEGUN if self.talking is not None:
                self._spell_over(self.talking, at, GivenTo.NOBODY)
            case Noted.SURVEYED:
                score = told.get("score")
                self.score = score if isinstance(score, int) else None
            case Noted.PAYMENT:
                self._paying(at, told)
            case Noted.WRAPPED_UP:
                self._filed(_text(told, "agent"), _text(told, "code"), at)
            case Noted.ENDED:
                self._ended(at, told)
            case _ if self.talking is not None:
                self._with_agent(self.talking, what, at, told)

    def _with_agent(self, talking: _Talking, what: str, at: datetime, told: Mapping[str, Any]) -> None:
        match what:
            case Noted.JOINED:
                self._together(talking, at)
            case Noted.HELD:
                talking.held = talking.held or at
            case Noted.RESUMED:
                _off_hold(talking, at)
            case Noted.CONSULTING:
                talking.consults += 1
            case Noted.TAKEN_OVER:
                self._spell_over(talking, at, GivenTo.TAKEN_OVER)
                self.talking = _Talking(_text(told, "agent"), at, since=at, taken=at)
            case Noted.PASSED_ON:
                self._spell_over(talking, at, GivenTo.PASSED_ON)
                self._in_line(_text(told, "queue") or self.queue, at)
            case Noted.AGENT_LOST:
                self._lost(talking, at)

    def facts(self, known: Known) -> Facts | None:
        """What has been read; None if it has no beginning or no end."""
        if self.started_at is None or self.ended_at is None:
            return None
        return Facts(
            known.call_id,
            self.started_at,
            self.ended_at,
            _text(self.arrived, "line"),
            _text(self.arrived, "language"),
            self.ending,
            self.assurance,
            self.code,
            () if self.dialled else tuple(self.stays),
            tuple(self.spells),
            tuple(self.in_vain),
            "" if self.dialled else known.customer,  # whom we call has not called again
            known.called_back_at,
            verified_at=self.verified_at,
            score=self.score,
            questions=tuple(self.identifying.questions),
            unproven=tuple(self.identifying.unproven),
            alarms=tuple(self.alarms),
            payments=tuple(self.payments.values()),
            out_of_hours=self.arrived.get("open") is False,
            checks_lost=self.identifying.checks_lost,
            outage=self.identifying.outage,
            dialled=self.dialled,
        )

    # ---- in line -------------------------------------------------------------------------------------------------

    def _in_line(self, queue: str, at: datetime, *, again: bool = False) -> None:
        self.queue = queue
        self.waiting = Stay(queue, at, at, Outcome.OTHER, again)

    def _stay_over(self, at: datetime, outcome: Outcome) -> None:
        if self.waiting is not None:
            self.stays.append(replace(self.waiting, until=at, outcome=outcome))
            self.waiting = None

    # ---- with an agent -------------------------------------------------------------------------------------------

    def _together(self, talking: _Talking, at: datetime) -> None:
        """Both are in the room. Of a conversation that was taken over, the caller was on hold until now."""
        if talking.taken is not None:
            talking.hold += at - talking.taken
            talking.taken = None
        if talking.since is None:
            talking.since = at
            self._stay_over(at, Outcome.ANSWERED)

    def _spell_over(self, talking: _Talking, at: datetime, given_to: GivenTo) -> None:
        """The agent had the caller, if only since the acceptance where no news came of the room."""
        since = talking.since or talking.accepted
        self._stay_over(since, Outcome.ANSWERED)
        _off_hold(talking, at)
        verified = self.verified_at is not None and self.verified_at <= since
        spell = Spell(talking.agent, self.queue, since, at, talking.hold, None, talking.consults, given_to, verified)
        self.spells.append(spell)
        self.talking = None

    def _lost(self, talking: _Talking, at: datetime) -> None:
        """Back in line. Of an agent who had not met the caller nothing is told; a stay that they had not ended goes on."""
        if talking.met or talking.held is not None:
            self._spell_over(talking, at, GivenTo.LOST)
        self.talking = None
        if self.waiting is None:
            self._in_line(self.queue, at, again=True)

    def _ended(self, at: datetime, told: Mapping[str, Any]) -> None:
        self.ended_at, self.ending, self.assurance = at, _text(told, "ending"), _text(told, "assurance")
        if self.talking is not None and (self.talking.met or self.ending == Ending.SERVED):
            self._spell_over(self.talking, at, GivenTo.NOBODY)
        self.talking = None
        self._stay_over(at, _OUTCOMES.get(self.ending, Outcome.OTHER))

    def _paying(self, at: datetime, told: Mapping[str, Any]) -> None:
        """A payment belongs to where it began; what is told of it last counts, also after the call."""
        agent = self.talking.agent if self.talking is not None else ""
        begun = Paying(at, _text(told, "way"), "", self.queue if agent else "", agent)
        one = self.payments.get(told.get("number"), begun)
        self.payments[told.get("number")] = replace(one, state=_text(told, "state"))

    def _filed(self, agent: str, code: str, at: datetime) -> None:
        """The newest code counts; the wrap-up of an agent's last part ends with their first filing after it."""
        self.code = code
        for number in range(len(self.spells) - 1, -1, -1):
            spell = self.spells[number]
            if spell.agent == agent:
                if spell.wrap_up is None:
                    self.spells[number] = replace(spell, wrap_up=at - spell.until)
                return


def _off_hold(talking: _Talking, at: datetime) -> None:
    if talking.held is not None:
        talking.hold += at - talking.held
        talking.held = None


def _text(told: Mapping[str, Any], name: str) -> str:
    return str(told.get(name) or "")
