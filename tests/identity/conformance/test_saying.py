"""What `backend check` says to the owner of a back end, to the letter; and that each refusal it asks for has one reason only."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.identity.backends import BACK_END, EXAMPLES, KEYS, OAUTH, OAUTH_KEYS, InProcess, Moved, Scripted, a_mock, says
from tests.identity.conformance.test_check import FOUND_BY, KNOWN, run
from voicebot.config.backend import BackEnd, BackEndKeys
from voicebot.dialogue.values import Secret
from voicebot.identity.conformance import identifying
from voicebot.identity.conformance.check import RULES, State, findings, open_probe
from voicebot.identity.conformance.known import Known
from voicebot.identity.conformance.overall import content_types, no_echo, no_redirects, problem_bodies, sizes
from voicebot.identity.conformance.probe import Broken, Exchange, NotTestable, Probe, _is_problem
from voicebot.identity.conformance.validating import equal_work, locked
from voicebot.identity.rest_http import Answer, Why
from voicebot.simulator.backend_flaws import Flaw

WHERE_401 = "answered with status 200 where 401 was due"
SAID = {
    Flaw.ANI_NEVER_FOUND: "found was due, not_found came",
    Flaw.BODY_UNSIGNED: WHERE_401,
    Flaw.CLAIM_BY_REF_ONLY: "answered with status 400 where 200 was due",
    Flaw.DETAILS_OF_NOBODY: "not_found was due",
    Flaw.DETAILS_TO_ANYBODY: "a private detail was told to a caller who was only identified",
    Flaw.ECHOES: "8 answers repeat the secret that they were asked about",
    Flaw.ERRORS_AS_TEXT: "refusals without such a body: status 400, 401, 405, 422",
    Flaw.EXTRA_KEYS: "has keys that the contract does not know: customer.favourite_colour",
    Flaw.FUTURE_TAKEN: WHERE_401,
    Flaw.GET_ANSWERED: "answered with status 200 where 405 or 404 was due",
    Flaw.HTML: "content types that are not in the contract: text/html",
    Flaw.HUGE: "an answer was larger than 256 KiB, or compressed",
    Flaw.KEY_COUNTS_TWICE: "one wrong secret, sent 12 times with one key, and then the right one: locked",
    Flaw.KEY_IGNORED: "the first answer was mismatched, repeats of its key gave mismatched and matched",
    Flaw.KEY_OPTIONAL: "answered with status 200 where 400 or 422 was due",
    Flaw.KEY_ID_IGNORED: WHERE_401,
    Flaw.KEY_UNSIGNED: WHERE_401,
    Flaw.LOCK_FORGETS: "locked was due, mismatched came",
    Flaw.MATCHES_ALL: "mismatched was due, matched came",
    Flaw.MATCHES_NONE: "matched was due, mismatched came",
    Flaw.NOT_FOUND_404: "answered with status 404 where 200 was due",
    Flaw.NOT_SET_MISMATCHED: "not_set was due, mismatched came",
    Flaw.NUMBERS_AS_NUMBERS: "not in the contract: Expected `str`, got `int` - at `$.customer.identifier`",
    Flaw.OLD_TAKEN: WHERE_401,
    Flaw.PATH_UNSIGNED: WHERE_401,
    Flaw.QUICK_ON_UNKNOWN: "known accounts take 20 ms, unknown ones 0 ms: that tells who is a customer",
    Flaw.REDIRECTS: "an answer was a redirect",
    Flaw.REFUSED_SILENTLY: "the private detail must be listed in `refused`, with needs = verified, and nothing else",
    Flaw.REPLAY_TAKEN: WHERE_401,
    Flaw.SEVERAL_AS_FIRST: "several was due, found came",
    Flaw.STRICT_KEYS: "answered with status 400 where 200 was due",
    Flaw.TAKES_ANY_BODY: "answered with status 200 where 400 or 422 was due",
    Flaw.UNKNOWN_CLAIM_TOLD: "not in the contract: Invalid enum value 'not_found' - at `$.result`",
    Flaw.UNKNOWN_DETAIL_IGNORED: "answered with status 200 where 422 was due",
    Flaw.UNKNOWN_FIELD_IGNORED: "answered with status 200 where 422 was due",
    Flaw.UNSIGNED_TAKEN: WHERE_401,
    Flaw.WITHIN_IGNORED: "not_found was due for somebody else, found came",
    Flaw.WRONG_SIGNATURE_TAKEN: WHERE_401,
    Flaw.WRONG_WORDS: "not in the contract: Invalid value 'hit' - at `$.result`",
}
NEEDS_SECRET = "needs secret_field and the known customer's secret (VOICEBOT_BACKEND_TEST_SECRET)"


@pytest.mark.parametrize("flaw", Flaw)
def test_a_broken_promise_is_told_in_these_words(flaw: Flaw) -> None:
    assert run(flaw)[FOUND_BY[flaw]].text == SAID[flaw]


def test_of_promises_that_are_kept_only_figures_are_told() -> None:
    assert {rule: finding.text for rule, finding in run().items() if finding.text} == {
        "found": "with a name", "several": "2 of them", "equal_work": "20 and 20 ms", "details": "delivery_status, balance",
        "sizes": "the largest was 165 of 262144 bytes",
        "latency": "95th percentile: identify 0 ms, validate 20 ms, details 0 ms",
    }  # fmt: skip


def test_a_promise_is_the_first_line_of_its_rule_without_a_full_stop() -> None:
    told = {rule: finding.promise for rule, finding in run().items()}
    assert told["found"] == "A known identifier finds its customer"
    assert told["content_types"] == "Answers are application/json, refusals application/problem+json (or application/json)"
    assert told == {rule: (RULES[rule].__doc__ or "").splitlines()[0][:-1] for rule in RULES}


def test_what_could_not_be_tried_says_what_it_needs() -> None:
    some = Known("account_number", "40719238", secret_field="pin", secret=Secret("493817"))
    untried = {rule: found.text for rule, found in run(known=some).items() if found.state is State.NOT_TESTABLE}
    assert untried == {
        "found_by_ani": "needs ani, a number that one customer has",
        "several": "needs shared_ani, a number that two customers have",
        "told_apart": "needs shared_ani, and sharer, an identifier of one of them",
        "not_set": "needs without_secret, a customer who has none",
        "locked": "needs lockable, a customer whose account may be locked by this",
        "details": "needs public_detail or private_detail, names that the known customer has",
        "assurance": "needs private_detail, a name for verified callers only",
        "unknown_ref": "needs public_detail or private_detail",
    }
    nothing = run(known=Known("account_number", "40719238"))
    assert nothing["matched"].text == nothing["no_echo"].text == NEEDS_SECRET
    by_token = run(back_end=OAUTH, keys=OAUTH_KEYS)
    assert by_token["stale"].text == "access is by token, requests are not signed"


# ---- what is asked ---------------------------------------------------------------------------------------------------


def asked(back_end: BackEnd = BACK_END, keys: BackEndKeys = KEYS) -> dict[str, list[Any]]:
    """Rule -> the requests that it made."""
    line = InProcess(a_mock(Moved(), signed=back_end is BACK_END))
    probe = open_probe(back_end, keys, KNOWN, EXAMPLES, line, Moved().time())
    made: dict[str, list[Any]] = {}
    for finding in findings(probe):
        made[finding.rule] = line.requests[:]
        line.requests.clear()
    return made


def test_every_request_but_the_malformed_is_in_the_contract_so_that_it_is_refused_for_one_reason() -> None:
    whose = {"field": "account_number", "value": "40719238"}
    for rule, requests in asked().items():
        for request in requests:
            if rule in ("malformed_request", "post_only"):
                continue
            body = json.loads(request.content)
            match request.url.path.rpartition("/")[2]:
                case "identify":
                    assert {"field", "value"} <= body.keys() <= {"field", "value", "within", "line", "call"}
                case "validate":
                    assert body.keys() == {"claim", "field", "secret"}
                    assert body["claim"].keys() in ({"ref"}, {"field", "value"})
                    assert rule != "key_is_signed" or body == {"claim": whose, "field": "pin", "secret": "493817"}
                case "details":
                    assert body.keys() == {"ref", "names", "assurance"}


def test_a_request_with_a_forged_proof_differs_from_a_right_one_in_that_alone() -> None:
    requests = asked()
    names = {"voicebot-key-id", "voicebot-timestamp", "voicebot-request-id", "voicebot-signature"}
    for rule in ("wrong_signature", "unknown_key_id", "body_is_signed", "path_is_signed", "stale", "early", "replayed"):
        for request in requests[rule]:
            assert {name for name in request.headers if name.startswith("voicebot-")} == names, rule
            assert request.url.path == "/voicebot/identify"
    (forged,) = [one for one in asked(OAUTH, OAUTH_KEYS)["wrong_signature"] if one.url.path.endswith("identify")]
    assert forged.headers["authorization"] == "Bearer not-a-token-of-yours"


# ---- rules over what was seen ----------------------------------------------------------------------------------------


def probe_that_saw(*seen: Exchange, echoes: int = 0) -> Probe:
    probe = open_probe(BACK_END, KEYS, KNOWN, EXAMPLES, InProcess(a_mock(Moved())), Moved().time())
    probe.seen, probe.echoes = list(seen), echoes
    return probe


def saw(status: int, media_type: str = "application/json", *, is_problem: bool = True, size: int = 1) -> Exchange:
    return Exchange("identify", status, media_type, size, is_problem=is_problem)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([saw(200, ""), saw(200, "text/html")], "none, text/html"),
        ([saw(400, ""), saw(500, "text/plain")], "none, text/plain"),
        ([saw(200, "text/csv"), saw(400, "text/html")], "text/csv, text/html"),
        ([saw(200, "application/problem+json")], "application/problem+json"),
    ],
)
def test_content_types_that_are_not_in_the_contract_are_named(seen: list[Exchange], said: str) -> None:
    with pytest.raises(Broken) as broken:
        content_types(probe_that_saw(*seen))
    assert str(broken.value) == f"content types that are not in the contract: {said}"


def test_content_types_of_the_contract_and_of_what_is_neither_answer_nor_refusal_are_let_pass() -> None:
    fine = [saw(200), saw(400), saw(401, "application/problem+json"), saw(201, "text/html"), saw(307, ""), saw(399, "")]
    assert content_types(probe_that_saw(*fine)) == ""


def test_refusals_that_do_not_say_what_they_are_are_named_by_status() -> None:
    bare = [saw(422, is_problem=False), saw(400, is_problem=False), saw(401), saw(200, is_problem=False)]
    with pytest.raises(Broken, match=r"^refusals without such a body: status 400, 422$"):
        problem_bodies(probe_that_saw(*bare))
    assert problem_bodies(probe_that_saw(saw(399, is_problem=False), saw(400))) == ""


@pytest.mark.parametrize("status", [300, 301, 307, 399])
def test_any_status_of_a_redirect_is_one(status: int) -> None:
    with pytest.raises(Broken, match=r"^an answer was a redirect$"):
        no_redirects(probe_that_saw(saw(status)))


def test_what_is_no_redirect_is_none() -> None:
    assert no_redirects(probe_that_saw(saw(299), saw(400))) == ""


def test_where_nothing_was_seen_nothing_was_large() -> None:
    assert sizes(probe_that_saw()) == "the largest was 0 of 262144 bytes"
    assert sizes(probe_that_saw(saw(200, size=7), saw(200, size=5))) == "the largest was 7 of 262144 bytes"


def test_echoes_are_counted_and_none_are_none() -> None:
    with pytest.raises(Broken, match=r"^3 answers repeat the secret that they were asked about$"):
        no_echo(probe_that_saw(echoes=3))
    assert no_echo(probe_that_saw()) == ""


def test_an_account_that_is_never_locked_is_not_broken_and_said_to_be_so() -> None:
    probe = probe_that_saw()
    probe.validate = lambda *_: "mismatched"  # type: ignore[method-assign]  # whatever is tried
    with pytest.raises(NotTestable) as untried:
        locked(probe)
    assert str(untried.value) == "20 wrong secrets did not lock the account; Voicebot's own limits hold all the same"


def test_the_time_of_known_and_unknown_accounts_is_told_in_milliseconds() -> None:
    probe = probe_that_saw()

    def timed(claim: dict[str, str], _secret: Secret, _key: str = "") -> str:
        probe.seen.append(Exchange("validate", 200, seconds=0.1 if claim["value"] == KNOWN.known else 0.15))
        return "matched"

    probe.validate = timed  # type: ignore[method-assign]
    assert equal_work(probe) == "100 and 150 ms"


def test_clocks_are_tried_four_minutes_off_on_either_side() -> None:
    now = Moved().time().wall()
    off = [int(request.headers["voicebot-timestamp"]) - int(now) for request in asked()["clock_may_differ"]]
    assert off == [-240, 240]


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        ({"type": "about:blank", "status": 422}, True), ({"type": "about:blank", "status": 400}, False),
        ({"type": "about:blank"}, False), ({"status": 422}, False), ({"type": 7, "status": 422}, False),
        ([], False), ("x", False),
    ],
)  # fmt: skip
def test_a_refusal_says_what_it_is_if_it_has_a_type_and_its_own_status(body: Any, is_one: bool) -> None:
    assert _is_problem(Answer(422, json.dumps(body).encode())) is is_one


def test_what_is_wrong_with_details_is_told_as_what_is_wrong_with_the_rest() -> None:
    probe = probe_that_saw()
    probe.ask = lambda *_: Answer(200, b'{"result": "answered", "values": {"balance": 7}}')  # type: ignore[method-assign]
    with pytest.raises(Broken) as broken:
        probe.details("C-1", ["balance"], "verified")
    assert str(broken.value) == "not in the contract: Expected `str`, got `int` - at `$.values[...]`"


def test_all_keys_that_the_contract_does_not_know_are_told() -> None:
    probe = probe_that_saw()
    probe.ask = lambda *_: Answer(200, b'{"result": "not_found", "b": 1, "a": 2}')  # type: ignore[method-assign]
    with pytest.raises(Broken) as broken:
        probe.identify("account_number", "1")
    assert str(broken.value) == "has keys that the contract does not know: a, b"


# ---- what else may come ------------------------------------------------------------------------------------------------


def answering(**bodies: dict[str, Any]) -> Probe:
    """A probe of a back end that answers each endpoint with this, whatever it is asked."""
    probe = probe_that_saw()
    probe.ask = lambda endpoint, *_: Answer(200, json.dumps(bodies[endpoint]).encode())  # type: ignore[method-assign]
    return probe


NOBODY: dict[str, Any] = {"result": "not_found"}
SEVERAL: dict[str, Any] = {"result": "several", "count": 2}
ADA: dict[str, Any] = {"result": "found", "customer": {"ref": "C-1", "identifier": "40719238"}}
OTHER: dict[str, Any] = {"result": "found", "customer": {"ref": "C-1", "identifier": "1"}}
TOLD: dict[str, Any] = {"result": "answered", "values": {"delivery_status": "x", "balance": "1"}}
TOO_LITTLE = "a verified customer was not told all of them, or more"


@pytest.mark.parametrize(
    ("rule", "bodies", "said"),
    [
        (identifying.found, {"identify": OTHER}, "`identifier` is not the identifier that was asked for"),
        (identifying.found, {"identify": NOBODY}, "the known customer was not found"),
        (identifying.not_found, {"identify": SEVERAL}, "not_found was due for account_number, several came"),
        (identifying.told_apart, {"identify": SEVERAL}, "found was due for one of them, several came"),
        (identifying.line_and_call, {"identify": NOBODY}, "found was due, not_found came"),
        (identifying.details, {"identify": ADA, "details": NOBODY}, TOO_LITTLE),
        (identifying.details, {"identify": ADA, "details": {**TOLD, "values": {"balance": "1"}}}, TOO_LITTLE),
        (
            identifying.details,
            {"identify": ADA, "details": {**TOLD, "refused": [{"name": "balance", "needs": "verified"}]}}, TOO_LITTLE,
        ),
        (identifying.assurance, {"identify": ADA, "details": NOBODY}, "answered was due, not_found came"),
    ],
)  # fmt: skip
def test_an_answer_of_another_kind_is_told_as_what_was_due_and_what_came(
    rule: Callable[[Probe], str], bodies: dict[str, dict[str, Any]], said: str
) -> None:
    with pytest.raises(Broken) as broken:
        rule(answering(**bodies))
    assert str(broken.value) == said


def test_a_customer_without_a_name_is_found_all_the_same() -> None:
    assert identifying.found(answering(identify=ADA)) == "without a name"


@pytest.mark.parametrize("lacks", ["shared_ani", "sharer"])
def test_either_of_two_that_are_needed_may_be_what_is_missing(lacks: str) -> None:
    probe = probe_that_saw()
    probe.known = replace(KNOWN, **{lacks: ""})
    with pytest.raises(NotTestable, match=r"^needs shared_ani, and sharer, an identifier of one of them$"):
        identifying.told_apart(probe)


@pytest.mark.parametrize("lacks", ["secret", "secret_field"])
def test_neither_a_secret_without_its_field_nor_a_field_without_its_secret_is_enough(lacks: str) -> None:
    probe = probe_that_saw()
    probe.known = replace(KNOWN, **{lacks: None if lacks == "secret" else ""})
    with pytest.raises(NotTestable) as untried:
        probe.secrets()
    assert str(untried.value) == NEEDS_SECRET


@pytest.mark.parametrize("only", ["public_detail", "private_detail"])
def test_one_detail_is_enough_to_ask_for_details_of_nobody(only: str) -> None:
    probe = answering(details=NOBODY)
    probe.known = replace(KNOWN, **{"public_detail": "", "private_detail": "", only: "balance"})
    assert identifying.unknown_ref(probe) == ""


def test_requests_are_as_the_contract_has_them_to_the_letter() -> None:
    made = asked()
    assert [json.loads(one.content) for one in made["line_and_call"]] == [
        {"field": "account_number", "value": "40719238", "line": "billing", "call": "c-1"}
    ]
    assert [one.content for one in made["malformed_request"]] == [
        b"{", b"[]", b'{"field": "ani"}', b'{"field": "ani", "value": 4}',
    ]  # fmt: skip
    assert [(one.method, one.content) for one in made["post_only"]] == [("GET", b"")]
    assert [json.loads(one.content)["value"] for one in made["not_found"]] == [KNOWN.nobody, "+999999999999999"]
    for rule, requests in made.items():
        for one in requests:
            assert one.headers["content-type"] == "application/json"
            has_key = one.url.path.endswith("/validate") and rule != "key_needed"
            assert bool(one.headers.get("idempotency-key")) is has_key, rule


def test_a_back_end_that_gives_no_token_or_no_answer_is_told_as_that() -> None:
    refusing = open_probe(OAUTH, OAUTH_KEYS, KNOWN, EXAMPLES, Scripted(says({}, 401)), Moved().time())
    with pytest.raises(Broken, match=r"^no access token could be had$"):
        refusing.ask("identify", {})
    gone = open_probe(BACK_END, KEYS, KNOWN, EXAMPLES, Scripted(httpx.ReadTimeout("late")), Moved().time())
    with pytest.raises(Broken, match=r"^there was no answer: no answer"):
        gone.ask("identify", {})
    assert [(one.endpoint, one.status, one.trouble) for one in gone.seen] == [("identify", 0, Why.NO_ANSWER)]


def test_a_content_type_counts_without_what_stands_behind_it() -> None:
    line = Scripted(httpx.Response(200, content=b"{}", headers={"content-type": "Application/JSON ; charset=utf-8"}))
    probe = open_probe(BACK_END, KEYS, KNOWN, EXAMPLES, line, Moved().time())
    probe.ask("identify", {})
    bare = open_probe(BACK_END, KEYS, KNOWN, EXAMPLES, Scripted(httpx.Response(200, content=b"{}")), Moved().time())
    bare.ask("identify", {})
    assert [one.media_type for one in (*probe.seen, *bare.seen)] == ["application/json", ""]


def test_the_time_of_nineteen_of_twenty_is_told_from_two_answers_on() -> None:
    probe = probe_that_saw(*(Exchange("identify", 200, seconds=number / 100) for number in range(101)))
    probe.seen += [Exchange("validate", 200, seconds=1.0), Exchange("validate", 200, seconds=3.0), Exchange("details", 200)]
    assert probe.p95() == pytest.approx({"identify": 0.95, "validate": 2.9})


def test_a_probe_waits_longer_than_a_call_would_and_judges_by_the_calls_own_limit() -> None:
    probe = open_probe(replace(BACK_END, connect=0.3, read=0.9), KEYS, KNOWN, EXAMPLES)
    timeout = probe.http._client.timeout
    assert (timeout.connect, timeout.read, probe.limit) == (10.0, 10.0, 0.9)
    probe.http.close()
