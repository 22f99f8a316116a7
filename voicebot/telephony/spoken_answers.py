"""Answers that callers speak into recordings: fetched from the carrier, and heard as if they had come over a stream.

What cannot be had or heard costs one question: its caller is asked by keypad. Nothing of it comes to a disk.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from threading import Lock
from typing import Protocol, TypeAlias

import structlog

from voicebot.dialogue.events import DoorFailed
from voicebot.errors import AudioRefused, CarrierUnavailable, ImpossibleEvent, LegGone
from voicebot.ports.clock import Clock
from voicebot.ports.ear import Ear
from voicebot.telephony.exchange import Exchange

MOST = 4096  # remembered, so that a request which the carrier repeats is heard once
LONGEST_WAIT, PAUSE = 8.0, 0.25  # a recording can be had some moments after the carrier has told of it; real seconds

MulawOf: TypeAlias = Callable[[bytes], bytes]

log = structlog.get_logger(__name__)


def reads_nothing(wav: bytes) -> bytes:  # noqa: ARG001  what `MulawOf` is given
    """Of a house without an ear."""
    raise AudioRefused("nobody reads recordings here")


class AnswerSounds(Protocol):
    """Where they lie."""

    def wav(self, sid: str) -> bytes:
        """One as a WAV file. LegGone where there is none (yet), CarrierUnavailable where it cannot be had."""
        ...


class SpokenAnswers:
    """`mulaw_of` raises AudioRefused for what is no sound. The exchange is told of an answer that nobody can hear."""

    def __init__(
        self, sounds: AnswerSounds, ear: Ear, mulaw_of: MulawOf, exchange: Exchange, clock: Clock, threads: Executor
    ) -> None:
        self._sounds, self._ear, self._mulaw_of = sounds, ear, mulaw_of
        self._exchange, self._clock, self._threads = exchange, clock, threads
        self._lock = Lock()
        self._begun: OrderedDict[tuple[str, int, str], bool] = OrderedDict()  # whether it is still being fetched

    def hear(self, call_id: str, turn: int, phase: int, sid: str) -> None:
        """Fetch this recording and let the ear have it, on a thread. The same again changes nothing."""
        answer = (call_id, turn, sid)
        with self._lock:
            if answer in self._begun:
                return
            self._begun[answer] = True
            if len(self._begun) > MOST:
                self._begun.popitem(last=False)
        self._threads.submit(self._fetch, answer, phase)

    def is_fetched(self, call_id: str, turn: int) -> bool:
        """Whether an answer to this question is on its way to the ear."""
        with self._lock:
            return any(on_its_way and (call, of) == (call_id, turn) for (call, of, _), on_its_way in self._begun.items())

    def _fetch(self, answer: tuple[str, int, str], phase: int) -> None:
        call_id, turn, sid = answer
        try:
            self._give(call_id, phase, self._mulaw_of(self._when_there(sid)))
        except Exception as failure:  # noqa: BLE001  # whatever it is, the keypad is left
            log.warning("a spoken answer cannot be heard", failure=type(failure).__name__)
            with suppress(ImpossibleEvent):  # of a call that is over
                self._exchange.handle(call_id, DoorFailed(self._clock.now(), turn))
        finally:
            with self._lock:
                if answer in self._begun:
                    self._begun[answer] = False

    def _when_there(self, sid: str) -> bytes:
        until = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                return self._sounds.wav(sid)
            except (LegGone, CarrierUnavailable):
                if time.monotonic() > until:
                    raise
                time.sleep(PAUSE)

    def _give(self, call_id: str, phase: int, mulaw: bytes) -> None:
        line = self._ear.open_line(call_id, phase)
        if line is None:
            raise LegGone("the ear has no room")
        line.hear(mulaw)
        line.close(lost=False)  # what it made of the sound is the answer
