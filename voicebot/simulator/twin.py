"""The twin: the telephone company on this machine. Opens its REST API, places robots' calls and gives what was observed."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from voicebot.simulator.api import Api
from voicebot.simulator.door import Door
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.handset import Handset, Person
from voicebot.simulator.leg import Leg
from voicebot.simulator.numbers import NumberBook
from voicebot.simulator.party import Inline, Party
from voicebot.simulator.provider import ApprovalTwin, CallersApp
from voicebot.simulator.record import CallRecord, Failure, LegRecord, Observer
from voicebot.simulator.recording import load_speech
from voicebot.simulator.robot import Caller, Speech, speaking_turns
from voicebot.simulator.rooms import Room
from voicebot.simulator.script import Habit, Script, Turn, TurnKind
from voicebot.simulator.sent import Text
from voicebot.simulator.settings import Faults, TwinSettings, new_sid
from voicebot.simulator.softphone.line import PhoneLine
from voicebot.simulator.softphone.web import SoftphoneWeb, Telephones
from voicebot.simulator.texts import TextApi, TextWorld
from voicebot.simulator.voice import speak
from voicebot.simulator.webhooks import Params, Request, Webhooks
from voicebot.simulator.wire import open_wire

STATIC_FALLBACK = "fallback:static"
_CALLING = re.compile(r"\+?[0-9]{3,15}|anonymous")


class Twin:
    """`async with Twin(settings) as twin: record = await twin.place_call(script)`.

    `observer` is called with every live event, on the event loop; it must be quick.
    """

    def __init__(
        self, settings: TwinSettings, faults: Faults | None = None, observer: Observer | None = None,
        approvals: ApprovalTwin | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.approvals = settings, approvals or ApprovalTwin()
        self._client = open_wire()
        self._webhooks = Webhooks(settings, self._client)
        self._exchange = Exchange(settings, faults or Faults(), self._webhooks, observer)
        self.text_world = TextWorld()
        self._texts = TextApi(self._exchange, self.text_world)
        self._api: Door | None = None
        self._provider: Door | None = None
        self._softphones: Door | None = None
        self._spoken: dict[Turn, Speech] = {}

    async def __aenter__(self) -> Self:
        """Open the REST API; connections are taken from now on."""
        self._api = Door(Api(self._exchange, self._texts), self.settings.api_host, self.settings.api_port)
        self._provider = Door(self.approvals, "127.0.0.1", 0)
        self.approvals.issuer = self._provider.url
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every call and close."""
        await self._exchange.close()
        for door in (self._api, self._provider, self._softphones):
            if door is not None:
                await door.close()
        await self._client.aclose()

    def open_softphones(self, telephones: Telephones) -> str:
        """Telephones in the browser, on this machine only; gives the address of the page with their links."""
        web = SoftphoneWeb(telephones, lambda number: PhoneLine(_ByHand(self, telephones), number))
        self._softphones = Door(web, "127.0.0.1", 0)
        return f"{self._softphones.url}/{web.token}"

    @property
    def api_url(self) -> str:
        """Where the product's REST client must send what it would send to api.twilio.com."""
        if self._api is None:
            raise RuntimeError("the twin has not been entered")
        return self._api.url

    @property
    def numbers(self) -> NumberBook:
        """The account's numbers. A call to one goes where that number is configured to, any other to the settings' path."""
        return self._exchange.numbers

    @property
    def legs(self) -> list[Leg]:
        """All legs there have been, oldest first."""
        return list(self._exchange.legs.values())

    @property
    def rooms(self) -> list[Room]:
        """All conferences there have been, oldest first."""
        return self._exchange.rooms

    @property
    def handsets(self) -> dict[str, Handset]:
        """Real people's telephones, by number. One that is here rings instead of a robot's."""
        return self._exchange.handsets

    @property
    def habits(self) -> dict[str, list[Habit]]:
        """How telephones behave that ring while no robot waits for an agent: one each time, the last one stays."""
        return self._exchange.habits

    @property
    def customers(self) -> set[str]:
        """Numbers at which somebody is called back: who is rung there is no agent."""
        return self._exchange.customers

    @property
    def failures(self) -> list[Failure]:
        """What went wrong outside of any leg: requests to the REST API, mostly."""
        return self._exchange.failures

    @property
    def texts(self) -> list[Text]:
        """Short messages, oldest first."""
        return self._exchange.texts

    async def write(self, from_: str, to: str, body: str, sid: str = "") -> int:
        """Somebody writes to one of the product's senders; gives the status that it answers with. `sid`: the same again."""
        return await self._texts.write(from_, to, body, self.settings.message_path, sid)

    @property
    def stray_legs(self) -> list[LegRecord]:
        """Legs that the product made while no robot waited for an agent."""
        return self._exchange.stray

    def calls_so_far(self) -> list[str]:
        """The callers' legs made so far, oldest first, by their SID."""
        return [leg.sid for leg in self._exchange.legs.values() if leg.party.direction == "inbound"]

    def phones_in_use(self) -> list[str]:
        """The telephones of all legs that have not ended."""
        return [leg.party.to for leg in self._exchange.legs.values() if not leg.ended.is_set()]

    def point_to(self, product_url: str) -> None:
        """The product answers here; for a product that is started after its twin."""
        self._webhooks.product_url = product_url

    async def place_call(self, script: Script) -> CallRecord:
        """Let a robot call, and wait until its leg and the agents' legs have ended and everything has been reported.

        Raises AudioRefused before it rings where something that the script wants to say cannot be had.
        """
        app = CallersApp(self.approvals, script.app) if script.app else None
        caller = Caller(script, await self._speeches(script), app)
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
            await self._exchange.callbacks.settle(self._sources(live.record))
        finally:
            limit.cancel()
            living.cancel()
            self._exchange.close_call(live)
            leg.record.lost_keys = caller.lost_keys
            for left in leg.strikes.left:
                leg.fail(0, f"{left} struck nothing: there was no such request")
            live.record.seconds = monotonic() - live.record.began
        return live.record

    def call_by_hand(self, handset: Handset, script: Script) -> None:
        """Let somebody real call; the call goes on by itself."""
        live = self._exchange.open_call(script, Person(), self._party(script))
        live.caller.handset = handset
        handset.begin(live.caller)

        async def call() -> None:
            try:
                await live.caller.live(self._incoming(script.line))
                await asyncio.gather(*(agent.ended.wait() for agent in live.agents))
            finally:
                self._exchange.close_call(live)

        self._exchange.background(call())

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


class _ByHand:
    """The exchange as a browser's telephone sees it."""

    def __init__(self, twin: Twin, telephones: Telephones) -> None:
        self._twin, self._telephones = twin, telephones

    def connect(self, handset: Handset) -> None:
        """The newest page of a number is its telephone."""
        self._twin.handsets[handset.number] = handset

    def disconnect(self, handset: Handset) -> None:
        """Unless another page has taken its place."""
        if self._twin.handsets.get(handset.number) is handset:
            del self._twin.handsets[handset.number]

    def call(self, handset: Handset, line: str, from_: str) -> None:
        """Call one of the lines. Raises ValueError."""
        if line not in self._telephones.lines:
            raise ValueError("there is no such line")
        if not _CALLING.fullmatch(from_):
            raise ValueError('call from a number like "+12025550110", or "anonymous"')
        if not handset.free:
            raise ValueError("this telephone is in a call already")
        self._twin.call_by_hand(handset, Script(line, from_))
