"""Card payments as an operator sets them up; and what is said where that is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from voicebot.config.payments import check_pay, missing_payment_secret, read_payments
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.forms import Detail, Grammar, LinePlan, PaymentPlan, QueuePlan, StepUpPlan


def read(**plain: Any) -> tuple[PaymentPlan | None, list[str]]:
    wrong = Complaints("voicebot.toml")
    return read_payments(Table({"payments": plain}, "", wrong)), wrong.found


def test_without_the_table_there_are_none() -> None:
    wrong = Complaints("voicebot.toml")
    assert read_payments(Table({}, "", wrong)) is None
    assert wrong.found == []


def test_the_least_that_is_needed() -> None:
    assert read(currency="EUR", at_most="500.00") == (PaymentPlan("EUR", 2, 50_000), [])


def test_everything_said() -> None:
    plain = {"connector": "Stripe_1", "cards": ["visa"], "security_code": False, "patience": 60}
    assert read(currency="JPY", at_most="90000", **plain) == (PaymentPlan("JPY", 0, 90_000, "Stripe_1", ("visa",), False, 60), [])


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("currency", "euro", 'must be a currency like "USD"'),
        ("currency", "XQX", 'nobody knows "XQX"'),
        ("at_most", "1,000", "must be an amount like"),
        ("at_most", "0", "must be an amount like"),
        ("at_most", "1000000", "below 1000000"),
        ("connector", "my connector", "a connector's name"),
        ("cards", [], "must name at least one of visa"),
        ("cards", ["dankort"], "dankort"),
        ("security_code", "yes", "must be true or false"),
        ("patience", 5, "30 to 600"),
        ("page", "http://pay.example.com", "an address like"),
        ("page", "https://pay.example.com/#top", "an address like"),
        ("link_lifetime", 5, "60 to 86400"),
        ("postal_code", True, "is not known"),
    ],
)
def test_what_is_wrong_is_named(key: str, value: object, told: str) -> None:
    _, wrong = read(**{"currency": "EUR", "at_most": "500.00"} | {key: value})
    assert any(one.startswith(f"voicebot.toml: payments.{key}:") and told in one for one in wrong), wrong


def test_what_is_missing_is_named() -> None:
    _, wrong = read()
    assert next(one.partition(":")[2].strip() for one in wrong) == "payments.currency: is missing"
    assert any("payments.at_most" in one for one in wrong)


PAYABLE = LinePlan(
    "balance", "+12025550110", "en", "US", QueuePlan("billing"), Grammar("en"),
    details=(Detail("balance", "amount", currency="EUR"),), payments=PaymentPlan("EUR", 2, 50_000), pay="balance",
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, ""),
        ({"pay": ""}, ""),
        ({"pay_step_up": "payout", "step_ups": (StepUpPlan("payout", (), currency="EUR"),)}, ""),
        ({"pay_step_up": "payout", "step_ups": (StepUpPlan("payout", (), currency="USD"),)}, "which is in USD, not EUR"),
        ({"pay_step_up": "payout", "step_ups": (StepUpPlan("payout", ()),)}, "which is in no currency, not EUR"),
        ({"pay": "", "pay_step_up": "payout", "step_ups": (StepUpPlan("payout", ()),)}, "is for lines with pay"),
        ({"payments": None}, "needs [payments]"),
        ({"details": ()}, "which this line does not say"),
        ({"details": (Detail("balance", "amount", currency="USD"),)}, "is no amount in EUR"),
        ({"details": (Detail("balance", "words"),)}, "is no amount in EUR"),
    ],
)
def test_what_callers_pay_alone_is_an_amount_that_the_line_says(change: dict[str, Any], told: str) -> None:
    wrong = Complaints("voicebot.toml")
    check_pay(Table({}, "lines.balance.", wrong), replace(PAYABLE, **change))
    assert [told in one for one in wrong.found] == ([True] if told else [])


def test_a_payment_page_needs_the_companys_secret() -> None:
    paged = PaymentPlan("EUR", 2, 50_000, page="https://pay.example.com")
    assert "VOICEBOT_PROOFS_SECRET: is missing" in missing_payment_secret(paged, ())[0]
    assert missing_payment_secret(paged, ("s" * 40,)) == []
    assert missing_payment_secret(PaymentPlan("EUR", 2, 50_000), ()) == []
    assert missing_payment_secret(None, ()) == []
