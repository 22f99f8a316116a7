"""What another network makes of the same sound, weighed against the first one's number. Pure.

Two networks that were trained differently seldom make the same mistake. So a number is taken without a question only where both
find it, and what is asked about is what both together find likeliest. Measured in docs/benchmarks/listening.md.
"""

from collections.abc import Mapping, Sequence

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech.agreement import MOST_RIVALS, Agreement, Path, digit_words

SHARE = 0.35  # of the second network's nats; it knows noise better, strangers less
UNHEARD = -6.0  # nats of a number that one of them did not think of


def with_second_opinion(
    first: Agreement, free: str, paths: Sequence[Path], theirs: Sequence[Path], shape: Shape, grammar: Grammar
) -> Agreement:
    """`first` with its `paths`, and `theirs`, both likeliest first; `free`: the free loop's words.

    Nothing is taken that was not before. What was rejected is asked about where both find the same number and the loop at least
    a digit: in a spelled name it finds none.
    """
    own, other = _numbers(paths, shape, grammar), _numbers(theirs, shape, grammar)
    digits = understand(first.words, shape, grammar).digits[:1]
    if not other or not digits or digits[0] not in own:
        return first  # too few or too many digits, or put right on the way: there is nothing to compare
    same = next(iter(other)) == digits[0]
    if same and first.hearing is Hearing.ACCEPTED:
        return first
    if first.hearing is Hearing.REJECTED:
        return Agreement(first.words, Hearing.CONFIRM) if same and digit_words(free, grammar) else first
    likeliest = sorted(own | other, key=lambda number: -_likelihood(number, own, other))
    words = {number: words for number, (words, _) in (other | own).items()}
    best, *rivals = (words[number] for number in likeliest)
    return Agreement(best, Hearing.CONFIRM, tuple(rivals[:MOST_RIVALS]))


def _numbers(paths: Sequence[Path], shape: Shape, grammar: Grammar) -> dict[str, tuple[str, float]]:
    """Each number's likeliest words, and by how many nats they are behind the likeliest of all."""
    found: dict[str, tuple[str, float]] = {}
    for path in paths:
        for digits in understand(path.words, shape, grammar).digits[:1]:
            found.setdefault(digits, (path.words, path.score - paths[0].score))
    return found


def _likelihood(number: str, own: Mapping[str, tuple[str, float]], other: Mapping[str, tuple[str, float]]) -> float:
    unheard = ("", UNHEARD)
    return own.get(number, unheard)[1] + SHARE * other.get(number, unheard)[1]
