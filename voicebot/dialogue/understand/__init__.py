"""What a caller's words mean for the open question: digits, a command, or digits that are not complete yet.

Pure and without memory. The words are those of a Grammar; anything else, `[unk]` above all, means nothing.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Command, Shape, ShapeKind

MOST_READINGS = 16
# Said together with another command, a yes or a no is only its beginning: "no, agent".
MERE_ANSWERS = (Command.YES, Command.NO)


@dataclass(frozen=True)
class Understood:
    """The meaning of an utterance. `digits`: every reading that fits the shape, best first; `partial`: digits so far."""

    digits: tuple[str, ...] = field(default=(), repr=False)
    command: Command | None = None
    partial: str = field(default="", repr=False)


@dataclass(frozen=True)
class _Digits:
    digits: str


_Meaning: TypeAlias = _Digits | int | Command  # digits, how often the next ones stand, a command


def understand(words: str, shape: Shape, grammar: Grammar) -> Understood:
    """Every reading of `words` (small letters, one space between) that answers a question of this shape.

    A complete number wins over a command, a command over an incomplete number. "start again" forgets the digits before it.
    """
    meanings = _meanings(words.split(), grammar)
    commands = [meaning for meaning in meanings if isinstance(meaning, Command)]
    command = _command(commands)
    if shape.kind is not ShapeKind.DIGITS:
        return Understood(command=command)
    readings = _readings(_since_last_start(meanings))
    if complete := tuple(reading for reading in readings if shape.fits(reading)):
        return Understood(digits=complete)
    if command is not None and not (readings[0] and command in (*MERE_ANSWERS, Command.START_OVER)):
        return Understood(command=command)
    partial = next((reading for reading in readings if len(reading) < shape.shortest), "")
    return Understood(partial=partial)


@cache
def _phrases(grammar: Grammar) -> tuple[tuple[tuple[str, ...], _Meaning], ...]:
    """Everything that means something, longest first."""
    known: list[tuple[tuple[str, ...], _Meaning]] = [((word,), _Digits(digits)) for word, digits in grammar.digits]
    known += [((word,), times) for word, times in grammar.multipliers]
    known += [(tuple(phrase.split()), Command(name)) for name, phrases in grammar.commands for phrase in phrases]
    return tuple(sorted(known, key=lambda entry: -len(entry[0])))


def _meanings(words: list[str], grammar: Grammar) -> list[_Meaning]:
    """Words to meanings in order; what has none is skipped, fillers too, unless they are part of a phrase."""
    meanings: list[_Meaning] = []
    words = [word for word in words if not word.startswith(("[", "<"))]
    while words:
        for phrase, meaning in _phrases(grammar):
            if tuple(words[: len(phrase)]) == phrase:
                meanings.append(meaning)
                words = words[len(phrase) :]
                break
        else:
            words = words[1:]
    return meanings


def _command(commands: list[Command]) -> Command | None:
    """The one that is meant: the last real command, else yes or no if not both were said."""
    real = [command for command in commands if command not in MERE_ANSWERS]
    if real:
        return real[-1]
    return commands[0] if len(set(commands)) == 1 else None


def _since_last_start(meanings: list[_Meaning]) -> list[_Meaning]:
    for position in range(len(meanings) - 1, -1, -1):
        if meanings[position] is Command.START_OVER:
            return meanings[position + 1 :]
    return meanings


def _readings(meanings: list[_Meaning]) -> list[str]:
    """All numbers that may be meant, best first; never empty. A "no" splits a number: what follows may replace what was said."""
    blocks = [""]
    times = 1
    for meaning in meanings:
        match meaning:
            case _Digits(digits):
                blocks[-1] += digits * times
                times = 1
            case Command.NO if blocks[-1]:
                blocks.append("")
                times = 1
            case Command():
                times = 1
            case _:
                times = meaning
    if len(blocks) > 1 and not blocks[-1]:
        return [""]  # taken back, and nothing put in its place
    readings = [blocks[0]]
    for block in blocks[1:]:
        corrected = [reading for before in readings for reading in _corrected(before, block)]
        readings = list(dict.fromkeys(corrected))[:MOST_READINGS]
    return readings


def _corrected(before: str, block: str) -> list[str]:
    """`block` in the place of the last digits of `before`: of as many as it has, or of fewer, or after them."""
    return [before[: len(before) - count] + block for count in range(min(len(before), len(block)), -1, -1)]
