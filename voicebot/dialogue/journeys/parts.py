"""The part of a number that is in doubt: which it is, how it is asked for alone, and what the number becomes with the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call, Heard, Part
from voicebot.dialogue.forms import FieldPlan
from voicebot.dialogue.prompts import field_prompt
from voicebot.dialogue.spoken import Digits, Spoken
from voicebot.dialogue.values import Shape, ShapeKind

SIZES = range(2, 5)  # digits: one alone is no easier to hear, and more than four are no part
MOST_ASKS = 2  # for one part
IN_PARTS = (ShapeKind.DIGITS, ShapeKind.PHONE)


def can_be_in_parts(field: FieldPlan) -> bool:
    """Whether a part of this field's value may be asked for alone. Never of a secret."""
    return not field.secret and field.shape.kind in IN_PARTS and field.shape.longest >= 2 * SIZES.start


def shape_of(part: Part) -> Shape:
    """What answers the question for it."""
    return Shape(ShapeKind.DIGITS, part.stop - part.start, part.stop - part.start)


def shapes_of_parts(field: FieldPlan) -> Iterator[Shape]:
    """All that may be asked for, for whoever makes them ready before."""
    if can_be_in_parts(field):
        yield from (Shape(ShapeKind.DIGITS, size, size) for size in SIZES if 2 * size <= field.shape.longest)


def part_in_doubt(value: str, blocks: Sequence[int], others: Sequence[str]) -> Part | None:
    """Where all others differ from the value, if that is one part of it: of the parts in which it was said, else its beginning
    or its end. None where they differ elsewhere too, or there are none.
    """
    if not others or any(len(other) != len(value) for other in others):
        return None
    differing = [place for place in range(len(value)) if any(other[place] != value[place] for other in others)]
    for part in _parts(len(value), blocks):
        if differing and part.start <= differing[0] and differing[-1] < part.stop:
            return part
    return None


def part_at(length: int, blocks: Sequence[int], place: int) -> Part | None:
    """The part that is wrong by its caller's word: so many digits from the beginning, or (negative) the end, of a number.

    Where they cannot be asked for alone, as a single one cannot, the part around them. None where there is no such.
    """
    named = Part(0, place) if place > 0 else Part(length + place, length)
    parts = [*_askable(length, [named]), *_parts(length, blocks)]
    return next((part for part in parts if part.start <= named.start and named.stop <= part.stop), None)


def _parts(length: int, blocks: Sequence[int]) -> list[Part]:
    ends = [0, *accumulate(blocks)]
    parts = [Part(start, stop) for start, stop in pairwise(ends)]
    if not parts:
        parts = [part for size in reversed(SIZES) for part in (Part(length - size, length), Part(0, size))]
    return _askable(length, parts)


def _askable(length: int, parts: Sequence[Part]) -> list[Part]:
    """Those that may be asked for: never more than half of the number."""
    return [part for part in parts if part.stop - part.start in SIZES and 2 * (part.stop - part.start) <= length]


def asks_for_part(call: Call, heard: Heard, place: int = 0) -> Call | None:
    """The call with the part in doubt to be asked for, at `place` if the caller has named one; None where there is no such."""
    value, blocks = heard.value, heard.blocks
    part = part_at(len(value), blocks, place) if place else part_in_doubt(value, blocks, heard.others)
    if part is None:
        return None
    return replace(call, authenticating=replace(call.authenticating, heard=replace(heard, part=part), speech_won="", prefix=""))


def part_missed(call: Call) -> Call:
    """The answer to the question for a part was of no use: it is put once more, then the whole number is asked for."""
    state = call.authenticating
    if state.heard is None or state.heard.part is None:
        return call
    part = state.heard.part
    heard = replace(state.heard, part=replace(part, asks=part.asks + 1)) if part.asks < MOST_ASKS else None
    return replace(call, authenticating=replace(state, heard=heard))


def with_part(heard: Heard, digits: str) -> str:
    """The number with these digits in the place of the part that was asked for."""
    assert heard.part is not None  # its question was open  # noqa: S101
    return heard.value[: heard.part.start] + digits + heard.value[heard.part.stop :]


def part_prompt(field: FieldPlan, heard: Heard, *, listen: bool) -> Say:
    """Which digits are asked for: the first, the last, or those after others that are said."""
    part = heard.part
    assert part is not None  # its question is put  # noqa: S101
    what = "part_first" if part.start == 0 else "part_last" if part.stop == len(heard.value) else "part_after"
    args: list[tuple[str, Spoken]] = [("count", Digits(str(part.stop - part.start)))]
    if what == "part_after":
        args.append(("before", Digits(heard.value[: part.start])))
    return field_prompt(field, what if listen else f"{what}_keys", part.asks, *args)
