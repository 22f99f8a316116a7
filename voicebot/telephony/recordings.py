"""Recordings that lie with the carrier: of conversations, to be listened to, and of answers that callers spoke.

The address is made here, from nothing but an id of the right form. So nobody can have us ask another host, and the account's key
goes nowhere else: redirects are not followed.
"""

import re
from collections.abc import Iterator

import httpx

from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.ports.call_recordings import Sound
from voicebot.telephony.carrier_http import ANSWER_WITHIN, CONNECT_WITHIN
from voicebot.telephony.settings import TelephonySettings

API = "https://api.twilio.com"
VERSION = "2010-04-01"
LONGEST = 64 * 1024 * 1024  # bytes: four hours of mp3 at 32 kbit/s
LONGEST_ANSWER = 2 * 1024 * 1024  # bytes of WAV: two minutes
KINDS = ("audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav")
_SID = re.compile(r"RE[0-9a-f]{32}")


def is_recording(sid: str) -> bool:
    """Whether this is the id of a recording."""
    return _SID.fullmatch(sid) is not None


class TwilioRecordings:
    """Implements `ports.call_recordings.RecordingSounds`."""

    def __init__(self, settings: TelephonySettings) -> None:
        self._base = (settings.api_base_url or API).rstrip("/")
        self._account = settings.account_sid
        self._key = (settings.account_sid, settings.auth_tokens[0])
        timeout = httpx.Timeout(ANSWER_WITHIN, connect=CONNECT_WITHIN, pool=CONNECT_WITHIN)
        self._client = httpx.Client(timeout=timeout, follow_redirects=False)

    def sound(self, sid: str) -> Sound:
        """The sound as mp3, in pieces as it comes."""
        return self._sound(sid, "mp3", LONGEST)

    def wav(self, sid: str) -> bytes:
        """All of a short one. LegGone where there is none (yet), CarrierUnavailable where it cannot be had or is too long."""
        sound = b"".join(self._sound(sid, "wav", LONGEST_ANSWER + 1).pieces)
        if len(sound) > LONGEST_ANSWER:
            raise CarrierUnavailable("the recording is longer than an answer can be", refused=True)
        return sound

    def _sound(self, sid: str, kind: str, most: int) -> Sound:
        if not is_recording(sid):
            raise LegGone("this is no recording's id")
        url = f"{self._base}/{VERSION}/Accounts/{self._account}/Recordings/{sid}.{kind}"
        try:
            answer = self._client.send(self._client.build_request("GET", url), auth=self._key, stream=True)
        except httpx.HTTPError:
            raise CarrierUnavailable("the carrier could not be reached", refused=True) from None
        try:
            return Sound(_kind_of(answer), _pieces(answer, most))
        except BaseException:
            answer.close()
            raise

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _kind_of(answer: httpx.Response) -> str:
    """The content type of a good answer; anything else is an error without its text."""
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise LegGone("there is no such recording")
    kind: str = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    size = answer.headers.get("content-length", "0")
    if answer.status_code != httpx.codes.OK or kind not in KINDS or not size.isdecimal() or int(size) > LONGEST:
        raise CarrierUnavailable(f"the carrier answered with status {answer.status_code}", refused=True)
    return kind


def _pieces(answer: httpx.Response, left: int) -> Iterator[bytes]:
    """What comes, up to so many bytes; a recording that breaks off ends there."""
    try:
        for piece in answer.iter_bytes(65_536):
            left -= len(piece)
            if left < 0:
                return
            yield piece
    except httpx.HTTPError:
        return
    finally:
        answer.close()
