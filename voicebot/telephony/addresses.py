"""Every address that we hand to the carrier, made and checked in one place. Absolute, signed by us, and with its overrides."""

from urllib.parse import quote

from voicebot.telephony.exchange import TokenKeys
from voicebot.telephony.settings import TelephonySettings

STREAM_PATH = "/voice/stream"
TALK_PATH = "/voice/talk"
STREAM_TOKEN_SECONDS = 30
STREAM_TOKEN_PERIODS = 3  # the present one and two before: what is said before the stream starts takes its time


class Addresses:
    """URLs with a token over their purpose and parts, so that a guessed or changed one is worth nothing."""

    def __init__(self, settings: TelephonySettings, keys: TokenKeys) -> None:
        self._settings = settings
        self._keys = keys

    def entry(self, call: str, turn: int, extension: int) -> str:
        """Where keys for a question go."""
        return self._signed("entry", f"{_part(call)}/{turn}-{extension}", call, turn, extension)

    def spoken(self, call: str, turn: int, extension: int) -> str:
        """Where it is told that an answer was spoken into a recording."""
        return self._signed("spoken", f"{_part(call)}/{turn}-{extension}", call, turn, extension)

    def answer_recorded(self, call: str) -> str:
        """Where it is told that such a recording lies with the carrier, whatever became of its call."""
        return self._signed("answer-recorded", _part(call), call)

    def waiting(self, call: str, turn: int, seq: int) -> str:
        """Where the end of a piece of waiting goes, with or without a key."""
        return self._signed("waiting", f"{_part(call)}/{turn}-{seq}", call, turn, seq)

    def document(self, call: str, seq: int) -> str:
        """Where the caller's leg fetches what it does now."""
        return self._signed("document", f"{_part(call)}/{seq}", call, seq)

    def joined(self, call: str, seq: int, room: str) -> str:
        """Where the caller's leg goes when it comes out of this room."""
        return self._signed("joined", f"{_part(call)}/{seq}-{_part(room)}", call, seq, room)

    def hold(self, call: str) -> str:
        """What a caller hears while on hold in a room."""
        return self._signed("hold", _part(call), call)

    def handed(self, call: str, seq: int) -> str:
        """Where the caller's leg goes when it comes back from a SIP peer."""
        return self._signed("handed", f"{_part(call)}/{seq}", call, seq)

    def room(self, call: str) -> str:
        """Where a room's comings and goings are told."""
        return self._signed("room", _part(call), call)

    def recorded(self, call: str) -> str:
        """Where the end of a recording is told."""
        return self._signed("recorded", _part(call), call)

    def payment(self, call: str, number: int, step: int) -> str:
        """Where the carrier tells how a request about a payment gets on."""
        return self._signed("payment", f"{_part(call)}/{number}-{step}", call, number, step)

    def message(self, name: str) -> str:
        """Where the carrier tells what became of a message."""
        return self._signed("message", _part(name), name)

    def paid(self, call: str, seq: int, number: int) -> str:
        """Where the caller's leg goes when the carrier has taken a card from it, or has not."""
        return self._signed("paid", f"{_part(call)}/{seq}-{number}", call, seq, number)

    def agent(self, reservation: str, what: str) -> str:
        """An agent's leg: `answer`, `verdict`, `document`, `left` or `status`."""
        token = self._keys.token(f"voice.agent.{what}", reservation)
        return f"{self._settings.base}/voice/agent/{_part(reservation)}/{what}/{token}{self._settings.patience}"

    def called(self, call: str, what: str) -> str:
        """The leg of a customer whom we call back: `answer` or `status`."""
        token = self._keys.token(f"voice.called.{what}", call)
        return f"{self._settings.base}/voice/called/{_part(call)}/{what}/{token}{self._settings.patience}"

    def stream_status(self, call: str, phase: int) -> str:
        """Where a stream's fate is told."""
        return self._signed("stream-status", f"{_part(call)}/{phase}", call, phase)

    def fallback(self) -> str:
        """Where an agent's leg goes when another address failed."""
        return f"{self._settings.base}/voice/fallback"

    def audio(self, version: str, name: str) -> str:
        """A recording of one catalogue. Its content never changes, so it needs no token and may be kept for ever."""
        return f"{self._settings.base}/voice/audio/{_part(version)}/{_part(name)}"

    def stream(self) -> str:
        """Where audio goes. The carrier forbids a query here; call, phase and token travel as parameters."""
        return f"{self._settings.socket_base}{STREAM_PATH}"

    def talk(self) -> str:
        """Where a two-way stream goes, with parameters as for a forked one."""
        return f"{self._settings.socket_base}{TALK_PATH}"

    def talked(self, call: str, seq: int) -> str:
        """Where the caller's leg goes when the two-way stream that document `seq` opened has ended, or never came."""
        return self._signed("talked", f"{_part(call)}/{seq}", call, seq)

    def talk_token(self, call: str, seq: int, leg: str, now: float) -> str:
        """Good for one two-way stream, of this document on this leg, for a minute or so."""
        return self._keys.token("voice.talk", call, str(seq), leg, str(int(now // STREAM_TOKEN_SECONDS)))

    def talk_token_fits(self, token: str, call: str, seq: int, leg: str, now: float) -> bool:
        """Whether it is one and has not gone stale."""
        newest = int(now // STREAM_TOKEN_SECONDS)
        periods = range(newest, newest - STREAM_TOKEN_PERIODS, -1)
        return any(self._keys.token_fits(token, "voice.talk", call, str(seq), leg, str(period)) for period in periods)

    def stream_token(self, call: str, phase: int, leg: str, now: float) -> str:
        """Good for one stream of this call's phase on this leg, for a minute or so. `now`: seconds since the epoch."""
        return self._keys.token("voice.stream", call, str(phase), leg, str(int(now // STREAM_TOKEN_SECONDS)))

    def stream_token_fits(self, token: str, call: str, phase: int, leg: str, now: float) -> bool:
        """Whether it is one and has not gone stale."""
        newest = int(now // STREAM_TOKEN_SECONDS)
        periods = range(newest, newest - STREAM_TOKEN_PERIODS, -1)
        return any(self._keys.token_fits(token, "voice.stream", call, str(phase), leg, str(period)) for period in periods)

    def fits(self, token: str, purpose: str, *parts: str | int) -> bool:
        """Whether a token of ours came back with what it was made for."""
        return self._keys.token_fits(token, f"voice.{purpose}", *map(str, parts))

    def _signed(self, purpose: str, path: str, *parts: str | int) -> str:
        token = self._keys.token(f"voice.{purpose}", *map(str, parts))
        return f"{self._settings.base}/voice/{purpose}/{path}/{token}{self._settings.patience}"


def _part(text: str) -> str:
    return quote(text, safe="")
