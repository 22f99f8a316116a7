"""What comes over a media socket, text to values. Pure: no socket, no call; garbage is refused with a WebSocket close code."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias

LONGEST_MESSAGE = 64 * 1024

PROTOCOL_ERROR = 1002
NOT_TEXT = 1003
NOT_UNDERSTOOD = 1007
NOT_ALLOWED = 1008
TOO_BIG = 1009


class FrameRefused(Exception):
    """This socket cannot go on. `code` is the WebSocket close code; nothing of the frame is repeated."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


@dataclass(frozen=True)
class StreamStarted:
    """The stream's own account of itself: which leg, and the parameters that we gave it."""

    account: str
    leg: str
    call_id: str
    phase: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class Audio:
    """Some µ-law bytes of the caller. `chunk` counts per track; None where it is not said."""

    chunk: int | None
    mulaw: bytes = field(repr=False)


@dataclass(frozen=True)
class StreamStopped:
    """The carrier ended the stream on purpose."""


@dataclass(frozen=True)
class Unused:
    """Something that we have no use for: `connected`, `mark`, `dtmf`, the other track, whatever comes with time."""


Frame: TypeAlias = StreamStarted | Audio | StreamStopped | Unused


def read_frame(text: str | None) -> Frame:
    """One message; `text` None for a binary one. Raises FrameRefused."""
    if text is None:
        raise FrameRefused(NOT_TEXT)
    if len(text) > LONGEST_MESSAGE or len(text.encode("utf-8", "replace")) > LONGEST_MESSAGE:
        raise FrameRefused(TOO_BIG)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise FrameRefused(NOT_UNDERSTOOD) from None
    match message:
        case {"event": "start", "start": dict(start)}:
            return _started(start)
        case {"event": "media", "media": dict(media)}:
            return _audio(media)
        case {"event": "stop"}:
            return StreamStopped()
        case {"event": "start" | "media"}:
            raise FrameRefused(NOT_UNDERSTOOD)
        case {"event": str()}:
            return Unused()
    raise FrameRefused(NOT_UNDERSTOOD)


def _started(start: dict[str, Any]) -> StreamStarted:
    match start:
        case {
            "accountSid": str(account),
            "callSid": str(leg),
            "customParameters": {"call": str(call_id), "phase": str(phase), "token": str(token)},
            "mediaFormat": dict(audio),
        } if phase.isascii() and phase.isdecimal() and len(phase) < 10:
            if not _is_telephone_audio(audio):
                raise FrameRefused(PROTOCOL_ERROR)
            return StreamStarted(account, leg, call_id, int(phase), token)
    raise FrameRefused(NOT_ALLOWED)  # a stream that does not say whose it is


def _is_telephone_audio(audio: dict[str, Any]) -> bool:
    said = (audio.get("encoding"), str(audio.get("sampleRate")), str(audio.get("channels")))
    return said == ("audio/x-mulaw", "8000", "1")


def _audio(media: dict[str, Any]) -> Frame:
    if media.get("track", "inbound") != "inbound":
        return Unused()
    payload = media.get("payload")
    if not isinstance(payload, str) or len(payload) % 4:  # the library's own strictness lets one = too many pass
        raise FrameRefused(NOT_UNDERSTOOD)
    try:
        mulaw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise FrameRefused(NOT_UNDERSTOOD) from None
    return Audio(_number(media.get("chunk")), mulaw)


def _number(chunk: Any) -> int | None:
    text = str(chunk)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
