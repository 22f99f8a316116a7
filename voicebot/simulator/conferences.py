"""Conferences and their participants in the REST API of the twin.

Source: Twilio's OpenAPI description (api v2010), Conference and Participant.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from voicebot.simulator.asking import Asked
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.leg import Leg
from voicebot.simulator.mishaps import RestFate
from voicebot.simulator.resources import ApiError, Json, conference_resource, page_of, participant_resource
from voicebot.simulator.rest_faults import done, meets
from voicebot.simulator.rooms import Participant, Room, Seating

Route: TypeAlias = tuple[str, re.Pattern[str], Callable[[Asked], tuple[int, Json | None]]]

_PAGING = frozenset({"PageSize", "Page", "PageToken"})
_ROOMS = _PAGING | {"FriendlyName", "Status"}
_UPDATE_ROOM = frozenset({"Status", "AnnounceUrl", "AnnounceMethod"})
_PARTICIPANT = frozenset({
    "Muted", "Hold", "HoldUrl", "HoldMethod", "EndConferenceOnExit", "Coaching", "CallSidToCoach", "AnnounceUrl",
    "AnnounceMethod",
})  # fmt: skip


class ConferenceApi:
    """Its part of the API."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._account = exchange.settings.account_sid

    def routes(self) -> list[Route]:
        """Method, path within the account, and what it does."""
        sid = r"([^/]+)"
        return [
            ("GET", re.compile(r"/Conferences"), self._list_rooms),
            ("GET", re.compile(f"/Conferences/{sid}"), self._fetch_room),
            ("POST", re.compile(f"/Conferences/{sid}"), self._update_room),
            ("GET", re.compile(f"/Conferences/{sid}/Participants"), self._list_participants),
            ("GET", re.compile(f"/Conferences/{sid}/Participants/{sid}"), self._fetch_participant),
            ("POST", re.compile(f"/Conferences/{sid}/Participants/{sid}"), self._update_participant),
            ("DELETE", re.compile(f"/Conferences/{sid}/Participants/{sid}"), self._remove_participant),
        ]

    def _list_rooms(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, _ROOMS)
        status = asked.get("Status")
        if status not in (None, "init", "in-progress", "completed"):
            raise ApiError(400, 20001, f"Invalid Status {status}")
        rooms = [
            conference_resource(room, self._account)
            for room in reversed(self._exchange.rooms)
            if asked.get("FriendlyName") in (None, room.name) and status in (None, room.status)
        ]
        return 200, self._page(asked, "conferences", rooms)

    def _fetch_room(self, asked: Asked) -> tuple[int, Json]:
        return 200, conference_resource(self._room(asked), self._account)

    def _update_room(self, asked: Asked) -> tuple[int, Json]:
        room = self._room(asked)
        self._known(asked, _UPDATE_ROOM)
        announcement = asked.url("AnnounceUrl", 21205)
        fate = meets(self._exchange.call_in(room), "close_room") if asked.get("Status") == "completed" else RestFate.WELL
        if announcement is None and asked.get("Status") != "completed":
            raise ApiError(400, 20001, "Status must be completed")
        if announcement is not None:
            for participant in room.participants.values():
                room.announce(participant, announcement, asked.method("AnnounceMethod"))
        if asked.get("Status") == "completed":
            room.end("conference-ended-via-api")
        done(fate)
        return 200, conference_resource(room, self._account)

    def _list_participants(self, asked: Asked) -> tuple[int, Json]:
        room = self._room(asked)
        self._known(asked, frozenset({"Muted", "Hold", "Coaching"}) | _PAGING)
        people = [participant_resource(room, one, self._account) for one in room.participants.values()]
        return 200, self._page(asked, "participants", people)

    def _fetch_participant(self, asked: Asked) -> tuple[int, Json]:
        room, participant = self._participant(asked)
        return 200, participant_resource(room, participant, self._account)

    def _update_participant(self, asked: Asked) -> tuple[int, Json]:
        room, participant = self._participant(asked)
        self._known(asked, _PARTICIPANT)
        seating = self._seating(asked, room, participant)
        announcement = asked.url("AnnounceUrl", 21205)
        fate = meets(self._exchange.call_in(room), "arrange")
        room.seat(participant, seating)
        if announcement is not None:
            room.announce(participant, announcement, asked.method("AnnounceMethod"))
        done(fate)
        return 200, participant_resource(room, participant, self._account)

    def _seating(self, asked: Asked, room: Room, participant: Participant) -> Seating:
        """What is to change, or an error before anything has."""
        ends, coaching = asked.flag("EndConferenceOnExit"), asked.flag("Coaching")
        held = asked.flag("Hold")
        stays_held = participant.held and held is not False
        if ends is not None and ends is not participant.ends and stays_held:
            raise ApiError(400, 20001, "EndConferenceOnExit cannot be changed while the participant is on hold")
        coached = self._coached(asked.get("CallSidToCoach"), room, participant)
        if coaching and coached is None:
            raise ApiError(400, 13240, "Coaching needs the CallSidToCoach of another participant")
        changes = coaching is not None or coached is not None
        return Seating(
            muted=asked.flag("Muted"),
            held=held,
            hold_url=asked.url("HoldUrl", 21205),
            hold_method=asked.get("HoldMethod") or "GET",
            ends=ends,
            changes_coaching=changes,
            coached=coached if coaching is not False else None,
        )

    def _coached(self, sid: str | None, room: Room, participant: Participant) -> Leg | None:
        if sid is None:
            return None
        other = room.participants.get(sid)
        if other is None or other is participant:
            raise ApiError(400, 13240, "CallSidToCoach is no other participant of this conference")
        return other.leg

    def _remove_participant(self, asked: Asked) -> tuple[int, None]:
        room, participant = self._participant(asked)
        room.leave(participant, "kicked")
        return 204, None

    # ---- finding --------------------------------------------------------------------------------------------------

    def _room(self, asked: Asked) -> Room:
        for room in self._exchange.rooms:
            if room.sid == asked.parts[0]:
                return room
        raise asked.not_found()

    def _participant(self, asked: Asked) -> tuple[Room, Participant]:
        room = self._room(asked)
        for participant in room.participants.values():
            if asked.parts[1] in (participant.leg.sid, participant.label):
                return room, participant
        raise asked.not_found()

    def _page(self, asked: Asked, kind: str, items: list[Json]) -> Json:
        return page_of(kind, items, asked.path, asked.whole("Page", 0, 10**6), max(1, asked.whole("PageSize", 50, 1000)))

    def _known(self, asked: Asked, names: frozenset[str]) -> None:
        for name in asked.fields.keys() - names:
            self._exchange.fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")
