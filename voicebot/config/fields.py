"""Reads `[fields.NAME]`: what can be asked, and what a value must be. Must not know which line asks it."""

from dataclasses import dataclass

from voicebot.config.prompts import FAMILIES
from voicebot.config.tables import Table
from voicebot.dialogue.forms import CheckDigit, FieldKind, FieldPlan
from voicebot.dialogue.phone import PHONE_SHAPE
from voicebot.dialogue.values import Shape, ShapeKind

PHONE = "phone"
CHECKS = tuple(check.value for check in CheckDigit if check is not CheckDigit.NONE)


@dataclass(frozen=True)
class Question:
    """A field as it is asked; `ending_of` names the field that it is the last digits of, empty if it stands for itself."""

    plan: FieldPlan
    ending_of: str = ""


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
    kind, shape = _shape(table)
    secret = table.flag("secret", default=False)
    always_read_back = table.flag("always_read_back", default=False)
    check = CheckDigit(table.one_of("check", CHECKS, ""))
    ending_of = table.text("ending_of", "")
    if secret and always_read_back:
        table.wrong("always_read_back", "must be false for a secret: it is never read back")
    if secret and not shape.fixed:
        table.wrong("shape", f'must be one length for a secret, like "digits:6", not "{_told(kind, shape)}"')
    if check and (secret or kind is FieldKind.PHONE):
        table.wrong("check", f"is for identifiers of digits only, not for {'a secret' if secret else 'a telephone number'}")
    if ending_of and (secret or check or not shape.fixed):
        table.wrong("ending_of", 'is for an identifier of one length without a check digit, like shape = "digits:4"')
    table.close()
    return Question(FieldPlan(name, shape, secret, always_read_back, kind, check), ending_of)


def _shape(table: Table) -> tuple[FieldKind, Shape]:
    text = table.text("shape")
    if text == PHONE:
        return FieldKind.PHONE, PHONE_SHAPE
    shape = Shape(ShapeKind.DIGITS, 1, 1)
    try:
        if text:
            shape = Shape.parse(text)
    except ValueError as error:
        table.wrong("shape", str(error))
    if shape.kind is not ShapeKind.DIGITS:
        table.wrong("shape", f'must be digits, like "digits:8", not "{shape}"; or "phone"')
    return FieldKind.DIGITS, shape


def _told(kind: FieldKind, shape: Shape) -> str:
    return PHONE if kind is FieldKind.PHONE else str(shape)


def _check_ending(table: Table, question: Question, known: dict[str, Question]) -> None:
    whole = known.get(question.ending_of)
    if whole is None or whole.plan.secret or whole.ending_of or whole.plan.kind is FieldKind.PHONE:
        table.wrong("ending_of", f'names "{question.ending_of}"; it must be another field of digits that is no secret')
    elif whole.plan.shape.shortest <= question.plan.shape.longest:
        table.wrong("shape", f"must have fewer digits than {question.ending_of}")
