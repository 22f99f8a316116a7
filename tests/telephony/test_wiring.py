"""How a number should be wired, what is somebody else's on it, and what of that may be shown."""

from dataclasses import replace

import pytest

from voicebot.telephony.settings import PATIENCE
from voicebot.telephony.wiring import NAMES, Use, Wiring, differences, falls_with_us, is_ours, shown, strangers, wanted

BASE = "https://voice.example.com"
BIN = "https://handler.twilio.com/twiml/EH0"
OURS = wanted(BASE, Wiring(), BIN)


def test_a_wired_number_sends_calls_and_their_ends_to_us_with_the_overrides() -> None:
    assert OURS.voice_url == f"{BASE}/voice/incoming{PATIENCE}"
    assert OURS.status_callback == f"{BASE}/voice/status{PATIENCE}"
    assert {OURS.voice_method, OURS.status_callback_method} == {"POST"}
    assert OURS.voice_fallback_url == BIN


def test_wiring_twice_changes_nothing() -> None:
    assert differences(OURS, wanted(BASE, OURS, BIN)) == []
    assert differences(OURS, wanted(BASE, OURS)) == []


def test_without_a_fallback_url_that_part_stays_as_it_is() -> None:
    present = Wiring(voice_fallback_url="https://example.org/sorry.xml", voice_fallback_method="GET")
    assert wanted(BASE, present).voice_fallback_url == present.voice_fallback_url
    assert wanted(BASE, present).voice_fallback_method == "GET"


@pytest.mark.parametrize(
    ("url", "method"),
    [
        (BIN, "POST"), ("https://x-1.twil.io/fallback", "POST"), ("https://example.org/sorry.xml", "GET"),
        ("https://nottwilio.com/x", "GET"),
    ],
)  # fmt: skip
def test_a_static_file_is_fetched_and_the_carriers_own_document_is_posted_to(url: str, method: str) -> None:
    assert wanted(BASE, Wiring(), url).voice_fallback_method == method


def test_an_application_and_a_trunk_go_before_urls_so_both_are_taken_off() -> None:
    present = Wiring(voice_application_sid="AP" + "0" * 32, trunk_sid="TK" + "0" * 32)
    assert {(one.name, one.after) for one in differences(present, wanted(BASE, present))} >= {
        ("voice_application_sid", ""), ("trunk_sid", ""),
    }  # fmt: skip


def test_a_method_without_its_url_is_no_difference() -> None:
    assert differences(Wiring(), Wiring(voice_fallback_method="GET")) == []
    assert [one.name for one in differences(OURS, replace(OURS, voice_method="GET"))] == ["voice_method"]


@pytest.mark.parametrize(
    ("present", "others"),
    [
        (Wiring(), 0),
        (Wiring(voice_url="https://demo.twilio.com/welcome/voice/"), 0),
        (OURS, 0),
        (replace(OURS, voice_fallback_url="https://example.org/sorry.xml"), 0),
        (Wiring(voice_url="https://ivr.example.org/in"), 1),
        (Wiring(voice_url=f"{BASE}.evil.example/voice/incoming"), 1),
        (Wiring(status_callback="https://ivr.example.org/end"), 1),
        (Wiring(voice_url="https://ivr.example.org/in", voice_fallback_url=BIN, status_callback="https://x.example/end"), 3),
        (replace(OURS, voice_application_sid="AP" + "0" * 32), 1),
        (replace(OURS, trunk_sid="TK" + "0" * 32), 1),
    ],
)
def test_what_somebody_else_has_set_is_seen(present: Wiring, others: int) -> None:
    assert len(strangers(present, BASE)) == others


WRITTEN_TO, BOTH = Use(calls=False, messages=True), Use(calls=True, messages=True)


def test_what_messages_go_out_from_sends_their_answers_here_and_its_calls_where_they_went() -> None:
    theirs = Wiring(voice_url="https://ivr.example.org/in")
    done = wanted(BASE, theirs, BIN, WRITTEN_TO)
    assert done == replace(theirs, sms_url=f"{BASE}/voice/message{PATIENCE}")
    assert wanted(BASE, Wiring(), BIN, BOTH) == replace(OURS, sms_url=done.sms_url)
    assert wanted(BASE, Wiring(sms_url="https://x.example/"), BIN).sms_url == "https://x.example/"
    assert strangers(theirs, BASE, WRITTEN_TO) == strangers(done, BASE, WRITTEN_TO) == []


@pytest.mark.parametrize(
    "present",
    [Wiring(sms_url="https://sms.example.org/in"), Wiring(sms_application_sid="AP" + "0" * 32), replace(OURS, sms_url="https://x.example")],
)
def test_whoever_takes_its_messages_already_is_seen_where_we_want_them(present: Wiring) -> None:
    assert len(strangers(present, BASE, BOTH)) == 1
    assert strangers(present, BASE) == []


@pytest.mark.parametrize(
    ("url", "ours"),
    [(f"{BASE}/x", True), (BASE, True), (f"{BASE}#ct=1", True), (f"{BASE}x/y", False), ("http://voice.example.com/x", False)],
)
def test_ours_is_what_lies_under_our_address(url: str, ours: bool) -> None:
    assert is_ours(url, BASE) is ours


def test_a_fallback_on_our_own_host_falls_with_us() -> None:
    assert falls_with_us("https://voice.example.com:444/sorry.xml", BASE)
    assert not falls_with_us(BIN, BASE)


def test_other_peoples_passwords_and_queries_are_not_shown() -> None:
    said = shown("https://ada:canary@ivr.example.org/in?key=canary#rc=2")
    assert "canary" not in said
    assert said == "https://•••@ivr.example.org/in?•••#rc=2"
    assert shown("") == "(not set)"
    assert "\x1b" not in shown("https://x.example/\x1b[2J")
    assert len(shown("https://x.example/" + "a" * 500)) == 120


def test_every_setting_has_its_words() -> None:
    for name in NAMES:
        assert str(differences(Wiring(**{name: "https://a.example/"}), Wiring(**{name: "https://b.example/"}))[:1])
