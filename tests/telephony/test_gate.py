"""Whoever is not the carrier with an address of ours changes nothing."""

import httpx
import pytest

from tests.serving_stage import served
from tests.telephony.stage import ACCOUNT, BASE, KEYS, LEG, TOKEN, Line, sign
from voicebot.serving import asgi_house


@pytest.fixture
def line() -> Line:
    return Line()


def posts(line: Line) -> list[str]:
    agent = [line.agent(what) for what in ("answer", "verdict", "document", "left", "status")]
    called = [f"/voice/called/our-call/{what}/{KEYS.token(f'voice.called.{what}', 'our-call')}" for what in ("answer", "status")]
    return [
        "/voice/incoming", "/voice/status", "/voice/fallback", f"/voice/check/{'0' * 32}/a", line.entry(), *agent, *called,
        line.target("waiting", "our-call/3-7", "our-call", 3, 7), line.target("document", "our-call/7", "our-call", 7),
        line.target("joined", "our-call/7-room-1", "our-call", 7, "room-1"), line.target("handed", "our-call/7", "our-call", 7),
        line.target("room", "our-call", "our-call"), line.target("hold", "our-call", "our-call"),
        line.target("recorded", "our-call", "our-call"),
        line.target("spoken", "our-call/3-0", "our-call", 3, 0), line.target("answer-recorded", "our-call", "our-call"),
        line.target("payment", "our-call/1-2", "our-call", 1, 2),
        line.target("talked", "our-call/7", "our-call", 7),
        line.target("message", "m1", "m1"),
        "/voice/message",
        line.target("paid", "our-call/7-1", "our-call", 7, 1),
        line.target("stream-status", "our-call/2", "our-call", 2),
    ]  # fmt: skip


def test_every_post_address_of_the_room_is_guarded(line: Line) -> None:
    rules = [rule for rule in line.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) == len(posts(line))


def test_no_address_sends_the_carrier_elsewhere(line: Line) -> None:
    for target in posts(line):
        assert line.post(target).status_code in (200, 204)
        assert line.post(f"{target}/").status_code not in range(300, 400)  # a request more, and perhaps one without its keys


def test_without_a_signature_nothing_happens(line: Line) -> None:
    form = [("CallSid", LEG), ("AccountSid", ACCOUNT)]
    for target in posts(line):
        assert line.post_raw(target, form, "").status_code == 403
        assert line.client.post(target, data=dict(form)).status_code == 403
    assert line.exchange.asked == []


def test_a_changed_parameter_address_or_query_is_turned_away(line: Line) -> None:
    for target in posts(line):
        form = [("CallSid", LEG), ("AccountSid", ACCOUNT), ("Digits", "1")]
        right = sign(TOKEN, BASE + target, form)
        assert line.post_raw(target, [*form[:2], ("Digits", "2")], right).status_code == 403
        assert line.post_raw(target, [*form, ("More", "1")], right).status_code == 403
        assert line.post_raw(target + "?x=1", form, right).status_code == 403
        assert line.post_raw(target, form, sign("another token", BASE + target, form)).status_code == 403
    assert line.exchange.asked == []


def test_a_signed_request_of_another_account_is_turned_away(line: Line) -> None:
    for target in posts(line):
        assert line.post(target, {"AccountSid": "AC" + "9" * 32}).status_code == 403
        assert line.post(target, {"AccountSid": ""}).status_code == 403
    assert line.exchange.asked == []


def test_a_signed_request_of_a_subaccount_that_is_listed_is_taken() -> None:
    line = Line(subaccounts=("AC" + "9" * 32,))
    assert line.post("/voice/incoming", {"AccountSid": "AC" + "9" * 32}).status_code == 200


