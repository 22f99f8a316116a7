"""The free loop: the words of an answer in any order, which tells whether what the exact grammar found was really said.

A machine of our own: Vosk's word list makes a word likelier the oftener it stands there, and going on dearer at the same time.
"""

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import number_words
from voicebot.dialogue.values import Shape, ShapeKind
from voicebot.speech.fst import Machine
from voicebot.speech.graph import UNKNOWN
from voicebot.speech.mending import mending_words

# Nats of one word, one command or an unknown word. Where digits are asked for, words are dearer, so that the loop leaves out what
# it is not sure of; a lone "yes" it must not leave out. Found on recordings (docs/benchmarks/listening.md).
WORD_COST = 4.5
DIGITS_WORD_COST = 7.0
PUTTING_RIGHT = 2.0  # what "last" and the like cost more after a read-back, which most callers say yes to
ABOVE_NINE = 6.0  # what a word for such a number costs more where digits are asked for: the end of a "seven" is half a "seventy"


def free_loop(shape: Shape, grammar: Grammar, numbers: dict[str, int]) -> Machine:
    """`numbers`: word -> label; a phrase with a word that has none is left out."""
    machine = Machine()
    loop = machine.new_state()
    machine.finals[loop] = 0.0
    phrases = [UNKNOWN, *(phrase for _, phrases in grammar.commands for phrase in phrases), *answer_phrases(shape, grammar)]
    above_nine = (*sorted(number_words(grammar)), *grammar.breaks) if shape.takes_digits else ()
    price = DIGITS_WORD_COST if shape.kind in (ShapeKind.DIGITS, ShapeKind.PHONE) else WORD_COST
    costs = dict.fromkeys(above_nine, price + ABOVE_NINE)
    costs |= dict.fromkeys(phrases, price)
    if shape.puts_right:
        costs |= dict.fromkeys(mending_words(grammar), price + PUTTING_RIGHT)
    for phrase, cost in costs.items():
        words = phrase.split()
        if all(word in numbers for word in words):
            machine.chain(loop, [numbers[word] for word in words], loop, cost)
    return machine


def answer_phrases(shape: Shape, grammar: Grammar) -> list[str]:
    """The single words and phrases of an answer, without commands, fillers and, where digits are asked for, longer numbers."""
    if not (shape.takes_digits or shape.puts_right):
        return []
    digits = [word for word, _ in (*grammar.digits, *grammar.multipliers)]
    match shape.kind:
        case ShapeKind.PHONE:
            return [*digits, *grammar.plus]
        case ShapeKind.DATE:
            days = (*grammar.dates.months, *grammar.dates.ordinals)
            return [*digits, *sorted(number_words(grammar)), *(phrase for phrase, _ in days)]
        case ShapeKind.AMOUNT:
            money = (*grammar.amounts.units, *grammar.amounts.parts, *grammar.amounts.points)
            return [*digits, *sorted(number_words(grammar)), *money]
        case ShapeKind.YES_NO:
            return [*digits, *mending_words(grammar)]
    return digits
