"""The carrier's side of a test, and stand-ins for the rest of the house: they note what they are asked and do as told."""

import base64
import hashlib
import hmac
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from lxml import etree
from werkzeug.test import TestResponse

from voicebot.dialogue.actions import Ask, KeyPlan, Say, Verb
from voicebot.dialogue.calling_back import NotReached
from voicebot.dialogue.events import Event
from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
from voicebot.dialogue.spoken import Digits, Words
from voicebot.dialogue.values import Ani, Shape
from voicebot.errors import ImpossibleEvent
from voicebot.floor.values import TurnedDown
from voicebot.keyring import Keyring
from voicebot.ports.ear import Listening
from voicebot.ports.prompts import Recording, SpokenText, Utterance
from voicebot.switchboard.plan import Turned
from voicebot.telephony.media import Patience
from voicebot.telephony.message_webhooks import Arrived, Learned
from voicebot.telephony.room import House, VoiceRoom, create_voice_room
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.settings import TelephonySettings

BASE = "https://voice.example.com"
ACCOUNT = "AC" + "0" * 32
TOKEN = "the-primary-token"
LEG = "CA" + "1" * 32
CALL = "our-call"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEYS = Keyring.open(Path(tempfile.mkdtemp(prefix="voicebot-test-keys-")) / "keys")
ASK = Ask(turn=3, say=(Say("pin.ask"),), shape=Shape.parse("digits:6"), keys=KeyPlan(6), listen=True, phase=2, opens_stream=True)


def settings(**changes: Any) -> TelephonySettings:
    """A line's settings."""
    known = {
        "public_base_url": BASE, "account_sid": ACCOUNT, "auth_tokens": (TOKEN,), "caller_id": "+12025550100",
        "emergency_number": "+12025550199",
    }  # fmt: skip
    return TelephonySettings(**(known | changes))


PLAN = LinePlan("billing", "+4570101010", "en", "DK", QueuePlan("billing"), Grammar("en"))


@dataclass(frozen=True)
class Told(Turned):
    """A document as the exchange decides it."""

    call_id: str = CALL
    seq: int = 7
    verbs: tuple[Verb, ...] = (ASK,)
    prompts: str = "v1"
    language: str = "en"
    line: LinePlan = PLAN
    pending: bool = False


@dataclass
class ScriptedExchange:
    """Answers with `answer`, or raises the next of `failures`. `asked` holds every call of it."""

    answer: Told = field(default_factory=Told)
    failures: list[Exception] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=lambda: {LEG: CALL})
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def _note(self, *what: Any) -> Told:
        self.asked.append(what)
        if self.failures:
            raise self.failures.pop(0)
        return self.answer

    def arrive(self, leg_id: str, dnis: str, ani: Ani) -> Turned:
        return self._note("arrive", leg_id, dnis, ani)

    def handle(self, call_id: str, event: Event, *, key: str | None = None) -> Turned:
        return self._note("handle", call_id, event, key)

    def document(self, call_id: str) -> Turned:
        return self._note("document", call_id)

    def look(self, call_id: str) -> Turned:
        return self._note("look", call_id)

    def call_of_leg(self, leg_id: str) -> str | None:
        return self.known.get(leg_id)

    def agent_answered(self, reservation: str, leg_id: str = "") -> Turned:
        return self._note("agent_answered", reservation, leg_id)

    def agent_keyed(self, reservation: str, keys: str) -> Turned:
        return self._note("agent_keyed", reservation, keys)

    def agent_leg_ended(self, reservation: str, why: TurnedDown | None) -> None:
        self._note("agent_leg_ended", reservation, why)

    def called_answered(self, call_id: str, leg_id: str) -> Turned:
        return self._note("called_answered", call_id, leg_id)

    def called_ended(self, call_id: str, why: NotReached | None) -> None:
        self._note("called_ended", call_id, why)

    def agent_document(self, reservation: str) -> Turned:
        return self._note("agent_document", reservation)

    def room_changed(self, call_id: str, room: str, *, joined: str | None = None, left: str | None = None) -> None:
        self._note("room_changed", call_id, room, joined, left)

    def recorded(self, call_id: str, sid: str, seconds: int) -> None:
        self._note("recorded", call_id, sid, seconds)

    def answer_recorded(self, sid: str) -> None:
        self._note("answer_recorded", sid)

    def caller_hung_up(self, leg_id: str) -> None:
        self._note("caller_hung_up", leg_id)


@dataclass
class HeardLine:
    """A line that keeps what it hears."""

    heard: list[bytes] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)

    def hear(self, mulaw: bytes) -> None:
        self.heard.append(mulaw)

    def close(self, *, lost: bool) -> None:
        self.closed.append(lost)


