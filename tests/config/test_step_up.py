"""What needs a fresh proof, as an operator writes it; and what is said where that is wrong."""

from collections.abc import Mapping
from typing import Any

import pytest

from voicebot.config.fields import Question
from voicebot.config.step_up import read_step_ups
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.values import Shape

PIN = FieldPlan("pin", Shape.parse("digits:6"), secret=True)
FIELDS = {"pin": Question(PIN), "account_number": Question(FieldPlan("account_number", Shape.parse("digits:8")))}


def read(*, approvals: bool = False, **plain: Any) -> tuple[tuple[StepUpPlan, ...], list[str]]:
    wrong = Complaints("voicebot.toml")
    file: Mapping[str, Any] = {"step_up": {"payout": plain}}
    return read_step_ups(Table(file, "", wrong), FIELDS, approvals=approvals), wrong.found


def test_an_action_with_its_amount() -> None:
    plans, wrong = read(currency="EUR", at_least="1000.50", proofs=["pin"], lifetime=60)
    assert plans == (StepUpPlan("payout", (PIN,), 100_050, "EUR", 2, 60),)
    assert not wrong


def test_a_proof_may_be_said_unless_it_is_to_be_keyed() -> None:
    (said,), _ = read(proofs=["pin"])
    (keyed,), wrong = read(proofs=["pin"], speech=False)
    assert (said.speech, keyed.speech, wrong) == (True, False, [])
    assert "speech" in read(proofs=["pin"], speech="no")[1][0]


def test_an_action_without_one() -> None:
    plans, wrong = read(proofs=["pin"])
    assert plans == (StepUpPlan("payout", (PIN,)),)
    assert not wrong


def test_an_approval_in_the_customers_app_where_there_is_a_provider() -> None:
    plans, wrong = read(approvals=True, proofs=["approval", "pin"])
    assert not wrong
    assert [(proof.name, str(proof.shape), proof.secret) for proof in plans[0].proofs] == [
        ("approval", "digits:6", True), ("pin", "digits:6", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plain", "key", "told"),
    [
        ({"proofs": ["approval", "pin"]}, "proofs", "needs a provider ([approvals])"),
        ({"proofs": []}, "proofs", "must name at least one secret field, like pin"),
        ({}, "proofs", "is missing"),
        ({"proofs": ["account_number"]}, "proofs", "which is not there"),
        ({"proofs": ["pin"], "at_least": "10"}, "currency", "is needed where at_least is given"),
        ({"proofs": ["pin"], "currency": "euro"}, "currency", 'must be a currency like "USD"'),
        ({"proofs": ["pin"], "currency": "EUR", "at_least": "1.234"}, "at_least", "must be an amount like"),
        ({"proofs": ["pin"], "lifetime": 5}, "lifetime", "must be 30 to 3600"),
        ({"proofs": ["pin"], "tries": 9}, "tries", "is not known"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(plain: dict[str, Any], key: str, told: str) -> None:
    _, wrong = read(**plain)
    assert any(one.startswith(f"voicebot.toml: step_up.payout.{key}:") and told in one for one in wrong), wrong


@pytest.mark.parametrize(
    ("text", "decimals", "coins"),
    [("1250", 2, 125_000), ("1250.5", 2, 125_050), ("0.05", 2, 5), ("1250", 0, 1250), (".5", 2, 50), ("1250.5", 0, None)]
    + [(bad, 2, None) for bad in ("", ".", "-1", "1e5", "1,5", "1 000", "NaN", "١", "1.005", "1" * 13, "1.2.3")],
)
def test_amounts_are_never_rounded(text: str, decimals: int, coins: int | None) -> None:
    assert coins_of(text, decimals) == coins
