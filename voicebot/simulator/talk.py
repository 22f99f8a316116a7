"""<Connect><Stream> on a leg: the product speaks to the caller over a socket, hears them, and learns of their keys.

The document goes on when the socket closes. Source: docs voice/twiml/connect and voice/media-streams (WebSocket messages): audio
is buffered and played in order; a mark comes back when what was sent before it has been played, at once where nothing is left,
and when a `clear` takes its audio away. A question is a mark with `/entry/` in its name, as in `script`.
"""

import asyncio
import base64
import binascii
import json
import struct
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from voicebot.simulator.connect import faults_of, order_of, tell_of_stream
from voicebot.simulator.document import Verb
from voicebot.simulator.leg import Leg
from voicebot.simulator.media import MediaStream
from voicebot.simulator.party import Step
from voicebot.simulator.record import Heard
from voicebot.simulator.robot import Gathering, Plan
from voicebot.simulator.settings import new_sid
from voicebot.simulator.webhooks import Request

RATE = 8000
BURST = 0.1  # real seconds for the mark that names a piece of sound to follow it
BAD_MESSAGE = 31951
LONGEST_BUFFER = 15 * 60 * RATE  # more sound than anybody waits for

Piece: TypeAlias = bytes | str  # mu-law, or a mark's name


async def connect(leg: Leg, verb: Verb) -> Step | None:
    """Connect the leg to the socket and stay until it closes; then `action`, or the next verb."""
    stream = next((noun for noun in verb.inside if noun.name == "Stream" and "url" in noun.attributes), None)
    if stream is not None and (media := _opened(leg, stream)) is not None:
        await media.start()
        if media.open:
            await _stay(leg, media)
    if "action" not in verb.attributes:
        return None
    return Request(leg.absolute(verb.attributes["action"]), verb.attributes.get("method", "POST"))


def _opened(leg: Leg, stream: Verb) -> MediaStream | None:
    name = stream.attributes.get("name") or new_sid("MZ")
    if name in leg.streams:
        leg.fail(31904, f"the stream name {name} has been used in this call before")
        return None
    if stream.attributes.get("track", "inbound_track") != "inbound_track":
        leg.fail(31941, "a two-way stream carries the inbound track only")
        return None
    if (order := order_of(leg, stream, name)) is None:
        return None
    media = MediaStream(order, faults_of(leg), partial(tell_of_stream, leg, stream))
    leg.record.streams.append(name)
    leg.streams[name] = media
    return media


async def _stay(leg: Leg, media: MediaStream) -> None:
    talk = Talk(leg, media)
    leg.mouth.add(media)
    playing = leg.background(talk.play())
    keys = leg.background(talk.pass_keys()) if leg.handset is not None else None
    try:
        await media.watch(talk.take)
    finally:
        for task in (playing, keys):
            if task is not None:
                task.cancel()
        talk.end()
        leg.background(media.stop())  # the leg goes on to something else, or has ended: the socket is told


@dataclass(frozen=True)
class Asked:
    """A question by the mark that names it, and whether the caller has heard it to its end."""

    name: str
    heard: asyncio.Event = field(default_factory=asyncio.Event)