@dataclass
class ScriptedEar:
    """An ear that understands nothing. `room` False refuses lines; `failing` raises wherever it can."""

    speaking: bool = False
    room: bool = True
    failing: bool = False
    noted: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[HeardLine] = field(default_factory=list)

    def _note(self, *what: Any) -> None:
        self.noted.append(what)
        if self.failing:
            raise RuntimeError("an ear that fails")

    def can_listen(self, language: str) -> bool:
        return language == "en"

    def attend(self, call_id: str, listening: Listening) -> None:
        self._note("attend", call_id, listening.turn)

    def ignore(self, call_id: str) -> None:
        self._note("ignore", call_id)

    def speech_active(self, call_id: str, turn: int) -> bool:
        self._note("speech_active", call_id, turn)
        return self.speaking

    def open_line(self, call_id: str, phase: int) -> HeardLine | None:
        self._note("open_line", call_id, phase)
        if not self.room:
            return None
        self.lines.append(HeardLine())
        return self.lines[-1]


class PlainPrompts:
    """Speaks a prompt's id, attempt and arguments; hold music has four recorded pieces."""

    version = "v1"

    def utterances(self, say: Say, language: str) -> tuple[Utterance, ...]:
        if say.prompt_id == "hold":
            return (Recording(f"hold{min(say.attempt, 4)}.wav"),)
        said = [value for _, value in say.args if isinstance(value, Words | Digits)]
        spoken = [value.text if isinstance(value, Words) else value.digits for value in said]
        return (SpokenText(" ".join([f"{say.prompt_id}/{say.attempt}", *spoken]), f"{language}-GB", ""),)

    def audio(self, name: str) -> bytes | None:
        return b"RIFFsound" if re.fullmatch(r"hold[1-4]\.wav", name) else None


class OneShelf:
    """A shelf with one catalogue."""

    def __init__(self, prompts: Any = None) -> None:
        self.prompts = prompts or PlainPrompts()
        self.versions: list[str] = []

    def current(self) -> Any:
        return self.prompts

    def version(self, version: str) -> Any:
        self.versions.append(version)
        return self.prompts


class StoppedClock:
    """It is always noon."""

    def now(self) -> datetime:
        return NOW


def listening_for(_turned: Turned, ask: Ask) -> Listening | None:
    """What the ear listens for at a question of these tests."""
    return Listening(ask.turn, ask.phase, ask.shape, Grammar("en"))


def sign(token: str, url: str, form: Sequence[tuple[str, str]] = ()) -> str:
    """The carrier's signature, written from its description and not with its library."""
    text = url + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Line:
    """A voice room in a Flask app, and the carrier that posts to it."""

    def __init__(
        self, *, ready: Sequence[str] = (), ear: ScriptedEar | None = None, learned: Learned = lambda *_: False,
        arrived: Arrived = lambda *_: None, **changes: Any,
    ) -> None:
        self.settings = settings(**changes)
        self.exchange = ScriptedExchange()
        self.ear = ear or ScriptedEar()
        self.shelf = OneShelf()
        self.rung = RungLegs()
        self.ready = list(ready)
        house = House(
            self.exchange, self.ear, self.shelf, KEYS, StoppedClock(), lambda dnis: "DK" if dnis.startswith("+45") else "US",
            listening_for, lambda: self.ready, learned=learned, arrived=arrived,
        )  # fmt: skip
        self.room: VoiceRoom = create_voice_room(
            self.settings, house, self.rung, wall_clock=lambda: 1_000_000.0, patience=Patience(0.6, 0.6, 0.2)
        )
        self.app = Flask("voicebot-test")
        self.app.register_blueprint(self.room.blueprint)
        self.client = self.app.test_client()

    def post(self, target: str, form: dict[str, str] | None = None, *, token: str = TOKEN, **extra: Any) -> TestResponse:
        """A signed form post of the carrier; `form` comes on top of what every request says."""
        said = {"CallSid": LEG, "AccountSid": ACCOUNT, "CallStatus": "in-progress", "Direction": "inbound"} | (form or {})
        return self.post_raw(target, list(said.items()), sign(token, BASE + target, list(said.items())), **extra)

    def post_raw(self, target: str, form: Sequence[tuple[str, str]], signature: str, **extra: Any) -> TestResponse:
        """Any post, with any signature."""
        headers = {"X-Twilio-Signature": signature} | extra.pop("headers", {})
        kind = extra.pop("content_type", "application/x-www-form-urlencoded")
        return self.client.post(target, data=extra.pop("data", urlencode(form)), headers=headers, content_type=kind, **extra)

    def target(self, purpose: str, path: str, *parts: str | int) -> str:
        """An address that we made for the carrier."""
        return f"/voice/{purpose}/{path}/{KEYS.token(f'voice.{purpose}', *map(str, parts))}"

    def entry(self, turn: int = 3, extension: int = 0, call: str = CALL) -> str:
        """A question's address."""
        return self.target("entry", f"{call}/{turn}-{extension}", call, turn, extension)

    def agent(self, what: str, reservation: str = "r1") -> str:
        """An agent leg's address."""
        return f"/voice/agent/{reservation}/{what}/{KEYS.token(f'voice.agent.{what}', reservation)}"


def document(text: str) -> etree._Element:
    """A TwiML document, parsed strictly."""
    root = etree.fromstring(text.encode())
    assert root.tag == "Response"
    return root


def outline(element: etree._Element) -> list[Any]:
    """The elements of a document by name, nested ones in a list behind their parent."""
    names: list[Any] = []
    for child in element:
        names.append(child.tag)
        if len(child):
            names.append(outline(child))
    return names


UNKNOWN = ImpossibleEvent("no such call")
