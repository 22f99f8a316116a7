"""Every single word that a grammar holds: what a recogniser must know to hear all that may be said."""

from voicebot.dialogue.forms import Grammar


def vocabulary(grammar: Grammar) -> frozenset[str]:
    """The words, whatever they are for."""
    numbers, dates, amounts, mending = grammar.numbers, grammar.dates, grammar.amounts, grammar.corrections
    phrases = [
        *(phrase for phrase, _ in (*grammar.digits, *grammar.multipliers, *numbers.whole, *numbers.powers)),
        *(phrase for phrase, _ in (*dates.months, *dates.ordinals, *mending.places)),
        *(ten.phrase for ten in numbers.tens),
        *(phrase for _, phrases in grammar.commands for phrase in phrases),
        *grammar.fillers, *grammar.breaks, *grammar.plus, *numbers.ones, *numbers.joins, *dates.day_marks,
        *amounts.units, *amounts.parts, *amounts.points, *mending.instead, *mending.nots, *mending.rathers,
    ]  # fmt: skip
    return frozenset(word for phrase in phrases for word in phrase.split())
