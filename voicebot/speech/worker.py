"""The process that recognises: `python -m voicebot.speech.worker`, told by frames on its input, telling by frames on its output.

Vosk can end the process that it runs in, so it runs here, where that costs one turn of speech. One thread does all, so no
recogniser is ever on two. Nothing heard is written anywhere: no log, no core file, no standard error. It ends with its input.
"""

import os
import resource
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from voicebot.dialogue.codec import from_plain
from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.values import Shape
from voicebot.speech.attention import Attention, Decision
from voicebot.speech.decoding import DecoderPair, DecoderShelf, ExactDecoder, Fitting
from voicebot.speech.learning import Learning, Lesson
from voicebot.speech.level import LEAST_GAIN, MOST_GAIN
from voicebot.speech.line import Line
from voicebot.speech.wire import Header, Inlet, WireBroken, read_frame, write_frame

MOST_LINES = 1000


@dataclass(frozen=True)
class _Prepared:
    """What a question is listened to with."""

    shape: Shape
    grammar: Grammar
    open_pair: Callable[[], DecoderPair]
    fitting: Fitting | None
    second: Callable[[], ExactDecoder] | None


class Worker:
    """Lines by number. A line that fails is told of and forgotten; the others go on."""

    def __init__(self, output: BinaryIO, cache: Path) -> None:
        self._output, self._cache = output, cache
        self._lines: dict[int, Line] = {}
        self._turns: dict[int, int] = {}
        self._shelves: dict[Path, DecoderShelf] = {}
        self._to_warm: deque[Header] = deque()  # questions to be made ready while nobody speaks
        self._telling = threading.Lock()
        self._learning = Learning(self._learned)

    def serve(self, source: Inlet) -> None:
        """Until the input ends. Raises WireBroken if it is not frames."""
        self._tell({"is": "ready"})
        while True:
            while self._to_warm and not source.waiting:  # callers first
                self._try(self._to_warm.popleft(), 0, b"")
            frame = read_frame(source)
            if frame is None:
                return
            header, body = frame
            number = header.get("line")
            if not isinstance(number, int):
                raise WireBroken("a frame is about no line")
            if header.get("do") == "warm":
                self._to_warm.append(header)
            else:
                self._try(header, number, body)

    def _try(self, header: Header, number: int, body: bytes) -> None:
        try:
            self._do(header, number, body)
        except Exception:  # noqa: BLE001 - whatever is wrong with a line, its keys go on and so do the other lines
            self._lines.pop(number, None)
            self._tell({"is": "failed", "line": number, "turn": self._turns.pop(number, 0)})
            if header.get("do") == "close":
                self._tell({"is": "closed", "line": number})  # all the same; the ear counts on it

    def _do(self, header: Header, number: int, body: bytes) -> None:
        match header.get("do"):
            case "hear":
                self._hear(number, body)
            case "attend":
                self._attend(header, number)
            case "ignore":
                self._line(number).ignore()
            case "close":
                self._close(number, decide=header.get("decide") is True)
            case "warm":
                self._prepared(header)
            case "learn":
                self._learn(header, body)
            case "forget":
                self._learning.forget(_text(header, "among"))
            case _:
                raise WireBroken("a frame asks for nothing that is known")

    def _line(self, number: int) -> Line:
        if number not in self._lines:
            if len(self._lines) >= MOST_LINES:
                raise WireBroken("too many lines")
            self._lines[number] = Line()
        return self._lines[number]

    def _prepared(self, header: Header) -> _Prepared:
        shelf, shape, grammar = self._question(header)
        fitting = shelf.fitting(shape, grammar, CheckDigit(header.get("check", "")))
        return _Prepared(shape, grammar, shelf.opener(shape, grammar), fitting, shelf.second(shape, grammar))

    def _question(self, header: Header) -> tuple[DecoderShelf, Shape, Grammar]:
        source = Path(_text(header, "model"))
        if source not in self._shelves:
            self._shelves[source] = DecoderShelf(source, self._cache)
        grammar: Grammar = from_plain(header.get("grammar"), Grammar)
        return self._shelves[source], Shape.parse(_text(header, "shape")), grammar

    def _learn(self, header: Header, body: bytes) -> None:
        """The body is digits of the shape's length, one number after the other."""
        shelf, shape, grammar = self._question(header)
        digits, length = body.decode("ascii"), shape.longest
        if not shape.fixed or len(digits) % length or not (digits.isdigit() or not digits):
            raise WireBroken("a list of numbers that is none")
        customers = frozenset(digits[place : place + length] for place in range(0, len(digits), length))
        self._learning.begin(shelf, Lesson(_text(header, "among"), shape, grammar, customers))

    def _learned(self, among: str, built: bool) -> None:
        self._tell({"is": "learned", "line": 0, "among": among, "built": built})

    def _attend(self, header: Header, number: int) -> None:
        turn, gain = header.get("turn"), header.get("gain")
        if not isinstance(turn, int) or not isinstance(gain, int | float):
            raise WireBroken("a question without turn or gain")
        line = self._line(number)
        self._turns[number] = turn
        asked = self._prepared(header)
        known = self._learning.known(str(header.get("among", "")), asked.shape, asked.grammar)
        gain = min(MOST_GAIN, max(LEAST_GAIN, gain))
        # A wrong secret is found out by the back end; a wrong number may be another customer's.
        second = None if header.get("secret") is True else asked.second
        line.attend(Attention(asked.shape, asked.grammar, asked.open_pair, gain, asked.fitting, known, second))

    def _hear(self, number: int, body: bytes) -> None:
        line = self._line(number)
        began = time.monotonic()
        decision, _ = line.hear(body)
        if decision is not None:
            self._decided(number, decision, time.monotonic() - began)
        self._tell({"is": "heard", "line": number, "bytes": len(body), "speaking": line.speaking})

    def _close(self, number: int, *, decide: bool) -> None:
        line = self._lines.pop(number, None)
        decision = line.end() if line is not None and decide else None
        if decision is not None:
            self._decided(number, decision, 0.0)
        self._turns.pop(number, None)
        self._tell({"is": "closed", "line": number})

    def _decided(self, number: int, decision: Decision, took: float) -> None:
        """`took`: seconds that decoding the last piece cost."""
        self._tell(
            {
                "is": "decided",
                "line": number,
                "turn": self._turns[number],
                "words": decision.words,
                "hearing": decision.hearing.value,
                "rivals": decision.rivals,
                "fitted": decision.fitted,
                "among_customers": decision.among_customers,
                "delay": round(decision.delay + took, 3),
                "peak": decision.level.peak,
                "loudness": decision.level.loudness.value,
            }
        )

    def _tell(self, header: Header) -> None:
        with self._telling:
            write_frame(self._output, header)


def _text(header: Header, key: str) -> str:
    value = header.get(key)
    if not isinstance(value, str) or not value:
        raise WireBroken(f"a frame without {key}")
    return value


def _guard() -> BinaryIO:
    """No core files, nothing on the terminal; whatever Vosk prints goes nowhere. The real output is given back."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends our input
    output = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return output


def main(cache: Path) -> int:
    """Serve standard input; 0 at its end, 1 if it was not understood or nobody reads what we tell."""
    output = _guard()
    with suppress(BrokenPipeError):
        try:
            Worker(output, cache).serve(Inlet(0))
        except WireBroken:
            return 1
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
