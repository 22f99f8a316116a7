"""Listening to one question: audio in blocks of 40 ms until it is decided what was said. Time is counted in samples.

Nothing is decoded before somebody makes a sound; what was heard just before it is decoded too. The audio of the utterance
is kept in memory until the decision, so that a voice too soft to be understood can be heard again, louder.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from voicebot.dialogue.check_digits import check_digit_fits
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.policy import how_many_to_look_for
from voicebot.dialogue.understand import Understood, understand
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech.activity import FRAME
from voicebot.speech.agreement import Agreement, Path, agree, agree_on_customer, says_more
from voicebot.speech.codec import RATE, Samples
from voicebot.speech.decoding import EXACT, DecoderPair, ExactDecoder, Fitting, Known
from voicebot.speech.endpoint import Progress, Stop, judge
from voicebot.speech.graph import UNKNOWN
from voicebot.speech.level import QUIET_PEAK, Level, amplify, gain_for, measure
from voicebot.speech.second_opinion import with_second_opinion

BLOCK = RATE // 25  # 40 ms
PRE_ROLL_BLOCKS = 8  # 320 ms before the first sound
# Silence that brings out what the network still holds back: a digit that has begun is among it.
LOOK_AHEAD = np.zeros(RATE // 2, np.int16)
# Blocks of what was heard before that fresh decoders are given with each new one: all at once would keep the worker's other lines
# waiting for as long as a decision takes.
CATCH_UP = 8


@dataclass(frozen=True)
class Decision:
    """What was said, how sure that is, and how long after the last sound it was clear. `delay` in seconds of audio, `level` as it
    came over the line.

    `rivals`: the words of other numbers that it may have been. `fitted`: the check digit was wrong, so only numbers where it is
    right were listened for. `among_customers`: it was nobody's, so only customers' were.
    """

    words: str = field(repr=False)
    hearing: Hearing
    delay: float
    level: Level
    rivals: tuple[str, ...] = field(default=(), repr=False)
    fitted: bool = False
    among_customers: bool = False


class Attention:
    """One open question. Feed it blocks until it decides; then it is done."""

    def __init__(
        self, shape: Shape, grammar: Grammar, open_pair: Callable[[], DecoderPair], gain: float,
        fitting: Fitting | None = None, known: Known | None = None, second: Callable[[], ExactDecoder] | None = None,
    ) -> None:  # fmt: skip
        self._fitting, self._known, self._open_second = fitting, known, second
        self._shape, self._grammar, self._open_pair, self._gain = shape, grammar, open_pair, gain
        self._before: deque[Samples] = deque(maxlen=PRE_ROLL_BLOCKS)
        self._forget()

    def _forget(self) -> None:
        self._pair: DecoderPair | None = None
        self._blocks: list[Samples] = []
        self._missed: deque[Samples] = deque()
        self._loud: list[Samples] = []
        self._second: ExactDecoder | None = None
        self._second_has = 0  # blocks
        self._words = ("", "")
        self._understood = Understood()
        self._now = self._last_loud = self._last_change = 0
        self._rhythm = 0
        self._longer = False

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way: words so far, or a sound that may become one."""
        return self._pair is not None and (any(self._words) or self._since(self._last_loud) < 1.0)

    def recall(self, block: Samples) -> None:
        """Audio from before the question, at most 300 ms of it: callers answer early."""
        self._before.append(block)

    def hear(self, block: Samples, loud: list[bool]) -> Decision | None:
        """The next block; `loud` says of each of its 20 ms frames whether it is a voice."""
        if self._pair is None:
            if not any(loud):
                self._before.append(block)
                return None
            self._begin()
        self._take(block, loud)
        if self._missed:
            return None
        match judge(self._shape, self._progress()):
            case Stop.DECIDE:
                return self._decide(may_go_on=not self._longer)
            case Stop.FORGET:
                self._forget()
        return None

    def end(self) -> Decision | None:
        """No more audio will come: decide on what there is."""
        if self._pair is None:
            return None
        self._take(LOOK_AHEAD, [], catch_up=len(self._missed))
        return self._decide(may_go_on=False) if any(self._words) else None

    def _begin(self) -> None:
        self._pair = self._open_pair()
        for block in self._before:
            self._decode(block)
        self._before.clear()

    def _decode(self, block: Samples, catch_up: int = CATCH_UP) -> None:
        assert self._pair is not None  # noqa: S101 - told to the type checker
        louder = amplify(block, self._gain)
        self._blocks.append(louder)
        self._missed.append(louder)
        audio = np.concatenate([self._missed.popleft() for _ in range(min(len(self._missed), 1 + catch_up))])
        for decoder in self._pair:
            decoder.hear(audio)
        self._now += len(block)

    def _take(self, block: Samples, loud: list[bool], catch_up: int = CATCH_UP) -> None:
        assert self._pair is not None  # noqa: S101 - told to the type checker
        for number, is_loud in enumerate(loud):
            if is_loud:
                frame = block[number * FRAME : (number + 1) * FRAME]
                if self._loud:
                    self._rhythm = max(self._rhythm, self._now + number * FRAME - self._last_loud)
                self._loud.append(frame)
                self._last_loud = self._now + number * FRAME + len(frame)
        self._decode(block, catch_up)
        if self._missed:
            return
        words = (self._pair[0].words(), self._pair[1].words())
        if words != self._words:
            self._words, self._last_change = words, self._now
            self._understood = understand(words[0], self._shape, self._grammar)
        if self._understood.digits or self._understood.partial:
            self._second_hears(1 + catch_up)  # along with the first, so that little is left to do when it is decided

    def _since(self, position: int) -> float:
        return (self._now - position) / RATE

    def _progress(self) -> Progress:
        return Progress(
            understood=self._understood,
            quiet=self._since(self._last_loud),
            pause=self._since(max(self._last_loud, self._last_change)),
            steady=self._since(self._last_change),
            only_noise=not any(self._words),
            lasted=self._since(0),
            spoken=len(self._loud) * FRAME / RATE,
            rhythm=self._rhythm / RATE,
            longer=self._longer,
            fits=self._fits(self._understood.digits),
        )

    def _decide(self, *, may_go_on: bool) -> Decision | None:
        """What it comes to; None where the caller is saying more digits than were asked for, and may go on."""
        assert self._pair is not None  # noqa: S101 - told to the type checker
        both = self._words
        if self._shape.kind in EXACT:
            both = _heard(self._pair, LOOK_AHEAD)
            if may_go_on and says_more(both[1], self._shape, self._grammar):
                self._longer, self._pair, self._missed = True, self._open_pair(), deque(self._blocks)
                self._second, self._second_has = None, 0
                return None
        paths = self._pair[0].paths()
        agreement = self._second_opinion(agree(*both, self._shape, self._grammar, paths), both[1], paths)
        level = measure(np.concatenate(self._loud) if self._loud else np.zeros(0, np.int16))
        if level.peak + self._gain < QUIET_PEAK and agreement.hearing is not Hearing.ACCEPTED:
            agreement, paths = self._hear_again(gain_for(level.peak + self._gain)), ()
        customer = self._customer(both[1], agreement, paths)
        fitted = None if customer else self._fit(both[1], agreement)
        best = customer or fitted or agreement
        words, *rivals = (_without_unknown(said) for said in (best.words, *best.rivals))
        return Decision(
            words, best.hearing, self._since(self._last_loud), level, tuple(rivals), fitted=fitted is not None,
            among_customers=customer is not None,
        )  # fmt: skip

    def _second_opinion(self, agreement: Agreement, free: str, paths: Sequence[Path]) -> Agreement:
        """What another network makes of the utterance, where it is a number."""
        is_number = bool(paths) and bool(understand(agreement.words, self._shape, self._grammar).digits)
        second = self._second_hears(len(self._blocks)) if is_number else None
        if second is None:
            return agreement
        theirs = second.paths()
        return with_second_opinion(agreement, free, paths, theirs, self._shape, self._grammar)

    def _second_hears(self, blocks: int) -> ExactDecoder | None:
        """The other network, after so many more blocks of the utterance."""
        if self._open_second is None:
            return None
        self._second = self._second or self._open_second()
        if following := self._blocks[self._second_has : self._second_has + blocks]:
            self._second.hear(np.concatenate(following))
            self._second_has += len(following)
        return self._second

    def _heard_by(self, open_exact: Callable[[], ExactDecoder]) -> ExactDecoder:
        """A fresh decoder, which has heard the whole utterance."""
        exact = open_exact()
        exact.hear(np.concatenate([*self._blocks, LOOK_AHEAD]))
        return exact

    def _customer(self, free: str, agreement: Agreement, paths: Sequence[Path]) -> Agreement | None:
        """Where a number is doubtful or too short, and nobody's: the likeliest that is somebody's, to be asked about."""
        if self._known is None or not paths:
            return None
        best, *rivals = (understand(words, self._shape, self._grammar) for words in (agreement.words, *agreement.rivals))
        sure = agreement.hearing is Hearing.ACCEPTED and not best.partial
        looked_for = how_many_to_look_for(len(self._known.numbers), self._shape.longest)
        said = list(dict.fromkeys(digits for one in (best, *rivals) for digits in one.digits))[: max(1, looked_for)]
        if sure or any(digits in self._known.numbers for digits in said):
            return None
        exact = self._heard_by(self._known.open_exact)
        words, found = exact.words(), exact.paths()
        behind = paths[0].score - found[0].score if found else math.inf
        return agree_on_customer(words, free, self._shape, self._grammar, behind)

    def _fit(self, free: str, agreement: Agreement) -> Agreement | None:
        """Where a number is doubtful and its check digit wrong: the likeliest with a right one, to be asked about."""
        digits = understand(agreement.words, self._shape, self._grammar).digits
        if self._fitting is None or agreement.hearing is not Hearing.CONFIRM or not digits or self._fits(digits):
            return None
        exact = self._heard_by(self._fitting.open_exact)
        fitted = agree(exact.words(), free, self._shape, self._grammar, exact.paths())
        return None if fitted.hearing is Hearing.REJECTED else replace(fitted, hearing=Hearing.CONFIRM)

    def _fits(self, digits: Sequence[str]) -> bool:
        return self._fitting is not None and any(check_digit_fits(one, self._fitting.check) for one in digits)

    def _hear_again(self, gain: float) -> Agreement:
        pair = self._open_pair()
        louder = amplify(np.concatenate([*self._blocks, LOOK_AHEAD]), gain)
        return agree(*_heard(pair, louder), self._shape, self._grammar, pair[0].paths())


def _without_unknown(words: str) -> str:
    return " ".join(word for word in words.split() if word != UNKNOWN)


def _heard(pair: DecoderPair, audio: Samples) -> tuple[str, str]:
    """The words of both, with this audio after what they have."""
    for decoder in pair:
        decoder.hear(audio)
    return pair[0].words(), pair[1].words()
