"""What another system is told: signed, short-lived, the same when asked for again; and the documented example that checks it."""

import base64
import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from voicebot.dialogue.context import Context
from voicebot.dialogue.values import Assurance, Attestation, Evidence, Modality, Proof
from voicebot.identity.handover import GOOD_FOR, LONGEST, ContextSigner, ContextTooLong

SECRET = "a-secret-that-both-sides-have-0123456789"
AUDIENCE = "https://flows.example.com/voice"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "handover.md"
EVIDENCE = (
    Evidence(Proof.ANI, "ani", NOON, attestation=Attestation.A),
    Evidence(Proof.SECRET, "pin", NOON + timedelta(seconds=20), Modality.KEYPAD, 2),
)
CONTEXT = Context("call-1", "web", AUDIENCE, NOON, Assurance.VERIFIED, "C-1001", "", EVIDENCE)


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


@pytest.fixture
def signer() -> ContextSigner:
    return ContextSigner(SECRET)


def test_it_tells_who_how_sure_and_why(signer: ContextSigner) -> None:
    claims = claims_of(signer(CONTEXT))
    assert len(claims.pop("jti")) == 32
    issued = int(NOON.timestamp())
    assert claims == {
        "iss": "voicebot", "aud": AUDIENCE, "iat": issued, "exp": issued + 60, "call": "call-1", "line": "web", "sub": "C-1001",
        "assurance": "verified",
        "evidence": [
            {"proof": "ani", "field": "ani", "at": issued},
            {"proof": "secret", "field": "pin", "at": issued + 20, "by": "keypad"},
        ],
    }  # fmt: skip


def test_the_same_context_gives_the_same_token_so_that_a_document_fetched_again_is_the_same(signer: ContextSigner) -> None:
    assert signer(CONTEXT) == signer(CONTEXT) == ContextSigner(SECRET)(CONTEXT)


@pytest.mark.parametrize(
    "other",
    [
        replace(CONTEXT, call="call-2"),
        replace(CONTEXT, audience="sip:a@b"),
        replace(CONTEXT, issued_at=NOON + timedelta(seconds=1)),
    ],
)
def test_every_hand_over_has_a_nonce_of_its_own(signer: ContextSigner, other: Context) -> None:
    assert claims_of(signer(other))["jti"] != claims_of(signer(CONTEXT))["jti"]


def test_nobody_can_make_up_a_nonce_without_the_secret() -> None:
    assert claims_of(ContextSigner(SECRET)(CONTEXT))["jti"] != claims_of(ContextSigner(SECRET + "x")(CONTEXT))["jti"]


def test_a_caller_whom_nobody_knows_has_no_subject(signer: ContextSigner) -> None:
    claims = claims_of(signer(replace(CONTEXT, customer="", assurance=Assurance.NONE, evidence=())))
    assert "sub" not in claims
    assert "identifier" not in claims
    assert (claims["assurance"], claims["evidence"]) == ("none", [])


def test_the_identifier_goes_along_where_it_is_given(signer: ContextSigner) -> None:
    assert claims_of(signer(replace(CONTEXT, identifier="40719238")))["identifier"] == "40719238"


def test_the_header_tells_which_key_signed_and_the_key_is_shown_nowhere(signer: ContextSigner) -> None:
    token = signer(CONTEXT)
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header == {"alg": "HS256", "typ": "JWT", "kid": signer.key_id}
    assert ContextSigner(SECRET + "x").key_id != signer.key_id
    assert SECRET not in repr(signer)


def test_it_fits_into_an_address_and_a_header_as_it_is(signer: ContextSigner) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+", signer(replace(CONTEXT, customer="Åse & Søn?#=", line="web")))


def test_what_is_too_long_is_told_with_the_last_evidence_only(signer: ContextSigner) -> None:
    token = signer(replace(CONTEXT, evidence=EVIDENCE * 8, identifier="40719238"))
    assert len(token) <= LONGEST
    claims = claims_of(token)
    assert [one["proof"] for one in claims["evidence"]] == ["secret"]
    assert claims["identifier"] == "40719238"


def test_and_without_the_identifier_if_that_is_not_enough(signer: ContextSigner) -> None:
    long = replace(CONTEXT, audience="https://" + "a" * 140, customer="r" * 200, identifier="9" * 64)
    token = signer(replace(long, evidence=EVIDENCE * 8))
    assert len(token) <= LONGEST
    assert claims_of(token)["sub"] == "r" * 200
    assert "identifier" not in claims_of(token)


