"""What a caller's words mean for the open question: digits, a command, or digits that are not complete yet.

Pure and without memory. The words are those of a Grammar; anything else, `[unk]` above all, means nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.amounts import SaidAmount
from voicebot.dialogue.understand.corrections import Link, clauses, put_right, said_in_all
from voicebot.dialogue.understand.dates import SaidDate
from voicebot.dialogue.understand.numerals import Blocks, Bounds, Reading
from voicebot.dialogue.understand.tokens import Mark, Token, Word, tokens
from voicebot.dialogue.values import Command, Shape, ShapeKind

# Said together with another command, a yes or a no is only its beginning: "no, agent".
MERE_ANSWERS = (Command.YES, Command.NO)


@dataclass(frozen=True)
class Understood:
    """The meaning of an utterance. `digits`: every reading that fits the shape, best first; `partial`: digits so far, or
    those that put right what was read back.

    `blocks`: for each of `digits`, the lengths of the parts in which the caller said it; empty where there were none. They are
    how it was said, not what.
    """

    digits: tuple[str, ...] = field(default=(), repr=False)
    command: Command | None = None
    partial: str = field(default="", repr=False)
    blocks: tuple[Blocks, ...] = field(default=(), compare=False)


def understand(words: str, shape: Shape, grammar: Grammar) -> Understood:
    """Every reading of `words` (small letters, one space between) that answers a question of this shape.

    A complete number wins over a command, a command over an incomplete number. "start again" forgets the digits before it.
    """
    said = tokens(words, grammar, shape.kind)
    command = _command([token for token in said if isinstance(token, Command)])
    if not shape.takes_digits:
        return Understood(command=command, partial=_digits_in(said, grammar) if shape.puts_right else "")
    complete, partial = _number(_since_last_start(said), shape, grammar)
    if complete:
        return Understood(digits=tuple(one.digits for one in complete), blocks=tuple(one.blocks for one in complete))
    if command is not None and not (partial and command in (*MERE_ANSWERS, Command.START_OVER)):
        return Understood(command=command)
    return Understood(partial=partial)


def _digits_in(said: Sequence[Token], grammar: Grammar) -> str:
    """The digits that were said, whatever they put right."""
    digits = dict(grammar.digits)
    return "".join(digits.get(token.text, "") for token in said if isinstance(token, Word))


def _number(said: Sequence[Token], shape: Shape, grammar: Grammar) -> tuple[list[Reading], str]:
    """Everything that can be meant, and if that is nothing, some digits of what was said, if any."""
    match shape.kind:
        case ShapeKind.DATE:
            date = SaidDate(_since_correction(said), grammar)
            return [Reading(digits) for digits in date.dates()], date.digits
        case ShapeKind.AMOUNT:
            amount = SaidAmount(_since_correction(said), grammar, shape.decimals)
            return [Reading(digits) for digits in amount.amounts()], ""
    return _complete(said, shape, grammar), _partial(said, shape, grammar)


def _since_correction(said: Sequence[Token]) -> Sequence[Token]:
    """A date or an amount is put right as a whole."""
    last = max((place for place, token in enumerate(said) if token in (Command.NO, Mark.INSTEAD)), default=-1)
    return said[last + 1 :]


def _complete(said: Sequence[Token], shape: Shape, grammar: Grammar) -> list[Reading]:
    parts = clauses(said, grammar, Bounds(shape.shortest, shape.longest))
    whole = [reading for reading in said_in_all(parts) if shape.fits(reading.digits)]
    return [reading for reading in whole if shape.begins(reading.digits)] or whole


def _partial(said: Sequence[Token], shape: Shape, grammar: Grammar) -> str:
    """The likeliest digits so far, where they are too few."""
    parts = clauses(said, grammar, Bounds(1, shape.shortest - 1))
    return next((reading.digits for reading in said_in_all(parts) if 0 < len(reading.digits) < shape.shortest), "")


def _command(commands: list[Command]) -> Command | None:
    """The one that is meant: the last real command, else yes or no if not both were said."""
    real = [command for command in commands if command not in MERE_ANSWERS]
    if real:
        return real[-1]
    return commands[0] if len(set(commands)) == 1 else None


def _since_last_start(said: list[Token]) -> list[Token]:
    for position in range(len(said) - 1, -1, -1):
        if said[position] is Command.START_OVER:
            return said[position + 1 :]
    return said


@dataclass(frozen=True)
class Correction:
    """What a caller says to a number that was read back. `digits`: what it may be instead, likeliest first.

    `place`: where it is wrong, as so many digits from the beginning or (negative) the end, if only that was said; else 0.
    """

    digits: tuple[str, ...] = field(default=(), repr=False)
    place: int = 0


def understand_correction(words: str, read_back: Reading, shape: Shape, grammar: Grammar) -> Correction:
    """What puts right a number of this shape that was read back in these blocks: new digits, the old ones denied, or a place."""
    parts = clauses(tokens(words, grammar), grammar, Bounds(0, shape.longest))
    digits = put_right(read_back.digits, read_back.blocks, parts)
    place = next((part.place for part in parts if part.link is Link.PLACE and part.empty), 0)
    return Correction(tuple(one for one in digits if shape.fits(one)), 0 if digits else place)
