"""`RestCrm`: what it makes of what a back end does. Without a network: the shipped mock, or scripted answers."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import structlog

from tests.identity.backends import BACK_END, KEYS, OAUTH, OAUTH_KEYS, SECRET, InProcess, Moved, Scripted, a_crm, a_mock, says
from voicebot.dialogue.actions import Among, Claim
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict
from voicebot.errors import ConfigError
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.rest import build_rest_crm
from voicebot.identity.rest_http import LARGEST_BODY
from voicebot.ports.crm import Details, Identified

ADA = Claim(ref="C-1001")
PIN = Secret("493817")
NOT_FOUND = {"result": "not_found"}
MATCHED = {"result": "matched"}
LATER = says({}, 503, retry_after="5")

# ---- answers ----------------------------------------------------------------------------------------------------------


def test_what_the_back_end_says_of_a_number_stays_apart() -> None:
    line = InProcess(a_mock(Moved()))
    crm = a_crm(line)
    assert crm.identify("account_number", "40719238") == Identified(
        IdentifyResult.FOUND, Customer("C-1001", "40719238", "Ada Marsh")
    )
    assert crm.identify("ani", "+12025550101").customer == Customer("C-1001", "40719238", "Ada Marsh")
    assert crm.identify("account_number", "00000000") == Identified(IdentifyResult.NOT_FOUND)
    several = Identified(IdentifyResult.SEVERAL, separators=("account_number", "tracking_number"))
    assert crm.identify("ani", "+12025550105") == several
    assert crm.identify("shoe_size", "9") == Identified(IdentifyResult.UNAVAILABLE)


def test_those_who_share_a_number_are_told_apart_by_another() -> None:
    crm, shared = a_crm(InProcess(a_mock(Moved()))), Among("ani", "+12025550105")
    found = crm.identify("account_number", "81527360", shared).customer
    assert found is not None
    assert found.ref == "C-1005"
    assert crm.identify("account_number", "40719238", shared).result is IdentifyResult.NOT_FOUND


def test_what_the_back_end_says_of_a_secret_stays_apart() -> None:
    crm = a_crm(InProcess(a_mock(Moved())))
    assert crm.check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.MATCHED
    assert crm.check_secret(ADA, "pin", Secret("000000"), new_key()) is SecretVerdict.MISMATCHED
    assert crm.check_secret(Claim(ref="C-1007"), "pin", PIN, new_key()) is SecretVerdict.NOT_SET
    assert crm.check_secret(Claim(by="account_number", value="40719238"), "pin", PIN, new_key()) is SecretVerdict.MATCHED
    assert crm.check_secret(Claim(by="account_number", value="00000000"), "pin", PIN, new_key()) is SecretVerdict.MISMATCHED
    for _ in range(5):
        crm.check_secret(ADA, "pin", Secret("000000"), new_key())
    assert crm.check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.LOCKED


def test_details_are_those_that_were_asked_for_and_no_others() -> None:
    crm = a_crm(InProcess(a_mock(Moved())))
    assert crm.details("C-1001", ("balance", "due_date")) == Details({"balance": "84.20", "due_date": "2026-12-01"})
    assert crm.details("C-9", ("balance",)) == Details(None)
    more = says({"result": "answered", "values": {"balance": "1.00", "iban": "DK1"}})
    assert a_crm(Scripted(more)).details("C-1", ("balance",)) == Details({"balance": "1.00"})


@pytest.mark.parametrize(
    ("names", "assurance"),
    [(("balance",), "verified"), (("delivery_status", "balance"), "verified"), (("delivery_status",), "identified")],
)
def test_the_back_end_is_told_the_assurance_that_the_names_rest_on(names: tuple[str, ...], assurance: str) -> None:
    line = Scripted(says({"result": "answered", "values": {}}))
    a_crm(line).details("C-1", names)
    assert json.loads(line.requests[0].content) == {"ref": "C-1", "names": list(names), "assurance": assurance}


def test_refused_details_are_left_out() -> None:
    line = InProcess(a_mock(Moved()))
    crm = a_crm(line, private=())  # our settings take them for public, the back end does not
    told = crm.details("C-1001", ("balance", "delivery_status")).details
    assert told is not None
    assert list(told) == ["delivery_status"]


# ---- what is sent -----------------------------------------------------------------------------------------------------


def test_numbers_and_secrets_stand_in_bodies_only() -> None:
    line = InProcess(a_mock(Moved()))
    crm = a_crm(line)
    crm.identify("ani", "+12025550101")
    crm.check_secret(ADA, "pin", PIN, new_key())
    crm.details("C-1001", ("balance",))
    for request in line.requests:
        head = f"{request.method} {request.url}" + str(dict(request.headers))
        assert request.method == "POST"
        assert not any(text in head for text in ("2025550101", "493817", "C-1001"))


def test_a_check_carries_the_key_that_names_it_and_questions_have_none() -> None:
    line = InProcess(a_mock(Moved()))
    crm = a_crm(line)
    crm.identify("ani", "+12025550101")
    crm.check_secret(ADA, "pin", PIN, "the-key-of-this-check")
    assert [request.headers.get("idempotency-key") for request in line.requests] == [None, "the-key-of-this-check"]


def test_a_check_that_is_made_again_under_its_key_is_counted_once_by_the_back_end() -> None:
    """As after a crash: another process, another connection, the same check."""
    mock = a_mock(Moved())
    for _ in range(12):
        crm = a_crm(InProcess(mock))
        assert crm.check_secret(ADA, "pin", Secret("000000"), "the-key-of-this-check") is SecretVerdict.MISMATCHED
    assert a_crm(InProcess(mock)).check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.MATCHED


# ---- what goes wrong --------------------------------------------------------------------------------------------------

CERTAINLY_NOT_RUN = {
    "connection refused": httpx.ConnectError("no"),
    "connecting took too long": httpx.ConnectTimeout("no"),
    "429 that says when": says({}, 429, retry_after="1"),
    "503 that says when": LATER,
    "400": says({}, 400),
    "401": says({}, 401),
    "403": says({}, 403),
    "404": says({}, 404),
    "413": says({}, 413),
    "422": says({}, 422),
}
PERHAPS_RUN = {
    "no answer": httpx.ReadTimeout("no"),
    "connection broke": httpx.ReadError("no"),
    "writing broke": httpx.WriteError("no"),
    "no HTTP": httpx.RemoteProtocolError("no"),
    "500": says({}, 500),
    "502": says({}, 502),
    "503 without a word": says({}, 503),
    "504": says({}, 504),
    "redirect": httpx.Response(307, headers={"location": "https://elsewhere.example.com/validate"}),
    "201": says(MATCHED, 201),
    "unknown word": says({"result": "yes"}),
    "no JSON": httpx.Response(200, content=b"<html>matched</html>"),
    "too large": httpx.Response(200, content=json.dumps(MATCHED).encode() + b" " * LARGEST_BODY),
    "compressed": httpx.Response(200, headers={"content-encoding": "gzip"}, content=b"\x1f\x8b"),
}


@pytest.mark.parametrize("answer", [*CERTAINLY_NOT_RUN.values(), *PERHAPS_RUN.values()], ids=[*CERTAINLY_NOT_RUN, *PERHAPS_RUN])
def test_whatever_goes_wrong_with_a_question_is_unavailable_never_not_found(answer: httpx.Response | Exception) -> None:
    assert a_crm(Scripted(answer)).identify("account_number", "40719238") == Identified(IdentifyResult.UNAVAILABLE)
    assert a_crm(Scripted(answer)).details("C-1", ("balance",)) == Details(None)


@pytest.mark.parametrize("answer", CERTAINLY_NOT_RUN.values(), ids=CERTAINLY_NOT_RUN)
def test_an_attempt_is_given_back_where_the_secret_certainly_was_not_checked(answer: httpx.Response | Exception) -> None:
    assert a_crm(Scripted(answer)).check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.UNAVAILABLE


@pytest.mark.parametrize("answer", PERHAPS_RUN.values(), ids=PERHAPS_RUN)
def test_an_attempt_stays_counted_where_the_secret_may_have_been_checked_and_is_not_tried_again(
    answer: httpx.Response | Exception,
) -> None:
    line = Scripted(answer, says(MATCHED))
    assert a_crm(line).check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.TIMED_OUT
    assert len(line.requests) == 1


@pytest.mark.parametrize(
    "name", ["connection refused", "no answer", "connection broke", "no HTTP", "500", "502", "503 without a word"]
)
def test_a_question_is_asked_twice_where_that_may_help(name: str) -> None:
    line = Scripted({**CERTAINLY_NOT_RUN, **PERHAPS_RUN}[name], says(NOT_FOUND))
    assert a_crm(line).identify("account_number", "40719238").result is IdentifyResult.NOT_FOUND
    line = Scripted({**CERTAINLY_NOT_RUN, **PERHAPS_RUN}[name], says({"result": "answered", "values": {"balance": "1"}}))
    assert a_crm(line).details("C-1", ("balance",)) == Details({"balance": "1"})


@pytest.mark.parametrize(
    "name",
    ["429 that says when", "503 that says when", "401", "422", "redirect", "unknown word", "no JSON", "too large", "compressed"],
)
def test_a_question_is_not_asked_again_where_that_would_not_help(name: str) -> None:
    line = Scripted({**CERTAINLY_NOT_RUN, **PERHAPS_RUN}[name], says(NOT_FOUND))
    assert a_crm(line).identify("account_number", "40719238").result is IdentifyResult.UNAVAILABLE
    assert len(line.requests) == 1


def test_no_question_is_asked_three_times() -> None:
    line = Scripted(httpx.ReadTimeout("no"))
    a_crm(line).identify("account_number", "40719238")
    assert len(line.requests) == 2


def test_a_check_is_sent_again_with_its_key_only_where_no_connection_came_about() -> None:
    line = Scripted(httpx.ConnectError("no"), says(MATCHED))
    assert a_crm(line).check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.MATCHED
    first, second = line.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.headers["voicebot-request-id"] != second.headers["voicebot-request-id"]


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 0.05), (0.5, 0.125), (1.0, 0.2)])
def test_a_second_try_comes_after_a_short_time_by_chance(chance: float, wait: float) -> None:
    from voicebot.identity.breaker import Breaker
    from voicebot.identity.rest import RestCrm
    from voicebot.identity.rest_http import Http
    from voicebot.identity.rest_wire import Wire
    from voicebot.identity.signing import HmacAccess

    when = Moved()
    time = when.time(chance)
    http = Http(time, 0.5, 1.5, 4, transport=Scripted(httpx.ConnectError("no"), says(NOT_FOUND)))
    wire = Wire(http, "https://crm.example.com", HmacAccess("k", SECRET, time.wall), Breaker(), 4)
    RestCrm(wire, time, 3.0, ()).identify("account_number", "40719238")
    assert when.waited == pytest.approx([wait])


def test_there_is_no_second_try_without_time_for_it() -> None:
    when = Moved()

    def slow(request: httpx.Request) -> httpx.Response:
        when.seconds += 2.7
        raise httpx.ReadTimeout("no", request=request)

    line = httpx.MockTransport(slow)
    assert a_crm(line, when).identify("account_number", "40719238").result is IdentifyResult.UNAVAILABLE
    assert when.waited == []


def test_an_answer_that_comes_in_parts_is_cut_off_at_the_end_of_the_step() -> None:
    when = Moved()

    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for part in (b'{"result": ', b'"matched"}'):
                when.seconds += 1.6
                yield part

    line = httpx.MockTransport(lambda _request: httpx.Response(200, stream=Dripping()))
    assert a_crm(line, when).check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.TIMED_OUT


# ---- nobody else learns of it -----------------------------------------------------------------------------------------


def test_nothing_that_was_asked_or_answered_is_logged(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        for answer in [*CERTAINLY_NOT_RUN.values(), *PERHAPS_RUN.values(), says({"result": "40719238 493817"})]:
            crm = a_crm(Scripted(answer))
            crm.identify("account_number", "40719238")
            crm.check_secret(Claim(by="account_number", value="40719238"), "pin", PIN, new_key())
            crm.details("C-1001", ("balance",))
    written = str(lines) + caplog.text + "".join(capsys.readouterr())
    assert len(lines) > 50
    assert not any(text in written for text in ("40719238", "493817", "C-1001", SECRET))
    assert {line["event"] for line in lines} == {
        "back end refused", "back end not available", "back end answered against its contract",
    }  # fmt: skip


def test_the_http_library_does_not_log_addresses(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    a_crm(Scripted(says(NOT_FOUND))).identify("account_number", "40719238")
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]


def test_a_secret_that_is_checked_reaches_no_exception() -> None:
    class Broken(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError(f"while sending {request.content!r}", request=request)

    assert a_crm(Broken()).check_secret(ADA, "pin", PIN, new_key()) is SecretVerdict.TIMED_OUT


# ---- what an operator is told -----------------------------------------------------------------------------------------

REFUSED, DOWN, ODD = says({}, 422), httpx.ConnectError("no"), says({"result": "odd"})


@pytest.mark.parametrize("endpoint", ["identify", "validate", "details"])
def test_trouble_is_told_with_the_endpoint_and_what_it_was(endpoint: str) -> None:
    def ask(answer: httpx.Response | Exception) -> list[dict[str, object]]:
        crm = a_crm(Scripted(answer))
        with structlog.testing.capture_logs() as told:
            match endpoint:
                case "identify":
                    crm.identify("account_number", "40719238")
                case "validate":
                    crm.check_secret(ADA, "pin", PIN, new_key())
                case "details":
                    crm.details("C-1", ("balance",))
        return [dict(line) for line in told]

    assert ask(REFUSED) == [{"event": "back end refused", "log_level": "warning", "endpoint": endpoint, "status": 422}]
    down = {"event": "back end not available", "log_level": "warning", "endpoint": endpoint, "why": "no connection"}
    assert ask(DOWN) == [down]
    assert ask(ODD) == [{"event": "back end answered against its contract", "log_level": "error", "endpoint": endpoint}]


def test_details_that_were_refused_are_told_by_name_but_for_those_that_nobody_asked_for() -> None:
    refused = [{"name": name, "needs": "verified"} for name in ("due_date", "balance", "iban")]
    line = Scripted(says({"result": "answered", "values": {}, "refused": refused}))
    with structlog.testing.capture_logs() as told:
        a_crm(line).details("C-1", ("balance", "due_date"))
    assert told == [{"event": "back end refused details", "log_level": "warning", "names": ["balance", "due_date"]}]


def test_a_claim_of_nothing_is_sent_as_nothing() -> None:
    line = Scripted(says({"result": "mismatched"}))
    a_crm(line).check_secret(Claim(), "pin", PIN, new_key())
    assert json.loads(line.requests[0].content)["claim"] == {"field": "", "value": ""}


def test_a_second_try_goes_to_the_same_endpoint_with_the_same_question() -> None:
    line = Scripted(httpx.ReadTimeout("no"), says(NOT_FOUND))
    a_crm(line).identify("account_number", "40719238")
    first, second = line.requests
    assert (first.url, first.content) == (second.url, second.content)


# ---- as the settings have it ------------------------------------------------------------------------------------------


def test_a_back_end_is_built_as_the_settings_describe_it(tmp_path: Path) -> None:
    mock = a_mock(Moved())
    mock._plan = replace(mock._plan, wall=time.time)  # what is built has the clocks of this machine
    line = InProcess(mock)
    crm = build_rest_crm(BACK_END, KEYS, ("balance",), tmp_path, line)
    assert crm.identify("account_number", "40719238").customer == Customer("C-1001", "40719238", "Ada Marsh")
    assert crm.details("C-1001", ("balance",)) == Details({"balance": "84.20"})
    assert json.loads(line.requests[1].content)["assurance"] == "verified"
    assert [str(request.url) for request in line.requests] == [f"{BACK_END.url}/identify", f"{BACK_END.url}/details"]
    assert (crm._step, crm._wire._slots._initial_value) == (BACK_END.step, BACK_END.in_flight)
    assert 0.0 <= crm._when.chance() < 1.0
    crm.close()


def test_after_five_failures_a_built_back_end_rests(tmp_path: Path) -> None:
    line = Scripted(says({}, 500, retry_after="1"))
    crm = build_rest_crm(BACK_END, KEYS, (), tmp_path, line)
    for _ in range(8):
        crm.identify("account_number", "40719238")
    assert len(line.requests) == 5


def test_a_built_back_end_with_tokens_asks_for_one(tmp_path: Path) -> None:
    line = Scripted(says({"access_token": "t-1", "token_type": "Bearer"}), says(NOT_FOUND))
    crm = build_rest_crm(OAUTH, OAUTH_KEYS, (), tmp_path, line)
    assert crm.identify("account_number", "40719238").result is IdentifyResult.NOT_FOUND
    assert [request.url.path for request in line.requests] == ["/voicebot/token", "/voicebot/identify"]


def test_certificates_lie_beside_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^voicebot.toml: back_end.ca_file: {tmp_path}/ca.pem cannot be read as certificates"):
        build_rest_crm(replace(BACK_END, ca_file="ca.pem"), KEYS, (), tmp_path)


def test_time_limits_and_scope_are_those_of_the_settings(tmp_path: Path) -> None:
    back_end = replace(OAUTH, connect=0.7, read=1.9, in_flight=5, scope="idv.read")
    crm = build_rest_crm(back_end, OAUTH_KEYS, (), tmp_path)
    client = crm._wire._http._client
    assert (client.timeout.connect, client.timeout.read) == (0.7, 1.9)
    assert client._transport._pool._max_connections == 5  # type: ignore[attr-defined]
    crm.close()
    line = Scripted(says({"access_token": "t-1", "token_type": "Bearer"}), says(NOT_FOUND))
    build_rest_crm(back_end, OAUTH_KEYS, (), tmp_path, line).identify("account_number", "1")
    assert line.requests[0].content == b"grant_type=client_credentials&scope=idv.read"
