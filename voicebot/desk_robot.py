"""A robot agent at their desk, in rehearsals: signs in to the real pages and does what a script says, over the same addresses.

Decides nothing of the product, and reads how far things are from its database, as the card would show.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_urlsafe

import httpx

from voicebot.dialogue.call import Call
from voicebot.pages.sign_ins import token_id
from voicebot.records.accounts import SqlAccounts
from voicebot.records.store import SqlStore
from voicebot.retelling import state_of
from voicebot.simulator.desk_deeds import HERE, DeskDeed
from voicebot.simulator.record import CallRecord, Failure
from voicebot.simulator.script import Script
from voicebot.simulator.twin import Twin

LOOK_AGAIN = 0.02  # real seconds
PATIENCE = 90.0  # seconds of call time in which something may become possible
LEAST_PATIENCE = 15.0  # real ones
LINKS_LAST = timedelta(hours=12)
NEVER = 3600.0  # seconds: the agent's telephone does not end the call, the desk does
CSRF = re.compile(r'<meta name="csrf" content="([^"]+)">')


class NotDone(Exception):
    """A deed that the desk refused to the end, or that came to nothing. The text says which, and why."""


async def placed_with_desk(twin: Twin, store: SqlStore, pages: str, script: Script) -> CallRecord:
    """A call whose script has something for the agent to do. What could not be done is among its failures."""
    known, trouble = set(twin.calls_so_far()), ""

    def look() -> Call | None:
        new = [sid for sid in twin.calls_so_far() if sid not in known]
        return state_of(store, new[0]) if new else None

    calling = asyncio.ensure_future(twin.place_call(script if script.hangs_up == "caller" else replace(script, talk=NEVER)))
    link, gone = partial(sign_in_link, store, pages), partial(_hangs_up, twin, "agent")
    try:
        await DeskRobot(pages, link, look, gone, twin.settings.time_scale).does(script.desk, script.talk)
    except NotDone as not_done:
        trouble = str(not_done)
        _hangs_up(twin, "caller")  # nobody else would end it
    record = await calling
    if trouble:
        record.caller.failures.append(Failure(record.seconds, 0, f"at the desk: {trouble}"))
    return record


def sign_in_link(store: SqlStore, pages: str, agent: str) -> str:
    """A link that opens the pages as this agent, once and on this machine."""
    token = token_urlsafe(16)
    SqlAccounts(store).offer_link(token_id(token), agent, datetime.now(UTC) + LINKS_LAST)
    return f"{pages}/sign-in/link/{token}"


def _hangs_up(twin: Twin, role: str) -> None:
    """Whoever has come last, of those who are on the telephone."""
    for leg in reversed(twin.legs):
        if leg.party.role == role and leg.record.ended_at is None:
            leg.hang_up(role)
            return


class DeskRobot:
    """At the pages under `address`. `link` signs an agent in, once; `look` tells how the call stands, None: not known yet."""

    def __init__(
        self, address: str, link: Callable[[str], str], look: Callable[[], Call | None], hang_up: Callable[[], None], scale: float
    ) -> None:
        self._address, self._link, self._look, self._hang_up, self._scale = address, link, look, hang_up, scale
        self._headers: dict[str, str] = {}

    async def does(self, deeds: tuple[DeskDeed, ...], talk: float) -> None:
        """All of them, from when caller and agent are together; without an end of its own, the call is ended after `talk`.

        What comes after `hang_up` the next agent does. Raises NotDone. Nothing is left to do when the call is over.
        """
        rest = deeds if deeds[-1].name == "end" else (*deeds, DeskDeed("wait", (("seconds", str(talk)),)), DeskDeed("end"))
        gone = ""
        while rest:
            leaves = next((place for place, deed in enumerate(rest) if deed.name == "hang_up"), len(rest) - 1)
            mine, rest = rest[: leaves + 1], rest[leaves + 1 :]
            present = await self._until(partial(_together, gone), "an agent who has the call")
            if present is None or present.serving is None:
                return
            gone = present.serving.reservation
            async with httpx.AsyncClient(base_url=self._address, headers={"Origin": self._address}, timeout=30) as client:
                await self._sign_in(client, present.serving.agent_id)
                for deed in mine:
                    if not await self._one(client, present.id, deed):
                        return

    async def _sign_in(self, client: httpx.AsyncClient, agent: str) -> None:
        await client.post(self._link(agent), follow_redirects=True)  # by its button, as a person does
        page = (await client.get("/desk")).text
        found = CSRF.search(page)
        if found is None:
            raise NotDone(f"{agent} could not sign in to the pages")
        self._headers = {"X-CSRF-Token": found[1], "Accept": "application/json"}

    async def _one(self, client: httpx.AsyncClient, call_id: str, deed: DeskDeed) -> bool:
        """Whether there is still a call to do something about."""
        told = dict(deed.told)
        match deed.name:
            case "wait":
                await self._pause(float(told["seconds"]))
            case "until":
                return await self._until(lambda call: told["state"] in _states(call), str(deed)) is not None
            case "hang_up":
                self._hang_up()
            case _:
                return await self._asked(client, call_id, deed)
        return True

    async def _asked(self, client: httpx.AsyncClient, call_id: str, deed: DeskDeed) -> bool:
        assert deed.name not in HERE  # those are not the desk's  # noqa: S101
        end, why = self._deadline(), ""
        while asyncio.get_running_loop().time() < end:
            told = {**dict(deed.told), "call": call_id}
            answer = await client.post(f"/desk/do/{deed.name}", json=told, headers=self._headers)
            if answer.status_code == httpx.codes.OK:
                return True
            if _over(self._look()):
                return False
            why = str(answer.json().get("error", "")) if answer.status_code == httpx.codes.CONFLICT else str(answer.status_code)
            await asyncio.sleep(LOOK_AGAIN * 5)
        raise NotDone(f"{deed}: {why}")

    async def _until(self, so: Callable[[Call], bool], what: str) -> Call | None:
        """The call when it is so; None if it is over before."""
        end, call = self._deadline(), self._look()
        # Another process is at work; there is nothing to wait on but what it writes.
        while call is None or not so(call):
            if _over(call):
                return None
            if asyncio.get_running_loop().time() >= end:
                raise NotDone(f"{what}: it did not come to that")
            await asyncio.sleep(LOOK_AGAIN)
            call = self._look()
        return call

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._scale)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + max(PATIENCE / self._scale, LEAST_PATIENCE)


def _together(gone: str, call: Call) -> bool:
    """Caller and agent, and not the one who is gone."""
    return call.serving is not None and call.serving.joined_at is not None and call.serving.reservation != gone


def _over(call: Call | None) -> bool:
    return call is not None and call.ending is not None


def _states(call: Call) -> tuple[str, ...]:
    """How far the newest fresh proof and the newest payment have come."""
    proof, payment = call.step_up, call.payment
    found = [proof.progress.value] if proof is not None else []
    found += [payment.state.value] if payment is not None else []
    return tuple(found)
