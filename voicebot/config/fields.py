"""Reads `[fields.NAME]`: what can be asked, and what a value must be. Must not know which line asks it."""

from dataclasses import dataclass, replace

from babel.numbers import get_currency_precision

from voicebot.config.prompts import FAMILIES
from voicebot.config.tables import Table
from voicebot.dialogue.forms import CheckDigit, FieldPlan
from voicebot.dialogue.values import LONGEST_DIGITS, Shape, ShapeKind

KINDS = ('"phone"', '"date"', '"date:past"', '"date:future"', '"amount"')
A_KIND = {
    ShapeKind.DIGITS: "digits",
    ShapeKind.PHONE: "a telephone number",
    ShapeKind.DATE: "a date",
    ShapeKind.AMOUNT: "an amount",
}
ANY_DIGITS = Shape(ShapeKind.DIGITS, 1, 1)
MOST_CUSTOMERS = 1_000_000_000
MOST_PREFIXES = 100
CHECKS = tuple(check.value for check in CheckDigit if check is not CheckDigit.NONE)


@dataclass(frozen=True)
class Question:
    """A field as it is asked; `ending_of` names the field that it is the last digits of, empty if it stands for itself. `totp`: a
    code of the customer's authenticator app.
    """

    plan: FieldPlan
    ending_of: str = ""
    totp: bool = False


def read_questions(file: Table) -> dict[str, Question]:
    """All fields by name. An end of another field needs that field, and has fewer digits."""
    tables = dict(file.tables("fields"))
    found = {name: _question(name, table) for name, table in tables.items()}
    for name, question in found.items():
        if question.ending_of:
            _check_ending(tables[name], question, found)
    return found


def _question(name: str, table: Table) -> Question:
    if name in FAMILIES:
        table.wrong("", f"must be named otherwise: prompts that begin with {name} are something else's")
    shape, currency = _shape(table)
    secret = table.flag("secret", default=False)
    always_read_back = table.flag("always_read_back", default=False)
    check = CheckDigit(table.one_of("check", CHECKS, ""))
    ending_of = table.text("ending_of", "")
    totp = table.flag("totp", default=False)
    prefixes = _prefixes(table, shape, secret=secret)
    is_digits = shape.kind is ShapeKind.DIGITS
    if totp and not (secret and shape == Shape.parse("digits:6")):
        table.wrong("totp", 'is for a secret of six digits: secret = true and shape = "digits:6"')
    if secret and always_read_back:
        table.wrong("always_read_back", "must be false for a secret: it is never read back")
    if secret and not (shape.fixed and is_digits):
        table.wrong("shape", f'must be digits of one length for a secret, like "digits:6", not "{shape}"')
    if check and (secret or not is_digits):
        what = "a secret" if secret else A_KIND[shape.kind]
        table.wrong("check", f"is for identifiers of digits only, not for {what}")
    if ending_of and (secret or check or prefixes or not (shape.fixed and is_digits)):
        table.wrong("ending_of", 'is for an identifier of one length without check digit and prefixes, like shape = "digits:4"')
    customers = table.whole("customers", 0, 0, MOST_CUSTOMERS)
    if customers and (secret or ending_of or not (shape.fixed and is_digits)):
        table.wrong("customers", 'is for an identifier of digits of one length, like shape = "digits:8"')
    if customers and prefixes:  # what is found by chance is counted among all numbers of that length
        table.wrong("customers", "is for a field without prefixes")
    among = table.flag("among_customers", default=False)
    if among and not customers:
        table.wrong("among_customers", "needs customers, the number of customers who have such a number")
    table.close()
    shape = replace(shape, prefixes=prefixes)
    return Question(FieldPlan(name, shape, secret, always_read_back, check, currency, customers, among), ending_of, totp)


def _prefixes(table: Table, shape: Shape, *, secret: bool) -> tuple[str, ...]:
    """What a right value begins with, shortest first."""
    prefixes = tuple(sorted(table.texts("prefixes", ()), key=lambda prefix: (len(prefix), prefix)))
    if prefixes and (secret or shape.kind is not ShapeKind.DIGITS):
        what = "a secret" if secret else A_KIND[shape.kind]
        table.wrong("prefixes", f"is for identifiers of digits only, not for {what}")
        return ()
    if len(prefixes) > MOST_PREFIXES:
        table.wrong("prefixes", f"must be {MOST_PREFIXES} at most, not {len(prefixes)}")
    for place, prefix in enumerate(prefixes):
        if not (prefix.isascii() and prefix.isdigit()):
            table.wrong("prefixes", f'must be digits in quotes, like ["44", "45"]; "{prefix}" is not')
        elif len(prefix) > shape.shortest:
            table.wrong("prefixes", f'must have no more digits than the field, {shape.shortest}; "{prefix}" has')
        elif prefix.startswith(prefixes[:place]):
            table.wrong("prefixes", f'needs each beginning once; "{prefix}" begins with another of them')
    return prefixes


def _shape(table: Table) -> tuple[Shape, str]:
    """The shape, and the currency of an amount."""
    text = table.text("shape")
    currency = table.text("currency", "", like=r"[A-Z]{3}", what='a currency like "USD"')
    if text == ShapeKind.AMOUNT:
        if not currency:
            table.wrong("currency", 'is needed for an amount, like "USD"')
        return Shape.parse(f"amount:{get_currency_precision(currency or 'USD')}"), currency
    if currency:
        table.wrong("currency", 'is for shape = "amount" only')
    try:
        shape = Shape.parse(text) if text else ANY_DIGITS
    except ValueError:
        shape = None
    if shape is None or shape.kind not in A_KIND or shape.prefixes or str(shape) != text != "":
        kinds = ", ".join(KINDS)
        table.wrong("shape", f'must be like "digits:8", "digits:6-10" (1 to {LONGEST_DIGITS}), or {kinds}; not "{text}"')
    return shape or ANY_DIGITS, currency


def _check_ending(table: Table, question: Question, known: dict[str, Question]) -> None:
    whole = known.get(question.ending_of)
    if whole is None or whole.plan.secret or whole.ending_of or whole.plan.shape.kind is not ShapeKind.DIGITS:
        table.wrong("ending_of", f'names "{question.ending_of}"; it must be another field of digits that is no secret')
    elif whole.plan.shape.shortest <= question.plan.shape.longest:
        table.wrong("shape", f"must have fewer digits than {question.ending_of}")
