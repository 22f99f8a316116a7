"""The ear: the port `Ear` over a pool of Vosk workers. Routes audio out and words in; decides nothing about either.

All it knows of a call is its open question, its stream and how loud its caller is. Words are on their way in a Secret from
the moment they arrive. Nothing here waits: every answer is from memory.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path

import structlog

from voicebot.dialogue.events import EntrySpoken, Event, SpeechLost
from voicebot.dialogue.values import Hearing, Loudness, Secret
from voicebot.ports.clock import Clock
from voicebot.ports.ear import HearingLine, Listening, Sayable
from voicebot.ports.pressure import Streams
from voicebot.speech.delivery import Delivery, OnEvent
from voicebot.speech.installed import EarSettings, Installed
from voicebot.speech.knowing import Knowing
from voicebot.speech.level import gain_for
from voicebot.speech.memory import CallMemory, Calls
from voicebot.speech.pool import Pool
from voicebot.speech.stream import Stream
from voicebot.speech.trial import can_listen_with
from voicebot.speech.wire import Header

log = structlog.get_logger(__name__)


class VoskEar:
    """The port `Ear`. `on_event(call_id, event)` is called from threads of the ear's own and may take its time."""

    def __init__(self, settings: EarSettings, on_event: OnEvent, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._most = settings.workers * settings.lines_per_worker
        self._lock = threading.RLock()
        self._line_gone = threading.Condition(self._lock)
        self._calls: Calls[Stream] = Calls()
        self._lines: dict[int, Stream] = {}
        self._numbers = count(1)
        self._installed = Installed(settings)
        self._knowing = Knowing(self._installed)
        self._cache = Path()  # known from the start on
        self._tried_out = False  # models, because one could not make a question ready
        self._pool: Pool | None = None
        self._delivery = Delivery(on_event)

    # ---- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the workers. Returns at once; they are ready some tenths of a second later, and audio waits for them."""
        cache = self._cache = self._settings.cache or Path(tempfile.mkdtemp(prefix="voicebot-ear-"))
        cache.mkdir(parents=True, exist_ok=True)
        self._pool = Pool(self._settings.workers, cache, self._told, self._lost, self._try_models_out)
        self._pool.start(self._warm_frames())

    def _warm_frames(self) -> list[Header]:
        questions = map(self._installed.question, self._settings.warm)
        return [question | {"do": "warm", "line": 0} for question in questions if question is not None]

    def _try_models_out(self) -> None:
        """No worker will live, or one cannot make a question ready: do without the models that are to blame."""
        blamed = False
        for language, question in {one.grammar.language: self._installed.question(one) for one in self._settings.warm}.items():
            if question is not None and not can_listen_with(question, self._cache):
                log.error("a model cannot be opened; its language is keypad only until it is put right", model=question["model"])
                self._installed.leave_out(language)
                blamed = True
        if self._pool is not None and blamed:  # else it was not the models; the pool tries again after a rest
            self._pool.start(self._warm_frames())

    def _blame_a_model(self) -> None:
        with self._lock:
            tried_before, self._tried_out = self._tried_out, True
        if not tried_before:
            threading.Thread(target=self._try_models_out, name="ear-trial", daemon=True).start()

    def close(self) -> None:
        """End the workers. Open lines end without a word."""
        if self._pool is not None:
            self._pool.close()
        self._delivery.close()
        if self._settings.cache is None and self._pool is not None:
            shutil.rmtree(self._cache, ignore_errors=True)

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers, for supervision."""
        return self._pool.pids if self._pool is not None else []

    @property
    def pressure(self) -> Streams:
        """How much is heard now, and how far the slowest worker is behind."""
        with self._lock:
            now = time.monotonic()
            behind = max((line.backlog.behind(now) for line in self._lines.values()), default=0.0)
            return Streams(len(self._lines), self._most, len(self.worker_pids), behind)

    def worker_of(self, call_id: str) -> int | None:
        """Process id of the worker that hears this call."""
        with self._lock:
            call = self._calls.find(call_id)
            line = call.line if call is not None else None
            return self._pool.pid_of(line.number) if self._pool is not None and line is not None else None

    def learn(self, among: str, questions: Sequence[Sayable], customers: Collection[str]) -> None:
        """Doubtful answers to these questions, which name this list, are heard among these numbers from now on; none: no more."""
        if self._pool is not None:
            self._pool.tell_all(among, self._knowing.lessons(among, questions, customers))

    def wait_learned(self, among: str, grammars: int, timeout: float) -> bool:
        """Wait until the workers have built so many grammars of this list; False if that takes longer than `timeout` seconds."""
        return self._knowing.wait(among, grammars, timeout)

    def settle(self, call_id: str, timeout: float) -> bool:
        """Wait until a closed stream is worked off and its event delivered; False if that takes longer than `timeout` seconds."""
        with self._lock:
            if not self._line_gone.wait_for(lambda: call_id not in [line.call_id for line in self._lines.values()], timeout):
                return False
            call = self._calls.find(call_id)
            told = call.told if call is not None else None
        if told is not None:
            told.result(timeout)
        return True

    # ---- the port ---------------------------------------------------------------------------------------------------

    def can_listen(self, language: str) -> bool:
        """Whether there is a model for this language and room for one more stream."""
        with self._lock:
            if self._pool is not None:
                self._pool.revive()
            return self._has_room() and self._installed.model(language) is not None

    def attend(self, call_id: str, listening: Listening) -> None:
        """This question is open now. Repeating the same turn changes nothing."""
        with self._lock:
            call = self._calls.of(call_id)
            if not call.begin(listening):
                return
            if self._installed.model(listening.grammar.language) is None or self._pool is None or not self._pool.alive:
                self._lose_turn(call_id, call)
            elif call.line is not None and call.line.phase == listening.phase:
                self._ask(call.line, listening, call)

    def ignore(self, call_id: str) -> None:
        """No question is open: drop what is heard, and forget what was."""
        with self._lock:
            call = self._calls.find(call_id)
            if call is None or call.ignored:
                return
            call.listening, call.open, call.ignored = None, False, True
            if call.line is not None:
                call.line.drop()
                self._send(call.line, {"do": "ignore"})

    def speech_active(self, call_id: str, turn: int) -> bool:
        """Whether the caller is speaking, or was and is still being decoded. Answers at once."""
        with self._lock:
            call = self._calls.find(call_id)
            if call is None or not call.open or call.turn != turn or call.line is None:
                return False
            return not self._check_backlog(call.line) and (call.line.speaking or call.line.backlog.loud)

    def open_line(self, call_id: str, phase: int) -> HearingLine | None:
        """A stream for this phase has connected. None: refused (it had one already, or no room)."""
        with self._lock:
            call = self._calls.of(call_id)
            if phase <= call.phase or not self._has_room():
                return None
            if call.line is not None:
                self._retire(call.line)
            call.phase = phase
            line = Stream(next(self._numbers), call_id, phase, self._hear, self._close_line)
            call.line = self._lines[line.number] = line
            if call.open and call.listening is not None and call.listening.phase == phase:
                self._ask(line, call.listening, call)
            return line

    # ---- a line's audio ---------------------------------------------------------------------------------------------

    def _hear(self, line: Stream, mulaw: bytes) -> None:
        with self._lock:
            call = self._calls.find(line.call_id)
            if line.closed or call is None or call.line is not line or call.ignored:
                return
            for block in line.blocks(mulaw, time.monotonic()):
                self._send(line, {"do": "hear"}, block)
            self._check_backlog(line)

    def _check_backlog(self, line: Stream) -> bool:
        """Whether the worker has fallen too far behind: then the stream is given up."""
        ready = self._pool.ready_since(line.number) if self._pool is not None else None
        if line.closed or not line.backlog.hopeless(time.monotonic(), ready):
            return False
        log.warning("a recogniser worker is too far behind")
        self._close_line(line, True)
        return True

    def _close_line(self, line: Stream, lost: bool) -> None:
        with self._lock:
            call = self._calls.find(line.call_id)
            if line.closed or call is None or call.line is not line:
                return
            if lost or not call.open:
                self._retire(line)
                call.line = None
                if lost and not call.ignored:
                    call.spend()
                    self._emit(line.call_id, SpeechLost(self._clock.now(), line.phase))
                return
            line.closed = True  # what it heard so far may still be an answer
            self._send(line, {"do": "close", "decide": True})

    def _retire(self, line: Stream) -> None:
        line.closed = True
        self._send(line, {"do": "close", "decide": False})

    def _send(self, line: Stream, header: Header, body: bytes = b"") -> None:
        if self._pool is not None:
            self._pool.send(line.number, header, body)

    def _ask(self, line: Stream, listening: Listening, call: CallMemory[Stream]) -> None:
        question = self._installed.question(Sayable(listening.shape, listening.grammar, listening.check))
        if question is None:
            return
        line.speaking = False
        gain = 0.0 if call.peak is None else gain_for(call.peak)
        about = {"do": "attend", "turn": listening.turn, "gain": gain, "among": listening.among, "secret": listening.secret}
        self._send(line, question | about)

    # ---- what the workers tell --------------------------------------------------------------------------------------

    def _told(self, number: int, header: Header) -> None:
        if number == 0 and header.get("is") == "failed":
            self._blame_a_model()
        if number == 0 and header.get("is") == "learned":
            self._knowing.learned(header)
        with self._lock:
            line = self._lines.get(number)
            call = self._calls.find(line.call_id) if line is not None else None
            if line is None or call is None:
                return
            match header.get("is"):
                case "heard":
                    line.backlog.worked_off(int(header.get("bytes", 0)))
                    line.speaking = header.get("speaking") is True
                case "decided" if call.line is line and call.open and header.get("turn") == call.turn:
                    self._decided(line, call, header)
                case "failed":
                    line.backlog.clear()
                    log.warning("a recogniser could not follow a line")
                    if call.line is line and call.open and header.get("turn") in (0, call.turn):
                        self._lose_turn(line.call_id, call)
                case "closed":
                    self._forget_line(line, call)

    def _decided(self, line: Stream, call: CallMemory[Stream], header: Header) -> None:
        call.spend()
        line.speaking = False
        if header["hearing"] != Hearing.REJECTED:  # what is no answer may be no caller either
            call.peak = float(header["peak"])
        self._emit(
            line.call_id,
            EntrySpoken(
                self._clock.now(), call.turn, Secret(str(header["words"])), Hearing(header["hearing"]), float(header["delay"]),
                fitted=header.get("fitted") is True,
                among_customers=header.get("among_customers") is True,
                rivals=() if call.secret else tuple(Secret(str(words)) for words in header.get("rivals", ())),
                loudness=Loudness(header["loudness"]),
            ),
        )

    def _lost(self, numbers: list[int]) -> None:
        """A worker died with these lines. They go on with another one, from the next question."""
        with self._lock:
            for line in [self._lines[number] for number in numbers if number in self._lines]:
                line.backlog.clear()
                line.speaking = False
                call = self._calls.find(line.call_id)
                if call is None:
                    continue
                if call.line is line and call.open:
                    self._lose_turn(line.call_id, call)
                if line.closed:
                    self._forget_line(line, call)

    def _lose_turn(self, call_id: str, call: CallMemory[Stream]) -> None:
        call.spend()
        phase = call.listening.phase if call.listening is not None else call.phase
        self._emit(call_id, SpeechLost(self._clock.now(), phase))

    def _forget_line(self, line: Stream, call: CallMemory[Stream]) -> None:
        self._lines.pop(line.number, None)
        if self._pool is not None:
            self._pool.release(line.number)
        if call.line is line:
            call.line = None
        self._line_gone.notify_all()

    def _emit(self, call_id: str, event: Event) -> None:
        self._calls.of(call_id).told = self._delivery.hand_on(call_id, event)

    def _has_room(self) -> bool:
        return self._pool is not None and self._pool.alive and len(self._lines) < self._most