class Talk:
    """What is said over one socket: the product's sound as it is played, the caller's keys and words as they come."""

    def __init__(self, leg: Leg, media: MediaStream) -> None:
        self._leg = leg
        self._media = media
        self._pieces: deque[Piece] = deque()
        self._buffered = 0
        self._came = asyncio.Event()
        self._cut = asyncio.Event()
        self._until = 0.0  # call time at which all that has come will have been played
        self._next = 0.0  # call time at which the next piece begins: when it came, or when what came before it ends
        self._reacting: asyncio.Task[None] | None = None
        self._asked = Asked("")

    # ---- what the product sends -----------------------------------------------------------------------------------

    def take(self, message: str | bytes) -> None:
        """A message of the product. What is none is noted, and nothing else comes of it."""
        self._leg.record.streamed += len(message)
        try:
            what = json.loads(message) if isinstance(message, str) else None
        except ValueError:
            what = None
        match what:
            case {"event": "media", "streamSid": sid, "media": {"payload": str(payload)}} if sid == self._media.sid:
                self._sound(payload)
            case {"event": "mark", "streamSid": sid, "mark": {"name": str(name)}} if sid == self._media.sid and name:
                self._mark(name)
            case {"event": "clear", "streamSid": sid} if sid == self._media.sid:
                self._clear()
            case _:
                self._leg.fail(BAD_MESSAGE, f"no message that a two-way stream takes: {_named(what)}")

    def _sound(self, payload: str) -> None:
        try:
            mulaw = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            mulaw = b""
        if not mulaw or self._buffered + len(mulaw) > LONGEST_BUFFER:
            self._leg.fail(BAD_MESSAGE, "a media message without base64 of mu-law, or more of it than can be kept")
            return
        self._leg.mouth.answered()
        now = self._leg.clock.now()
        if not self._buffered:
            self._next = max(self._next, now)
        self._until = max(self._until, now) + len(mulaw) / RATE
        self._buffered += len(mulaw)
        self._pieces.append(mulaw)
        self._came.set()

    def _mark(self, name: str) -> None:
        self._pieces.append(name)
        self._came.set()
        if "/entry/" in name and self._leg.handset is None:
            prompts = max(0.0, self._until - self._leg.clock.now())
            self.end()
            self._asked = Asked(name)
            self._reacting = self._leg.background(self._react(self._asked, Gathering(name, prompts, self._leg.clock.now())))

    def _clear(self) -> None:
        self._pieces = deque(piece for piece in self._pieces if isinstance(piece, str))
        self._buffered = 0
        self._until = self._next = self._leg.clock.now()
        self._cut.set()
        self._came.set()

    # ---- what the caller hears ------------------------------------------------------------------------------------

    async def play(self) -> None:
        """Play what comes and give marks back, for as long as the socket lasts."""
        while True:
            while not self._pieces:
                self._came.clear()
                await self._came.wait()
            if isinstance(self._pieces[0], str):
                name = str(self._pieces.popleft())
                if name == self._asked.name:
                    self._asked.heard.set()
                await self._media.mark(name)
            else:
                await self._one_prompt()

    async def _one_prompt(self) -> None:
        """All sound up to the next mark, which names it."""
        self._cut.clear()
        if not any(isinstance(piece, str) for piece in self._pieces):
            await asyncio.sleep(BURST)
        name = next((piece for piece in self._pieces if isinstance(piece, str)), "sound")
        whole = b"".join(self._up_to_mark()) if self._leg.handset is not None else b""
        heard = self._leg.begins_to_hear(name, recording=True, audio=_wave(whole) if whole else b"")
        heard.cut = True
        while sound := self._taken() if not self._cut.is_set() else 0:
            self._next += sound / RATE
            if not whole:
                await self._played_until(self._next)
        if whole and not self._cut.is_set():
            await self._heard_out(len(whole) / RATE)
        self._ended(heard)

    def _taken(self) -> int:
        """Takes all the sound that is there up to the next mark; gives how many samples it was."""
        taken = 0
        while self._pieces and isinstance(self._pieces[0], bytes):
            taken += len(self._pieces.popleft())
        self._buffered -= taken
        return taken

    def _up_to_mark(self) -> list[bytes]:
        pieces: list[bytes] = []
        for piece in self._pieces:
            if isinstance(piece, str):
                break
            pieces.append(piece)
        return pieces

    async def _played_until(self, due: float) -> None:
        await self._unless_cut(self._leg.clock.sleep_until(due))

    async def _heard_out(self, seconds: float) -> None:
        if self._leg.handset is not None:
            await self._unless_cut(self._leg.handset.heard_out(seconds / self._leg.clock.scale))

    async def _unless_cut(self, playing: Any) -> None:
        tasks = {asyncio.ensure_future(playing), asyncio.ensure_future(self._cut.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _ended(self, heard: Heard) -> None:
        heard.cut = self._cut.is_set()
        if heard.cut and self._leg.handset is not None:
            self._leg.handset.hush()

    # ---- what the caller does -------------------------------------------------------------------------------------

    async def pass_keys(self) -> None:
        """Somebody real presses keys."""
        handset = self._leg.handset
        if handset is None:
            return
        handset.drop_keys()
        while True:
            key = await handset.key()
            self._leg.press(key)
            await self._media.key(key)

    async def _react(self, asked: Asked, gathering: Gathering) -> None:
        """A robot answers a question, having heard it unless it means to cut it off; another question ends what is left of it."""
        plan = self._leg.robot.plan(gathering)
        pressed, spoke = 0, False
        try:
            for at, what in _moments(plan):
                await self._leg.clock.sleep_until(gathering.now + at)
                if at >= gathering.prompts:
                    await asked.heard.wait()  # the machine may be late with it
                if what == "hang up":
                    self._leg.hang_up(self._leg.party.role)
                    return
                if what == "speak" and plan.speech is not None:
                    spoke = True
                    await self._leg.speak(plan.speech)
                else:
                    key = plan.presses[pressed].key
                    pressed += 1
                    self._leg.press(key)
                    await self._media.key(key)
        finally:
            self._leg.robot.carried_out(plan, gathering.now, pressed, spoke)

    def end(self) -> None:
        """The question is over, or the socket."""
        if self._reacting is not None and not self._reacting.done():
            self._reacting.cancel()


def _moments(plan: Plan) -> list[tuple[float, str]]:
    moments = [(press.at, "press") for press in plan.presses]
    if plan.speech is not None:
        moments.append((plan.speaks_at, "speak"))
    if plan.hangs_up_at is not None:
        moments.append((plan.hangs_up_at, "hang up"))
    return sorted(moments, key=lambda moment: moment[0])


def _named(what: Any) -> str:
    return str(what.get("event", "without an event"))[:20] if isinstance(what, dict) else "not an object of JSON"


def _wave(mulaw: bytes) -> bytes:
    """A WAV file of this sound."""
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 7, 1, RATE, RATE, 1, 8) + b"data" + struct.pack("<I", len(mulaw))
    return b"RIFF" + struct.pack("<I", len(head) + len(mulaw)) + head + mulaw
