"""What two decoders of the same audio make of it together. The exact one always finds an answer; the free one tells whether
that answer was really said, and its own next best whether it could as well have been another. Pure.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import MERE_ANSWERS, Understood, understand
from voicebot.dialogue.understand.numerals import BREAK, Bounds, number_words, readings
from voicebot.dialogue.values import LONGEST_DIGITS, Command, Hearing, Shape, ShapeKind
from voicebot.speech.graph import UNKNOWN
from voicebot.speech.mending import LONGEST_MENDED, mending_words

# How far the free loop may be from the exact number; measured in docs/benchmarks/listening.md. The loop tends to lose a digit,
# hardly ever to add one: where it has more, the caller most likely said a longer number than was asked for.
CONFIRMED_EDITS = 2
CONFIRMED_MORE = 1
MENDED_EDITS = 1  # of a few digits that put right what was read back
# Nats by which a number must lead the next other one. No more than the lattice's beam (`listening.LATTICE_BEAM`), beyond which
# nothing is kept; measured with it.
CLEAR_LEAD = 3.0
COMMAND_LEAD = 1.0  # the same of a command; from 0.5 to 2 no spelled name, babble or foreign sentence is taken for one more
# Nats by which the likeliest customer's number may be behind what is likeliest of all; measured in docs/benchmarks/listening.md.
MOST_BEHIND = 2.5
MOST_RIVALS = 19  # with the number itself as many as may be looked for
MOST_UNKNOWN = 2  # unknown words that the free loop may have beside a command; a spelled name has many
# That the exact decoder may have. A yes, a no, a "repeat" stands alone.
MOST_BESIDE = {Command.AGENT: 1, Command.DONT_HAVE_IT: 1, Command.START_OVER: 1}
IN_A_SENTENCE = (Command.AGENT, Command.DONT_HAVE_IT)  # "I want an agent": the free loop makes other commands of the rest
READ_BACK = (ShapeKind.DATE, ShapeKind.AMOUNT)  # what is never taken without a question


@dataclass(frozen=True)
class Path:
    """One way to hear an utterance. `score`: the logarithm of its likelihood, in nats."""

    words: str = field(repr=False)
    score: float


@dataclass(frozen=True)
class Agreement:
    """The words to go on with, and how far they can be trusted. Empty words were no words.

    `rivals`: other numbers that are nearly as likely, likeliest first.
    """

    words: str = field(repr=False)
    hearing: Hearing
    rivals: tuple[str, ...] = field(default=(), repr=False)


def agree(exact: str, free: str, shape: Shape, grammar: Grammar, paths: Sequence[Path] = ()) -> Agreement:
    """Weigh the exact decoder's words against the free loop's, for a question of this shape.

    `paths`: what else the exact decoder may have heard, likeliest first.
    """
    if paths and (shape.puts_right or _begins_with(exact, paths[0].words)):
        exact = paths[0].words  # whole; what was heard last may be the beginning of something else: "twenty" after an eight
    strict, loose = understand(exact, shape, grammar), understand(free, shape, grammar)
    if strict.digits and shape.kind in READ_BACK:
        # Many customers share one, and the free loop hears any words in any order: the caller is always asked.
        alike = strict.digits == loose.digits or (shape.kind is ShapeKind.DATE and _nearly_alike(exact, free, grammar))
        return Agreement(exact, Hearing.CONFIRM if alike else Hearing.REJECTED)
    if strict.digits:
        agreement = _agree_on_digits(exact, strict.digits[0], free, loose, grammar)
        if agreement.hearing is Hearing.REJECTED and says_more(free, shape, grammar):
            return Agreement(free, Hearing.CONFIRM)  # no answer here, but perhaps all of a number whose part was asked for
        if agreement.hearing is Hearing.ACCEPTED and lead(strict.digits[0], paths, shape, grammar) < CLEAR_LEAD:
            agreement = Agreement(exact, Hearing.CONFIRM)
        if agreement.hearing is Hearing.CONFIRM and agreement.words == exact:
            return replace(agreement, rivals=_rivals(strict.digits[0], paths, shape, grammar))
        return agreement
    if shape.puts_right and (said := digit_words(exact, grammar)):
        # What puts a number right is read back in its turn, so it is enough that both heard nearly the same.
        near = edits(said, digit_words(free, grammar)) <= (MENDED_EDITS if len(said) <= LONGEST_MENDED else CONFIRMED_EDITS)
        whole = len(said) > 1 or any(phrase in exact for phrase in mending_words(grammar))
        return Agreement(exact, Hearing.ACCEPTED if near and whole else Hearing.REJECTED)
    if strict.command is not None:
        sure = strict.command is loose.command and _stands_alone(strict.command, exact, free, grammar)
        sure = sure and _lead(paths, lambda words: understand(words, shape, grammar).command is strict.command) >= COMMAND_LEAD
        return Agreement(exact, Hearing.ACCEPTED if sure else Hearing.REJECTED)
    if loose.command is not None:
        return Agreement(free, Hearing.REJECTED)
    if loose.digits or (shape.takes_digits and says_more(free, shape, grammar)):
        return Agreement(free, Hearing.CONFIRM)
    if loose.partial and _unknown(free) <= len(loose.partial):
        return Agreement(free, Hearing.ACCEPTED)  # surely too short, which is all that matters
    return Agreement("", Hearing.REJECTED)


def agree_on_customer(customer: str, free: str, shape: Shape, grammar: Grammar, behind: float) -> Agreement | None:
    """What an exact decoder of customers' numbers alone makes of an utterance that is in doubt; never more than a question.

    Such a decoder finds somebody in whatever is said. So its number must be hardly less likely than what is likeliest of all
    (`behind`, in nats), and the free loop must be near it and have no digit more. None: it is nobody's, or that does not show.
    """
    digits = understand(customer, shape, grammar).digits[:1]
    if behind > MOST_BEHIND or not digits or not _is_near(digits[0], free, grammar, more=0):
        return None
    return Agreement(customer, Hearing.CONFIRM)


def _begins_with(words: str, first: str) -> bool:
    """Never the other way round: an exact grammar that must come to its end finds digits where nothing was said."""
    return bool(first) and f"{words} ".startswith(f"{first} ")


def _stands_alone(command: Command, exact: str, free: str, grammar: Grammar) -> bool:
    """Whether hardly anything else was said: no word that only the free loop has, and few that neither knows.

    A spelled name and a foreign sentence hold much that sounds like a command.
    """
    names = {command} if command in MERE_ANSWERS else {command, *MERE_ANSWERS}  # "no, start again"
    own = {word for name, phrases in grammar.commands if name in names for phrase in phrases for word in phrase.split()}
    others = set(free.split()) - own - set(grammar.fillers) - set(exact.split()) - {UNKNOWN}
    alone = command in IN_A_SENTENCE or not others
    return alone and _unknown(exact) <= MOST_BESIDE.get(command, 0) and _unknown(free) <= MOST_UNKNOWN


def _nearly_alike(exact: str, free: str, grammar: Grammar) -> bool:
    """Whether the free loop has the same words, give or take as many as it may of digits."""
    one, other = ([word for word in words.split() if word not in grammar.fillers] for words in (exact, free))
    return edits(one, other) <= CONFIRMED_EDITS


def _unknown(words: str) -> int:
    return words.split().count(UNKNOWN)


def digit_words(words: str, grammar: Grammar) -> list[str]:
    """Those of these words that are digits, or say how often one stands."""
    digits = {word for word, _ in (*grammar.digits, *grammar.multipliers)}
    return [word for word in words.split() if word in digits]


def _rivals(digits: str, paths: Sequence[Path], shape: Shape, grammar: Grammar) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for path in paths:
        for other in understand(path.words, shape, grammar).digits[:1]:
            found.setdefault(other, path.words)
    found.pop(digits, None)
    return tuple(found.values())[:MOST_RIVALS]


def _agree_on_digits(exact: str, digits: str, free: str, loose: Understood, grammar: Grammar) -> Agreement:
    if _has_too(digits, free, grammar):
        return Agreement(exact, Hearing.ACCEPTED)
    if _is_near(digits, free, grammar, more=CONFIRMED_MORE):
        return Agreement(exact, Hearing.CONFIRM)
    if loose.digits and loose.digits[0] not in _said(free.split(), grammar, Bounds(1, len(loose.digits[0]))):
        return Agreement(free, Hearing.CONFIRM)  # the caller put something right on the way, which the exact one cannot follow
    return Agreement(exact, Hearing.REJECTED)


def _is_near(digits: str, free: str, grammar: Grammar, *, more: int) -> bool:
    """Whether the free loop has nearly this number, with at most so many digits more."""
    strange = len(_strange(_from_first_digit(free, grammar), grammar))
    near = Bounds(max(1, len(digits) - CONFIRMED_EDITS), len(digits) + more - strange)
    return any(edits(digits, said) <= CONFIRMED_EDITS for said in _said(free.split(), grammar, near))


def _has_too(digits: str, free: str, grammar: Grammar) -> bool:
    """Whether the free loop has this number as well.

    One of the commands' words among the digits or at their end is a digit that the loop took for something else: "agent" is often
    an eight, "don't" an oh. Not "i", which is hardly a sound.
    """
    words = _from_first_digit(free, grammar)
    strange = _strange(words, grammar)
    if not strange:
        return digits in _said(words, grammar, Bounds(len(digits), len(digits)))
    place = strange[0]
    if len(strange) > 1 or len(words[place]) == 1:
        return False
    less = Bounds(0, len(digits) - 1)
    before, after = _said(words[:place], grammar, less), _said(words[place + 1 :], grammar, less)
    return any(
        digits.startswith(one) and digits.endswith(other) and len(one) + 1 + len(other) == len(digits)
        for one in before
        for other in after
    )


def _from_first_digit(free: str, grammar: Grammar) -> list[str]:
    """The known words, without those before the number."""
    words = [word for word in free.split() if word != UNKNOWN]
    strange = set(_strange(words, grammar))
    return words[next((place for place in range(len(words)) if place not in strange), len(words)) :]


def _strange(words: Sequence[str], grammar: Grammar) -> list[int]:
    """Places of words that are no part of a number."""
    known = number_words(grammar)
    return [place for place, word in enumerate(words) if word not in known and word not in grammar.breaks]


def _said(words: Sequence[str], grammar: Grammar, bounds: Bounds) -> list[str]:
    """All numbers of so many digits that these words can mean, whatever the question, none taken back; others are left out."""
    known = [BREAK if word in grammar.breaks else word for word in words if word in (*number_words(grammar), *grammar.breaks)]
    return [reading.digits for reading in readings(known, grammar, bounds)] if bounds.shortest <= bounds.longest else []


def lead(digits: str, paths: Sequence[Path], shape: Shape, grammar: Grammar) -> float:
    """By how many nats this number is likelier than the next other one; infinite if there is no other."""
    return _lead(paths, lambda words: digits in understand(words, shape, grammar).digits[:1])


def _lead(paths: Sequence[Path], means_it: Callable[[str], bool]) -> float:
    """The same for whatever it is that words may mean."""
    best = max((path.score for path in paths), default=0.0)
    return best - max((path.score for path in paths if not means_it(path.words)), default=-math.inf)


def says_more(free: str, shape: Shape, grammar: Grammar) -> bool:
    """Whether the free loop has more digits than may be answered; none of them taken back."""
    words = free.split()
    if any(understand(free, shape, grammar).digits) or _said(words, grammar, Bounds(1, shape.longest)):
        return False
    return bool(_said(words, grammar, Bounds(shape.longest + 1, LONGEST_DIGITS)))


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein distance: digits to change, add or leave out."""
    row = list(range(len(other) + 1))
    for here, left in enumerate(one, start=1):
        diagonal, row[0] = row[0], here
        for there, right in enumerate(other, start=1):
            diagonal, row[there] = row[there], min(row[there] + 1, row[there - 1] + 1, diagonal + (left != right))
    return row[-1]
