import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from tests.identity.backends import OAUTH, OAUTH_KEYS, URL, InProcess, Moved, Scripted, a_crm, a_mock, says
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import IdentifyResult, Secret, SecretVerdict
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.oauth import Client, OAuthAccess, _Granted
from voicebot.identity.rest_http import Http
from voicebot.identity.signing import Outgoing, TokenUnavailable

REQUEST = Outgoing("POST", "/voicebot/identify", b"{}")
CLIENT = Client(f"{URL}/token", "voicebot", "s3cret:/+ of 20 letters", "idv.read")
GRANT = {"access_token": "t-1", "token_type": "Bearer", "expires_in": 300}
NOBODY = {"result": "not_found"}


def an_access(transport: httpx.BaseTransport, when: Moved) -> OAuthAccess:
    return OAuthAccess(Http(when.time(), 0.5, 1.5, 4, transport=transport), CLIENT)


def test_a_token_is_asked_for_as_the_rfc_has_it() -> None:
    when, line = Moved(), Scripted(says(GRANT))
    assert an_access(line, when).headers(REQUEST, 2000.0) == {"Authorization": "Bearer t-1"}
    (asked,) = line.requests
    assert (asked.method, str(asked.url)) == ("POST", f"{URL}/token")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.content == b"grant_type=client_credentials&scope=idv.read"
    pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == "voicebot:s3cret%3A%2F%2B%20of%2020%20letters"


@pytest.mark.parametrize(("expires_in", "good_for"), [(300, 240), (30, 15), (3600, 3540)])
def test_a_token_is_kept_until_shortly_before_its_end(expires_in: int, good_for: int) -> None:
    when, line = Moved(), Scripted(says({**GRANT, "expires_in": expires_in}))
    access = an_access(line, when)
    access.headers(REQUEST, 2000.0)
    when.seconds += good_for - 0.5
    access.headers(REQUEST, when.seconds + 3)
    assert len(line.requests) == 1
    when.seconds += 1
    access.headers(REQUEST, when.seconds + 3)
    assert len(line.requests) == 2


def test_a_token_without_an_end_is_kept_for_four_minutes() -> None:
    when, line = Moved(), Scripted(says({"access_token": "t-1", "token_type": "bearer"}))
    access = an_access(line, when)
    for moved in (0.0, 239.0, 2.0):
        when.seconds += moved
        access.headers(REQUEST, when.seconds + 3)
    assert len(line.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        says({"error": "invalid_client"}, 401),
        says({**GRANT, "token_type": "mac"}),
        says({**GRANT, "access_token": ""}),
        says({**GRANT, "access_token": "a b"}),
        says({**GRANT, "access_token": "a\r\nX-Other: 1"}),
        says({**GRANT, "access_token": 7}),
        says([]),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(302, headers={"location": "https://elsewhere.example.com"}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
    ],
)
def test_what_is_no_token_is_none_and_nothing_is_sent(answer: httpx.Response | Exception) -> None:
    line = Scripted(answer)
    crm = a_crm(line, back_end=OAUTH, keys=OAUTH_KEYS)
    assert crm.check_secret(Claim(ref="C-1"), "pin", Secret("493817"), new_key()) is SecretVerdict.UNAVAILABLE
    assert crm.identify("account_number", "40719238").result is IdentifyResult.UNAVAILABLE
    assert {request.url.path for request in line.requests} == {"/voicebot/token"}


def test_a_401_brings_one_new_token_and_one_more_try() -> None:
    line = Scripted(says(GRANT), says({}, 401), says({**GRANT, "access_token": "t-2"}), says(NOBODY))
    found = a_crm(line, back_end=OAUTH, keys=OAUTH_KEYS).identify("account_number", "40719238")
    assert found.result is IdentifyResult.NOT_FOUND
    sent = [(request.url.path, request.headers["authorization"][:10]) for request in line.requests]
    assert [path for path, _ in sent] == ["/voicebot/token", "/voicebot/identify"] * 2
    assert (sent[1][1], sent[3][1]) == ("Bearer t-1", "Bearer t-2")


def test_a_second_401_is_the_end_of_it() -> None:
    line = Scripted(says(GRANT), says({}, 401), says(GRANT), says({}, 401))
    crm = a_crm(line, back_end=OAUTH, keys=OAUTH_KEYS)
    assert crm.check_secret(Claim(ref="C-1"), "pin", Secret("493817"), new_key()) is SecretVerdict.UNAVAILABLE
    assert len(line.requests) == 4


