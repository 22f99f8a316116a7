"""Reads what the REST API was asked: fields, their types and limits. Knows no leg and no room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.simulator.party import Inline, Step
from voicebot.simulator.resources import ApiError
from voicebot.simulator.vocabulary import is_url
from voicebot.simulator.webhooks import Request

LONGEST_TWIML = 4000


@dataclass(frozen=True)
class Asked:
    """One request: its path, the path's variable parts, and its fields. Every reading method raises ApiError."""

    path: str
    parts: tuple[str, ...]
    fields: Mapping[str, list[str]] = field(repr=False)

    def get(self, name: str) -> str | None:
        """A field's last value."""
        values = self.fields.get(name)
        return values[-1] if values else None

    def not_found(self) -> ApiError:
        """The answer for what is not there."""
        return ApiError(404, 20404, f"The requested resource {self.path} was not found")

    def url(self, name: str, code: int) -> str | None:
        """An absolute URL."""
        url = self.get(name)
        if url is not None and not (url.startswith(("http://", "https://")) and is_url(url)):
            raise ApiError(400, code, f"{name} is not a valid URL")
        return url

    def method(self, name: str) -> str:
        """GET or POST."""
        method = self.get(name) or "POST"
        if method not in ("GET", "POST"):
            raise ApiError(400, 20001, f"{name} must be GET or POST")
        return method

    def whole(self, name: str, otherwise: int, highest: int) -> int:
        """A whole number within limits."""
        text = self.get(name)
        if text is None:
            return otherwise
        if not text.isdecimal() or int(text) > highest:
            raise ApiError(400, 20001, f"{name} must be a whole number up to {highest}")
        return int(text)

    def flag(self, name: str) -> bool | None:
        """A true/false field; None where it is missing."""
        text = (self.get(name) or "").lower()
        if name in self.fields and text not in ("true", "false"):
            raise ApiError(400, 20001, f"{name} must be true or false")
        return None if name not in self.fields else text == "true"

    def time(self, name: str) -> float | None:
        """An instant, or a day in UTC, as a POSIX time."""
        text = self.get(name)
        if text is None:
            return None
        try:
            return datetime.fromisoformat(text if "T" in text else text + "T00:00:00Z").timestamp()
        except ValueError:
            raise ApiError(400, 20001, f"{name} is not a time") from None

    def step(self) -> Step | None:
        """The document that a leg is to perform: `Url`, or `Twiml` itself."""
        url, twiml = self.url("Url", 21205), self.get("Twiml")
        if url is not None and twiml is not None:
            raise ApiError(400, 20001, "Url and Twiml exclude each other")
        if url is not None:
            return Request(url, self.method("Method"))
        if twiml is not None and len(twiml) > LONGEST_TWIML:
            raise ApiError(400, 20001, f"Twiml takes at most {LONGEST_TWIML} characters")
        return Inline(twiml, "") if twiml is not None else None
