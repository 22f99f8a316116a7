"""Recordings of calls in the REST API of the twin, and their sound.

Source: Twilio's OpenAPI description (api v2010), Call Recording and Recording; docs voice/api/recording.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias

from voicebot.simulator.asking import Asked
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.leg import Leg
from voicebot.simulator.resources import VERSION, ApiError, Json, page_of
from voicebot.simulator.rest_faults import done, meets
from voicebot.simulator.taped import GOING, Tape

Route: TypeAlias = tuple[str, re.Pattern[str], Callable[[Asked], tuple[int, Json | bytes | None]]]

_PAGING = frozenset({"PageSize", "Page", "PageToken"})
_EVENTS = frozenset({"in-progress", "completed", "absent"})
_CREATE = frozenset({
    "RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent", "RecordingChannels", "Trim",
    "RecordingTrack",
})  # fmt: skip
CURRENT = "Twilio.CURRENT"


class TapeApi:
    """Its part of the API. Deleted recordings are not there, as if they never had been."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._account = exchange.settings.account_sid

    def routes(self) -> list[Route]:
        """Method, path within the account, and what it does."""
        sid = r"([^/]+)"
        return [
            ("POST", re.compile(f"/Calls/{sid}/Recordings"), self._create),
            ("GET", re.compile(f"/Calls/{sid}/Recordings"), self._list),
            ("POST", re.compile(f"/Calls/{sid}/Recordings/{sid}"), self._update),
            ("GET", re.compile(f"/Recordings/{sid}"), self._fetch),
            ("DELETE", re.compile(f"/Recordings/{sid}"), self._delete),
            ("SOUND", re.compile(f"/Recordings/{sid}"), self._sound),
            ("WAV", re.compile(f"/Recordings/{sid}"), self._wav),
        ]

    def _create(self, asked: Asked) -> tuple[int, Json]:
        leg = self._leg(asked)
        self._known(asked, _CREATE)
        channels = asked.get("RecordingChannels") or "mono"
        events = frozenset(asked.fields.get("RecordingStatusCallbackEvent", ["completed"]))
        if channels not in ("mono", "dual") or not events <= _EVENTS:
            raise ApiError(400, 20001, "RecordingChannels or RecordingStatusCallbackEvent is not what it may be")
        callback = asked.url("RecordingStatusCallback", 21609)
        fate = meets(self._exchange.call_of(leg), "record")
        if leg.leaving or leg.status != "in-progress":
            raise ApiError(400, 21220, "Requested resource is not eligible for recording")
        if any(tape.status in GOING for tape in leg.tapes):
            self._exchange.fail(0, "a leg is recorded twice over")
        tape = Tape(leg.sid, 2 if channels == "dual" else 1, callback, events)
        tape.run(leg.clock.now())
        leg.tapes.append(tape)
        done(fate)
        return 201, self._shown(tape)

    def _list(self, asked: Asked) -> tuple[int, Json]:
        leg = self._leg(asked)
        self._known(asked, _PAGING)
        shown = [self._shown(tape) for tape in reversed(leg.tapes)]
        size = max(1, asked.whole("PageSize", 50, 1000))
        return 200, page_of("recordings", shown, asked.path, asked.whole("Page", 0, 10**6), size)

    def _update(self, asked: Asked) -> tuple[int, Json]:
        leg = self._leg(asked)
        self._known(asked, frozenset({"Status", "PauseBehavior"}))
        status = asked.get("Status")
        if status not in ("in-progress", "paused", "stopped") or asked.get("PauseBehavior") not in (None, "skip", "silence"):
            raise ApiError(400, 20001, "Status or PauseBehavior is not what it may be")
        wanted = asked.parts[1]
        going = [tape for tape in leg.tapes if tape.status in GOING]
        tape = next((one for one in going if wanted in (one.sid, CURRENT)), None)
        if tape is None:
            raise asked.not_found()
        fate = meets(self._exchange.call_of(leg), "record")
        if status == "in-progress":
            tape.run(leg.clock.now())
        else:
            tape.stop(leg.clock.now(), status)
        done(fate)
        return 200, self._shown(tape)

    def _fetch(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, frozenset())
        return 200, self._shown(self._tape(asked)[1])

    def _delete(self, asked: Asked) -> tuple[int, None]:
        leg, tape = self._tape(asked)
        leg.tapes.remove(tape)
        return 204, None

    def _sound(self, asked: Asked) -> tuple[int, bytes]:
        _, tape = self._tape(asked)
        if tape.status in GOING:
            raise asked.not_found()
        return 200, tape.sound

    def _wav(self, asked: Asked) -> tuple[int, bytes]:
        _, tape = self._tape(asked)
        tape.misses -= 1
        if tape.status in GOING or tape.misses >= 0 or not tape.wav:
            raise asked.not_found()
        return 200, tape.wav

    def _leg(self, asked: Asked) -> Leg:
        leg = self._exchange.legs.get(asked.parts[0])
        if leg is None:
            raise asked.not_found()
        return leg

    def _tape(self, asked: Asked) -> tuple[Leg, Tape]:
        for leg in self._exchange.legs.values():
            for tape in leg.tapes:
                if tape.sid == asked.parts[0]:
                    return leg, tape
        raise asked.not_found()

    def _known(self, asked: Asked, names: frozenset[str]) -> None:
        for name in asked.fields.keys() - names:
            self._exchange.fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")

    def _shown(self, tape: Tape) -> Json:
        account = f"/{VERSION}/Accounts/{self._account}"
        return {
            "sid": tape.sid,
            "account_sid": self._account,
            "api_version": VERSION,
            "call_sid": tape.call_sid,
            "conference_sid": None,
            "channels": tape.channels,
            "date_created": format_datetime(tape.created),
            "date_updated": format_datetime(datetime.now(UTC)),
            "start_time": format_datetime(tape.created),
            "duration": None if tape.status in GOING else str(tape.seconds),
            "status": tape.status,
            "source": tape.source,
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "track": "both",
            "encryption_details": None,
            "uri": f"{account}/Calls/{tape.call_sid}/Recordings/{tape.sid}.json",
        }
