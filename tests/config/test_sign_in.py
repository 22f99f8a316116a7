"""What stands under [sign_in] is read whole, and what is wrong there is named."""

from datetime import timedelta
from typing import Any

import pytest

from voicebot.config.sign_in import OpenIdPlan, SignInPlan, missing_sign_in_secret, read_sign_in
from voicebot.config.tables import Complaints, Table

PROVIDER = {"issuer": "https://login.example.com/tenant", "client_id": "voicebot"}


def read(**keys: Any) -> tuple[SignInPlan, list[str]]:
    complaints = Complaints("f")
    plan = read_sign_in(Table({"sign_in": keys} if keys else {}, "", complaints), ["mira", "jonas"])
    return plan, complaints.found


def test_nothing_said_is_by_password_for_a_quarter_of_an_hour_without_a_click_and_a_day_at_most() -> None:
    plan, wrong = read()
    assert (plan, wrong) == (SignInPlan(), [])
    assert (plan.idle, plan.longest) == (timedelta(minutes=15), timedelta(hours=12))


def test_everything_said_is_read_and_addresses_are_found_whatever_their_case() -> None:
    plan, wrong = read(
        **PROVIDER, passwords=False, idle_minutes=30, longest_hours=8, label="Larkfield", emails={"mira": "Mira@Example.com"}
    )
    assert wrong == []
    open_id = OpenIdPlan(**PROVIDER, label="Larkfield", emails={"mira@example.com": "mira"})
    assert plan == SignInPlan(passwords=False, idle=timedelta(minutes=30), longest=timedelta(hours=8), open_id=open_id)
    assert "example.com" not in repr(open_id).partition("label")[2]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"passwords": False}, "sign_in.passwords: must not be false without an issuer"),
        ({"idle_minutes": 0}, "sign_in.idle_minutes: must be 1 to 240"),
        ({"client_id": "x"}, "sign_in.client_id: is for sign-in by a provider, so it needs an issuer"),
        ({"issuer": "https://login.example.com"}, "sign_in.client_id: is needed beside issuer"),
        ({**PROVIDER, "issuer": "http://login.example.com"}, "sign_in.issuer: must be the provider's address"),
        ({**PROVIDER, "issuer": "https://login.example.com/?a=b"}, "sign_in.issuer: must be the provider's address"),
        ({**PROVIDER, "emails": {"mra": "m@example.com"}}, "sign_in.emails.mra: is not on the roster"),
        ({**PROVIDER, "emails": {"mira": "example.com"}}, "sign_in.emails.mira: must be an e-mail address"),
        (
            {**PROVIDER, "emails": {"mira": "m@example.com", "jonas": "M@example.com"}},
            "sign_in.emails.jonas: has the address of mira",
        ),
        ({**PROVIDER, "claim": "employee", "emails": {"mira": "m@example.com"}}, "sign_in.emails: are for claim"),
        ({"issue": "x"}, "sign_in.issue: is not known; did you mean issuer?"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(keys: dict[str, Any], said: str) -> None:
    assert any(said in line for line in read(**keys)[1])


def test_a_provider_needs_a_secret_of_its_own() -> None:
    plan, _ = read(**PROVIDER)
    assert "VOICEBOT_SIGN_IN_SECRET" in missing_sign_in_secret(plan, "")[0]
    assert missing_sign_in_secret(plan, "x" * 16) == []
    assert missing_sign_in_secret(SignInPlan(), "") == []
