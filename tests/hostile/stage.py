"""A whole house behind its gate, and somebody outside who means it no good: what was answered, written, logged, connected."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import structlog
from flask import Flask
from lxml import etree
from werkzeug.test import TestResponse

from tests.switchboard.house import ADA, LINE, OMAR, RUTH, House, open_house
from tests.telephony.stage import ACCOUNT, BASE, TOKEN, ScriptedEar, document, listening_for, settings, sign
from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompts import Shelf
from voicebot.logs import set_up_logging
from voicebot.telephony.media import Patience
from voicebot.telephony.room import House as LineHouse
from voicebot.telephony.room import create_voice_room
from voicebot.telephony.rung import RungLegs

PROJECT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
LEG = "CA" + "1" * 32
PROMPTS = load_catalogue(PROJECT / "prompts")
LISTENING = replace(LINE, listen=True)

Form = Sequence[tuple[str, str]]


def corpus(name: str) -> Any:
    """A file of it. JSON, because that can hold what no other text file may: NUL, and half a surrogate pair."""
    return json.loads((CORPUS / f"{name}.json").read_text("ascii"))


class Besieged:
    """The real switchboard on a real database, the real line and prompts; only back end, carrier and clock are the test's."""

    def __init__(self, directory: Path, *, ear: ScriptedEar | None = None, **changes: Any) -> None:
        self.directory = directory
        self.house: House = open_house(directory, line=LISTENING, agents=(RUTH, OMAR), can_listen=True)
        self.settings = settings(**changes)
        house = LineHouse(
            self.house.switchboard, ear or ScriptedEar(), Shelf(PROMPTS, lambda _version: None), self.house.keyring,
            self.house.clock, lambda _dnis: "US", listening_for, tuple,
        )  # fmt: skip
        self.room = create_voice_room(self.settings, house, RungLegs(), patience=Patience(start=1.0, frame=5.0))
        self.app = Flask("voicebot-test")
        self.app.register_blueprint(self.room.blueprint)
        self.client = self.app.test_client()

    def close(self) -> None:
        """Let go of threads and files."""
        self.house.switchboard.close()
        self.house.store.close()

    # ---- the carrier ---------------------------------------------------------------------------------------------------

    def post(self, target: str, form: dict[str, str] | None = None, **extra: Any) -> TestResponse:
        """As the carrier posts: signed over what it says."""
        return self.post_body(target, urlencode(self.said(form), errors="surrogatepass"), **extra)

    def post_body(self, target: str, body: str, *, signature: str | None = None, **extra: Any) -> TestResponse:
        """Any body. Without a `signature`, with the right one over what a form parser makes of it."""
        understood = parse_qsl(body, keep_blank_values=True, errors="werkzeug.url_quote")
        signature = sign(TOKEN, BASE + target, understood) if signature is None else signature
        kind = extra.pop("content_type", "application/x-www-form-urlencoded")
        headers = {"X-Twilio-Signature": signature} | extra.pop("headers", {})
        method = extra.pop("method", "POST")
        return self.client.open(target, method=method, data=body, headers=headers, content_type=kind, **extra)

    def said(self, form: dict[str, str] | None = None) -> list[tuple[str, str]]:
        """What the carrier says in every request, and `form` on top."""
        always = {"CallSid": LEG, "AccountSid": ACCOUNT, "CallStatus": "in-progress", "Direction": "inbound"}
        return list((always | {"From": "+12025550225", "To": LINE.dnis, "ApiVersion": "2010-04-01"} | (form or {})).items())

    def rings(self, **form: str) -> etree._Element:
        """A call comes in and is answered."""
        return document(self.post("/voice/incoming", form).text)

    def keys(self, asked: etree._Element, keys: str, **form: str) -> etree._Element:
        """The caller keys this where the document asks."""
        self.house.clock.pass_seconds(5)
        return document(self.post(action(asked), {"Digits": keys} | form).text)

    def agent(self, what: str, reservation: str) -> str:
        """An agent leg's address, as we made it."""
        token = self.house.keyring.token(f"voice.agent.{what}", reservation)
        return f"/voice/agent/{quote(reservation, safe='')}/{what}/{token}"

    def in_line(self, **form: str) -> str:
        """A verified caller who waits; gives the reservation of the agent whose phone rings."""
        self.keys(self.keys(self.rings(**form), ADA.identifier), "493817")
        [(_, _, reservation)] = self.house.carrier.wait_for("ring")
        return reservation

    def every_address(self) -> list[str]:
        """Each address of the line that takes a post, for a call in line: as it would be handed out."""
        reservation = self.in_line()
        call = self.house.switchboard.call_of_leg(LEG)
        assert call is not None
        known = {"call": call, "reservation": reservation, "nonce": "0" * 32, "rest": "a", "room": f"room-{call}"}
        return [self._made(rule.rule, known) for rule in self.app.url_map.iter_rules() if "POST" in (rule.methods or ())]

    def _made(self, rule: str, known: dict[str, str]) -> str:
        """An address of this rule, with our token over its purpose and parts in their order; numbers are 1."""
        names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
        parts = [known.get(name, "1") for name in names if name != "token"]
        purpose = ".".join(segment for segment in rule.split("/")[2:] if not segment.startswith("<") and "-<" not in segment)
        values = iter([*parts, self.house.keyring.token(f"voice.{purpose}", *parts)])
        return re.sub(r"<[^>]+>", lambda _: quote(next(values), safe=""), rule)

    # ---- what is left behind -------------------------------------------------------------------------------------------

    def written(self) -> list[str]:
        """Every row of every table, as SQL."""
        assert self.house.switchboard.quiet(10)
        with closing(sqlite3.connect(self.directory / "voicebot.db")) as database:
            return list(database.iterdump())


def action(asked: etree._Element) -> str:
    """Path and query of where a document's question goes."""
    gather = asked.find("Gather")
    assert gather is not None
    parts = urlsplit(gather.get("action") or "")
    return parts.path + (f"?{parts.query}" if parts.query else "")


@contextmanager
def logged() -> Iterator[StringIO]:
    """What the house logs meanwhile, at DEBUG, exactly as a server would write it."""
    text = StringIO()
    set_up_logging("DEBUG")
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(text),
        cache_logger_on_first_use=False,  # or what is logged later in this process would go to this text, too
    )
    try:
        yield text
    finally:
        structlog.reset_defaults()


def events(text: StringIO | str) -> list[dict[str, Any]]:
    """Each line as what it must be: one JSON object with one event."""
    whole = text if isinstance(text, str) else text.getvalue()
    assert whole.isascii()  # no escape, no other way to break a line
    assert not any(ord(character) < 32 for character in whole if character != "\n")
    return [json.loads(line) for line in whole.splitlines()]


# ---- connections -------------------------------------------------------------------------------------------------------


class _Watch:
    """Sees every connection and name look-up of this process, whatever library makes it. Python cannot forget a hook."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None
        self.hooked = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.seen is not None and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
            self.seen.append(f"{event} {arguments[1:] if event in ('socket.connect', 'socket.sendto') else arguments[:2]}")


_watch = _Watch()


@contextmanager
def connections() -> Iterator[list[str]]:
    """Every connection and look-up that is tried meanwhile, by any thread."""
    if not _watch.hooked:
        sys.addaudithook(_watch)
        _watch.hooked = True
    seen: list[str] = []
    _watch.seen = seen
    try:
        yield seen
    finally:
        _watch.seen = None
