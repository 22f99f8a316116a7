"""What goes over a media socket, text to values and back. Pure: no socket, no call; garbage is refused with a close code."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

LONGEST_MESSAGE = 64 * 1024

PROTOCOL_ERROR = 1002
NOT_TEXT = 1003
NOT_UNDERSTOOD = 1007
NOT_ALLOWED = 1008
KEYS = "0123456789*#"
PIECE = 8000  # bytes of sound in one message: a second, so that a long prompt does not hold others up
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
class TalkStarted:
    """A two-way stream's account of itself: which leg, the document that opened it, and what it is to be called in answers."""

    account: str
    leg: str
    call_id: str
    seq: int
    sid: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class KeyPressed:
    """A key, on a two-way stream. It may be of a secret."""

    key: str = field(repr=False)


@dataclass(frozen=True)
class MarkCame:
    """What was sent before this mark has been played, or cleared."""

    name: str


@dataclass(frozen=True)
class Audio:
    """Some µ-law bytes of the caller. `chunk` counts per track; None where it is not said."""

    chunk: int | None
    mulaw: bytes = field(repr=False)


LATE_BY = 50  # chunks: one that is behind by no more was overtaken; by more, the counting began anew


@dataclass
class InOrder:
    """Which pieces of sound still have their place: one that was overtaken has not."""

    last: int = 0

    def fits(self, chunk: int | None) -> bool:
        """Whether this one comes after those before it, as far as it says so."""
        if chunk is None:
            return True
        if self.last - LATE_BY < chunk <= self.last:
            return False
        self.last = chunk
        return True


@dataclass(frozen=True)
class StreamStopped:
    """The carrier ended the stream on purpose."""


@dataclass(frozen=True)
class Unused:
    """Something that we have no use for: `connected`, the other track, whatever comes with time."""


Frame: TypeAlias = StreamStarted | TalkStarted | Audio | KeyPressed | MarkCame | StreamStopped | Unused


def read_frame(text: str | None) -> Frame:
    """One message; `text` None for a binary one. Raises FrameRefused."""
    if text is None:
        raise FrameRefused(NOT_TEXT)
    if len(text) > LONGEST_MESSAGE or not (text.isascii() or len(text.encode("utf-8", "replace")) <= LONGEST_MESSAGE):
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
        case {"event": "dtmf", "dtmf": {"digit": str(key)}} if len(key) == 1 and key in KEYS:
            return KeyPressed(key)
        case {"event": "mark", "mark": {"name": str(name)}}:
            return MarkCame(name)
        case {"event": "start" | "media"}:
            raise FrameRefused(NOT_UNDERSTOOD)
        case {"event": str()}:
            return Unused()
    raise FrameRefused(NOT_UNDERSTOOD)


def sound_messages(sid: str, mulaw: bytes) -> Iterator[str]:
    """Sound to be played, in order."""
    for at in range(0, len(mulaw), PIECE):
        payload = base64.b64encode(mulaw[at : at + PIECE]).decode()
        yield json.dumps({"event": "media", "streamSid": sid, "media": {"payload": payload}})


def mark_message(sid: str, name: str) -> str:
    """A mark, which comes back when what was sent before it has been played."""
    return json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": name}})


def clear_message(sid: str) -> str:
    """Play nothing of what was sent; all marks come back."""
    return json.dumps({"event": "clear", "streamSid": sid})


def _started(start: dict[str, Any]) -> StreamStarted | TalkStarted:
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
        case {
            "accountSid": str(account),
            "callSid": str(leg),
            "streamSid": str(sid),
            "customParameters": {"call": str(call_id), "talk": str(seq), "token": str(token)},
            "mediaFormat": dict(audio),
        } if seq.isascii() and seq.isdecimal() and len(seq) < 10:
            if not _is_telephone_audio(audio):
                raise FrameRefused(PROTOCOL_ERROR)
            return TalkStarted(account, leg, call_id, int(seq), sid, token)
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
