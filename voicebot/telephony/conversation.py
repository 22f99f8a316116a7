"""What is said over one two-way stream: question after question, as long as the call's documents put them that way.

Plays prompts, gathers keys, has the ear listen, and brings each entry to the exchange as the webhooks do. Decides nothing about
the call: what comes next is always the exchange's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import structlog

from voicebot.dialogue.actions import Ask, Say
from voicebot.dialogue.events import EntryKeyed, NoInput
from voicebot.dialogue.forms import Door
from voicebot.dialogue.values import Secret
from voicebot.ports.clock import Clock
from voicebot.ports.ear import Ear, HearingLine
from voicebot.ports.mouth import Mouth
from voicebot.ports.prompts import Prompts, PromptShelf, Recording, Utterance
from voicebot.switchboard.plan import Turned
from voicebot.telephony.attention import Attention
from voicebot.telephony.entering import Entering
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.frames import Audio, Frame, InOrder, KeyPressed, MarkCame, clear_message, mark_message, sound_messages
from voicebot.telephony.wording import tamed

POLL = 0.1  # real seconds between two looks at the call's clock and at the ear
BARGE_IN = 0.3  # real seconds of speech that stop a prompt: shorter is a cough, or the prompt's own echo
BYTES_A_SECOND = 8000
SLOWEST = 1.25  # times as long as it should may a prompt take to be played
FILLER = Say("filler")

T = TypeVar("T")
Send: TypeAlias = Callable[[str], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class News:
    """The call has another document."""


Came: TypeAlias = KeyPressed | MarkCame | News


class TalkFailed(Exception):
    """This stream cannot go on; the carrier puts the question instead. Says why, with nothing of the call in it."""


@dataclass(frozen=True)
class TalkParts:
    """What a conversation needs. `speech_lost(call, phase)` tells of a phase that nobody hears; `threads` wait for the house.

    `mark_patience`: real seconds that a mark may be late.
    """

    exchange: Exchange
    attention: Attention
    ear: Ear
    shelf: PromptShelf
    mouth: Mouth | None
    clock: Clock
    speech_lost: Callable[[str, int], None]
    threads: Executor
    mark_patience: float = 5.0


@dataclass
class _Playing:
    """Prompts on their way. `until`: the event loop's time at which the mark behind them is overdue."""

    mark: str
    until: float
    over: bool = False
    loud_since: float | None = None


def carried(turned: Turned) -> Ask | None:
    """The question of this document, if a two-way stream puts it."""
    last = turned.verbs[-1] if turned.verbs else None
    return last if isinstance(last, Ask) and last.door is Door.STREAM else None


