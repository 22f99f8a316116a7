"""What must have sound where a line is asked over a two-way stream: every prompt that can be said there, in pieces.

Must not know how a piece gets its sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from voicebot.config.company import Company, Line
from voicebot.config.lint import JOINT, KEYS, SURVEY, asked_with
from voicebot.config.prompts import Catalogue
from voicebot.config.wording import PLACE
from voicebot.dialogue.forms import Door, FieldPlan
from voicebot.dialogue.prompts import PARTS, general_name
from voicebot.dialogue.values import ShapeKind

ALWAYS = ("greeting", "filler", "identified", "verified")
READ_BACK = ("confirm", "confirm_keys", *PARTS)
IN_DIGITS = frozenset({ShapeKind.DIGITS, ShapeKind.PHONE})


@dataclass(frozen=True)
class Voiced:
    """A prompt of a line that needs sound: `language` is the carrier's tag. `pieces` are rendered one by one; `filled` says that
    somebody's data stand between them which are no digits, so that only a voice can say it at the moment.
    """

    prompt_id: str
    line: str
    language: str
    pieces: tuple[str, ...]
    filled: bool = False


def voiced_prompts(company: Company, prompts: Catalogue) -> list[Voiced]:
    """Every text that can be said over a two-way stream. Recordings need nothing more."""
    found = [one for name, line in company.lines.items() for one in _of_line(name, line, prompts)]
    return list(dict.fromkeys(found))


def _of_line(name: str, line: Line, prompts: Catalogue) -> Iterator[Voiced]:
    plan = line.plan
    spoken = prompts.languages.get(plan.language)
    if spoken is None or Door.STREAM not in (plan.door, plan.secrets_door):
        return
    voice = spoken.voice
    for prompt_id, general, in_digits in _said(line):
        for variant in prompts.variants_of(prompt_id, plan.language, general):
            if variant.recording:
                continue
            literals = tuple(piece.strip() for piece in PLACE.split(variant.text)[::2] if piece.strip())
            places = bool(PLACE.search(variant.text))
            digits = tuple(voice.digit_words or "0123456789") if places and in_digits else ()
            yield Voiced(prompt_id, name, voice.language, (*literals, *digits), filled=places and not in_digits)


def _said(line: Line) -> Iterator[tuple[str, str, bool]]:
    """Prompt id, what may stand for its first part, and whether only digits fill its places."""
    plan = line.plan
    for prompt_id in (*ALWAYS, *KEYS, *((f"keys.{JOINT}",) if plan.joint else ()), *(SURVEY if plan.survey else ())):
        yield prompt_id, "", False
    if plan.greet_by_name:
        yield "verified_by_name", "", False
    for detail in plan.details:
        yield f"self_service.{detail.name}", "", False
    if plan.details:
        yield from ((f"self_service.{what}", "", False) for what in ("more", "more_keys", "unavailable"))
    for field in dict.fromkeys((*plan.identifiers, *plan.separators, *plan.secrets)):
        if (plan.secrets_door if field.secret else plan.door) is Door.STREAM:
            for what in asked_with(field, plan):
                yield f"{field.name}.{what}", general_name(field), what in READ_BACK and _in_digits(field)


def _in_digits(field: FieldPlan) -> bool:
    return field.shape.kind in IN_DIGITS
