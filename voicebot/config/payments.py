"""Reads `[payments]`: card payments in the middle of a call. Without the table there are none."""

from babel.core import Locale
from babel.numbers import get_currency_precision

from voicebot.config.tables import Table
from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.forms import LinePlan, PaymentPlan

CURRENCY = r"[A-Z]{3}"
CARDS = ("visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute")
CONNECTOR = r"[A-Za-z0-9_.-]{1,64}"
PAGE = r"https://[^\s#/]{3,200}(/[^\s#]{0,300})?"
LIFETIMES = (60, 86_400)  # seconds
HIGHEST = 1_000_000  # of the carrier, exclusive, in whole units of the currency
LEAST_PATIENCE, MOST_PATIENCE = 30, 600  # seconds


def read_payments(file: Table) -> PaymentPlan | None:
    """The plan, or None. What is wrong is complained about."""
    table = file.table("payments")
    if "payments" not in file:
        return None
    currency = table.text("currency", like=CURRENCY, what='a currency like "USD"')
    if currency and currency not in Locale("en").currencies:
        table.wrong("currency", f'must be a currency like "USD"; nobody knows "{currency}"')
    decimals = get_currency_precision(currency)
    plan = PaymentPlan(
        currency=currency,
        decimals=decimals,
        at_most=_at_most(table, decimals),
        connector=table.text("connector", PaymentPlan.connector, like=CONNECTOR, what='a connector\'s name like "Default"'),
        cards=tuple(table.some_of("cards", CARDS, PaymentPlan.cards)),
        security_code=table.flag("security_code", default=True),
        patience=table.whole("patience", PaymentPlan.patience, LEAST_PATIENCE, MOST_PATIENCE),
        page=table.text("page", "", like=PAGE, what='an address like "https://pay.example.com/voice"'),
        link_lifetime=table.whole("link_lifetime", PaymentPlan.link_lifetime, *LIFETIMES),
    )
    if not plan.cards:
        table.wrong("cards", f"must name at least one of {', '.join(CARDS)}")
    table.close()
    return plan


def _at_most(table: Table, decimals: int) -> int:
    """In the currency's smallest coins."""
    text = table.text("at_most")
    coins = coins_of(text, decimals)
    if not coins or coins >= HIGHEST * 10**decimals:
        table.wrong("at_most", f'must be an amount like "{"1000.00" if decimals else "1000"}", below {HIGHEST}, not "{text}"')
    return coins or 0


def missing_payment_secret(plan: PaymentPlan | None, secrets: tuple[str, ...]) -> list[str]:
    """A link that nobody could check, and a result that nobody could sign, are none."""
    if plan is None or not plan.page or secrets:
        return []
    return [".env or environment: VOICEBOT_PROOFS_SECRET: is missing; payments.page needs it to sign links and to know results"]


def check_pay(table: Table, plan: LinePlan) -> None:
    """What a line lets callers pay by themselves must be an amount that it says, in the currency of payments."""
    _check_step_up(table, plan)
    if not plan.pay:
        return
    detail = next((one for one in plan.details if one.name == plan.pay), None)
    if plan.payments is None:
        table.wrong("pay", "needs [payments]")
    elif detail is None:
        table.wrong("pay", f"names {plan.pay}, which this line does not say; put it into details")
    elif detail.kind != "amount" or detail.currency != plan.payments.currency:
        table.wrong("pay", f"names {plan.pay}, which is no amount in {plan.payments.currency}")


def _check_step_up(table: Table, plan: LinePlan) -> None:
    """A fresh proof for paying alone is of the same money."""
    named = next((one for one in plan.step_ups if one.name == plan.pay_step_up), None)
    if named is None:
        return
    if not plan.pay:
        table.wrong("pay_step_up", "is for lines with pay: it asks for a fresh proof before callers pay by themselves")
    elif plan.payments is not None and named.currency != plan.payments.currency:
        other = named.currency or "no currency"
        table.wrong("pay_step_up", f"names {named.name}, which is in {other}, not {plan.payments.currency}")
