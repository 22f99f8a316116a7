"""`backend check`: the shipped mock keeps every promise, and each way of breaking one is found under its own name."""

import pytest

from tests.identity.backends import BACK_END, EXAMPLES, KEYS, OAUTH, OAUTH_KEYS, InProcess, Moved, a_mock
from voicebot.config.backend import BackEnd, BackEndKeys
from voicebot.identity.conformance.check import RULES, Finding, State, findings, open_probe
from voicebot.identity.conformance.known import Known, read_known
from voicebot.simulator.backend_flaws import Flaw

# flaw -> the rule that must find it; others may be broken besides
FOUND_BY = {
    Flaw.ANI_NEVER_FOUND: "found_by_ani",
    Flaw.BODY_UNSIGNED: "body_is_signed",
    Flaw.CLAIM_BY_REF_ONLY: "matched",
    Flaw.DETAILS_OF_NOBODY: "unknown_ref",
    Flaw.DETAILS_TO_ANYBODY: "assurance",
    Flaw.ECHOES: "no_echo",
    Flaw.ERRORS_AS_TEXT: "problem_bodies",
    Flaw.EXTRA_KEYS: "found",
    Flaw.FUTURE_TAKEN: "early",
    Flaw.GET_ANSWERED: "post_only",
    Flaw.HTML: "content_types",
    Flaw.HUGE: "sizes",
    Flaw.KEY_COUNTS_TWICE: "counted_once",
    Flaw.KEY_IGNORED: "key_repeated",
    Flaw.KEY_OPTIONAL: "key_needed",
    Flaw.KEY_ID_IGNORED: "unknown_key_id",
    Flaw.KEY_UNSIGNED: "key_is_signed",
    Flaw.LOCK_FORGETS: "locked",
    Flaw.MATCHES_ALL: "mismatched",
    Flaw.MATCHES_NONE: "matched",
    Flaw.NOT_FOUND_404: "not_found",
    Flaw.NOT_SET_MISMATCHED: "not_set",
    Flaw.NUMBERS_AS_NUMBERS: "found",
    Flaw.OLD_TAKEN: "stale",
    Flaw.PATH_UNSIGNED: "path_is_signed",
    Flaw.QUICK_ON_UNKNOWN: "equal_work",
    Flaw.REDIRECTS: "no_redirects",
    Flaw.REFUSED_SILENTLY: "assurance",
    Flaw.REPLAY_TAKEN: "replayed",
    Flaw.SEVERAL_AS_FIRST: "several",
    Flaw.STRICT_KEYS: "line_and_call",
    Flaw.TAKES_ANY_BODY: "malformed_request",
    Flaw.UNKNOWN_CLAIM_TOLD: "unknown_claim",
    Flaw.UNKNOWN_DETAIL_IGNORED: "unknown_detail",
    Flaw.UNKNOWN_FIELD_IGNORED: "unknown_field",
    Flaw.UNSIGNED_TAKEN: "unsigned",
    Flaw.WITHIN_IGNORED: "told_apart",
    Flaw.WRONG_SIGNATURE_TAKEN: "wrong_signature",
    Flaw.WRONG_WORDS: "found",
}
# Flaws through which much else goes wrong; of all others their own rule alone must tell.
SPREADING = {
    Flaw.ANI_NEVER_FOUND, Flaw.NOT_FOUND_404,
    Flaw.CLAIM_BY_REF_ONLY, Flaw.ECHOES, Flaw.EXTRA_KEYS, Flaw.HTML, Flaw.HUGE, Flaw.KEY_IGNORED, Flaw.MATCHES_ALL,
    Flaw.MATCHES_NONE, Flaw.NUMBERS_AS_NUMBERS, Flaw.REDIRECTS, Flaw.UNKNOWN_CLAIM_TOLD, Flaw.WRONG_WORDS,
    Flaw.WRONG_SIGNATURE_TAKEN, Flaw.ERRORS_AS_TEXT, Flaw.REFUSED_SILENTLY,
}  # fmt: skip
KNOWN = read_known(EXAMPLES / "backend-check.toml", {}, "")


def run(
    *flaws: Flaw, known: Known = KNOWN, back_end: BackEnd = BACK_END, keys: BackEndKeys = KEYS, slow: float = 0.0
) -> dict[str, Finding]:
    when = Moved()
    mock = a_mock(when, *flaws, signed=back_end is BACK_END, slow=slow)
    probe = open_probe(back_end, keys, known, EXAMPLES, InProcess(mock), when.time())
    found = {finding.rule: finding for finding in findings(probe)}
    probe.http.close()
    assert list(found) == list(RULES)
    return found


def broken(found: dict[str, Finding]) -> set[str]:
    return {rule for rule, finding in found.items() if finding.state is State.BROKEN}


def test_the_shipped_mock_keeps_every_promise() -> None:
    assert {(rule, finding.state, finding.text) for rule, finding in run().items() if finding.state is not State.OK} == set()


@pytest.mark.parametrize("flaw", Flaw)
def test_a_broken_promise_is_found_under_its_name(flaw: Flaw) -> None:
    found = broken(run(flaw))
    assert FOUND_BY[flaw] in found
    assert flaw in SPREADING or found == {FOUND_BY[flaw]}


def test_a_slow_back_end_is_found_with_its_figures() -> None:
    found = run(slow=1.6)
    assert broken(found) == {"latency"}
    assert "1600 ms" in found["latency"].text
    assert run(slow=1.4)["latency"].state is State.OK


def test_every_rule_has_a_promise_in_words() -> None:
    assert all(len(finding.promise) > 20 for finding in run().values())


def test_what_is_not_known_is_not_tried_and_said_to_be_so() -> None:
    found = run(known=Known("account_number", "40719238"))
    untried = {rule for rule, finding in found.items() if finding.state is State.NOT_TESTABLE}
    assert broken(found) == set()
    assert untried == {
        "found_by_ani", "several", "told_apart", "key_is_signed", "matched", "mismatched", "not_set", "unknown_claim",
        "unknown_secret_field", "key_needed", "key_repeated", "counted_once", "equal_work", "locked", "details", "assurance",
        "unknown_ref", "no_echo",
    }  # fmt: skip
    assert all(found[rule].text.startswith("needs ") for rule in untried)


def test_with_tokens_the_rules_of_signatures_are_not_testable_and_the_others_hold() -> None:
    found = run(back_end=OAUTH, keys=OAUTH_KEYS)
    assert broken(found) == set()
    assert {rule for rule, finding in found.items() if finding.state is State.NOT_TESTABLE} == {
        "unknown_key_id", "body_is_signed", "path_is_signed", "key_is_signed", "clock_may_differ", "stale", "early", "replayed",
    }  # fmt: skip
    assert found["wrong_signature"].state is State.OK


def test_tokens_that_nobody_looks_at_are_found() -> None:
    assert broken(run(Flaw.UNSIGNED_TAKEN, back_end=OAUTH, keys=OAUTH_KEYS)) == {"unsigned", "wrong_signature"}


def test_a_back_end_that_is_not_there_is_broken_in_words() -> None:
    when = Moved()

    async def nowhere(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    probe = open_probe(BACK_END, KEYS, KNOWN, EXAMPLES, InProcess(nowhere), when.time())
    found = {finding.rule: finding for finding in findings(probe)}
    assert found["found"].text == "answered with status 404 where 200 was due"
    assert found["matched"].state is State.BROKEN


def test_no_finding_tells_a_secret() -> None:
    for flaw in Flaw:
        told = str(run(flaw))
        assert "493817" not in told
        assert "504928" not in told  # the wrong one, whose digits give the right one away
