"""The twin: the telephone company on this machine. Opens its REST API, places robots' calls and gives what was observed."""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import uvicorn

from voicebot.simulator.api import Api
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.leg import Leg
from voicebot.simulator.numbers import NumberBook
from voicebot.simulator.party import Inline, Party
from voicebot.simulator.record import CallRecord, Failure, LegRecord, Observer
from voicebot.simulator.recording import load_speech
from voicebot.simulator.robot import Caller, Speech, speaking_turns
from voicebot.simulator.script import Script, Turn, TurnKind
from voicebot.simulator.settings import Faults, TwinSettings, new_sid
from voicebot.simulator.voice import speak
from voicebot.simulator.webhooks import Params, Request, Webhooks
from voicebot.simulator.wire import open_wire

STATIC_FALLBACK = "fallback:static"


class _Server(uvicorn.Server):
    """The library's server without signal handling, which belongs to whoever runs the twin, and without its idle ticking."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leave = asyncio.Event()

    async def main_loop(self) -> None:
        await self.leave.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Twin:
    """`async with Twin(settings) as twin: record = await twin.place_call(script)`.

    `observer` is called with every live event, on the event loop; it must be quick.
    """

    def __init__(self, settings: TwinSettings, faults: Faults | None = None, observer: Observer | None = None) -> None:
        self.settings = settings
        self._client = open_wire()
        self._webhooks = Webhooks(settings, self._client)
        self._exchange = Exchange(settings, faults or Faults(), self._webhooks, observer)
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._spoken: dict[Turn, Speech] = {}

    async def __aenter__(self) -> Self:
        """Open the REST API; connections are taken from now on."""
        # asyncio turns Nagle's delay off only for sockets that name their protocol; it would cost 40 ms an answer
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.settings.api_host, self.settings.api_port))
        self._socket.listen(256)
        config = uvicorn.Config(
            Api(self._exchange), lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = _Server(config)
        self._serving = asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._socket]))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every call and close."""
        await self._exchange.close()
        if self._server is not None and self._serving is not None:
            self._server.leave.set()
            await self._serving
        await self._client.aclose()

    @property
    def api_url(self) -> str:
        """Where the product's REST client must send what it would send to api.twilio.com."""
        if self._socket is None:
            raise RuntimeError("the twin has not been entered")
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    @property
    def numbers(self) -> NumberBook:
        """The account's numbers. A call to one goes where that number is configured to, any other to the settings' path."""
        return self._exchange.numbers

    @property
    def failures(self) -> list[Failure]:
        """What went wrong outside of any leg: requests to the REST API, mostly."""
        return self._exchange.failures

    @property
    def stray_legs(self) -> list[LegRecord]:
        """Legs that the product made while no robot waited for an agent."""
        return self._exchange.stray

    def calls_so_far(self) -> list[str]:
        """The callers' legs made so far, oldest first, by their SID."""
        return [leg.sid for leg in self._exchange.legs.values() if leg.party.role == "caller"]

    def point_to(self, product_url: str) -> None:
        """The product answers here; for a product that is started after its twin."""
        self._webhooks.product_url = product_url

    async def place_call(self, script: Script) -> CallRecord:
        """Let a robot call, and wait until its leg and the agents' legs have ended and everything has been reported.

        Raises AudioRefused before it rings where something that the script wants to say cannot be had.
        """
        caller = Caller(script, await self._speeches(script))
        live = self._exchange.open_call(script, caller, self._party(script))
        leg = live.caller
        limit = self._exchange.background(self._give_up(leg, script.longest))
        living = self._exchange.background(leg.live(self._incoming(script.line)))
        try:
            await living
            while waiting := [agent for agent in live.agents if not agent.ended.is_set()]:
                await asyncio.gather(*(agent.ended.wait() for agent in waiting))
            closing = [closed for one in (leg, *live.agents) for closed in one.closing]
            await asyncio.gather(*closing, return_exceptions=True)
            await self._exchange.settle(self._sources(live.record))
        finally:
            limit.cancel()
            living.cancel()
            self._exchange.close_call(live)
            leg.record.lost_keys = caller.lost_keys
            live.record.seconds = monotonic() - live.record.began
        return live.record

    def _incoming(self, line: str) -> Request:
        if (number := self.numbers.of(line)) is not None:
            return Request(number.get("voice_url"), number.get("voice_method"))
        return Request(f"{self.settings.public_url}{self.settings.incoming_path}#{self.settings.overrides}")

    def _sources(self, record: CallRecord) -> list[str]:
        names = {name for leg in record.legs for name in leg.rooms}
        streams = [stream.sid for leg in record.legs for stream in self._exchange.legs[leg.sid].streams.values()]
        return [*(leg.sid for leg in record.legs), *(room.sid for room in self._exchange.rooms if room.name in names), *streams]

    async def _give_up(self, leg: Leg, longest: float) -> None:
        await leg.clock.sleep(longest)
        leg.fail(0, "the call went on for longer than its script allows")
        leg.hang_up("caller")

    async def _speeches(self, script: Script) -> Mapping[Turn, Speech]:
        speeches: dict[Turn, Speech] = {}
        for turn in speaking_turns(script.turns):
            key = replace(turn, text=str(script.folder / turn.text)) if turn.kind is TurnKind.AUDIO else turn
            if key not in self._spoken:
                self._spoken[key] = await self._speech(key)
            speeches[turn] = self._spoken[key]
        return speeches

    async def _speech(self, turn: Turn) -> Speech:
        if turn.kind is TurnKind.SAY:
            return Speech("say", await speak(turn.text))
        path = Path(turn.text)
        return Speech(path.name, await asyncio.to_thread(load_speech, path))

    def _party(self, script: Script) -> Party:
        extra: list[tuple[str, str]] = [("CallToken", new_sid("")), *_places("From", "Caller"), *_places("To", "Called")]
        if script.stir is not None:
            extra.append(("StirVerstat", script.stir))
        if script.forwarded_from is not None:
            extra.append(("ForwardedFrom", script.forwarded_from))
        document = self.settings.fallback_document
        status = f"{self.settings.public_url}{self.settings.status_path}#{self.settings.overrides}"
        if (number := self.numbers.of(script.line)) is not None:
            status = number.get("status_callback")
        return Party(
            from_=script.from_,
            to=script.line,
            direction="inbound",
            role="caller",
            extra=tuple(extra),
            fallback=Inline(document, STATIC_FALLBACK) if document is not None else None,
            status_callback=status or None,
        )


def _places(*names: str) -> Params:
    """Where numbers are registered, as far as a carrier knows: mostly it does not, but the fields come."""
    parts = (("City", ""), ("State", ""), ("Zip", ""), ("Country", "US"))
    return tuple((name + part, value) for name in names for part, value in parts)
