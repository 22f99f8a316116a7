"""Messages in the REST API of the twin: kept, sent to nobody, their fate told by signed callbacks; and what people write.

Source: Twilio's OpenAPI description (api v2010), Message; docs on status callbacks, opt-outs and WhatsApp's 24 hours.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from voicebot.simulator.asking import Asked
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.mishaps import RestFate
from voicebot.simulator.resources import ApiError, Json, page_of
from voicebot.simulator.rest_faults import done, meets, refuses
from voicebot.simulator.sent import Text
from voicebot.simulator.settings import new_sid
from voicebot.simulator.webhooks import Params, Request, WebhookFailed

Route: TypeAlias = tuple[str, re.Pattern[str], Callable[[Asked], tuple[int, Json]]]

LONGEST = 1600
STEP = 0.5  # seconds of call time between two of a message's states
FATE = ("sent", "delivered")
CREATE = frozenset({"To", "From", "Body", "StatusCallback", "ContentSid", "ContentVariables"})
LIST = frozenset({"To", "From", "DateSent", "DateSent>", "DateSent<", "PageSize", "Page", "PageToken"})
OUTSIDE_WINDOW = "failed:63016"  # WhatsApp takes text of one's own for 24 hours after the person's last message
STOP, START = frozenset({"STOP", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "STOPALL"}), frozenset({"START", "UNSTOP", "YES"})

_NUMBER = r"\+[1-9][0-9]{6,14}"
_TO = re.compile(rf"{_NUMBER}|whatsapp:{_NUMBER}|messenger:[A-Za-z0-9_.-]{{1,100}}")
_CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")


@dataclass
class TextWorld:
    """What becomes of messages: by whom they are for, states in the order in which they are told (`failed:30003`: with a code).

    `mishaps` strike the next requests for a message, in order. `opted_out` are (person, sender); `writers` have written lately.
    """

    fates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mishaps: list[RestFate] = field(default_factory=list)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    writers: set[tuple[str, str]] = field(default_factory=set)


class TextApi:
    """Its part of the API."""

    def __init__(self, exchange: Exchange, world: TextWorld) -> None:
        self._exchange, self._world = exchange, world
        self._account = exchange.settings.account_sid

    def routes(self) -> list[Route]:
        """Method, path within the account, and what it does."""
        one = re.compile(r"/Messages/([^/]+)")
        every = re.compile(r"/Messages")
        return [("POST", every, self._create), ("GET", every, self._list), ("GET", one, self._fetch)]

    def _create(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, CREATE)
        text = self._text(asked)
        callback = asked.url("StatusCallback", 21609)
        fate = self._world.mishaps.pop(0) if self._world.mishaps else None
        if fate is None:
            fate = meets(next((one for one in self._exchange.calls if one.script.from_ == text.to), None), "text")
        else:
            refuses(fate)
        if (text.to, text.from_) in self._world.opted_out:
            raise ApiError(400, 21610, "Attempt to send to unsubscribed recipient")
        text.sid = new_sid("SM")
        self._exchange.texts.append(text)
        made = text.resource(self._account)
        self._exchange.background(self._lives(text, callback))
        done(fate)
        return 201, made

    def _text(self, asked: Asked) -> Text:
        """What is to be sent, checked as strictly as the carrier does."""
        to, from_, body = asked.get("To") or "", asked.get("From") or "", asked.get("Body") or ""
        template, variables = asked.get("ContentSid") or "", asked.get("ContentVariables") or ""
        if not _TO.fullmatch(to) or not _TO.fullmatch(from_):
            raise ApiError(400, 21211 if not _TO.fullmatch(to) else 21212, "The number is not a valid phone number.")
        if _kind(to) != _kind(from_):
            raise ApiError(400, 21910, "'From' and 'To' must be of the same channel.")
        if template and not _CONTENT.fullmatch(template):
            raise ApiError(400, 21655, "The ContentSid is invalid.")
        if variables and not _are_texts(variables):
            raise ApiError(400, 21656, "The ContentVariables parameter is invalid.")
        if not template and not 0 < len(body) <= LONGEST:
            raise ApiError(400, 21602 if not body else 21617, "The message body is missing or too long.")
        return Text(to, from_, body, template=template, variables=variables)

    def _list(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, LIST)
        found = [
            one.resource(self._account)
            for one in reversed(self._exchange.texts)
            if asked.get("To") in (None, one.to) and asked.get("From") in (None, one.from_)
        ]
        size = max(1, asked.whole("PageSize", 50, 1000))
        return 200, page_of("messages", found, asked.path, asked.whole("Page", 0, 10**6), size)

    def _fetch(self, asked: Asked) -> tuple[int, Json]:
        for one in self._exchange.texts:
            if one.sid == asked.parts[0]:
                return 200, one.resource(self._account)
        raise asked.not_found()

    def _known(self, asked: Asked, names: frozenset[str]) -> None:
        for name in asked.fields.keys() - names:
            self._exchange.fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")

    # ---- its fate -----------------------------------------------------------------------------------------------------

    async def _lives(self, text: Text, callback: str | None) -> None:
        """One state after the other, each told if the product asked for it."""
        clock = self._exchange.pause
        outside = _kind(text.to) != "sms" and not text.template and (text.to, text.from_) not in self._world.writers
        fate = (OUTSIDE_WINDOW,) if outside else self._world.fates.get(text.to, FATE)
        for word in fate:
            await clock(STEP)
            status, _, code = word.partition(":")
            text.status, text.error = status, int(code) if code else None
            if callback is None:
                continue
            params: Params = (
                ("MessageSid", text.sid), ("SmsSid", text.sid), ("MessageStatus", status), ("SmsStatus", status),
                ("To", text.to), ("From", text.from_), ("AccountSid", self._account), ("ApiVersion", "2010-04-01"),
                *((("ErrorCode", code),) if code else ()),
            )  # fmt: skip
            await self._tell(Request(callback, params=params))

    async def _tell(self, request: Request) -> int:
        try:
            return (await self._exchange.webhooks.ask(request)).status
        except WebhookFailed as failed:
            self._exchange.fail(11200, f"a message's callback failed: {failed.what}")
            return 0

    # ---- what people write --------------------------------------------------------------------------------------------

    async def write(self, from_: str, to: str, body: str, path: str, sid: str = "") -> int:
        """Somebody writes to one of our senders; gives the product's status. The carrier itself keeps who has said STOP."""
        text = Text(to, from_, body, sid or new_sid("SM"), "received", "inbound")
        self._exchange.texts.append(text)
        word = body.strip().upper()
        if word in STOP:
            self._world.opted_out.add((from_, to))
        elif word in START:
            self._world.opted_out.discard((from_, to))
        self._world.writers.add((from_, to))
        params: Params = (
            ("MessageSid", text.sid), ("SmsSid", text.sid), ("SmsMessageSid", text.sid), ("AccountSid", self._account),
            ("From", from_), ("To", to), ("Body", body), ("NumMedia", "0"), ("NumSegments", "1"), ("SmsStatus", "received"),
            ("ApiVersion", "2010-04-01"),
            *((("OptOutType", "STOP" if word in STOP else "START"),) if word in STOP | START else ()),
        )  # fmt: skip
        return await self._tell(Request(f"{self._exchange.settings.public_url}{path}", params=params))


def _kind(address: str) -> str:
    kind, colon, _ = address.partition(":")
    return kind if colon else "sms"


def _are_texts(variables: str) -> bool:
    try:
        content = json.loads(variables)
    except ValueError:
        return False
    return isinstance(content, dict) and all(isinstance(one, str) for one in content.values())
