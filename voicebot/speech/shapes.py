"""What may be said at a question, as the recogniser wants it: an exact acceptor.

It is made from the same Grammar that gives the words their meaning. `[unk]` stands wherever it can, so that what is not
an answer need not be taken for one.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.understand.numerals import EXIT_CODE
from voicebot.dialogue.values import Command, Shape, ShapeKind
from voicebot.speech.dates_said import SpokenDates, years_of
from voicebot.speech.fst import Machine
from voicebot.speech.graph import UNKNOWN
from voicebot.speech.loop import answer_phrases
from voicebot.speech.mending import Mending
from voicebot.speech.places import Place, Places, places_of_numbers, places_of_shape
from voicebot.speech.saying import BETWEEN, NUMBER_COST, Sayings, Step, sayings

Numbers = dict[str, int]  # word -> number in the model's words.txt
# Digits of a number that is said as one ("two thousand five hundred and fifty two"), of a pair, or digits one by one.
WIDEST = (4, 2, 1)
MOST_STEPS = 60_000  # of one grammar, about 1 MB and a third of a second; beyond, it has narrower numbers
MOST_PLACES = 3000  # of a grammar with a check digit, about 1.5 MB: 24 digits, mod 97; beyond, only the dialogue looks at it
MOST_CUSTOMERS_PLACES = 60_000  # of one of customers' numbers, some seconds; 20,000 of ten digits have 37,000


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
        breaks=tuple(word for word in grammar.breaks if word in numbers),
    )


def acceptor(shape: Shape, grammar: Grammar, numbers: Numbers, today: date | None = None) -> Machine:
    """Exactly what a question of this shape takes: all its digits, or a command, or nothing but what is no answer.

    `today`: of what years dates can be; None: of any.
    """
    places = places_of_shape(shape, CheckDigit.NONE)
    return _AcceptorWriter(shape, known_grammar(grammar, numbers), numbers, places, today).write()


def fitting_acceptor(shape: Shape, grammar: Grammar, numbers: Numbers, check: CheckDigit) -> Machine | None:
    """The same with only those numbers that a check digit fits; None if that is none or all, or takes too many states."""
    if shape.kind is not ShapeKind.DIGITS or check is CheckDigit.NONE:
        return None
    places = places_of_shape(shape, check)
    if not places.whole or len(places.ways) > MOST_PLACES:
        return None
    return _AcceptorWriter(shape, known_grammar(grammar, numbers), numbers, places).write()


def customers_acceptor(shape: Shape, grammar: Grammar, numbers: Numbers, customers: Collection[str]) -> Machine | None:
    """The same with only these customers' numbers, digits of the shape's one length; None if that takes too many states."""
    places = places_of_numbers(customers)
    if not places.whole or len(places.ways) > MOST_CUSTOMERS_PLACES:
        return None
    return _AcceptorWriter(shape, known_grammar(grammar, numbers), numbers, places).write()


@dataclass
class _AcceptorWriter:
    shape: Shape
    grammar: Grammar
    numbers: Numbers
    places: Places
    today: date | None = None

    def write(self) -> Machine:
        self.machine = Machine()
        self.said = self._sayings()
        # By place, and by state of a number that is being said: None where nothing of this shape goes on from there.
        self.within: dict[tuple[Place, int], int | None] = {}
        self.start, self.preface = self.machine.new_state(), self.machine.new_state()
        # Only noise and fillers so far: may end here, which keeps a sneeze from becoming a number.
        self.machine.finals[self.preface] = 0.0
        for source in (self.start, self.preface):
            self._skip(source, self.preface, with_fillers=True)
        self._commands()
        match self.shape.kind:
            case ShapeKind.DIGITS | ShapeKind.PHONE:
                self._digits()
            case ShapeKind.DATE:
                self._dates()
            case ShapeKind.AMOUNT:
                self._any_words()
            case ShapeKind.YES_NO if self.shape.puts_right:
                Mending(self.machine, self.grammar, self.numbers, self.shape.longest).write((self.start, self.preface))
        return self.machine

    def _sayings(self) -> Sayings:
        """Numbers as wide as there is room for."""
        found = (sayings(self.grammar, self.numbers, widest) for widest in WIDEST)
        most = max(1, len(self.places.ways))
        return next(said for said in found if said.widest == WIDEST[-1] or most * said.size <= MOST_STEPS)

    def _dates(self) -> None:
        done = self.machine.new_state()
        self.machine.finals[done] = 0.0
        self._between(done)
        years = years_of(self.shape.span, self.today)
        dates = SpokenDates(self.machine, self.grammar, self.numbers, self.said, years, self._between)
        dates.write((self.start, self.preface), done)

    def _between(self, state: int) -> None:
        self._skip(state, state, with_fillers=True)

    def _any_words(self) -> None:
        """What has no exact form yet: its words in any order. The meaning decides, and the caller is always asked."""
        said = self.machine.new_state()
        self.machine.finals[said] = 0.0
        phrases = answer_phrases(self.shape, self.grammar)
        words = [word for word in dict.fromkeys(" ".join(phrases).split()) if word in self.numbers]
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
        """One state for each place between two things said, and more within a number. "Start again" goes back to the front."""
        start = self.places.start
        self.heard = {place: self.machine.new_state() for place in self.places.ways if place != start} | {start: self.preface}
        for place, state in self.heard.items():
            self._further_digits(place, [state] if place != start else [self.start, self.preface])
            if place == start:
                continue
            complete = place in self.places.whole
            self._skip(state, state, with_fillers=complete)
            if complete:
                self.machine.finals[state] = 0.0
            for phrase in self._phrases(Command.START_OVER):
                self._phrase(state, phrase, self.preface)
            for word in self.grammar.breaks if self.places.ways[place] else ():
                self.machine.accept(state, self.numbers[word], state, self.said.cost + NUMBER_COST)

    def _further_digits(self, place: Place, sources: list[int]) -> None:
        plus = self.grammar.plus if place == self.places.start and self.shape.kind is ShapeKind.PHONE else ()
        for step in (*self.said.steps[BETWEEN], *(Step(word, EXIT_CODE, BETWEEN, self.said.cost) for word in plus)):
            target = self._target(place, step)
            if target is not None:
                for source in sources:
                    self.machine.accept(source, self.numbers[step.word], target, step.cost)

    def _target(self, place: Place, step: Step) -> int | None:
        """The state that a word leads to; None where no number of this shape goes on so."""
        after = self.places.after(place, step.digits)
        if after is None or step.target == BETWEEN:
            return None if after is None else self.heard[after]
        if (after, step.target) not in self.within:
            further = [(one, self._target(after, one)) for one in self.said.steps[step.target]]
            self.within[after, step.target] = self._within_number([(one, state) for one, state in further if state is not None])
        return self.within[after, step.target]

    def _within_number(self, further: list[tuple[Step, int]]) -> int | None:
        if not further:
            return None
        state = self.machine.new_state()
        for step, target in further:
            self.machine.accept(state, self.numbers[step.word], target, step.cost)
        return state
