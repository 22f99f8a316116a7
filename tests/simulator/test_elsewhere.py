"""The other system that a call is handed over to, as the twin plays it."""

from typing import Any

import pytest

from voicebot.simulator.script import Elsewhere, Script

LINE, CALLER = "+15550100", "+15550199"
INCOMING, STATUS, ACTION = "/voice/incoming", "/voice/status", "/voice/handed/c1/1/t"
WEB = "https://flows.example.com/voice?context=a.b.c"
SIP = "sip:service@pbx.example.com?X-Voicebot-Context=a.b.c"


def redirecting(url: str = WEB) -> dict[str, Any]:
    return {INCOMING: f"<Say>One moment</Say><Redirect method='POST'>{url}</Redirect>"}


def dialling(sip: str = SIP) -> dict[str, Any]:
    dial = f'<Dial action="https://voicebot.test{ACTION}" timeout="20"><Sip>{sip}</Sip></Dial>'
    return {INCOMING: dial, ACTION: "<Say>Goodbye</Say><Hangup/>"}


def script(elsewhere: Elsewhere | None) -> Script:
    return Script(LINE, CALLER, elsewhere=elsewhere)


def test_an_address_of_the_web_takes_a_call_for_good(kit: Any) -> None:
    out = kit.call(redirecting(), script(Elsewhere.TAKES), time_scale=50.0)
    assert (out.record.failures, out.record.ended_by, out.record.caller.handed_over) == ([], "elsewhere", WEB)
    assert [form["CallStatus"] for form in out.product.forms(STATUS)] == ["completed"]


@pytest.mark.parametrize("elsewhere", [None, Elsewhere.FAILS, Elsewhere.GIVES_BACK])
def test_where_the_script_has_nobody_there_a_foreign_address_is_a_failure(kit: Any, elsewhere: Elsewhere | None) -> None:
    out = kit.call(redirecting(), script(elsewhere), time_scale=50.0)
    assert ["not the product's public address" in failure.what for failure in out.record.failures] == [True]
    assert out.record.caller.handed_over == ""


def test_the_products_own_addresses_are_fetched_as_ever(kit: Any) -> None:
    answers = {INCOMING: "<Redirect>https://voicebot.test/next</Redirect>", "/next": "<Say>Here</Say><Hangup/>"}
    out = kit.call(answers, script(Elsewhere.TAKES), time_scale=50.0)
    assert (out.heard, out.record.caller.handed_over) == (["Here"], "")


def test_a_sip_peer_that_takes_a_call_ends_it(kit: Any) -> None:
    out = kit.call(dialling(), script(Elsewhere.TAKES), time_scale=50.0)
    assert (out.record.failures, out.record.ended_by, out.record.caller.handed_over) == ([], "elsewhere", SIP)
    assert out.product.forms(ACTION) == []


@pytest.mark.parametrize(
    ("elsewhere", "status"), [(Elsewhere.GIVES_BACK, "completed"), (Elsewhere.FAILS, "failed"), (None, "failed")]
)
def test_a_sip_peer_that_does_not_keep_it_gives_it_back(kit: Any, elsewhere: Elsewhere | None, status: str) -> None:
    out = kit.call(dialling(), script(elsewhere), time_scale=50.0)
    [form] = out.product.forms(ACTION)
    assert form["DialCallStatus"] == status
    assert (out.record.failures, out.heard) == ([], ["Goodbye"])


@pytest.mark.parametrize(
    ("sip", "what"),
    [
        ("tel:+15550100", "no SIP address"),
        ("sip:nobody", "no SIP address"),
        ("sip:a@b?Voicebot-Context=1", "begins with X-"),
        ("sip:a@b?X-Voicebot-Context=" + "1" * 1020, "1024 characters of headers, not 1039"),
        ("sip:" + "a" * 250 + "@b", "at most 255 characters"),
    ],
)
def test_what_the_telephone_company_would_not_take_is_a_failure(kit: Any, sip: str, what: str) -> None:
    out = kit.call(dialling(sip), script(Elsewhere.TAKES), time_scale=50.0)
    assert any(what in failure.what for failure in out.record.failures)
