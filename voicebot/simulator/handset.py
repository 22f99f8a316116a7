"""A telephone in somebody's hand instead of a robot's: prompts go out to it as they are played, keys and sound come in.

It knows nothing of webhooks or documents, and nothing of what stands behind `send` (a browser, or a test).
"""

import asyncio
import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from voicebot.simulator.robot import Gathering, Plan
from voicebot.simulator.script import Connector, Elsewhere

if TYPE_CHECKING:
    from voicebot.simulator.leg import Leg

SLACK = 2.0  # seconds that a prompt may take longer than we think before the call goes on without the end being told
KEYS = frozenset("0123456789*#")
NEVER = 24 * 3600.0


class Handset:
    """`send` takes plain messages and raw mu-law; it must not block. One call at a time.

    Messages: ringing(from), say(text, id), play(audio, id), hush, together, alone, ended(by).
    """

    def __init__(self, number: str, send: Callable[[dict[str, Any] | bytes], None]) -> None:
        self.number = number
        self.leg: Leg | None = None
        self._send = send
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._picked_up: asyncio.Future[bool] | None = None
        self._playing = 0
        self._played = asyncio.Event()

    # ---- what the person does ------------------------------------------------------------------------------------

    def press(self, key: str) -> None:
        """A key; anything that is none is ignored."""
        if key in KEYS and self.leg is not None:
            self._keys.put_nowait(key)

    def speak(self, mulaw: bytes) -> None:
        """A piece of what the microphone hears, 8 kHz mu-law: to the others in the room, else to whoever listens to the line."""
        if self.leg is None or self.leg.leaving:
            return
        if self.leg.room is None:
            self.leg.mouth.live(mulaw)
            return
        room = self.leg.room
        mine = room.participants[self.leg.sid]
        for other in list(room.participants.values()):
            if other.leg.handset is not None and room.hears(other, mine):
                other.leg.handset.hear(mulaw)

    def pick_up(self) -> None:
        """Answer what rings."""
        self._decide(picked_up=True)

    def hang_up(self) -> None:
        """Put it down, or decline what rings."""
        self._decide(picked_up=False)
        if self.leg is not None and self.leg.status == "in-progress":
            self.leg.hang_up(self.leg.party.role)

    def finished(self, prompt: int) -> None:
        """The person has heard this prompt to its end."""
        if prompt == self._playing:
            self._played.set()

    def _decide(self, *, picked_up: bool) -> None:
        if self._picked_up is not None and not self._picked_up.done():
            self._picked_up.set_result(picked_up)

    # ---- what the call does --------------------------------------------------------------------------------------

    @property
    def free(self) -> bool:
        """Whether it can ring."""
        return self.leg is None or self.leg.ended.is_set()

    def begin(self, leg: "Leg") -> None:
        """This leg is on this telephone now."""
        self.leg = leg
        while not self._keys.empty():
            self._keys.get_nowait()

    async def rings(self, from_: str, longest: float) -> bool | None:
        """Ring for at most so many real seconds. True: answered; False: declined; None: nobody came."""
        self._picked_up = asyncio.get_running_loop().create_future()
        self._send({"kind": "ringing", "from": from_})
        try:
            async with asyncio.timeout(longest):
                return await self._picked_up
        except TimeoutError:
            return None
        finally:
            self._picked_up = None

    def plays(self, text: str, audio: bytes = b"") -> None:
        """A prompt begins: words for the browser's own voice, or a recording."""
        self._playing += 1
        self._played.clear()
        if audio:
            self._send({"kind": "play", "audio": base64.b64encode(audio).decode(), "id": self._playing})
        elif text:
            self._send({"kind": "say", "text": text, "id": self._playing})

    async def heard_out(self, seconds: float) -> None:
        """Wait until the person has heard the prompt, at the browser's own pace, but not for ever."""
        try:
            async with asyncio.timeout(2 * seconds + SLACK):
                await self._played.wait()
        except TimeoutError:
            return

    def hush(self) -> None:
        """Whatever is being played stops."""
        self._played.set()
        self._send({"kind": "hush"})

    def hear(self, mulaw: bytes) -> None:
        """The other one's voice."""
        self._send(mulaw)

    def tell(self, kind: str) -> None:
        """`together` or `alone`."""
        self._send({"kind": kind})

    def end(self, by: str) -> None:
        """The call is over."""
        self._played.set()
        self._decide(picked_up=False)
        self._send({"kind": "ended", "by": by})

    async def key(self) -> str:
        """The next key."""
        return await self._keys.get()

    def drop_keys(self) -> None:
        """Keys that were pressed while nobody gathered any are lost."""
        while not self._keys.empty():
            self._keys.get_nowait()


class Person:
    """Whoever holds a handset, where a robot is expected: decides everything alone, so nothing is planned."""

    def plan(self, gathering: Gathering) -> Plan:  # noqa: ARG002  the Protocol's names
        """Nothing."""
        return Plan()

    def carried_out(self, plan: Plan, began: float, presses: int, spoke: bool) -> None:
        """Nothing was planned."""

    def leaves_conversation_after(self) -> float | None:
        """Whenever they like."""
        return None

    def elsewhere(self) -> Elsewhere | None:
        """There is no other system."""
        return None

    def stays_elsewhere(self) -> float:
        """Not at all."""
        return 0.0

    def leaves_when_alone_after(self) -> float:
        """Whenever they like."""
        return NEVER

    def pays(self) -> str | None:
        """Nothing: nobody keys a real card into a simulator."""
        return None

    def connector(self) -> Connector:
        """Nobody charges."""
        return Connector.DECLINES