def test_the_second_token_is_taken_during_a_rotation() -> None:
    line = Line(auth_tokens=(TOKEN, "next"))
    assert line.post("/voice/incoming", token="next").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "/voice/entry/our-call/3-0/{entry:our-call:4:0}",
        "/voice/entry/our-call/4-0/{entry:our-call:3:0}",
        "/voice/entry/our-call/3-1/{entry:our-call:3:0}",
        "/voice/entry/other-call/3-0/{entry:our-call:3:0}",
        "/voice/entry/our-call/3-0/{waiting:our-call:3:0}",
        "/voice/entry/our-call/3-0/none",
        "/voice/waiting/our-call/3-0/{entry:our-call:3:0}",
        "/voice/document/our-call/8/{document:our-call:7}",
        "/voice/joined/our-call/8-room-1/{document:our-call:8}",
        "/voice/joined/our-call/8-room-2/{joined:our-call:8:room-1}",
        "/voice/room/our-call/{joined:our-call:1}",
        "/voice/hold/our-call/{room:our-call}",
        "/voice/recorded/our-call/{hold:our-call}",
        "/voice/stream-status/our-call/3/{stream-status:our-call:2}",
        "/voice/agent/r1/answer/{agent.verdict:r1}",
        "/voice/agent/r2/verdict/{agent.verdict:r1}",
        "/voice/agent/r1/left/{agent.status:r1}",
        "/voice/agent/r1/document/{agent.answer:r1}",
        "/voice/agent/r1/status/0",
    ],
)
def test_a_signed_request_to_an_address_that_we_did_not_make_is_turned_away(line: Line, target: str) -> None:
    path, _, rest = target.partition("{")
    if rest:
        purpose, *parts = rest.rstrip("}").split(":")
        path += KEYS.token(f"voice.{purpose}", *parts)
    assert line.post(path, {"Digits": "1"}).status_code == 403
    assert line.exchange.asked == []


def test_only_short_forms_are_read(line: Line) -> None:
    target = "/voice/incoming"
    body = "a=" + "x" * 70_000
    assert line.post_raw(target, [], "", data=body).status_code == 413
    assert line.post_raw(target, [], "", data="{}", content_type="application/json").status_code == 415
    assert line.post_raw(target, [], "", data="x", content_type="multipart/form-data; boundary=x").status_code == 415
    assert line.post_raw(target, [], "", data="x", content_type="text/plain").status_code == 415
    assert line.client.post(target, input_stream=None, headers={"Transfer-Encoding": "chunked"}).status_code in (403, 411, 415)
    assert line.client.get(target).status_code == 405
    assert line.exchange.asked == []


def test_a_path_is_checked_as_it_came_and_not_as_it_decodes() -> None:
    line = Line()
    token = KEYS.token("voice.document", "a/b ü", "7")
    target = f"/voice/document/a%2Fb%20%C3%BC/7/{token}"
    response = line.post(target)
    assert response.status_code == 404  # a slash inside a call's id is never ours
    token = KEYS.token("voice.document", "a b", "7")
    assert line.post(f"/voice/document/a%20b/7/{token}").status_code == 200
    assert line.exchange.asked == [("document", "a b")]


def test_a_real_server_hands_the_raw_path_and_query_on(line: Line) -> None:
    form = [("CallSid", LEG), ("AccountSid", ACCOUNT), ("Digits", "12*"), ("From", "+12025550123")]
    token = KEYS.token("voice.document", "a b+c", "7")
    with served(asgi_house(line.app, {})) as server:
        for target in (f"/voice/document/a%20b%2Bc/7/{token}", f"/voice/document/a%20b+c/7/{token}?x=%2B+%7e"):
            url, headers = f"http://127.0.0.1:{server.port}{target}", {"X-Twilio-Signature": sign(TOKEN, BASE + target, form)}
            assert httpx.post(url, data=dict(form), headers=headers).status_code == 200
            assert httpx.post(url + "1", data=dict(form), headers=headers).status_code == 403
    assert line.exchange.asked == [("document", "a b+c")] * 2


def test_repeated_and_odd_parameters_are_covered_by_the_signature(line: Line) -> None:
    form = [("CallSid", LEG), ("AccountSid", ACCOUNT), ("From", "+1202 555 0123"), ("Name", "Bjørn & Søn"), ("Empty", "")]
    assert line.post_raw("/voice/incoming", form, sign(TOKEN, BASE + "/voice/incoming", form)).status_code == 200
