"""Short messages in the REST API of the twin: kept, and sent to nobody. Source: Twilio's OpenAPI description, Message."""

import re
from collections.abc import Callable
from typing import TypeAlias

from voicebot.simulator.asking import Asked
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.resources import ApiError, Json
from voicebot.simulator.rest_faults import done, meets
from voicebot.simulator.sent import Text
from voicebot.simulator.settings import new_sid

Route: TypeAlias = tuple[str, re.Pattern[str], Callable[[Asked], tuple[int, Json]]]

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST = 1600


class TextApi:
    """Its part of the API."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[Route]:
        """Method, path within the account, and what it does."""
        return [("POST", re.compile(r"/Messages"), self._create)]

    def _create(self, asked: Asked) -> tuple[int, Json]:
        for name in asked.fields.keys() - {"To", "From", "Body"}:
            self._exchange.fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")
        to, from_, body = asked.get("To") or "", asked.get("From") or "", asked.get("Body") or ""
        if not _NUMBER.fullmatch(to) or not _NUMBER.fullmatch(from_):
            raise ApiError(400, 21211 if not _NUMBER.fullmatch(to) else 21212, "The number is not a valid phone number.")
        if not 0 < len(body) <= LONGEST:
            raise ApiError(400, 21617, "The message body is missing or too long.")
        call = next((one for one in self._exchange.calls if one.script.from_ == to), None)
        fate = meets(call, "text")
        self._exchange.texts.append(Text(to, from_, body))
        done(fate)
        return 201, {"sid": new_sid("SM"), "to": to, "from": from_, "body": body, "status": "queued"}