def test_what_cannot_be_made_short_enough_is_refused(signer: ContextSigner) -> None:
    with pytest.raises(ContextTooLong) as refused:
        signer(replace(CONTEXT, customer="r" * 900))
    assert "rrr" not in str(refused.value)


# ---- the other side, as the document has it ----------------------------------------------------------------------


@pytest.fixture
def contexts() -> Any:
    example = re.search(r"^```python\n(.*?)^```", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert example is not None
    names: dict[str, Any] = {}
    exec(example[1], names)  # noqa: S102 - the document's own text
    return names["Contexts"](SECRET, AUDIENCE)


def fresh(**changes: Any) -> Context:
    return replace(CONTEXT, issued_at=datetime.now(UTC), **changes)


def test_the_documented_example_accepts_a_context_once(contexts: Any, signer: ContextSigner) -> None:
    token = signer(fresh())
    claims = contexts.accept(token)
    assert (claims["sub"], claims["assurance"], claims["line"]) == ("C-1001", "verified", "web")
    assert contexts.accept(token) is None
    assert contexts.accept(signer(fresh(call="call-2"))) is not None


def test_the_documented_example_refuses_what_is_too_old(contexts: Any, signer: ContextSigner) -> None:
    old = datetime.now(UTC) - GOOD_FOR - timedelta(seconds=1)
    assert contexts.accept(signer(replace(CONTEXT, issued_at=old))) is None


def test_the_documented_example_refuses_what_is_meant_for_somebody_else(contexts: Any, signer: ContextSigner) -> None:
    assert contexts.accept(signer(fresh(audience="https://elsewhere.example.com"))) is None


def test_the_documented_example_refuses_another_key_and_anything_changed(contexts: Any, signer: ContextSigner) -> None:
    assert contexts.accept(ContextSigner("x" * 40)(fresh())) is None
    header, body, signature = signer(fresh()).split(".")
    forged = json.dumps(claims_of(f"{header}.{body}.") | {"sub": "C-1"}).encode()
    assert contexts.accept(f"{header}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}.{signature}") is None
    assert contexts.accept("") is None
    assert contexts.accept("a.b.c") is None


def test_the_documented_example_refuses_a_token_that_is_not_signed(contexts: Any) -> None:
    def part(plain: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")

    now = int(time.time())
    claims = {"iss": "voicebot", "aud": AUDIENCE, "exp": now + 60, "jti": "1", "assurance": "verified", "sub": "C-1"}
    assert contexts.accept(f"{part({'alg': 'none'})}.{part(claims)}.") is None


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "jti", "assurance"])
def test_the_documented_example_refuses_what_lacks_a_claim(contexts: Any, signer: ContextSigner, missing: str) -> None:
    claims = claims_of(signer(fresh()))
    del claims[missing]
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    assert contexts.accept(token) is None


def test_every_claim_is_documented(signer: ContextSigner) -> None:
    rows = re.findall(r"^\| (`.*?) \|", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    documented = set(re.findall(r"`([a-z]+)`", "".join(rows)))
    assert set(claims_of(signer(replace(CONTEXT, identifier="1")))) <= documented


def test_a_keys_name_is_the_same_in_every_release() -> None:
    """The other system picks its key by it."""
    assert ContextSigner(SECRET).key_id == "1388e607"
    assert ContextSigner(SECRET + "x").key_id != ContextSigner(SECRET).key_id


def test_nothing_is_left_out_of_a_token_that_just_fits(signer: ContextSigner) -> None:
    tokens = (signer(replace(CONTEXT, identifier="9" * digits)) for digits in range(1, 700))
    just_fits = next(token for token in tokens if len(token) == LONGEST)
    assert claims_of(just_fits)["evidence"] == claims_of(signer(CONTEXT))["evidence"]
    assert len(claims_of(next(tokens))["evidence"]) in (1, 2)


def test_too_much_is_said_in_words(signer: ContextSigner) -> None:
    with pytest.raises(ContextTooLong, match=r"^what is known of this call is too long to be handed over$"):
        signer(replace(CONTEXT, call="c" * 900))