def test_many_threads_fetch_one_token() -> None:
    when, line, start = Moved(), Scripted(says(GRANT)), Barrier(8)
    access = an_access(line, when)

    def ask(_: int) -> dict[str, str]:
        start.wait(10)
        return access.headers(REQUEST, when.seconds + 3)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [{"Authorization": "Bearer t-1"}] * 8
    assert len(line.requests) == 1


def test_nobody_waits_for_anothers_token_beyond_the_step() -> None:
    when = Moved()
    access = an_access(Scripted(says(GRANT)), when)
    with access._turn, pytest.raises(TokenUnavailable):
        access.headers(REQUEST, when.seconds)


def test_the_mock_gives_tokens_and_takes_them_only_while_they_are_good() -> None:
    when = Moved()
    mock = a_mock(when, signed=False)
    line = InProcess(mock)
    crm = a_crm(line, when, OAUTH, OAUTH_KEYS)
    assert crm.identify("account_number", "40719238").result is IdentifyResult.FOUND
    mock._tokens.withdraw()
    assert crm.identify("account_number", "40719238").result is IdentifyResult.FOUND
    assert [request.url.path.rpartition("/")[2] for request in line.requests] == [
        "token", "identify", "identify", "token", "identify",
    ]  # fmt: skip


def test_neither_secret_nor_token_is_shown() -> None:
    when = Moved()
    access = an_access(Scripted(says(GRANT)), when)
    access.headers(REQUEST, 2000.0)
    assert "s3cret" not in repr(CLIENT) + repr(access)


def test_a_client_without_a_scope_asks_for_none() -> None:
    when, line = Moved(), Scripted(says(GRANT))
    client = Client(f"{URL}/token", "a/client", "s3cret")
    OAuthAccess(Http(when.time(), 0.5, 1.5, 4, transport=line), client).headers(REQUEST, 2000.0)
    assert line.requests[0].content == b"grant_type=client_credentials"
    assert base64.b64decode(line.requests[0].headers["authorization"].removeprefix("Basic ")) == b"a%2Fclient:s3cret"


def test_both_parts_of_a_clients_name_are_encoded_to_the_last_letter() -> None:
    when, line = Moved(), Scripted(says(GRANT))
    client = Client(f"{URL}/token", "X/X", "/X/")
    OAuthAccess(Http(when.time(), 0.5, 1.5, 4, transport=line), client).headers(REQUEST, 2000.0)
    assert base64.b64decode(line.requests[0].headers["authorization"].removeprefix("Basic ")) == b"X%2FX:%2FX%2F"


def test_at_the_very_moment_it_is_to_be_renewed_a_token_is_not_used_any_more() -> None:
    when, line = Moved(), Scripted(says(GRANT))
    access = an_access(line, when)
    access.headers(REQUEST, 2000.0)
    when.seconds += 240
    access.headers(REQUEST, 2000.0)
    assert len(line.requests) == 2


@pytest.mark.parametrize(("length", "taken"), [(1, True), (8192, True), (8193, False)])
def test_a_token_may_be_as_long_as_a_header_can_hold(length: int, taken: bool) -> None:
    when, line = Moved(), Scripted(says({**GRANT, "access_token": "t" * length}))
    access = an_access(line, when)
    if taken:
        assert access.headers(REQUEST, 2000.0) == {"Authorization": f"Bearer {'t' * length}"}
    else:
        with pytest.raises(TokenUnavailable):
            access.headers(REQUEST, 2000.0)


def test_a_refused_token_is_forgotten_even_if_there_is_no_other() -> None:
    when, line = Moved(), Scripted(says(GRANT), says({}, 503), says({**GRANT, "access_token": "t-2"}))
    access = an_access(line, when)
    access.headers(REQUEST, 2000.0)
    assert access.refused()
    with pytest.raises(TokenUnavailable):
        access.headers(REQUEST, 2000.0)
    assert access.headers(REQUEST, 2000.0) == {"Authorization": "Bearer t-2"}


def test_what_was_granted_is_not_shown() -> None:
    assert repr(_Granted("t-1", "Bearer")) == "_Granted(…)"
