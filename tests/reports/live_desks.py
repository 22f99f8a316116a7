"""Agents of a small day at their desks: they sign in as people do and press what the pages have, while robots talk.

What they know is what they did, and when the desk said that it was done.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from voicebot.desk_robot import CSRF
from voicebot.rehearsal import Rehearsal
from voicebot.retelling import state_of
from voicebot.simulator.leg import Leg
from voicebot.simulator.record import CallRecord, LegRecord

LOOK_AGAIN = 0.02  # real seconds
PATIENCE = 30.0  # real ones


@dataclass
class Part:
    """An agent's part of a conversation; seconds of the machine's clock. `moment`: when the caller was free for it."""

    agent: str
    queue: str
    moment: float
    since: float
    until: float = 0.0
    hold: float = 0.0
    holds: int = 0
    passed: bool = False
    code: str = ""
    filed: float = 0.0


@dataclass
class Desks:
    """All that have been signed in to. `scale`: call time over real time."""

    open_now: Rehearsal
    scale: float
    clients: dict[str, tuple[httpx.AsyncClient, dict[str, str]]] = field(default_factory=dict)

    async def sits_down(self, stack: AsyncExitStack, agent: str) -> None:
        """Somebody signs in, by a link and its button."""
        pages = self.open_now.pages
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=pages, headers={"Origin": pages}, timeout=60))
        name = f"Agent {agent[1:]} "
        link = next(link for whose, link in self.open_now.sign_in_links().items() if whose.startswith(name))
        await client.post(link, follow_redirects=True)
        found = CSRF.search((await client.get("/desk")).text)
        assert found is not None, agent
        self.clients[agent] = client, {"X-CSRF-Token": found[1], "Accept": "application/json"}

    async def does(self, agent: str, command: str, **told: str) -> float:
        """Press this, again and again as long as the desk refuses; gives when it was done."""
        client, headers = self.clients[agent]
        end = time.monotonic() + PATIENCE
        while True:
            answer = await client.post(f"/desk/do/{command}", json=told, headers=headers)
            if answer.is_success:
                return time.monotonic()
            assert time.monotonic() < end, (agent, command, answer.text)
            await asyncio.sleep(LOOK_AGAIN * 5)

    async def pause(self, seconds: float) -> None:
        """So much of call time."""
        await asyncio.sleep(seconds / self.scale)

    async def serves(self, number: str, queue: str, deeds: tuple[str, ...]) -> list[Part]:
        """Whoever gets the caller from this number does all this, one agent after the other where the call is passed on; the
        last one ends it.
        """
        parts = [await self._begins(number, queue)]
        for deed in (*deeds, "end"):
            mine = parts[-1]
            name, _, rest = deed.partition(":")
            call = self.call_of(number)
            match name:
                case "hold":
                    held = await self.does(mine.agent, "hold", call=call)
                    await self.pause(float(rest))
                    mine.hold += await self.does(mine.agent, "resume", call=call) - held
                    mine.holds += 1
                case "pass":
                    mine.until, mine.passed = await self.does(mine.agent, "pass", call=call, to_queue=rest), True
                    parts.append(await self._begins(number, rest, parts))
                case "pay":
                    await self.does(mine.agent, "pay", call=call, amount="12.50")
                    await self.pause(10)
                    await self.does(mine.agent, rest, call=call)
                    await self.pause(20)  # so that it is told
                case "talk":
                    await self.pause(float(rest))
                case "end":
                    mine.until = await self.does(mine.agent, "end", call=call)
        return parts

    def parts_of(self, record: CallRecord) -> list[Part]:
        """Of a conversation in which nothing is done but to talk."""
        legs = {leg.sid: leg for leg in self.open_now.twin.legs}
        parts = []
        for one in record.agents:
            if one.together_at is not None:
                assert one.ended_at is not None
                start = began(legs[one.sid])
                parts.append(Part(agent_of(one), "billing", 0.0, start + one.together_at, start + one.ended_at))
        return parts

    async def _begins(self, number: str, queue: str, before: list[Part] | None = None) -> Part:
        """Until somebody who did not have the caller from this number has them."""
        moment = before[-1].until if before else 0.0
        known = {part.agent for part in before or ()}
        end = time.monotonic() + PATIENCE * 2
        while (agent := self._with(number)) is None or agent_of(agent.record) in known:
            assert time.monotonic() < end, f"nobody has the caller from {number}"
            await asyncio.sleep(LOOK_AGAIN)
        assert agent.record.together_at is not None
        return Part(agent_of(agent.record), queue, moment, began(agent) + agent.record.together_at)

    def _with(self, number: str) -> Leg | None:
        """The agent who is in the room with them."""
        legs = self.open_now.twin.legs
        theirs = [leg for leg in legs if number in (leg.party.from_, leg.party.to) and leg.party.role == "caller"]
        caller = theirs[-1] if theirs else None  # perhaps called back
        if caller is None or caller.room is None or caller.record.together_at is None:
            return None
        there = [leg for leg in legs if leg.room is caller.room and leg.party.role == "agent" and not leg.leaving]
        return next((leg for leg in there if leg.record.together_at is not None), None)

    async def rung(self, number: str) -> None:
        """Until their telephone has rung, in vain."""
        end = time.monotonic() + PATIENCE * 2
        while not any(leg.party.to == number and leg.ended.is_set() for leg in self.open_now.twin.legs):
            assert time.monotonic() < end, f"{number} was not dialled"
            await asyncio.sleep(LOOK_AGAIN)

    def call_of(self, number: str) -> str:
        """As the card would say."""
        leg = next(leg for leg in reversed(self.open_now.twin.legs) if number in (leg.party.from_, leg.party.to))
        call = state_of(self.open_now._store, leg.sid)
        assert call is not None
        return call.id


def began(leg: Leg) -> float:
    """From when its record counts, by the machine's clock."""
    return time.monotonic() - leg.at


def agent_of(leg: LegRecord) -> str:
    """Whose telephone it is."""
    return f"a{int(leg.phone[-4:]) - 2000}"
