"""How requests are signed, which time-outs hold, and that the twin reaches nobody but the product."""

import io
import wave
from typing import Any

import pytest

from voicebot.simulator.settings import Faults, TwinSettings
from voicebot.simulator.signature import signature, signed_url
from voicebot.simulator.webhooks import Overrides, WebhookFailed, Webhooks

VECTOR = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
)


def test_the_documented_vector_is_signed_as_documented() -> None:
    assert signature("12345", "https://example.com/myapp.php?foo=1&bar=2", VECTOR) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_parameters_are_sorted_and_any_change_changes_the_signature() -> None:
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, reversed(VECTOR)) == signature("12345", url, VECTOR)
    changed = {
        signature("12346", url, VECTOR),
        signature("12345", url + "&x=1", VECTOR),
        signature("12345", url, (*VECTOR[:-1], ("To", "+18005551213"))),
        signature("12345", url),
    }
    assert len(changed) == 4
    assert signature("12345", url, VECTOR) not in changed


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://voicebot.test/a#rc=2", "https://voicebot.test/a"),
        ("https://user:pass@voicebot.test:8443/a?b=1", "https://voicebot.test/a?b=1"),
        ("http://voicebot.test:8080/a", "http://voicebot.test:8080/a"),
        ("wss://voicebot.test/s", "wss://voicebot.test/s"),
    ],
)
def test_the_url_is_signed_without_what_is_not_signed(url: str, signed: str) -> None:
    assert signed_url(url) == signed


def test_overrides_are_read_from_the_fragment_and_capped() -> None:
    assert Overrides.of("https://x/y") == Overrides(5.0, 15.0, 15.0, 1, frozenset({"ct"}))
    read = Overrides.of("https://x/y#rc=9&rp=ct,rt,5xx&ct=1500&rt=4000&tt=99999")
    assert (read.connect, read.read, read.total, read.retries) == (1.5, 4.0, 15.0, 5)
    assert (read.repeats("5xx"), read.repeats("4xx"), Overrides.of("https://x/y#rp=all").repeats("4xx")) == (True, False, True)


def test_only_the_products_own_address_is_reached() -> None:
    hooks: Any = Webhooks(TwinSettings.made("http://127.0.0.1:9"), None)  # type: ignore[arg-type]  nothing is sent
    assert hooks.address("https://voicebot.test/a?b#rc=1") == "http://127.0.0.1:9/a?b"
    for url in ("https://voicebot.test.evil.example/a", "https://example.com/", "http://voicebot.test/a", "/relative", ""):
        with pytest.raises(WebhookFailed) as failed:
            hooks.address(url)
        assert failed.value.code == 11200


def test_a_document_elsewhere_is_an_error_of_the_call(kit: Any) -> None:
    out = kit.call({"/voice/incoming": "<Redirect>https://elsewhere.example/x</Redirect>"})
    assert out.codes == [11200]
    assert out.record.ended_by == "error"


def test_what_is_played_must_be_there_and_be_audio(kit: Any) -> None:
    answers = {
        "/voice/incoming": "<Play>/a.wav</Play><Play>/b.wav</Play><Say>Still here</Say>",
        "/a.wav": lambda _: kit.Reply(status=404),
        "/b.wav": "<Say>not audio</Say>",
    }
    out = kit.call(answers)
    assert out.codes == [11200, 12300]
    assert out.heard == ["Still here"]


def test_a_recording_plays_for_as_long_as_it_is(kit: Any) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as ten_seconds:
        ten_seconds.setparams((1, 2, 8000, 0, "NONE", ""))
        ten_seconds.writeframes(b"\0\0" * 80000)
    audio = kit.Reply(file.getvalue(), content_type="audio/wav", headers=(("cache-control", "max-age=9"),))
    out = kit.call({"/voice/incoming": "<Play>/hold-1.wav</Play><Play>/hold-1.wav</Play>", "/hold-1.wav": lambda _: audio})
    assert out.heard == ["hold-1.wav", "hold-1.wav"]
    assert all(one.recording and not one.cut for one in out.record.caller.heard)
    assert out.product.paths().count("/hold-1.wav") == 1
    assert out.record.seconds >= 20 / 200


def test_a_delay_comes_before_every_request(kit: Any) -> None:
    out = kit.call({"/voice/incoming": "<Hangup/>"}, faults=Faults(delay=0.15))
    assert out.record.caller.documents[0].seconds >= 0.15


def test_settings_never_show_their_token_and_differ_between_runs() -> None:
    one, other = TwinSettings.made(), TwinSettings.made()
    assert one.auth_token not in repr(one)
    assert one.auth_token != other.auth_token
    assert one.account_sid.startswith("AC")
    assert len(one.account_sid) == 34
    with pytest.raises(ValueError, match="time_scale"):
        TwinSettings.made(time_scale=0)