class Conversation:
    """One stream's. Made on the event loop; `news` may be called from any thread."""

    def __init__(self, parts: TalkParts, call_id: str, sid: str, send: Send) -> None:
        self._parts = parts
        self._call_id = call_id
        self._sid = sid
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[Came] = asyncio.Queue()
        self._line: HearingLine | None = None
        self._phase = 0
        self._order = InOrder()
        self._asked: Turned | None = None
        self._heard = 0.0  # seconds of sound that have come: the caller's time

    # ---- from the socket ------------------------------------------------------------------------------------------

    def take(self, frame: Frame) -> None:
        """Something has come."""
        match frame:
            case KeyPressed() | MarkCame():
                self._inbox.put_nowait(frame)
            case Audio(chunk, mulaw) if self._order.fits(chunk):
                self._heard += len(mulaw) / BYTES_A_SECOND
                if self._line is not None and mulaw:
                    self._line.hear(mulaw)

    def news(self) -> None:
        """The call has another document."""
        self._loop.call_soon_threadsafe(self._inbox.put_nowait, News())

    def close(self, *, well: bool) -> None:
        """The stream is over; `well`: the call goes on without it. Nobody waits any more for what was being said."""
        if self._asked is not None and not well:
            self._parts.attention.leave(self._asked)
        if self._line is not None:
            self._line.close(lost=False)
            self._line = None

    # ---- the dialogue ---------------------------------------------------------------------------------------------

    async def hold(self) -> None:
        """Put questions until the call goes elsewhere. Raises TalkFailed, and whatever the exchange raises."""
        turned = await self._house(lambda: self._parts.exchange.document(self._call_id))
        while (ask := carried(turned)) is not None:
            turned = await self._filled(turned) if turned.pending else await self._question(turned, ask)

    async def _filled(self, turned: Turned) -> Turned:
        """An answer is being checked, and takes long."""
        self._parts.attention.follow(turned)
        await self._play(turned, [FILLER], "filler")
        return await self._house(lambda: self._parts.exchange.document(self._call_id))

    async def _question(self, turned: Turned, ask: Ask) -> Turned:
        """Put one; gives the document that its answer, or news from elsewhere, leads to."""
        self._asked = turned
        self._parts.attention.follow(turned)
        await self._listen(ask)
        self._forget_what_was_for_the_last_question()
        says = [*(verb for verb in turned.verbs if isinstance(verb, Say)), *ask.say]
        playing = await self._play(turned, says, f"/entry/{ask.turn}-{ask.extension}")
        entering = Entering(ask.keys)
        while not entering.is_over(self._heard):
            came = await self._next()
            if isinstance(came, News):
                newer = await self._house(lambda: self._parts.exchange.document(self._call_id))
                if newer.pending or newer.seq != turned.seq:
                    return newer
            else:
                await self._goes_on(came, ask, playing, entering)
        return await self._enter(ask, entering)

    def _forget_what_was_for_the_last_question(self) -> None:
        """Keys that nobody asked for, and marks. News may be of a document behind this one, and stay."""
        waiting = [self._inbox.get_nowait() for _ in range(self._inbox.qsize())]
        for news in waiting:
            if isinstance(news, News):
                self._inbox.put_nowait(news)

    async def _goes_on(self, came: Came | None, ask: Ask, playing: _Playing, entering: Entering) -> None:
        match came:
            case KeyPressed(key):
                await self._hush(playing)
                entering.press(key, self._heard)
            case MarkCame(name) if name == playing.mark:
                playing.over = True
        speaking = ask.listen and self._parts.attention.is_speaking(self._call_id, ask.turn)
        if self._speaks_over(playing, speaking=speaking):
            await self._hush(playing)
        if playing.over:
            entering.prompts_ended(self._heard)
            if speaking:
                entering.speaks(self._heard)
        elif self._loop.time() > playing.until:
            raise TalkFailed("a mark did not come back")

    async def _enter(self, ask: Ask, entering: Entering) -> Turned:
        now, call_id = self._parts.clock.now(), self._call_id
        if entering.keys:
            event: EntryKeyed | NoInput = EntryKeyed(now, ask.turn, Secret(entering.keys), entering.by_terminator)
        else:
            speaking = ask.listen and self._parts.attention.is_speaking(call_id, ask.turn)
            event = NoInput(now, ask.turn, ask.extension, speaking)
        key = f"entry:{call_id}:{ask.turn}:{ask.extension}"
        return await self._house(lambda: self._parts.exchange.handle(call_id, event, key=key))

    async def _next(self) -> Came | None:
        """What comes next; None if nothing does for a moment."""
        try:
            async with asyncio.timeout(POLL):
                return await self._inbox.get()
        except TimeoutError:
            return None

    # ---- sound ----------------------------------------------------------------------------------------------------

    async def _listen(self, ask: Ask) -> None:
        """A line to the ear for this question's phase. A phase that the ear refuses is lost, and the keys go on."""
        if not ask.listen or ask.phase == self._phase:
            return
        self._phase = ask.phase
        if self._line is not None:
            self._line.close(lost=False)
        self._line = await self._house(lambda: self._parts.ear.open_line(self._call_id, ask.phase))
        if self._line is None:
            log.warning("stream refused", why="ear")
            await self._house(lambda: self._parts.speech_lost(self._call_id, ask.phase))

    async def _play(self, turned: Turned, says: Sequence[Say], mark: str) -> _Playing:
        sounds = await self._house(lambda: self._sounds(turned, says))
        for name, sound in sounds:
            for message in sound_messages(self._sid, sound):
                await self._send(message)
            await self._send(mark_message(self._sid, name))
        await self._send(mark_message(self._sid, mark))
        seconds = sum(len(sound) for _, sound in sounds) / BYTES_A_SECOND
        return _Playing(mark, self._loop.time() + SLOWEST * seconds + self._parts.mark_patience)

    def _sounds(self, turned: Turned, says: Sequence[Say]) -> list[tuple[str, bytes]]:
        """Each prompt's id and sound. On a thread: a voice may have to speak first."""
        prompts = self._parts.shelf.version(turned.prompts)
        found: list[tuple[str, bytes]] = []
        for say in says:
            pieces = [self._sound(one, prompts) for one in prompts.utterances(tamed(say), turned.language)]
            if None in pieces:
                raise TalkFailed(f"there is no sound of the prompt {say.prompt_id}")
            found.append((say.prompt_id, b"".join(piece for piece in pieces if piece)))
        return found

    def _sound(self, utterance: Utterance, prompts: Prompts) -> bytes | None:
        if self._parts.mouth is None:
            return None
        if not isinstance(utterance, Recording):
            return self._parts.mouth.of_text(utterance)
        wav = prompts.audio(utterance.name)
        return None if wav is None else self._parts.mouth.of_recording(utterance.name, wav)

    async def _hush(self, playing: _Playing) -> None:
        """The caller has begun to answer."""
        if not playing.over:
            playing.over = True
            await self._send(clear_message(self._sid))

    def _speaks_over(self, playing: _Playing, *, speaking: bool) -> bool:
        """Whether somebody has been speaking for long enough while prompts are played."""
        if playing.over or not speaking:
            playing.loud_since = None
            return False
        now = self._loop.time()
        playing.loud_since = playing.loud_since or now
        return now - playing.loud_since >= BARGE_IN

    async def _house(self, work: Callable[[], T]) -> T:
        """Ask somebody who may take time, on a thread."""
        return await self._loop.run_in_executor(self._parts.threads, work)
