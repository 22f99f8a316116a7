"""The listening half of `bench listening`, a process of its own: the real media socket, ear and workers. Decides nothing.

`python -m voicebot.commands.bench_listening_house PLAN` (JSON) tells in JSON lines: its port and its processes when it is ready;
at the end of its input, when each piece of audio was worked off and what was heard. Everybody is asked anew as soon as they have
answered.
"""

import asyncio
import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

import uvicorn

from voicebot.config.grammars import load_grammar
from voicebot.dialogue.events import EntrySpoken, Event
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Hearing, Shape
from voicebot.ports.ear import Listening, Sayable
from voicebot.serving import ServingPlan, server_config
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings
from voicebot.speech.transcription import GRAMMARS
from voicebot.speech.wire import Header
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.media import MediaSocket, Patience
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.streams import Streams

BASE = "https://voice.bench.test"
TOLD = 1  # where answers go
TOKEN = "bench"  # of a server that only this machine's loopback reaches, for some minutes


class OneToken:
    """Signs everything alike."""

    def token(self, purpose: str, *parts: str) -> str:  # noqa: ARG002  as the port has it
        """See the port `TokenKeys`."""
        return TOKEN

    def token_fits(self, token: str, purpose: str, *parts: str) -> bool:  # noqa: ARG002  as the port has it
        """See the port `TokenKeys`."""
        return token == TOKEN


class UtcClock:
    """The wall's."""

    def now(self) -> datetime:
        """See the port `Clock`."""
        return datetime.now(UTC)


class TimedEar(VoskEar):
    """Notes when the worker had done with how many bytes of a call's audio, by the machine's one monotonic clock."""

    notes: dict[str, list[tuple[int, float]]]

    def _told(self, number: int, header: Header) -> None:
        now = time.monotonic()
        line = self._lines.get(number)
        if line is not None and header.get("is") == "heard":
            noted = self.notes.setdefault(line.call_id, [(0, now)])
            noted.append((noted[-1][0] + int(header["bytes"]), now))
        super()._told(number, header)


class House:
    """Asks every call the same question, again and again."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._shape, self._grammar, self._right = Shape.parse(plan["shape"]), load_grammar(GRAMMARS / "en.toml"), plan["right"]
        warm = (Sayable(self._shape, self._grammar),)
        self._ear = TimedEar(
            EarSettings(warm=warm, workers=plan["workers"], lines_per_worker=plan["calls"]), self.heard, UtcClock()
        )
        self._ear.notes = {}
        self._turns = {f"call-{number}": 0 for number in range(plan["calls"])}
        self._outcomes: list[tuple[float, str]] = []

    def heard(self, call_id: str, event: Event) -> None:
        """Note what it was, and ask again."""
        if not isinstance(event, EntrySpoken):
            self._outcomes.append((time.monotonic(), "lost"))
            return
        digits = understand(event.words.reveal(), self._shape, self._grammar).digits
        right = event.hearing is Hearing.ACCEPTED and digits == (self._right,)
        self._outcomes.append((time.monotonic(), "right" if right else "other"))
        self._ask(call_id)

    def _ask(self, call_id: str) -> None:
        self._turns[call_id] += 1
        self._ear.attend(call_id, Listening(self._turns[call_id], 1, self._shape, self._grammar))

    @property
    def loop_factory(self) -> Any:
        """Of the event loop that the product's server runs in."""
        return server_config(ServingPlan("")).get_loop_factory()

    async def serve(self) -> None:
        """Until the input ends."""
        self._ear.start()
        for call_id in self._turns:
            self._ask(call_id)
        settings = TelephonySettings(BASE, "AC" + "0" * 32, (TOKEN,), "+12025550100")
        addresses = Addresses(settings, OneToken())
        media = MediaSocket(settings, addresses, self._ear, Streams(time.time), time.time, lambda _call, _phase: None, Patience())
        server = uvicorn.Server(server_config(ServingPlan("", port=0, factory=False), _only_sockets(media)))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        _say({"port": port, "pids": [os.getpid(), *self._ear.worker_pids]})
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving
        self._ear.close()
        _say({"notes": self._ear.notes, "outcomes": self._outcomes})


def _only_sockets(media: MediaSocket) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await media(scope, receive, send)

    return app


def _say(what: dict[str, Any]) -> None:
    with os.fdopen(os.dup(TOLD), "w", encoding="utf-8") as told:
        told.write(json.dumps(what) + "\n")


if __name__ == "__main__":
    TOLD = os.dup(1)
    os.dup2(2, 1)  # logs are no answers
    plan: dict[str, Any] = json.loads(sys.argv[1])
    if plan["cores"] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, plan["cores"])
    house = House(plan)
    with asyncio.Runner(loop_factory=house.loop_factory) as runner:
        runner.run(house.serve())
