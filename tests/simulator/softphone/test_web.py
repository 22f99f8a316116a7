"""The softphone's web serves whoever has the link, on this machine, and nobody else."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from voicebot.simulator.handset import Handset
from voicebot.simulator.softphone.line import LONGEST_SOUND, PhoneLine
from voicebot.simulator.softphone.web import SoftphoneWeb, Telephones

MIRA = "+12025550171"
TELEPHONES = Telephones({"+12025550110": "billing"}, {MIRA: "<b>Mira</b> & co"})
Sent = list[dict[str, Any]]


class Board:
    """An exchange that notes what it is told."""

    def __init__(self) -> None:
        self.there: list[Handset] = []
        self.called: list[tuple[str, str]] = []

    def connect(self, handset: Handset) -> None:
        self.there.append(handset)

    def disconnect(self, handset: Handset) -> None:
        if handset in self.there:
            self.there.remove(handset)

    def call(self, handset: Handset, line: str, from_: str) -> None:
        del handset
        if line != "+12025550110":
            raise ValueError("there is no such line")
        self.called.append((line, from_))


def web(board: Board | None = None) -> SoftphoneWeb:
    return SoftphoneWeb(TELEPHONES, lambda number: PhoneLine(board or Board(), number))


async def _asked(app: SoftphoneWeb, scope: dict[str, Any], messages: list[dict[str, Any]], sent: Sent) -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return messages.pop(0) if messages else {"type": "websocket.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)


def ask(app: SoftphoneWeb, path: str, host: str = "127.0.0.1:9") -> tuple[int, Mapping[str, str], str]:
    sent: Sent = []
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", host.encode())]}
    asyncio.run(_asked(app, scope, [], sent))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


def talk(app: SoftphoneWeb, path: str, *said: Any, origin: str = "http://127.0.0.1:9") -> Sent:
    messages = [{"type": "websocket.connect"}]
    for one in said:
        body = {"bytes": one} if isinstance(one, bytes) else {"text": one if isinstance(one, str) else json.dumps(one)}
        messages.append({"type": "websocket.receive", **body})
    sent: Sent = []
    headers = [(b"host", b"127.0.0.1:9"), (b"origin", origin.encode())]
    asyncio.run(_asked(app, {"type": "websocket", "path": path, "headers": headers}, messages, sent))
    return sent


@pytest.mark.parametrize("page", ["", "caller", f"agent/{MIRA}", "phone.js", "sound.js", "capture.js", "phone.css"])
def test_whoever_has_the_link_gets_the_page(page: str) -> None:
    app = web()
    status, headers, body = ask(app, f"/{app.token}/{page}")
    assert status == 200
    assert body
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "<!--" not in body


def test_names_are_text_and_never_mark_up() -> None:
    app = web()
    for page in ("", f"agent/{MIRA}"):
        body = ask(app, f"/{app.token}/{page}")[2]
        assert "&lt;b&gt;Mira&lt;/b&gt; &amp; co" in body
        assert "<b>" not in body


@pytest.mark.parametrize("page", ["agent/+12025559999", "../web.py", "files/phone.js", "nothing", "agent/"])
def test_what_is_no_page_is_not_there(page: str) -> None:
    app = web()
    assert ask(app, f"/{app.token}/{page}")[0] in (404, 200 if page == "agent/" else 404)
    assert "import" not in ask(app, f"/{app.token}/../web.py")[2]


def test_without_the_token_or_by_another_name_there_is_nothing() -> None:
    app = web()
    assert ask(app, "/guessed/caller")[0] == 404
    assert ask(app, f"/{app.token}/caller", host="evil.example")[0] == 404


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/guessed/line/", "http://127.0.0.1:9"),
        ("/{token}/line/", "https://evil.example"),
        ("/{token}/line/", ""),
        ("/{token}/line/+12025559999", "http://127.0.0.1:9"),
        ("/{token}/other", "http://127.0.0.1:9"),
    ],
)
def test_a_socket_needs_token_origin_and_a_telephone(path: str, origin: str) -> None:
    board = Board()
    app = web(board)
    assert talk(app, path.format(token=app.token), origin=origin) == [{"type": "websocket.close", "code": 1008}]
    assert board.there == []


def test_a_caller_s_telephone_calls() -> None:
    board = Board()
    app = web(board)
    talk(app, f"/{app.token}/line/", {"kind": "call", "line": "+12025550110", "from": "anonymous"})
    assert board.called == [("+12025550110", "anonymous")]


def test_what_cannot_be_called_is_told() -> None:
    app = web()
    sent = talk(app, f"/{app.token}/line/", {"kind": "call", "line": "1", "from": ""}, {"kind": "key", "key": "1"}, {})
    assert json.loads(sent[1]["text"]) == {"kind": "refused", "why": "there is no such line"}


@pytest.mark.parametrize(
    "said",
    [
        *("", "{", "[]", "[" * 5000),
        *({"kind": "call"}, {"kind": "key", "key": 1}, {"kind": "done", "id": "x"}),
        *(b"", b"\xff" * (LONGEST_SOUND + 1)),
    ],
)
def test_nonsense_is_ignored(said: Any) -> None:
    board = Board()
    app = web(board)
    assert talk(app, f"/{app.token}/line/", said)[0] == {"type": "websocket.accept"}
    assert board.called == []


def test_an_agent_s_telephone_is_there_while_its_page_is() -> None:
    board = Board()
    app = web(board)
    gone: list[list[Handset]] = []
    board.disconnect = lambda handset: gone.append([handset])  # type: ignore[method-assign]
    talk(app, f"/{app.token}/line/{MIRA}", {"kind": "call", "line": "+12025550110", "from": "anonymous"})
    assert [handset.number for handset in board.there] == [MIRA]
    assert gone == [board.there]
    assert board.called == []
