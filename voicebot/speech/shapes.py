"""What may be said at a question, as the recogniser wants it: an exact acceptor, and the plain word list beside it.

Both are made from the same Grammar that gives the words their meaning. `[unk]` stands wherever it can, so that what is not
an answer need not be taken for one.
"""

import math
from dataclasses import dataclass, replace

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import EXIT_CODE, number_words
from voicebot.dialogue.values import Command, Shape, ShapeKind
from voicebot.speech.fst import Machine
from voicebot.speech.graph import UNKNOWN

Numbers = dict[str, int]  # word -> number in the model's words.txt


def known_grammar(grammar: Grammar, numbers: Numbers) -> Grammar:
    """The grammar without the words that the model does not know: one of them would silence its whole phrase."""
    return replace(
        grammar,
        digits=tuple(entry for entry in grammar.digits if entry[0] in numbers),
        multipliers=tuple(entry for entry in grammar.multipliers if entry[0] in numbers),
        commands=tuple(
            (name, tuple(phrase for phrase in phrases if all(word in numbers for word in phrase.split())))
            for name, phrases in grammar.commands
        ),
        fillers=tuple(word for word in grammar.fillers if word in numbers),
        plus=tuple(word for word in grammar.plus if word in numbers),
    )


def word_list(shape: Shape, grammar: Grammar, numbers: Numbers) -> list[str]:
    """The free loop's list: digits where the question asks for them, the commands' phrases, and `[unk]`. Never empty."""
    grammar = known_grammar(grammar, numbers)
    words = [phrase for _, phrases in grammar.commands for phrase in phrases]
    if shape.takes_digits:
        words = _said_for(shape, grammar, numbers) + words
    return [*dict.fromkeys(words), UNKNOWN]


def _said_for(shape: Shape, grammar: Grammar, numbers: Numbers) -> list[str]:
    """The single words of an answer, without commands and fillers."""
    said = [word for word, _ in (*grammar.digits, *grammar.multipliers)]
    match shape.kind:
        case ShapeKind.PHONE:
            said += grammar.plus
        case ShapeKind.DATE:
            named = [*grammar.dates.months, *grammar.dates.ordinals]
            said += sorted(number_words(grammar)) + [word for phrase, _ in named for word in phrase.split()]
        case ShapeKind.AMOUNT:
            money = (*grammar.amounts.units, *grammar.amounts.parts, *grammar.amounts.points)
            said += sorted(number_words(grammar)) + [word for phrase in money for word in phrase.split()]
    return [word for word in dict.fromkeys(said) if word in numbers]


def acceptor(shape: Shape, grammar: Grammar, numbers: Numbers) -> Machine:
    """Exactly what a question of this shape takes: all its digits, or a command, or nothing but what is no answer."""
    return _AcceptorWriter(shape, known_grammar(grammar, numbers), numbers).write()


@dataclass
class _AcceptorWriter:
    shape: Shape
    grammar: Grammar
    numbers: Numbers

    def write(self) -> Machine:
        self.machine = Machine()
        self.start, self.preface = self.machine.new_state(), self.machine.new_state()
        # Only noise and fillers so far: may end here, which keeps a sneeze from becoming a number.
        self.machine.finals[self.preface] = 0.0
        for source in (self.start, self.preface):
            self._skip(source, self.preface, with_fillers=True)
        self._commands()
        match self.shape.kind:
            case ShapeKind.DIGITS | ShapeKind.PHONE:
                self._digits()
            case ShapeKind.DATE | ShapeKind.AMOUNT:
                self._any_words()
        return self.machine

    def _any_words(self) -> None:
        """What has no exact form yet: its words in any order. The meaning decides, and the caller is always asked."""
        said = self.machine.new_state()
        self.machine.finals[said] = 0.0
        words = _said_for(self.shape, self.grammar, self.numbers)
        for word in words:
            for source in (self.start, self.preface, said):
                self.machine.accept(source, self.numbers[word], said, math.log(len(words)))
        self._skip(said, said, with_fillers=True)

    def _skip(self, source: int, target: int, *, with_fillers: bool) -> None:
        """Ways to go on with a word that means nothing."""
        if UNKNOWN in self.numbers:
            self.machine.accept(source, self.numbers[UNKNOWN], target)
        for word in self.grammar.fillers if with_fillers else ():
            self.machine.accept(source, self.numbers[word], target, math.log(len(self.numbers)))

    def _commands(self) -> None:
        done = self.machine.new_state()
        self.machine.finals[done] = 0.0
        self._skip(done, done, with_fillers=True)
        for phrase in self._phrases(*Command):
            for source in (self.start, self.preface):
                self._phrase(source, phrase, done)

    def _phrases(self, *names: Command) -> list[str]:
        return [phrase for name, phrases in self.grammar.commands if name in names for phrase in phrases]

    def _phrase(self, source: int, phrase: str, target: int) -> None:
        labels = [self.numbers[word] for word in phrase.split()]
        self.machine.chain(source, labels, target, math.log(len(self._phrases(*Command))))

    def _digits(self) -> None:
        """One state for each digit said so far; "double" and "triple" reach further. "Start again" goes back to the front."""
        heard = [self.preface] + [self.machine.new_state() for _ in range(self.shape.longest)]
        for count, state in enumerate(heard):
            self._further_digits(heard, count, [state] if count else [self.start, self.preface])
            if count == 0:
                continue
            complete = count >= self.shape.shortest
            self._skip(state, state, with_fillers=complete)
            if complete:
                self.machine.finals[state] = 0.0
            for phrase in self._phrases(Command.START_OVER):
                self._phrase(state, phrase, self.preface)

    def _further_digits(self, heard: list[int], count: int, sources: list[int]) -> None:
        choices = len(self.grammar.digits)
        for source in sources:
            self._one_digit(heard, count, source, 1, math.log(choices))
            for word in self.grammar.plus if count == 0 and self.shape.kind is ShapeKind.PHONE else ():
                self.machine.accept(source, self.numbers[word], heard[len(EXIT_CODE)], math.log(choices))
            for word, times in self.grammar.multipliers:
                if count + times < len(heard):
                    state = self.machine.new_state()
                    self.machine.accept(source, self.numbers[word], state, math.log(choices))
                    self._one_digit(heard, count, state, times, math.log(choices))

    def _one_digit(self, heard: list[int], count: int, source: int, times: int, cost: float) -> None:
        for word, digits in self.grammar.digits:
            reached = count + times * len(digits)
            if reached < len(heard):
                self.machine.accept(source, self.numbers[word], heard[reached], cost)
