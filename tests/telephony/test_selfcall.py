"""Our public address asked as the carrier asks it, through proxies that do what proxies do."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.telephony.front import Proxy, line_behind
from tests.telephony.stage import ACCOUNT, KEYS, TOKEN
from voicebot.keyring import Keyring
from voicebot.serving import AsgiApp
from voicebot.telephony.findings import Finding, Verdict
from voicebot.telephony.selfcall import SelfCall

NAME = "TWILIO_AUTH_TOKEN"


def answering(status: int, body: bytes = b"no", *headers: tuple[bytes, bytes]) -> Proxy:
    """A proxy that answers by itself."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
        await send({"type": f"{kind}.start", "status": status, "headers": list(headers)})
        await send({"type": f"{kind}.body", "body": body})

    return lambda _: app


def changing(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Proxy:
    """A proxy that changes what it passes on."""

    def proxy(app: AsgiApp) -> AsgiApp:
        async def changed(scope: Any, receive: Any, send: Any) -> None:
            await app(change(dict(scope)), receive, send)

        return changed

    return proxy


def only(kind: str, proxy: Proxy) -> Proxy:
    """Do it for HTTP or for sockets only."""

    def chosen(app: AsgiApp) -> AsgiApp:
        changed = proxy(app)

        async def one(scope: Any, receive: Any, send: Any) -> None:
            await (changed if scope["type"] == kind else app)(scope, receive, send)

        return one

    return chosen


def one(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


# ---- all is well ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/ivr"])
def test_a_line_behind_a_proxy_that_leaves_things_alone_is_found_well(path: str) -> None:
    """Also where the public address has a path that the proxy takes off."""

    def stripped(scope: dict[str, Any]) -> dict[str, Any]:
        raw = scope["raw_path"].removeprefix(path.encode())
        return scope | {"raw_path": raw, "path": raw.decode()}

    with line_behind(only("http", changing(stripped)), path=path) as call:
        assert one(call.reaches()).verdict is Verdict.OK
        assert [found.verdict for found in call.signature()] == [Verdict.OK, Verdict.OK]


def test_an_audio_socket_opens_with_our_token_only() -> None:
    with line_behind() as call:
        assert one(call.socket()).verdict is Verdict.OK


# ---- the way there is not right ----------------------------------------------------------------------------------------


def test_nobody_there_is_said_and_what_to_do() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        call = SelfCall(f"http://127.0.0.1:{nobody.getsockname()[1]}", ACCOUNT, {NAME: TOKEN}, KEYS, within=1.0)
        found = one(call.reaches())
    assert found.bad
    assert "no connection" in found.says
    assert "start the server" in found.mend


def test_somebody_who_never_answers_is_not_waited_for() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        del scope, send
        while (await receive())["type"] != "http.disconnect":
            pass

    with line_behind(lambda _: silent) as call:
        found = one(SelfCall(call.base, ACCOUNT, {NAME: TOKEN}, KEYS, within=0.2).reaches())
    assert "no answer" in found.says


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        (answering(502), "finds no server behind it"),
        (answering(404), "knows no /voice/check"),
        (answering(403), "lets nobody in"),
        (answering(500), "answers with status 500"),
        (answering(301, b"", (b"location", b"https://www.example.com/")), "redirects elsewhere"),
        (answering(200, b"It works!"), "does not have this server's keys"),
        (answering(200, b'["a list"]'), "does not have this server's keys"),
        (answering(200, b'{"answer": "1.x", "target": "/voice/check"}'), "does not have this server's keys"),
        (changing(lambda scope: scope | {"query_string": b""}), "the proxy changes addresses"),
        (changing(lambda scope: scope | {"query_string": scope["query_string"].replace(b"%2B", b"+")}), "changes addresses"),
        (changing(lambda scope: scope | {"query_string": scope["query_string"].replace(b"&empty=", b"")}), "changes addresses"),
    ],
)
def test_what_is_wrong_on_the_way_is_told_apart(proxy: Proxy, said: str) -> None:
    with line_behind(proxy) as call:
        found = one(call.reaches())
    assert found.bad
    assert said in found.says
    assert found.mend


def test_a_server_of_other_keys_is_not_this_server(tmp_path: Path) -> None:
    with line_behind() as call:
        other = SelfCall(call.base, ACCOUNT, {NAME: TOKEN}, Keyring.open(tmp_path / "keys"))
        assert "does not have this server's keys" in one(other.reaches()).says


def test_a_server_that_runs_with_another_address_is_to_be_reloaded() -> None:
    with line_behind(base="https://old.example.com") as call:
        found = one(call.reaches())
    assert "another PUBLIC_BASE_URL" in found.says
    assert "reload" in found.mend


# ---- signatures --------------------------------------------------------------------------------------------------------


def test_a_server_that_runs_with_another_token_refuses_and_that_is_said() -> None:
    with line_behind(token="an-older-token-00") as call:
        ours, forged = call.signature()
        refused = one(call.socket())
    assert ours.bad
    assert f"signed with {NAME} is refused" in ours.says
    assert forged.verdict is Verdict.OK
    assert refused.bad
    assert "is refused" in refused.says
    assert TOKEN not in f"{ours}{forged}{refused}"


def test_a_proxy_that_answers_everything_lets_forged_requests_in_and_that_is_said() -> None:
    with line_behind(answering(200)) as call:
        ours, forged = call.signature()
    assert "not from this server" in ours.says
    assert "signed with another token is let in" in forged.says
    assert forged.bad


def test_a_proxy_that_drops_posts_is_said_to() -> None:
    with line_behind(answering(405)) as call:
        ours, forged = call.signature()
    assert "status 405" in ours.says
    assert "should get 403, and got status 405" in forged.says


def test_requests_that_get_no_answer_are_said_to() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        call = SelfCall(f"http://127.0.0.1:{nobody.getsockname()[1]}", ACCOUNT, {NAME: TOKEN}, KEYS, within=1.0)
        ours, forged = call.signature()
        opened = one(call.socket())
    assert "got no answer" in ours.says
    assert "and got no answer" in forged.says
    assert "does not open (no answer)" in opened.says


def test_every_token_is_tried() -> None:
    with line_behind() as call:
        both = SelfCall(call.base, ACCOUNT, {NAME: TOKEN, f"{NAME}_NEXT": "the-next-token-00"}, KEYS)
        present, coming, forged = both.signature()
    assert (present.verdict, coming.verdict, forged.verdict) == (Verdict.OK, Verdict.WRONG, Verdict.OK)
    assert f"{NAME}_NEXT" in coming.says


# ---- sockets -------------------------------------------------------------------------------------------------------------


def test_a_proxy_that_passes_no_upgrades_on_is_said_to() -> None:
    with line_behind(only("websocket", answering(400))) as call:
        found = one(call.socket())
    assert "does not open (status 400)" in found.says
    assert "Upgrade" in found.mend


def test_a_socket_that_opens_for_anybody_is_said_to() -> None:
    async def open_door(scope: Any, receive: Any, send: Any) -> None:
        del scope
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    with line_behind(only("websocket", lambda _: open_door)) as call:
        assert "another token is let in" in one(call.socket()).says


def test_no_secret_stands_in_its_repr() -> None:
    assert TOKEN not in repr(SelfCall("https://voice.example.com", ACCOUNT, {NAME: TOKEN}, KEYS))
