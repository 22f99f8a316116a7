"""A server as it is started, and all of the corpus thrown at it: its own log and its own database afterwards."""

import asyncio
import json
import socket
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.hostile.stage import corpus, events
from tests.hostile.test_words import PARAMETERS
from tests.telephony.stage import sign
from voicebot.rehearsal import RehearsalPlan, rehearsal
from voicebot.simulator.script import Script, parse_turns
from voicebot.simulator.settings import TwinSettings

COMPANY = Path(__file__).parents[1] / "calls" / "canary" / "voicebot.toml"
SECRET = "83620571"
KNOWN_KEYS = {"event", "level", "timestamp", "logger", "failure", "raised_at", "why", "status", "code", "where", "trouble"}
KNOWN_KEYS |= {"before", "after"}  # of the database's own beginning


@dataclass
class Aftermath:
    """What was left: statuses by kind of request, rows before and after, the log."""

    statuses: dict[str, list[int]] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)
    log: str = ""


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    data = tmp_path_factory.mktemp("whole")
    return asyncio.run(_besieged(RehearsalPlan(COMPANY, data=data, fast=True, log_level="DEBUG"), data))


async def _besieged(plan: RehearsalPlan, data: Path) -> Aftermath:
    found = Aftermath()
    async with rehearsal(plan) as house:
        record = await house.place(Script("+12025550120", "+12025580001", parse_turns(["keys:12#", "hangup"])))
        await house.ended_story(record.call_sid)
        await _filed(data)
        found.rows.append(_rows(data))
        await asyncio.to_thread(_throw, house.twin.settings, record.call_sid, found)
        found.rows.append(_rows(data))
    found.log = (data / "server.log").read_text("utf-8")
    return found


async def _filed(data: Path) -> None:
    """Until the facts of the call that is over are made: the house does that by itself, a moment later."""
    for _ in range(600):
        if not any(row.startswith('INSERT INTO "facts_wanted"') for row in _rows(data)):
            return
        await asyncio.sleep(0.1)
    pytest.fail("the facts of a call that is over were not made within a minute")


def _rows(data: Path) -> list[str]:
    """All but the ticker's heartbeat."""
    with closing(sqlite3.connect(data / "voicebot.db")) as database:
        return [row for row in database.iterdump() if not row.startswith('INSERT INTO "boots"')]


def _throw(twin: TwinSettings, leg: str, found: Aftermath) -> None:
    account = [("AccountSid", twin.account_sid), ("CallSid", leg), ("Digits", SECRET)]
    with httpx.Client(base_url=twin.product_url, timeout=10) as client:

        def post(kind: str, target: str, body: str, signature: str | None, content_type: str = "") -> None:
            form = parse_qsl(body, keep_blank_values=True, errors="werkzeug.url_quote")
            right = sign(twin.auth_token, twin.public_url + target, form) if signature is None else signature
            headers = {"X-Twilio-Signature": right, "Content-Type": content_type or "application/x-www-form-urlencoded"}
            answer = client.post(target, content=body.encode("latin-1"), headers=headers)
            found.statuses.setdefault(kind, []).append(answer.status_code)

        for case in corpus("bodies"):
            post("body", "/voice/incoming", case["body"] * case.get("times", 1), None, case.get("kind", ""))
        for word in [*corpus("words").values(), *corpus("addresses")]:
            form = account + [(name, word[:100]) for name in PARAMETERS if name not in ("CallStatus", "Digits")]
            body = urlencode(form, errors="surrogatepass")
            post("forged", "/voice/incoming", body, "forged")
            post("no token", "/voice/entry/call/1-0/1.x", body, None)
            post("known leg", "/voice/incoming", body, None)
            post("the end again", "/voice/status", f"{body}&CallStatus=completed", None)
            post("fallback", "/voice/fallback", body, None)
    _throw_bytes(twin.product_url)


def _throw_bytes(url: str) -> None:
    port = urlsplit(url).port
    for case in corpus("wire"):
        with socket.create_connection(("127.0.0.1", port), 1) as line, suppress(OSError):
            line.sendall((case.get("before", "") + case["raw"] * case.get("times", 1) + case.get("then", "")).encode("latin-1"))
            line.recv(1024)
    for signature in ("", "forged", "\x7f"):
        with (
            suppress(WebSocketException, OSError),
            connect(f"ws://127.0.0.1:{port}/voice/stream", additional_headers={"X-Twilio-Signature": signature}),
        ):
            pass


def test_everything_was_answered_as_it_should_be(aftermath: Aftermath) -> None:
    expected: dict[str, Any] = {"body": {403, 413, 415}, "forged": {403}, "no token": {403}, "known leg": {200}}
    expected |= {"the end again": {204}, "fallback": {200}}
    assert {kind: set(statuses) for kind, statuses in aftermath.statuses.items()} == expected


def test_not_a_row_was_written(aftermath: Aftermath) -> None:
    before, after = aftermath.rows
    assert any('INSERT INTO "calls"' in row for row in before)
    assert after == before


def test_each_event_is_one_line_of_known_keys_and_no_line_breaks_out(aftermath: Aftermath) -> None:
    told = events(aftermath.log)
    assert len(told) > 100
    assert {key for event in told for key in event} <= KNOWN_KEYS
    assert {event["event"] for event in told if event["level"] in ("error", "critical")} == set()


def test_nothing_of_what_was_thrown_stands_in_the_log(aftermath: Aftermath) -> None:
    assert SECRET not in aftermath.log
    for word in [*corpus("words").values(), *corpus("addresses")]:
        if len(word.strip()) > 3:
            assert word.strip() not in aftermath.log
            assert json.dumps(word)[1:-1] not in aftermath.log
