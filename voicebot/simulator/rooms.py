"""Conferences: who is in a room, when it starts, when it ends, and what the product is told about it.

Source: docs voice/twiml/conference and the Conference and Participant resources. Callback settings come from the first
participant only.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicebot.simulator import music
from voicebot.simulator.party import rfc2822
from voicebot.simulator.record import CallbackSent, What
from voicebot.simulator.settings import new_sid
from voicebot.simulator.webhooks import Params, Request

if TYPE_CHECKING:
    from voicebot.simulator.exchange import Exchange
    from voicebot.simulator.leg import Leg


@dataclass
class Participant:
    """Somebody in a room. `gone` holds, once they are out, why (`hung up`, `redirected`, `kicked`, `ended`)."""

    leg: "Leg"
    label: str | None
    starts: bool
    ends: bool
    muted: bool = False
    held: bool = False
    coached: "Leg | None" = None  # who alone hears this one
    music: "asyncio.Task[None] | None" = None  # while on hold
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    gone: "asyncio.Future[str]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(frozen=True)
class Seating:
    """What is to change about a participant; None stays as it is."""

    muted: bool | None = None
    held: bool | None = None
    hold_url: str | None = None
    hold_method: str = "GET"
    ends: bool | None = None
    changes_coaching: bool = False
    coached: "Leg | None" = None


@dataclass(frozen=True)
class RoomCallback:
    """Where a room's events go, which of them, and whose legs' faults apply."""

    url: str
    events: frozenset[str]
    first: "Leg"


def _word(value: bool) -> str:
    return "true" if value else "false"


class Room:
    """One conference."""

    def __init__(self, exchange: "Exchange", name: str) -> None:
        self.name = name
        self.sid = new_sid("CF")
        self.status = "init"
        self.why_ended: str | None = None
        self.ended_by: str | None = None
        self.created = datetime.now(UTC)
        self.participants: dict[str, Participant] = {}
        self.together = asyncio.Event()
        self._exchange = exchange
        self._callback: RoomCallback | None = None
        self._first_came = False
        self._sequence = 0

    def enter(self, participant: Participant, callback: RoomCallback | None) -> None:
        """Somebody comes in."""
        leg = participant.leg
        if not self._first_came:
            self._first_came, self._callback = True, callback
        if participant.label and any(other.label == participant.label for other in self.participants.values()):
            leg.fail(16025, "the participant label is taken in this room")
            participant.label = None
        self.participants[leg.sid] = participant
        leg.room = self
        self._note_voices()
        leg.record.rooms.append(self.name)
        leg.record.joined_at = leg.at
        leg.tell(What.JOINED, self.name)
        if participant.starts:
            self.status = "in-progress"
        self._tell("join", participant)
        if self.status == "in-progress" and len(self.participants) >= 2 and not self.together.is_set():
            self._tell("start", participant)
            self.together.set()
        if self.together.is_set() and len(self.participants) >= 2:
            self._all_together()
        else:
            leg.background(self._alone(participant))

    def _all_together(self) -> None:
        legs = [one.leg for one in self.participants.values()]
        for leg in legs:
            if leg.record.together_at is None:
                leg.record.together_at = leg.at
                leg.tell(What.TOGETHER, self.name)
                if leg.handset is not None:
                    leg.handset.tell("together")
            self._exchange.belongs_together(legs[0], leg)
        for leg in legs:
            after = leg.robot.leaves_conversation_after()
            if after is not None:
                leg.background(self._talk(leg, after))

    async def _talk(self, leg: "Leg", seconds: float) -> None:
        await leg.clock.sleep(seconds)
        if leg.room is self and len(self.participants) >= 2:
            leg.hang_up(leg.party.role)

    async def _alone(self, participant: Participant) -> None:
        patience = participant.leg.robot.leaves_when_alone_after()
        await participant.leg.clock.sleep(patience)
        while participant.held:  # with music in their ear nobody takes a room for empty
            await participant.leg.clock.sleep(patience)
        if not participant.gone.done() and len(self.participants) == 1:
            participant.leg.hang_up(participant.leg.party.role)

    def leave(self, participant: Participant, why: str) -> None:
        """Somebody goes out."""
        leg = participant.leg
        if self.participants.pop(leg.sid, None) is None:
            return
        leg.room = None
        _end_music(participant)
        leg.record.hears(set(), leg.at)
        self._note_voices()
        if not participant.gone.done():
            participant.gone.set_result(why)
        reason = {
            "hung up": "participant_hung_up",
            "redirected": "participant_updated_via_api",
            "kicked": "participant_removed_via_api",
        }.get(why, "conference_ended")
        self._tell("leave", participant, (("ReasonParticipantLeft", reason), ("ParticipantCallStatus", leg.status)))
        if self.status == "completed":
            return
        if participant.ends:
            self.end("participant-with-end-conference-on-exit-" + ("kicked" if why == "kicked" else "left"), leg.sid)
        elif not self.participants:
            self.end("last-participant-" + ("kicked" if why == "kicked" else "left"), leg.sid)
        elif len(self.participants) == 1:
            left = next(iter(self.participants.values()))
            if left.leg.handset is not None:
                left.leg.handset.tell("alone")
            left.leg.background(self._alone(left))

    def end(self, why: str, by: str | None = None) -> None:
        """The room is over; everybody goes out of it, and on with their documents."""
        if self.status == "completed":
            return
        self.status, self.why_ended, self.ended_by = "completed", why, by
        for participant in list(self.participants.values()):
            self.leave(participant, "ended")
        more: Params = (("ReasonConferenceEnded", why), *((("CallSidEndingConference", by),) if by else ()))
        self._tell("end", None, more)

    def seat(self, participant: Participant, seating: Seating) -> None:
        """Somebody is muted, held or otherwise changed by REST, and the product is told of each."""
        if seating.muted is not None:
            participant.muted = seating.muted
            self._tell("mute" if seating.muted else "unmute", participant)
        if seating.held is not None:
            self._hold(participant, seating)
        if seating.ends is not None or seating.changes_coaching:
            participant.ends = participant.ends if seating.ends is None else seating.ends
            participant.coached = seating.coached if seating.changes_coaching else participant.coached
            self._tell("modify", participant)
        self._note_voices()

    def _hold(self, participant: Participant, seating: Seating) -> None:
        participant.held = bool(seating.held)
        _end_music(participant)
        self._tell("hold" if participant.held else "unhold", participant)
        if participant.held:
            self._play(participant, seating.hold_url or "", seating.hold_method, lambda: participant.held)

    def announce(self, participant: Participant, url: str, method: str) -> None:
        """Let one of them hear something once."""
        leg = participant.leg
        leg.background(music.play(leg, url, self._about(), lambda: leg.room is self, method, once=True))

    def _play(self, participant: Participant, url: str, method: str, go_on: Callable[[], bool]) -> None:
        work = music.play(participant.leg, url, self._about(), go_on, method)
        participant.music = participant.leg.background(work)

    def _about(self) -> Params:
        return (("ConferenceSid", self.sid), ("FriendlyName", self.name))

    def hears(self, listener: Participant, speaker: Participant) -> bool:
        """Whether what one of them says reaches the other."""
        if listener is speaker or listener.held or speaker.held or speaker.muted:
            return False
        return speaker.coached is None or speaker.coached is listener.leg

    def _note_voices(self) -> None:
        """Who can hear whom from now on."""
        people = list(self.participants.values())
        for listener in people:
            listener.leg.record.hears({one.leg.sid for one in people if self.hears(listener, one)}, listener.leg.at)

    def _tell(self, event: str, participant: Participant | None, more: Params = ()) -> None:
        asked_as = {"unmute": "mute", "unhold": "hold"}.get(event, event)
        callback = self._callback
        if callback is None or asked_as not in callback.events:
            return
        self._sequence += 1
        name = ("conference-" if event in ("start", "end") else "participant-") + event
        about: Params = (
            ("AccountSid", self._exchange.settings.account_sid),
            ("ConferenceSid", self.sid),
            ("FriendlyName", self.name),
            ("SequenceNumber", str(self._sequence)),
            ("StatusCallbackEvent", name),
            ("Timestamp", rfc2822()),
        )
        if participant is not None:
            about += _about(participant)
        request = Request(callback.url, "POST", (*about, *more))
        note = CallbackSent(callback.first.at, name, self._sequence, 0)
        self._exchange.callbacks.send(self.sid, request, note, callback.first.faults, callback.first.record)


def _end_music(participant: Participant) -> None:
    if participant.music is not None:
        participant.music.cancel()
        participant.music = None


def _about(participant: Participant) -> Params:
    who: Params = (
        ("CallSid", participant.leg.sid),
        ("Muted", _word(participant.muted)),
        ("Hold", _word(participant.held)),
        ("Coaching", _word(participant.coached is not None)),
        ("StartConferenceOnEnter", _word(participant.starts)),
        ("EndConferenceOnExit", _word(participant.ends)),
    )
    return (*who, ("ParticipantLabel", participant.label)) if participant.label else who
