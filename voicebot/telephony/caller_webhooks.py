"""The webhooks of the caller's leg. Each reads the carrier's parameters, asks the exchange, and answers with a document."""

import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from voicebot.dialogue.ani import ani_of
from voicebot.dialogue.events import DoorFailed, EntryKeyed, HandOverEnded, NoInput, RoomLeft, SpeechLost
from voicebot.dialogue.values import Secret
from voicebot.ports.clock import Clock
from voicebot.switchboard.plan import Turned
from voicebot.telephony.answers import Answers, leg_id, twiml
from voicebot.telephony.attention import Attention
from voicebot.telephony.conversation import carried
from voicebot.telephony.ended_legs import EndedLegs
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.fallback import nothing_more
from voicebot.telephony.gate import Gate
from voicebot.telephony.recordings import is_recording
from voicebot.telephony.talks import Talks

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
CONNECTED = frozenset({"completed", "answered"})  # what a Dial came to, if somebody was there
LONGEST_DNIS = 64
MOST_KEYS = 64  # no question asks for half as many

_NO_KEY = re.compile(r"[^0-9*#]")


class CallerWebhooks:
    """`region_of(dnis)` gives the region (ISO 3166) in which a line reads numbers in national format."""

    def __init__(
        self, gate: Gate, answers: Answers, exchange: Exchange, attention: Attention, clock: Clock,
        region_of: Callable[[str], str], talks: Talks,
    ) -> None:
        self._talks = talks
        self._gate = gate
        self._answers = answers
        self._exchange = exchange
        self._attention = attention
        self._clock = clock
        self._region_of = region_of
        self._ended = EndedLegs()

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        for rule, view in (
            ("/voice/incoming", self.incoming),
            ("/voice/entry/<call>/<int:turn>-<int:extension>/<token>", self.entry),
            ("/voice/waiting/<call>/<int:turn>-<int:seq>/<token>", self.waiting),
            ("/voice/document/<call>/<int:seq>/<token>", self.document),
            ("/voice/talked/<call>/<int:seq>/<token>", self.talked),
            ("/voice/joined/<call>/<int:seq>-<room>/<token>", self.joined),
            ("/voice/hold/<call>/<token>", self.hold),
            ("/voice/handed/<call>/<int:seq>/<token>", self.handed),
            ("/voice/status", self.status),
            ("/voice/room/<call>/<token>", self.room),
            ("/voice/recorded/<call>/<token>", self.recorded),
            ("/voice/stream-status/<call>/<int:phase>/<token>", self.stream_status),
        ):
            room.add_url_rule(rule, view_func=view, methods=["POST"])

    def incoming(self) -> Response:
        """A call has come in. For one that is over already nothing is begun: nobody would ever end it."""
        self._gate.leg()
        if has_ended() or self._ended.has(leg_id()):
            return twiml(nothing_more())
        form, key = request.form, f"incoming:{leg_id()}"
        dnis = form.get("To", "")[:LONGEST_DNIS]

        def arrive() -> Turned:
            ani = ani_of(form.get("From", ""), self._region_of(dnis), form.get("StirVerstat"))
            return self._exchange.arrive(leg_id(), dnis, ani)

        return self._answers.to_caller(arrive, where="incoming", key=key, call_id=None)

    def entry(self, call: str, turn: int, extension: int, token: str) -> Response:
        """A question's time is up, or somebody keyed. A repeat of this address answers the same step."""
        self._gate.token(token, "entry", call, turn, extension)
        keys = pressed()

        def enter() -> Turned:
            if (phase := self._attention.unheard(call, turn, answered=bool(keys))) is not None:
                self.speech_lost(call, phase)
            if keys:
                event: EntryKeyed | NoInput = EntryKeyed(self._clock.now(), turn, Secret(keys), by_terminator())
            else:
                speaking = self._attention.is_speaking(call, turn)
                event = NoInput(self._clock.now(), turn, extension, speaking)
            return self._exchange.handle(call, event, key=f"entry:{call}:{turn}:{extension}")

        return self.live(enter, "entry", f"entry:{call}:{turn}:{extension}", call)

    def waiting(self, call: str, turn: int, seq: int, token: str) -> Response:
        """A piece of waiting is over, or somebody keyed."""
        self._gate.token(token, "waiting", call, turn, seq)
        keys, key = pressed(), f"waiting:{call}:{turn}:{seq}"

        def go_on() -> Turned:
            now = self._clock.now()
            event = EntryKeyed(now, turn, Secret(keys)) if keys else NoInput(now, turn)
            return self._exchange.handle(call, event, key=key)

        return self.live(go_on, "waiting", key, call)

    def document(self, call: str, seq: int, token: str) -> Response:
        """What the leg does now. Never an event."""
        self._gate.token(token, "document", call, seq)
        return self.live(lambda: self._exchange.document(call), "document", f"document:{call}:{seq}", call)

    def talked(self, call: str, seq: int, token: str) -> Response:
        """The two-way stream of this document is over: it led elsewhere, or it failed, or there never was one."""
        self._gate.token(token, "talked", call, seq)

        def go_on() -> Turned:
            ask = None if self._talks.ended_well(call, seq) else carried(self._exchange.look(call))
            if ask is None:
                return self._exchange.document(call)
            return self._exchange.handle(call, DoorFailed(self._clock.now(), ask.turn), key=f"talked:{call}:{seq}")

        return self.live(go_on, "talked", f"talked:{call}:{seq}", call)

    def joined(self, call: str, seq: int, room: str, token: str) -> Response:
        """The caller's leg came out of this room alive."""
        self._gate.token(token, "joined", call, seq, room)
        key = f"joined:{call}:{seq}"
        return self.live(lambda: self._exchange.handle(call, RoomLeft(self._clock.now(), room), key=key), "joined", key, call)

    def hold(self, call: str, token: str) -> Response:
        """What a caller on hold hears. Never an event."""
        self._gate.token(token, "hold", call)
        return self._answers.music(lambda: self._exchange.look(call))

    def handed(self, call: str, seq: int, token: str) -> Response:
        """The caller's leg came back from a SIP peer, which had answered or had not."""
        self._gate.token(token, "handed", call, seq)
        key, connected = f"handed:{call}:{seq}", request.form.get("DialCallStatus", "") in CONNECTED

        def back() -> Turned:
            return self._exchange.handle(call, HandOverEnded(self._clock.now(), connected), key=key)

        return self.live(back, "handed", key, call)

    def status(self) -> Response:
        """The number's own status callback: the leg has ended."""
        if not has_ended():
            return Response(status=204)
        return self._answers.told(self._hung_up, where="status")

    def room(self, call: str, token: str) -> Response:
        """Somebody came into the room or went out. The first one in decides where this is told, so both legs say the same."""
        self._gate.token(token, "room", call)
        room = request.form.get("FriendlyName", "")
        match request.form.get("StatusCallbackEvent", ""):
            case "participant-join":
                return self._answers.told(lambda: self._exchange.room_changed(call, room, joined=leg_id()), where="room")
            case "participant-leave":
                return self._answers.told(lambda: self._exchange.room_changed(call, room, left=leg_id()), where="room")
        return Response(status=204)

    def recorded(self, call: str, token: str) -> Response:
        """A recording is complete, or there was nothing to record."""
        self._gate.token(token, "recorded", call)
        sid, seconds = request.form.get("RecordingSid", ""), request.form.get("RecordingDuration", "")
        if not is_recording(sid):
            return Response(status=204)
        lasted = int(seconds) if seconds.isdecimal() and len(seconds) < 7 else 0
        return self._answers.told(lambda: self._exchange.recorded(call, sid, lasted), where="recorded")

    def stream_status(self, call: str, phase: int, token: str) -> Response:
        """A stream's fate. Only one that never reached us is news: of any other the ear knows already."""
        self._gate.token(token, "stream-status", call, phase)
        if request.form.get("StreamEvent") != "stream-error" or self._attention.had_stream(call, phase):
            return Response(status=204)
        return self._answers.told(lambda: self.speech_lost(call, phase), where="stream")

    def speech_lost(self, call: str, phase: int) -> None:
        """Tell the call that this phase is not heard."""
        self._attention.forget_phase(call, phase)
        self._exchange.handle(call, SpeechLost(self._clock.now(), phase))

    def live(self, decide: Callable[[], Turned], where: str, key: str, call: str) -> Response:
        """Answer, unless the leg is gone: then it is only told so, whatever the address was for."""
        if has_ended():
            self._answers.told(self._hung_up, where=where)
            return twiml(nothing_more())
        return self._answers.to_caller(decide, where=where, key=key, call_id=call)

    def _hung_up(self) -> None:
        self._ended.note(leg_id())
        call_id = self._exchange.call_of_leg(leg_id())
        self._exchange.caller_hung_up(leg_id())
        if call_id is not None:
            self._attention.end(call_id)


def has_ended() -> bool:
    """Whether the carrier says that this leg is over."""
    return request.form.get("CallStatus", "").lower() in ENDED


def pressed() -> str:
    """The keys of this request, the last ones if somebody leant on them, and nothing that is not a key."""
    return _NO_KEY.sub("", request.form.get("Digits", ""))[-MOST_KEYS:]


def by_terminator() -> bool:
    """Whether the carrier says that the terminator ended the entry. Not every request says so; then it did not."""
    return bool(request.form.get("FinishedOnKey", "").strip())
