"""A link to the company's payment page: what it says, to whom, and until when."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey

from voicebot.identity.payment_links import PaymentLinkSigner
from voicebot.ports.signed_requests import signed_text

PAGE, SECRET = "https://pay.example.com/voice", "canary-secret-of-the-company-0123456789"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SIGNER = PaymentLinkSigner(PAGE, SECRET)


def token_in(link: str) -> str:
    return urlsplit(link).query.rpartition("payment=")[2]


def test_a_link_says_what_is_to_be_paid_and_until_when() -> None:
    link = SIGNER.link("call-1.2", "12.50", "EUR", NOON, NOON + timedelta(minutes=15))
    assert link.startswith(f"{PAGE}?payment=")
    token = jwt.decode(token_in(link), OctKey.import_key(SECRET.encode()), algorithms=["HS256"])
    assert token.header["alg"] == "HS256"
    assert token.claims == {
        "iss": "voicebot", "aud": "payment", "sub": "call-1.2", "amount": "12.50", "currency": "EUR",
        "iat": int(NOON.timestamp()), "exp": int(NOON.timestamp()) + 900,
    }  # fmt: skip


def test_nobody_else_can_make_one() -> None:
    link = SIGNER.link("call-1.2", "12.50", "EUR", NOON, NOON)
    with pytest.raises(BadSignatureError):
        jwt.decode(token_in(link), OctKey.import_key(b"another-secret-of-somebody-0123456789"), algorithms=["HS256"])


def test_what_a_link_signs_is_never_what_a_request_signs_though_one_secret_signs_both() -> None:
    """A token's signed part is letters and one dot; a request's is seven lines, whatever stands in them."""
    signed = token_in(SIGNER.link("call-1.2", "12.50", "EUR", NOON, NOON)).rpartition(".")[0]
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", signed)
    for part in ("", "x", signed):
        assert signed_text(part, part, part, part, part, part.encode()).count(b"\n") == 6


def test_a_page_with_a_query_keeps_it() -> None:
    link = PaymentLinkSigner(f"{PAGE}?shop=7", SECRET).link("call-1.2", "1.00", "EUR", NOON, NOON)
    assert link.startswith(f"{PAGE}?shop=7&payment=")


def test_the_same_payment_has_the_same_link_and_the_secret_is_not_shown() -> None:
    assert SIGNER.link("a.1", "1.00", "EUR", NOON, NOON) == PaymentLinkSigner(PAGE, SECRET).link("a.1", "1.00", "EUR", NOON, NOON)
    assert repr(SIGNER) == f"PaymentLinkSigner({PAGE})"
