"""One leg of a call: its state, the documents that it is given one after another, and how it ends.

What each verb does is in `perform`; what the person on the telephone does is in `robot`.
"""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

from voicebot.simulator.clock import CallClock
from voicebot.simulator.document import AtOnce, Document, read_document
from voicebot.simulator.fetching import fetch, in_vain
from voicebot.simulator.handset import Handset
from voicebot.simulator.media import MediaStream
from voicebot.simulator.mishaps import RestFate
from voicebot.simulator.mouth import Mouth
from voicebot.simulator.paid import PaySession
from voicebot.simulator.party import HangsUp, Inline, Party, Step, rfc2822, shown_path, speaking_time
from voicebot.simulator.record import CallbackSent, DocumentSeen, Failure, Happening, Heard, Keyed, LegRecord, Utterance, What
from voicebot.simulator.robot import Robot, Speech
from voicebot.simulator.settings import Faults
from voicebot.simulator.taped import Tape
from voicebot.simulator.webhooks import Params, Request, WebhookFailed

if TYPE_CHECKING:
    from voicebot.simulator.exchange import Exchange
    from voicebot.simulator.rooms import Room

T = TypeVar("T")


class Leg:
    """A telephone in a call."""

    def __init__(self, exchange: "Exchange", party: Party, record: LegRecord, robot: Robot, faults: Faults, began: float) -> None:
        self.exchange = exchange
        self.party = party
        self.record = record
        self.robot = robot
        self.faults = faults
        self.strikes = faults.strikes()  # an agent's leg shares its caller's
        self.clock = CallClock(exchange.settings.time_scale)
        self.mouth = Mouth(self.clock, fast=exchange.settings.fast, limit=exchange.settings.hearing_limit, sent=self._count_frame)
        self.streams: dict[str, MediaStream] = {}
        self.opening: set[asyncio.Task[None]] = set()
        self.closing: set[asyncio.Task[Any]] = set()
        self.late: list[Request] = []  # requests that come when the leg has its next document
        self.crossed: RestFate | None = None  # the push that is just cutting something off
        self.room: Room | None = None
        self.handset: Handset | None = None  # where somebody real is on this leg
        self.tapes: list[Tape] = []
        self.payments: list[PaySession] = []
        self.ended = asyncio.Event()
        self.created = datetime.now(UTC)
        self.sequence = 0
        self._began = began
        self.fetched: Request | None = None
        self._url = ""
        self._pushed: Step | None = None
        self._leaving: HangsUp | None = None
        self._performing: asyncio.Task[Step | None] | None = None
        self._at_once = AtOnce()

    @property
    def sid(self) -> str:
        """The leg's CallSid."""
        return self.record.sid

    @property
    def status(self) -> str:
        """The leg's CallStatus."""
        return self.record.status

    @property
    def at(self) -> float:
        """Real seconds since the call began."""
        return monotonic() - self._began

    # ---- the life of a leg ----------------------------------------------------------------------------------------

    async def live(self, first: Step, ringing: Coroutine[Any, Any, None] | None = None) -> None:
        """Ring where that is to be done first, then perform documents, beginning with this one, until the leg ends."""
        leaving = HangsUp("product")
        work: Coroutine[Any, Any, Step | None] = self._perform(first) if ringing is None else self._ring(ringing, first)
        try:
            while True:
                self._performing = asyncio.get_running_loop().create_task(work)
                await asyncio.wait({self._performing})
                step, self._pushed = self._pushed, None
                if step is None and not self._performing.cancelled():
                    step = self._performing.result()
                if step is None or self._leaving is not None:
                    break
                work = self._perform(step)
        except HangsUp as how:
            leaving = how
        finally:
            if self._performing is not None and not self._performing.done():
                self._performing.cancel()
        await self.finish(self._leaving or leaving)

    @staticmethod
    async def _ring(ringing: Coroutine[Any, Any, None], step: Step) -> Step:
        await ringing
        return step

    async def finish(self, how: HangsUp) -> None:
        """Note the end, close what is open and tell the product."""
        if self.ended.is_set():
            return
        self.record.ended_by = how.who
        self.record.status = how.status if self.status == "in-progress" or how.status != "completed" else self._unanswered()
        self.record.ended_at = self.at
        self.mouth.close()
        for opening in self.opening:
            opening.cancel()
        self.tell(What.HUNG_UP, how.who)
        self.closing |= {self.exchange.background(stream.stop()) for stream in self.streams.values()}
        self.ended.set()
        self._end_tapes()
        for payment in self.payments:
            payment.leave()
        if self.handset is not None:
            self.handset.end(how.who)
        self.exchange.report_status(self, "completed", final=True)
        for late in self.late:
            in_vain(self, late)

    def _end_tapes(self) -> None:
        """Nothing more comes: the product is told of each recording once it can be had."""
        for tape in self.tapes:
            tape.stop(self.clock.now(), "completed")
            if tape.callback is not None and "completed" in tape.events:
                note = CallbackSent(self.at, "recording-completed", None, 0)
                request = self.callback(tape.callback, tape.told)
                self.exchange.callbacks.send(tape.sid, request, note, self.faults, self.record)

    def _unanswered(self) -> str:
        return "no-answer" if self.party.direction == "inbound" else "canceled"

    def hang_up(self, who: str, status: str = "completed") -> None:
        """End this leg, whatever it is doing."""
        if self._leaving is None:
            self._leaving, self.crossed = HangsUp(who, status), None
            if self._performing is not None:
                self._performing.cancel()

    @property
    def leaving(self) -> bool:
        """Whether this leg has ended or is about to."""
        return self._leaving is not None or self.ended.is_set()

    def redirect(self, step: Step, fate: RestFate = RestFate.WELL) -> None:
        """Drop what the leg is doing and perform this instead."""
        self._pushed, self.crossed = step, fate
        self.mouth.answered(pushed=True)
        if self._performing is not None:
            self._performing.cancel()

    # ---- documents ------------------------------------------------------------------------------------------------

    async def _perform(self, step: Step) -> Step | None:
        from voicebot.simulator.perform import perform  # noqa: PLC0415  the two know each other

        try:
            document = await self._fetch(step) if isinstance(step, Request) else self._given(step)
            if not document.unreadable:
                return await perform(self, document)
            first = document.flaws[0]
            raise WebhookFailed(first.code, first.what, self._url)
        except WebhookFailed as failed:
            return await self._fall_back(failed)

    async def _fall_back(self, failed: WebhookFailed) -> Step | None:
        self.fail(failed.code, failed.what)
        fallback = self.party.fallback
        if fallback is None or (isinstance(fallback, Request) and fallback.url.partition("#")[0] == failed.url):
            await self.hear("An application error has occurred. Goodbye.")
            raise HangsUp("error")
        if isinstance(fallback, Inline):
            return fallback if self._url != fallback.url else None
        return Request(fallback.url, fallback.method, (("ErrorCode", str(failed.code)), ("ErrorUrl", failed.url)))

    async def _fetch(self, request: Request) -> Document:
        began = self.at
        full = self.request(request)
        answer = await fetch(self, full)
        self.mouth.answered()
        self._url, self.fetched = answer.url, full
        document = read_document(answer.body, answer.content_type)
        return self._seen(document, answer.url, began, answer.attempts, len(answer.body))

    def _given(self, step: Inline) -> Document:
        self._url = step.url
        return self._seen(read_document(step.text.encode()), step.url, self.at, 0)

    def _seen(self, document: Document, url: str, began: float, attempts: int, size: int = 0) -> Document:
        path = shown_path(url)
        self.record.documents.append(DocumentSeen(began, path, document.names, self.at - began, attempts, size))
        self.tell(What.DOCUMENT, f"{path} {' '.join(document.names)}")
        if not document.unreadable:
            for flaw in document.flaws:
                self.fail(flaw.code, flaw.what, url)
        if self._at_once.endless(self.clock.waits):
            self.fail(0, "documents lead to documents without end", url)
            raise HangsUp("error")
        return document

    def _params(self, more: Params) -> Params:
        return self.party.params(self.exchange.settings.account_sid, self.sid, self.status, more)

    def request(self, request: Request) -> Request:
        """A request of this leg, in full: what every webhook tells, as it is now."""
        return Request(self.absolute(request.url), request.method, self._params(request.params), request.token)

    def callback(self, url: str, more: Params) -> Request:
        """A request about this leg that is no document."""
        return Request(urljoin(self._url, url), "POST", self._params((*more, ("Timestamp", rfc2822()))))

    def absolute(self, url: str) -> str:
        """An address in the present document, in full."""
        return urljoin(self._url, url)

    # ---- what happens to the person -------------------------------------------------------------------------------

    def answer(self) -> None:
        """Pick up, if that has not been done."""
        if self.status in ("ringing", "queued"):
            self.record.status = "in-progress"
            self.record.answered_at = self.at
            self.tell(What.ANSWERED if self.party.role == "caller" else What.AGENT_ANSWERED)

    async def hear(self, what: str, seconds: float | None = None, *, recording: bool = False, audio: bytes = b"") -> None:
        """Hear a text or a recording to its end, unless something comes between."""
        seconds = speaking_time(what) if seconds is None else seconds
        heard = self.begins_to_hear(what, recording=recording, audio=audio)
        due = self.clock.now() + seconds
        heard.cut = True
        try:
            if self.handset is not None and (audio or not recording):
                await self.handset.heard_out(seconds / self.clock.scale)
            else:
                await self.clock.sleep_until(due)
            heard.cut = False
        finally:
            if heard.cut and self.handset is not None:
                self.handset.hush()

    def begins_to_hear(self, what: str, *, recording: bool, audio: bytes = b"") -> Heard:
        """Note that something is played."""
        if self.handset is not None:
            self.handset.plays("" if recording else what, audio)
        heard = Heard(self.at, what, recording)
        self.record.heard.append(heard)
        self.tell(What.HEARD, what)
        return heard

    def press(self, key: str) -> None:
        """Note a key."""
        self.record.keys.append(Keyed(self.at, key))
        self.tell(*((What.KEYS, str(len(self.record.keys))) if self.party.role == "caller" else (What.AGENT_KEY, key)))

    async def speak(self, speech: Speech) -> None:
        """Begin to say something; returns when it has begun."""
        if self.opening:
            with self.clock.real_pace():
                await asyncio.wait(set(self.opening))
        said = Utterance(self.at, speech.name)
        self.record.utterances.append(said)
        self.tell(What.SPEAKING, speech.name)

        def ended() -> None:
            said.until = self.at
            self.tell(What.SPOKEN, speech.name)

        self.mouth.say(speech, ended)

    def _count_frame(self) -> None:
        self.record.frames += 1
        self.record.frames_after_join += self.room is not None

    # ---- notes ----------------------------------------------------------------------------------------------------

    def fail(self, code: int, what: str, url: str = "") -> None:
        """Note something that the carrier would have logged as an error."""
        told = f"{what} [{shown_path(url)}]" if url else what
        self.record.failures.append(Failure(self.at, code, told))
        self.tell(What.FAILED, f"{code} {told}")

    def warn(self, code: int, what: str) -> None:
        """Note something that the carrier would have logged as a warning."""
        self.record.warnings.append(Failure(self.at, code, what))

    def tell(self, what: What, detail: str = "") -> None:
        """Tell whoever watches."""
        self.exchange.notice(self, what)
        if self.exchange.observer is not None:
            self.exchange.observer(Happening(self.at, what, self.sid, detail))

    def background(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let something go on beside this leg."""
        return self.exchange.background(work)
