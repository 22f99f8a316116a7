"""Reads `[step_up.NAME]`: which actions need a fresh proof, from which amount on, by what, and how long it counts."""

from collections.abc import Mapping

from babel.numbers import get_currency_precision

from voicebot.config.fields import Question
from voicebot.config.tables import Table
from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.approving import APPROVAL, CODE
from voicebot.dialogue.forms import FieldPlan, StepUpPlan

SHORTEST, LONGEST = 30, 3600  # seconds


def read_step_ups(file: Table, fields: Mapping[str, Question], *, approvals: bool) -> tuple[StepUpPlan, ...]:
    """All of them, in the order of the file. What is wrong is complained about. `approvals`: a provider of them is there."""
    return tuple(_step_up(name, table, fields, approvals=approvals) for name, table in file.tables("step_up"))


def _step_up(name: str, table: Table, fields: Mapping[str, Question], *, approvals: bool) -> StepUpPlan:
    currency = table.text("currency", "", like=r"[A-Z]{3}", what='a currency like "USD"')
    decimals = get_currency_precision(currency) if currency else 0
    usual = StepUpPlan(name, ())
    plan = StepUpPlan(
        name=name,
        proofs=_proofs(table, fields, approvals=approvals),
        at_least=_at_least(table, currency, decimals),
        currency=currency,
        decimals=decimals,
        lifetime=table.whole("lifetime", usual.lifetime, SHORTEST, LONGEST),
        speech=table.flag("speech", usual.speech),
    )
    table.close()
    return plan


def _proofs(table: Table, fields: Mapping[str, Question], *, approvals: bool) -> tuple[FieldPlan, ...]:
    proofs = {name: question.plan for name, question in fields.items() if question.plan.secret}
    named = table.some_of("proofs", [*proofs, APPROVAL])
    if APPROVAL in named and not approvals:
        table.wrong("proofs", "names approval, which needs a provider ([approvals])")
    if not named:
        table.wrong("proofs", f"must name at least one secret field, like {', '.join(proofs) or 'pin'}, or {APPROVAL}")
    proofs[APPROVAL] = FieldPlan(APPROVAL, CODE, secret=True)
    return tuple(proofs[name] for name in named)


def _at_least(table: Table, currency: str, decimals: int) -> int:
    """In the currency's smallest coins."""
    text = table.text("at_least", "")
    if not text:
        return 0
    if not currency:
        table.wrong("currency", 'is needed where at_least is given, like "USD"')
    coins = coins_of(text, decimals)
    if coins is None:
        table.wrong("at_least", f'must be an amount like "{"1000.00" if decimals else "1000"}", not "{text}"')
    return coins or 0
