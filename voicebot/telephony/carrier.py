"""The carrier as the house acts on it of its own accord: ring an agent, push a document, end a leg or a room."""

from collections import OrderedDict
from typing import Any

from twilio.rest import Client

from voicebot.dialogue.seats import Seat
from voicebot.dialogue.values import Tape
from voicebot.errors import LegGone
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.carrier_http import PatientHttp, ours
from voicebot.telephony.exchange import TokenKeys
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.talks import Talks

EVENTS = ["initiated", "ringing", "answered", "completed"]
ALIVE = ("queued", "ringing", "in-progress")
MOST_LISTED = 20
TAPES = {"in-progress": Tape.RUNS, "paused": Tape.PAUSED}  # states of a recording that goes on
MOST_ROOMS = 1024


class TwilioCarrier:
    """Implements `ports.carrier.Carrier`.

    Each method is a few requests with time limits; none that may have worked is made again.
    """

    def __init__(
        self, settings: TelephonySettings, keys: TokenKeys, rung: RungLegs, http: PatientHttp | None = None,
        talks: Talks | None = None,
    ) -> None:
        self._talks = Talks() if talks is None else talks
        self._settings = settings
        self._addresses = Addresses(settings, keys)
        self._rung = rung
        self._rooms: OrderedDict[str, str] = OrderedDict()  # name -> the carrier's id, of conferences lately arranged
        self._http = http or PatientHttp()
        self._client: Any = Client(settings.account_sid, settings.auth_tokens[0], http_client=self._http)
        if settings.api_base_url is not None:
            self._client.api.base_url = settings.api_base_url.rstrip("/")

    def ring(self, phone: str, reservation: str, call_id: str, timeout: int) -> str:  # noqa: ARG002  # the port's
        """Ring an agent's phone; gives the leg's id. Its callbacks carry our token, so a lost answer can be made up for."""
        self._rung.intend(reservation, phone)
        with ours():
            made = self._client.calls.create(
                to=phone,
                from_=self._settings.caller_id,
                url=self._addresses.agent(reservation, "answer"),
                method="POST",
                fallback_url=self._addresses.fallback(),
                fallback_method="POST",
                status_callback=self._addresses.agent(reservation, "status"),
                status_callback_method="POST",
                status_callback_event=EVENTS,
                timeout=timeout,
                time_limit=self._settings.agent_call_limit,
            )
        self._rung.learn(reservation, made.sid)
        return str(made.sid)

    def dial(self, number: str, leg: str, call_id: str, timeout: int) -> str:
        """Ring a customer; gives the leg's id. Its callbacks name the call and carry our token."""
        self._rung.intend(leg, number)
        with ours():
            made = self._client.calls.create(
                to=number,
                from_=self._settings.caller_id,
                url=self._addresses.called(call_id, "answer"),
                method="POST",
                fallback_url=self._addresses.fallback(),
                fallback_method="POST",
                status_callback=self._addresses.called(call_id, "status"),
                status_callback_method="POST",
                status_callback_event=EVENTS,
                timeout=timeout,
                time_limit=self._settings.agent_call_limit,
            )
        self._rung.learn(leg, made.sid)
        return str(made.sid)

    def find_leg(self, reservation: str, phone: str | None = None) -> str | None:
        """The leg that an earlier `ring` made: by our token in its callbacks, else a live leg to that phone that is nobody's.

        `phone` is only needed after a restart, when this process does not remember whom it meant to ring.
        """
        if known := self._rung.leg(reservation):
            return known
        phone = phone or self._rung.phone(reservation)
        if phone is None:
            return None
        with ours():
            calls = self._client.calls.list(to=phone, from_=self._settings.caller_id, limit=MOST_LISTED)
        found = [call.sid for call in calls if call.status in ALIVE and not self._rung.is_taken(call.sid)]
        if not found:
            return None
        self._rung.learn(reservation, found[0])
        return str(found[0])

    def has_ended(self, leg: str) -> bool:
        """Whether the carrier counts this leg as over."""
        try:
            with ours():
                return str(self._client.calls(leg).fetch().status) not in ALIVE
        except LegGone:
            return True

    def push(self, leg: str, call_id: str, seq: int) -> None:
        """Have the caller's leg fetch document `seq` now. Who speaks to it over a stream here finds it without the carrier."""
        if self._talks.tell(call_id):
            return
        with ours():
            self._client.calls(leg).update(url=self._addresses.document(call_id, seq), method="POST")

    def push_agent(self, leg: str, reservation: str) -> None:
        """Have an agent's leg fetch what it does now."""
        with ours():
            self._client.calls(leg).update(url=self._addresses.agent(reservation, "document"), method="POST")

    def arrange(self, room: str, leg: str, seat: Seat, call_id: str, coached: str | None) -> None:
        """Update a participant. A room whose id we remember may have ended and begun anew, so that is looked up once more."""
        wanted = self._wanted(seat, call_id, coached)
        known = self._rooms.get(room)
        if known is not None:
            try:
                self._seat(known, leg, wanted)
            except LegGone:
                del self._rooms[room]
            else:
                return
        found = self._conference(room)
        if found is None:
            raise LegGone("there is no such room")
        self._seat(found, leg, wanted)
        self._rooms[room] = found
        if len(self._rooms) > MOST_ROOMS:
            self._rooms.popitem(last=False)

    def who_is_in(self, room: str) -> frozenset[str]:
        """The participants of the conference of this name."""
        found = self._conference(room)
        if found is None:
            return frozenset()
        try:
            with ours():
                people = self._client.conferences(found).participants.list(limit=MOST_LISTED)
        except LegGone:
            return frozenset()
        return frozenset(str(person.call_sid) for person in people)

    def _conference(self, room: str) -> str | None:
        with ours():
            found = self._client.conferences.list(friendly_name=room, status="in-progress", limit=1)
        return str(found[0].sid) if found else None

    def _seat(self, conference: str, leg: str, wanted: dict[str, Any]) -> None:
        with ours():
            self._client.conferences(conference).participants(leg).update(**wanted)

    def _wanted(self, seat: Seat, call_id: str, coached: str | None) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if seat.muted is not None:
            wanted["muted"] = seat.muted
        if seat.held is not None:
            wanted["hold"] = seat.held
        if seat.held:
            wanted |= {"hold_url": self._addresses.hold(call_id), "hold_method": "POST"}
        if seat.coached is not None:
            wanted["coaching"] = bool(coached)
        if coached:
            wanted["call_sid_to_coach"] = coached
        return wanted

    def record(self, leg: str, call_id: str, tape: Tape) -> str | None:
        """A recording of the leg, so of what the caller says and hears: nothing that is whispered, coached or said on hold."""
        with ours():
            known = self._client.calls(leg).recordings.list(limit=MOST_LISTED)
        going = next((one for one in known if one.status in TAPES), None)
        if going is None:
            return self._begin_recording(leg, call_id) if tape is Tape.RUNS else None
        if TAPES[going.status] is not tape:
            pause = {"pause_behavior": "skip"} if tape is Tape.PAUSED else {}
            status = {Tape.RUNS: "in-progress", Tape.PAUSED: "paused", Tape.OFF: "stopped"}[tape]
            with ours():
                self._client.calls(leg).recordings(going.sid).update(status=status, **pause)
        return str(going.sid)

    def _begin_recording(self, leg: str, call_id: str) -> str:
        with ours():
            made = self._client.calls(leg).recordings.create(
                recording_channels="dual",
                recording_status_callback=self._addresses.recorded(call_id),
                recording_status_callback_method="POST",
                recording_status_callback_event=["completed", "absent"],
            )
        return str(made.sid)

    def delete_recording(self, sid: str) -> None:
        """Metadata and sound."""
        try:
            with ours():
                self._client.recordings(sid).delete()
        except LegGone:
            return

    def end_leg(self, leg: str) -> None:
        """Hang up, ringing or not. `completed` ends a ringing leg too, where `canceled` would not end one just answered."""
        try:
            with ours():
                self._client.calls(leg).update(status="completed")
        except LegGone:
            return

    def close_room(self, room: str) -> None:
        """End the conference of this name."""
        with ours():
            rooms = self._client.conferences.list(friendly_name=room, status="in-progress", limit=MOST_LISTED)
        for conference in rooms:
            try:
                with ours():
                    self._client.conferences(conference.sid).update(status="completed")
            except LegGone:
                continue

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
