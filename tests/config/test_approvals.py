"""Where customers approve in their app, as an operator writes it; and what is said where that is wrong."""

from pathlib import Path
from typing import Any

import pytest

from voicebot.config.approvals import (
    LONGEST_MESSAGE,
    ApprovalsPlan,
    ClientProof,
    Delivery,
    ProviderKind,
    missing_approval_keys,
    read_approvals,
)
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.forms import Detail
from voicebot.identity.ciba_profiles import PROFILES

USUAL = {"issuer": "https://login.example.com", "client_id": "voicebot", "hint": "bank_id"}


def read(**keys: Any) -> tuple[ApprovalsPlan | None, list[str]]:
    complaints = Complaints("f")
    file = Table({"approvals": keys} if keys else {}, "", complaints)
    details = {name: Detail(name, private=name == "secret_name") for name in ("bank_id", "national_id", "secret_name")}
    return read_approvals(file, details), complaints.found


def test_nothing_said_is_no_provider() -> None:
    assert read() == (None, [])


def test_what_is_not_said_is_as_usual() -> None:
    plan, wrong = read(**USUAL)
    assert wrong == []
    assert plan == ApprovalsPlan(
        ProviderKind.LOGIN_HINT, "https://login.example.com", "voicebot", "bank_id", "bank_id", longest_message=20
    )


def test_everything_said_is_read() -> None:
    plan, wrong = read(
        **USUAL, provider="idura", subject="national_id", proof="private_key_jwt", delivery="ping", acr_values=["high"],
        auth_time=True, message="Tast {code} i opkaldet", longest_message=60, subject_claim="sub",
    )  # fmt: skip
    assert wrong == []
    assert plan is not None
    assert (plan.provider, plan.subject, plan.proof, plan.delivery) == (
        ProviderKind.IDURA, "national_id", ClientProof.PRIVATE_KEY, Delivery.PING,
    )  # fmt: skip
    assert (plan.acr_values, plan.auth_time, plan.longest_message, plan.subject_claim) == (("high",), True, 60, "sub")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"provider": "mitid"}, "approvals.provider: must be one of openid-login-hint"),
        ({"issuer": "http://login.example.com"}, "approvals.issuer: must be the provider's address"),
        ({"issuer": ""}, "approvals.issuer"),
        ({"client_id": "a b"}, "approvals.client_id: must be text without a space"),
        ({"hint": "bankid"}, 'approvals.hint: names "bankid", which is not there: did you mean bank_id?'),
        ({"subject": "name"}, "approvals.subject: names"),
        ({"hint": "secret_name"}, "approvals.hint: names secret_name, which is private"),
        ({"subject": "secret_name"}, "approvals.subject: names secret_name, which is private"),
        ({"proof": "mtls"}, "approvals.proof: must be one of"),
        ({"delivery": "push"}, "approvals.delivery: must be one of poll, ping"),
        ({"message": "Please approve"}, "approvals.message: must have {code} in it, once"),
        ({"message": "{code} {code}"}, "approvals.message: must have {code} in it, once"),
        ({"message": "Key {code} into the call"}, "approvals.message: is 24 characters long with its code, and"),
        ({"longest_message": 0}, "approvals.longest_message: must be 1 to 1000"),
        ({"subject_claim": "a b"}, "approvals.subject_claim: must be a claim"),
        ({"acr": "high"}, "approvals.acr: is not known"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(keys: dict[str, Any], said: str) -> None:
    _, wrong = read(**{**USUAL, **keys})
    assert any(said in line for line in wrong), wrong


@pytest.mark.parametrize("missing", USUAL)
def test_what_is_needed_is_named(missing: str) -> None:
    _, wrong = read(**{name: value for name, value in USUAL.items() if name != missing})
    assert any(line.startswith(f"f: approvals.{missing}: is ") for line in wrong)


def test_every_kind_of_provider_has_its_profile_and_its_longest_message() -> None:
    assert set(PROFILES) == set(LONGEST_MESSAGE) == set(ProviderKind)


def test_a_provider_needs_a_secret_or_a_key() -> None:
    plan, _ = read(**USUAL)
    with_key, _ = read(**USUAL, proof="private_key_jwt")
    assert missing_approval_keys(None, "", None) == []
    assert missing_approval_keys(plan, "s" * 20, None) == []
    assert missing_approval_keys(with_key, "", Path("key.pem")) == []
    assert "VOICEBOT_APPROVALS_SECRET: is needed" in missing_approval_keys(plan, "", Path("key.pem"))[0]
    assert "VOICEBOT_APPROVALS_KEY: is needed" in missing_approval_keys(with_key, "s" * 20, None)[0]
