"""Who counts as the carrier."""

import pytest

from tests.telephony.stage import BASE, TOKEN, settings, sign
from voicebot.telephony.signature import SignatureCheck

FORM = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234", "From": "+14158675310", "To": "+18005551212"}


def test_the_known_vector_fits() -> None:
    check = SignatureCheck(settings(public_base_url="https://example.com", auth_tokens=("12345",)))
    assert check.fits_request("/myapp.php?foo=1&bar=2", FORM, "L/OH5YylLD5NRKLltdqwSvS0BnU=")
    assert sign("12345", "https://example.com/myapp.php?foo=1&bar=2", list(FORM.items())) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("target", "form", "signature"),
    [
        ("/myapp.php?foo=1&bar=3", FORM, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        ("/myapp.php", FORM, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        ("/myapp.php?foo=1&bar=2", FORM | {"Digits": "1235"}, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        ("/myapp.php?foo=1&bar=2", FORM | {"New": ""}, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        ("/myapp.php?foo=1&bar=2", FORM, ""),
        ("/myapp.php?foo=1&bar=2", FORM, "garbage"),
        ("/myapp.php?foo=1&bar=2", FORM, "l/OH5YylLD5NRKLltdqwSvS0BnU="),
    ],
)
def test_anything_changed_does_not_fit(target: str, form: dict[str, str], signature: str) -> None:
    check = SignatureCheck(settings(public_base_url="https://example.com", auth_tokens=("12345",)))
    assert not check.fits_request(target, form, signature)


def test_two_tokens_are_good_during_a_rotation_and_a_third_is_not() -> None:
    check = SignatureCheck(settings(auth_tokens=("old", "new")))
    assert check.fits_request("/x", {}, sign("old", BASE + "/x"))
    assert check.fits_request("/x", {}, sign("new", BASE + "/x"))
    assert not check.fits_request("/x", {}, sign("older", BASE + "/x"))


def test_a_base_with_a_path_and_a_slash_is_joined_once() -> None:
    check = SignatureCheck(settings(public_base_url="https://example.com/phone/"))
    assert check.fits_request("/x", {}, sign(TOKEN, "https://example.com/phone/x"))


@pytest.mark.parametrize("signed", ["wss://voice.example.com/voice/stream", "wss://voice.example.com/voice/stream/"])
@pytest.mark.parametrize("target", ["/voice/stream", "/voice/stream/"])
def test_a_socket_is_signed_with_or_without_the_last_slash(signed: str, target: str) -> None:
    assert SignatureCheck(settings()).fits_socket(target, sign(TOKEN, signed))


def test_a_socket_signed_as_https_does_not_fit() -> None:
    assert not SignatureCheck(settings()).fits_socket("/voice/stream", sign(TOKEN, BASE + "/voice/stream"))


def test_an_address_that_cannot_even_be_taken_apart_fits_nothing() -> None:
    """A port beyond all ports, a bracket that is not closed: the carrier's library raises, and that is a no."""
    check = SignatureCheck(settings(public_base_url="https://example.com"))
    for target in (":99999999/x", ":port/x", "[/x"):
        assert not check.fits_request(target, {}, sign(TOKEN, f"https://example.com{target}"))
        assert not check.fits_socket(target, sign(TOKEN, f"wss://example.com{target}"))


def test_of_a_sockets_address_only_the_slash_at_its_end_does_not_count() -> None:
    check = SignatureCheck(settings())
    assert check.fits_socket("/voice/streamX", sign(TOKEN, "wss://voice.example.com/voice/streamX"))
    assert not check.fits_socket("/voice/streamX", sign(TOKEN, "wss://voice.example.com/voice/stream"))
