"""The REST API of the twin: an ASGI application that checks what it is sent strictly and acts on legs and rooms.

Source: Twilio's OpenAPI description (api v2010) and the error dictionary. A parameter that Twilio would silently ignore is
noted as a failure.
"""

import base64
import hmac
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote

from voicebot.simulator.asking import Asked
from voicebot.simulator.conferences import ConferenceApi
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.leg import Leg
from voicebot.simulator.mishaps import RestFate
from voicebot.simulator.numbers import NumberApi
from voicebot.simulator.party import FINAL, Party
from voicebot.simulator.payments import PaymentApi
from voicebot.simulator.record import Pushed, What
from voicebot.simulator.resources import (
    ApiError,
    Json,
    call_resource,
    page_of,
    stream_resource,
)
from voicebot.simulator.rest_faults import NeverAnswered, done, meets, push
from voicebot.simulator.tapes import TapeApi
from voicebot.simulator.texts import TextApi
from voicebot.simulator.webhooks import Request

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_CALLABLE = re.compile(r"\+[1-9][0-9]{6,14}|sips?:[^@\s]+@[^@\s]+|client:[A-Za-z0-9_.@-]{1,121}")  # <Sip> and <Client> by REST
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_PAGING = frozenset({"PageSize", "Page", "PageToken"})
_DOCUMENT = frozenset({"Url", "Method", "Twiml", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod"})
_CREATE = _DOCUMENT | {"To", "From", "StatusCallbackEvent", "Timeout", "TimeLimit", "CallReason", "CallToken"}
_UPDATE = _DOCUMENT | {"Status", "TimeLimit"}
_LIST = _PAGING | {"To", "From", "ParentCallSid", "Status", "StartTime>", "StartTime<"}


class Api:
    """The ASGI application."""

    def __init__(self, exchange: Exchange, texts: TextApi) -> None:
        self._exchange = exchange
        self._account = exchange.settings.account_sid
        sid = r"([^/]+)"
        self._routes: list[tuple[str, re.Pattern[str], Callable[[Asked], tuple[int, Json | bytes | None]]]] = [
            ("POST", re.compile(r"/Calls"), self._create_call),
            ("GET", re.compile(r"/Calls"), self._list_calls),
            ("GET", re.compile(f"/Calls/{sid}"), self._fetch_call),
            ("POST", re.compile(f"/Calls/{sid}"), self._update_call),
            ("POST", re.compile(f"/Calls/{sid}/Streams/{sid}"), self._stop_stream),
            *ConferenceApi(exchange).routes(),
            *TapeApi(exchange).routes(),
            *PaymentApi(exchange).routes(),
            *texts.routes(),
            *NumberApi(exchange.numbers, exchange.settings, exchange.fail).routes(),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            status, found = self._answer(scope, body)
        except ApiError as error:
            status, found = error.status, error.body()
        except NeverAnswered:
            while (await receive())["type"] != "http.disconnect":  # until the other side has waited long enough
                pass
            return
        content, kind = (found, b"audio/mpeg") if isinstance(found, bytes) else (_json(found), b"application/json")
        date = format_datetime(datetime.now(UTC), usegmt=True).encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode()), (b"date", date)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Scope, body: bytes) -> tuple[int, Json | bytes | None]:
        self._check_key(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))
        path = unquote(scope["path"])
        found = re.fullmatch(rf"/2010-04-01/Accounts/{self._account}(/.+)?\.(?:json|mp3|wav)|(/v1/.+)", path)
        asks = {".mp3": "SOUND", ".wav": "WAV"}.get(path[-4:], "GET") if scope["method"] == "GET" else scope["method"]
        if found is None:
            raise ApiError(404, 20404, f"The requested resource {path} was not found")
        asked_for = found[1] or found[2] or ""
        text = body.decode() if scope["method"] == "POST" else scope["query_string"].decode()
        fields: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            fields.setdefault(name, []).append(value)
        for method, pattern, act in self._routes:
            if (match := pattern.fullmatch(asked_for)) and method == asks:
                return act(Asked(path, match.groups(), fields))
        self._exchange.fail(20404, f"the twin has no {scope['method']} {asked_for.partition('/')[2].partition('/')[0]}")
        raise ApiError(404, 20404, f"The requested resource {path} was not found")

    def _check_key(self, header: str) -> None:
        try:
            given = base64.b64decode(header.removeprefix("Basic ")).decode()
        except ValueError:
            given = ""
        tokens = (self._exchange.settings.auth_token, self._exchange.settings.secondary_token)
        if not any(token and hmac.compare_digest(given.encode(), f"{self._account}:{token}".encode()) for token in tokens):
            self._exchange.fail(20003, "a request to the REST API without the account's key")
            raise ApiError(401, 20003, "Authenticate")

    def _known(self, asked: Asked, names: frozenset[str]) -> None:
        for name in asked.fields.keys() - names:
            self._exchange.fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")

    # ---- calls ----------------------------------------------------------------------------------------------------

    def _create_call(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, _CREATE)
        to, from_ = asked.get("To"), asked.get("From")
        for value, missing, wrong, name in ((to, 21201, 21211, "To"), (from_, 21213, 21212, "From")):
            if not value:
                raise ApiError(400, missing, f"No '{name}' number is specified")
            if not (_CALLABLE if name == "To" else _NUMBER).fullmatch(value):
                raise ApiError(400, wrong, f"The '{name}' number is not a valid phone number.")
        first = asked.step()
        if first is None:
            raise ApiError(400, 21205, "Url parameter is required.")
        timeout = asked.whole("Timeout", 60, 600)
        asked.whole("TimeLimit", 14400, 86400)
        events = frozenset(asked.fields.get("StatusCallbackEvent", ["completed"]))
        if not events <= _EVENTS:
            self._exchange.fail(21626, "a StatusCallbackEvent that is none; no callbacks will come")
            events = frozenset()
        callback, fallback = asked.url("StatusCallback", 21609), asked.url("FallbackUrl", 21210)
        party = Party(
            from_=from_ or "",
            to=to or "",
            direction="outbound-api",
            role="agent",
            fallback=Request(fallback, asked.method("FallbackMethod")) if fallback else None,
            status_callback=callback,
            status_events=events,
        )
        fate = meets(self._exchange.waiting_call(), "ring")
        leg, habit = self._exchange.open_agent_leg(party)
        made = call_resource(leg, self._account)
        self._exchange.report_status(leg, "initiated")
        self._exchange.background(leg.live(first, self._exchange.ring(leg, habit, timeout)))
        done(fate)
        return 201, made

    def _list_calls(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, _LIST)
        status = asked.get("Status")
        if status is not None and status not in _STATUSES:
            raise ApiError(400, 20001, f"Invalid Status {status}")
        after, before = asked.time("StartTime>"), asked.time("StartTime<")
        legs = [
            leg
            for leg in reversed(self._exchange.legs.values())
            if asked.get("To") in (None, leg.party.to)
            and asked.get("From") in (None, leg.party.from_)
            and status in (None, leg.status)
            and asked.get("ParentCallSid") in (None, dict(leg.party.extra).get("ParentCallSid"))
            and (after is None or leg.created.timestamp() >= after)
            and (before is None or leg.created.timestamp() <= before)
        ]
        return 200, self._page(asked, "calls", [call_resource(leg, self._account) for leg in legs])

    def _fetch_call(self, asked: Asked) -> tuple[int, Json]:
        return 200, call_resource(self._leg(asked), self._account)

    def _update_call(self, asked: Asked) -> tuple[int, Json]:
        leg = self._leg(asked)
        what = next((name for name in ("Url", "Twiml", "Status") if asked.get(name) is not None), "nothing").lower()
        try:
            fate = self._change_call(leg, asked)
        except ApiError as error:
            leg.record.pushes.append(Pushed(leg.at, what, error.status))
            raise
        leg.record.pushes.append(Pushed(leg.at, what, 200))
        leg.tell(What.PUSHED, what)
        done(fate)
        return 200, call_resource(leg, self._account)

    def _change_call(self, leg: Leg, asked: Asked) -> RestFate:
        self._known(asked, _UPDATE)
        status, step = asked.get("Status"), asked.step()
        if status is not None and status not in ("completed", "canceled"):
            raise ApiError(400, 21218, "Invalid value for the Status parameter")
        fate = RestFate.WELL
        if status is not None:
            fate = meets(self._exchange.call_of(leg), "hang_up")
        elif leg.party.role == "caller" and step is not None:
            fate = meets(self._exchange.call_of(leg), "push")
        if leg.leaving or leg.status in FINAL or (step is not None and leg.status != "in-progress"):
            raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "completed" or (status == "canceled" and leg.status in ("queued", "ringing")):
            leg.hang_up("product")
        elif step is not None:
            push(leg, step, fate)
        elif status is None:
            raise ApiError(400, 20001, "Nothing to update")
        return fate

    def _stop_stream(self, asked: Asked) -> tuple[int, Json]:
        leg = self._leg(asked)
        self._known(asked, frozenset({"Status"}))
        if asked.get("Status") != "stopped":
            raise ApiError(400, 20001, "Status must be stopped")
        for name, stream in leg.streams.items():
            if asked.parts[1] in (name, stream.sid):
                self._exchange.background(stream.stop())
                return 200, stream_resource(leg.sid, stream.sid, name, self._account)
        raise asked.not_found()

    # ---- finding --------------------------------------------------------------------------------------------------

    def _leg(self, asked: Asked) -> Leg:
        leg = self._exchange.legs.get(asked.parts[0])
        if leg is None:
            raise asked.not_found()
        return leg

    def _page(self, asked: Asked, kind: str, items: list[Json]) -> Json:
        size = max(1, asked.whole("PageSize", 50, 1000))
        return page_of(kind, items, asked.path, asked.whole("Page", 0, 10**6), size)


def _json(found: Json | None) -> bytes:
    return b"" if found is None else json.dumps(found).encode()
