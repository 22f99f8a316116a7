"""The two-way socket: questions over one stream, from its first message to its end, good or bad."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.telephony.stage import (
    ACCOUNT,
    ASK,
    BASE,
    CALL,
    KEYS,
    LEG,
    NOW,
    TOKEN,
    Line,
    OneShelf,
    ScriptedEar,
    ScriptedExchange,
    StoppedClock,
    Told,
    document,
    listening_for,
    outline,
    settings,
    sign,
)
from voicebot.dialogue.actions import KeyPlan, Say, StopListening, Wait
from voicebot.dialogue.events import DoorFailed, EntryKeyed, NoInput
from voicebot.dialogue.forms import Door
from voicebot.errors import StoreError
from voicebot.ports.prompts import SpokenText
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.attention import Attention
from voicebot.telephony.conversation import TalkParts
from voicebot.telephony.media import Patience
from voicebot.telephony.streams import Streams
from voicebot.telephony.talk import TalkSocket
from voicebot.telephony.talks import Talks

SEQ = 7
FIRST = replace(ASK, door=Door.STREAM, keys=KeyPlan(3))
SECOND = replace(FIRST, turn=4, say=(Say("account_number.ask"),), keys=KeyPlan(None))
WAITS = Wait(5, 0)
AT = 1_000_000.0
SOUND = b"\x55" * 800


class PlainMouth:
    """Every text sounds alike; some have no sound."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.spoken: list[str] = []

    def of_recording(self, name: str, wav: bytes) -> bytes | None:
        return SOUND if name and wav else None

    def of_text(self, spoken: SpokenText) -> bytes | None:
        self.spoken.append(spoken.text)
        return None if spoken.text in self.silent else SOUND


@dataclass
class Dialogue(ScriptedExchange):
    """Its documents in order: each entry leads to the next one."""

    documents: list[Told] = field(default_factory=list)

    def handle(self, call_id: str, event: Any, *, key: str | None = None) -> Any:
        assert call_id == CALL
        self.documents.pop(0)
        self._note("handle", event, key)
        return self.documents[0]

    def document(self, call_id: str) -> Any:
        assert call_id == CALL
        self._note("document")
        if self.documents[0].pending:
            return self.documents.pop(0)
        return self.documents[0]


class Carrier:
    """The carrier's end of a socket that needs no network."""

    def __init__(self, *documents: Told, **patience: float) -> None:
        self.ear, self.mouth, self.talks = ScriptedEar(), PlainMouth(), Talks()
        self.exchange = Dialogue(documents=list(documents))
        self.lost: list[tuple[str, int]] = []
        self.attention = Attention(self.ear, Streams(lambda: 0.0), listening_for, 1.0)
        self.settings = settings()
        self.addresses = Addresses(self.settings, KEYS)
        parts = TalkParts(
            self.exchange, self.attention, self.ear, OneShelf(), self.mouth, StoppedClock(),
            lambda call, phase: self.lost.append((call, phase)), ThreadPoolExecutor(2),
        )  # fmt: skip
        chosen = Patience(**{"start": 2.0, "frame": 5.0, "wind_down": 1.0, "mark": 5.0} | patience)
        self.app = TalkSocket(self.settings, self.addresses, self.talks, parts, lambda: AT, chosen)
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def run(self, script: Callable[["Carrier"], Coroutine[Any, Any, None]], *, signed: bool = True) -> None:
        """Upgrade, then do what the script says. Whatever it does, the app must come to its end."""

        async def go() -> None:
            signature = sign(TOKEN, f"wss{BASE.removeprefix('https')}/voice/talk") if signed else "none"
            scope = {"type": "websocket", "path": "/voice/talk", "headers": [(b"x-twilio-signature", signature.encode())]}
            await self._to_app.put({"type": "websocket.connect"})
            app = asyncio.create_task(self.app(scope, self._to_app.get, self._from_app.put))
            async with asyncio.timeout(10):
                await script(self)
                await app

        asyncio.run(go())

    async def start(self, *, seq: int = SEQ, token: str = "", account: str = ACCOUNT, **parameters: str) -> None:
        assert (await self.came())["type"] == "websocket.accept"
        token = token or self.addresses.talk_token(CALL, seq, LEG, AT)
        own = parameters or {"call": CALL, "talk": str(seq), "token": token}
        audio = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        about = {"accountSid": account, "streamSid": "MZ1", "callSid": LEG, "customParameters": own, "mediaFormat": audio}
        await self.tells({"event": "connected"})
        await self.tells({"event": "start", "start": about})

    async def tells(self, message: Any) -> None:
        await self._to_app.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def leaves(self) -> None:
        await self._to_app.put({"type": "websocket.disconnect", "code": 1006})

    async def keys(self, keys: str) -> None:
        for key in keys:
            await self.tells({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"track": "inbound_track", "digit": key}})

    async def says(self, mulaw: bytes, chunk: int = 1) -> None:
        payload = base64.b64encode(mulaw).decode()
        await self.tells({"event": "media", "media": {"track": "inbound", "chunk": str(chunk), "payload": payload}})

    async def came(self) -> dict[str, Any]:
        return await self._from_app.get()

    async def message(self) -> dict[str, Any]:
        """The next message of the product."""
        return dict(json.loads((await self.came())["text"]))

    async def hears(self, name: str) -> list[str]:
        """Everything up to the mark of this name, which is given back."""
        seen: list[str] = []
        while True:
            one = await self.message()
            what = one["mark"]["name"] if one["event"] == "mark" else one["event"]
            seen.append(what)
            if what == name:
                await self.tells({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}})
                return seen

    async def closed(self) -> int:
        while (one := await self.came())["type"] != "websocket.close":
            pass
        return int(one["code"])

    def asked(self, what: str) -> list[tuple[Any, ...]]:
        return [one[1:] for one in self.exchange.asked if one[0] == what]


def told(*verbs: Any, seq: int = SEQ, pending: bool = False) -> Told:
    return Told(seq=seq, verbs=verbs, pending=pending)


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110  it is somebody else's thread that is waited for
        await asyncio.sleep(0.005)


def test_a_question_is_put_and_its_keys_are_an_entry_that_leads_elsewhere() -> None:
    carrier = Carrier(told(Say("greeting"), FIRST), told(WAITS, seq=8))

    async def script(on: Carrier) -> None:
        await on.start()
        assert await on.hears("/entry/3-0") == ["media", "greeting", "media", "pin.ask", "/entry/3-0"]
        await on.keys("427")
        assert await on.closed() == 1000

    carrier.run(script)
    entered, key = carrier.asked("handle")[0]
    assert isinstance(entered, EntryKeyed)
    assert (entered.turn, entered.keys.reveal(), entered.ended_by_terminator) == (3, "427", False)
    assert key == f"entry:{CALL}:3:0"
    assert carrier.talks.ended_well(CALL, SEQ)
    assert len(carrier.talks) == 0
    assert "427" not in repr(carrier.exchange.asked)


def test_one_stream_puts_question_after_question_and_the_ear_hears_one_phase() -> None:
    carrier = Carrier(told(FIRST), told(SECOND, seq=8), told(WAITS, seq=9))

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        await on.says(b"\x11" * 160, 1)
        await on.says(b"\x22" * 160, 2)
        await on.says(b"late", 1)
        await on.keys("427")
        await on.hears("/entry/4-0")
        await on.keys("98#")
        assert await on.closed() == 1000

    carrier.run(script)
    assert [entered.keys.reveal() for entered, _ in carrier.asked("handle")] == ["427", "98"]
    assert carrier.asked("handle")[1][0].ended_by_terminator
    assert [one for one in carrier.ear.noted if one[0] == "open_line"] == [("open_line", CALL, 2)]
    assert carrier.ear.lines[0].heard == [b"\x11" * 160, b"\x22" * 160]
    assert carrier.ear.lines[0].closed == [False]


def test_a_key_cuts_the_prompt_off() -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))

    async def script(on: Carrier) -> None:
        await on.start()
        assert (await on.message())["event"] == "media"
        await on.keys("4")
        while (await on.message())["event"] != "clear":
            pass
        await on.keys("27")
        assert await on.closed() == 1000

    carrier.run(script)
    assert carrier.asked("handle")[0][0].keys.reveal() == "427"


def test_keys_that_nobody_asked_for_belong_to_no_question() -> None:
    carrier = Carrier(told(FIRST), told(SECOND, seq=8), told(WAITS, seq=9))

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        await on.keys("42799")  # two too many
        await on.hears("/entry/4-0")
        await on.keys("5#")
        assert await on.closed() == 1000

    carrier.run(script)
    assert [entered.keys.reveal() for entered, _ in carrier.asked("handle")] == ["427", "5"]


def test_silence_counts_from_the_end_of_the_prompt() -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))

    async def script(on: Carrier) -> None:
        await on.start()
        while (await on.message()).get("mark", {}).get("name") != "/entry/3-0":
            pass
        await on.says(b"\xff" * 40_000, 1)  # the prompt is still being played
        await asyncio.sleep(0.25)
        assert carrier.asked("handle") == []
        await on.tells({"event": "mark", "streamSid": "MZ1", "mark": {"name": "/entry/3-0"}})
        await asyncio.sleep(0.15)
        await on.says(b"\xff" * 40_000, 2)
        await asyncio.sleep(0.15)
        assert carrier.asked("handle") == []
        await on.says(b"\xff" * 8_000, 3)
        assert await on.closed() == 1000

    carrier.run(script)
    event, _ = carrier.asked("handle")[0]
    assert isinstance(event, NoInput)
    assert (event.turn, event.extension, event.speech_active) == (3, 0, False)


def test_somebody_who_speaks_over_the_prompt_cuts_it_off_and_is_speaking_at_the_end_of_its_time() -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))

    async def script(on: Carrier) -> None:
        await on.start()
        on.ear.speaking = True
        while (await on.message())["event"] != "clear":
            pass
        for second in range(40):
            await on.says(b"\x11" * 8_000, second + 1)
        assert await on.closed() == 1000

    carrier.run(script)
    assert carrier.asked("handle")[0][0].speech_active


def test_what_speech_led_to_is_put_at_once() -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        assert on.talks.tell(CALL)  # nothing new: the same document
        await until(lambda: len(carrier.asked("document")) == 2)
        on.exchange.documents = [told(SECOND, seq=8), told(WAITS, seq=9)]
        assert on.talks.tell(CALL)
        assert "account_number.ask" in await on.hears("/entry/4-0")
        await on.keys("1#")
        assert await on.closed() == 1000

    carrier.run(script)
    assert carrier.asked("handle")[0][0].turn == 4
    assert not carrier.talks.tell(CALL)


def test_news_that_come_while_a_question_is_prepared_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))
    opens = carrier.ear.open_line

    def slowly(call_id: str, phase: int) -> Any:
        carrier.exchange.documents = [told(WAITS, seq=8)]  # somebody has the caller now
        assert carrier.talks.tell(CALL)
        time.sleep(0.1)
        return opens(call_id, phase)

    monkeypatch.setattr(carrier.ear, "open_line", slowly)

    async def script(on: Carrier) -> None:
        await on.start()
        assert await on.closed() == 1000

    carrier.run(script)
    assert carrier.asked("handle") == []


def test_who_waits_for_the_back_end_hears_a_filler() -> None:
    carrier = Carrier(told(FIRST), told(FIRST, seq=8, pending=True), told(WAITS, seq=9))

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        await on.keys("427")
        assert await on.hears("filler") == ["media", "filler"]
        assert await on.closed() == 1000

    carrier.run(script)
    assert carrier.mouth.spoken[-1] == "filler/1"


def test_a_phase_that_the_ear_refuses_is_lost_and_keys_go_on() -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))
    carrier.ear.room = False

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        await on.says(b"\x11" * 160)
        await on.keys("427")
        assert await on.closed() == 1000

    carrier.run(script)
    assert carrier.lost == [(CALL, 2)]


def test_another_phase_is_another_line() -> None:
    carrier = Carrier(told(FIRST), told(replace(SECOND, phase=3), seq=8), told(WAITS, seq=9))

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        await on.keys("427")
        await on.hears("/entry/4-0")
        await on.keys("#")
        assert await on.closed() == 1000

    carrier.run(script)
    assert [line.closed for line in carrier.ear.lines] == [[False], [False]]


# ---- what goes wrong --------------------------------------------------------------------------------------------------


async def no_sound(on: Carrier) -> None:
    on.mouth.silent.add("pin.ask/1")


async def store_fails(on: Carrier) -> None:
    on.exchange.failures.append(StoreError("gone"))


async def garbage(on: Carrier) -> None:
    await on._to_app.put({"type": "websocket.receive", "text": "no JSON"})


async def second_start(on: Carrier) -> None:
    await on.tells({"event": "start", "start": {}})


@pytest.mark.parametrize(
    ("trouble", "before", "code"),
    [(no_sound, True, 1011), (store_fails, True, 1011), (garbage, False, 1007), (second_start, False, 1008)],
)
def test_trouble_closes_the_socket_and_the_ear_hears_no_more(
    trouble: Callable[[Carrier], Awaitable[None]], before: bool, code: int
) -> None:
    carrier = Carrier(told(FIRST))

    async def script(on: Carrier) -> None:
        if before:
            await trouble(on)
        await on.start()
        if not before:
            await on.hears("/entry/3-0")
            await trouble(on)
        assert await on.closed() == code

    carrier.run(script)
    assert not carrier.talks.ended_well(CALL, SEQ)
    if carrier.ear.lines:
        assert carrier.ear.noted[-1] == ("ignore", CALL)


def test_a_mark_that_never_comes_back_closes_the_socket() -> None:
    carrier = Carrier(told(FIRST), mark=0.2)

    async def script(on: Carrier) -> None:
        await on.start()
        assert await on.closed() == 1011

    carrier.run(script)
    assert not carrier.talks.ended_well(CALL, SEQ)


def test_a_socket_from_which_nothing_comes_is_closed() -> None:
    carrier = Carrier(told(FIRST), frame=0.2)

    async def script(on: Carrier) -> None:
        await on.start()
        assert await on.closed() == 1011

    carrier.run(script)
    assert not carrier.talks.ended_well(CALL, SEQ)


def test_a_connection_that_breaks_is_no_good_end_and_neither_is_the_carrier_s_stop() -> None:
    for stop in (False, True):
        carrier = Carrier(told(FIRST))

        async def script(on: Carrier, *, stop: bool = stop) -> None:
            await on.start()
            await on.hears("/entry/3-0")
            await (on.tells({"event": "stop", "stop": {}}) if stop else on.leaves())
            if stop:
                assert await on.closed() == 1000

        carrier.run(script)
        assert not carrier.talks.ended_well(CALL, SEQ)
        assert carrier.ear.noted[-1] == ("ignore", CALL)


def test_a_call_that_has_gone_on_meanwhile_keeps_its_ear() -> None:
    carrier = Carrier(told(FIRST))

    async def script(on: Carrier) -> None:
        await on.start()
        await on.hears("/entry/3-0")
        on.attention.follow(told(replace(SECOND, phase=3, door=Door.GATHER), seq=8))  # pushed by the carrier's other way
        await on.leaves()

    carrier.run(script)
    assert ("ignore", CALL) not in carrier.ear.noted


@pytest.mark.parametrize(
    "about", [{"token": "guessed"}, {"account": "AC" + "9" * 32}, {"call": CALL, "phase": "2", "token": "t"}], ids=str
)
def test_a_stream_that_is_not_ours_is_refused(about: dict[str, str]) -> None:
    carrier = Carrier(told(FIRST))

    async def script(on: Carrier) -> None:
        await on.start(**about)  # type: ignore[arg-type]
        assert await on.closed() in (1002, 1008)

    carrier.run(script)
    assert carrier.exchange.asked == []


def test_a_document_s_stream_is_opened_once() -> None:
    carrier = Carrier(told(FIRST))
    carrier.talks.claim(CALL, SEQ)

    async def script(on: Carrier) -> None:
        await on.start()
        assert await on.closed() == 1008

    carrier.run(script)


def test_a_socket_that_does_not_say_whose_it_is_is_closed() -> None:
    carrier = Carrier(start=0.1)

    async def silent(on: Carrier) -> None:
        assert await on.closed() == 1008

    async def gone(on: Carrier) -> None:
        await on.came()
        await on.leaves()

    carrier.run(silent)
    Carrier().run(gone)


def test_an_upgrade_that_the_carrier_did_not_sign_is_refused() -> None:
    carrier = Carrier()

    async def script(on: Carrier) -> None:
        assert await on.came() == {"type": "websocket.close", "code": 1008}

    carrier.run(script, signed=False)


# ---- the documents around it ------------------------------------------------------------------------------------------


def test_the_document_connects_the_leg_and_says_nothing_itself() -> None:
    line = Line()
    line.exchange.answer = told(StopListening(1), Say("greeting"), FIRST)
    page = document(line.post(line.target("document", f"{CALL}/7", CALL, 7)).text)
    assert outline(page) == ["Stop", ["Stream"], "Connect", ["Stream", ["Parameter", "Parameter", "Parameter"]], "Redirect"]
    stream = page.find("Connect/Stream")
    assert stream is not None
    assert stream.get("url") == "wss://voice.example.com/voice/talk"
    assert "/voice/talked/our-call/7/" in str(page.findtext("Redirect"))


def test_behind_a_stream_that_failed_the_conversation_is_told_and_behind_one_that_ended_well_it_is_not() -> None:
    line = Line()
    line.exchange.answer = told(FIRST)
    where = line.target("talked", f"{CALL}/7", CALL, 7)
    line.post(where)
    assert line.exchange.asked[-1] == ("handle", CALL, DoorFailed(NOW, 3), f"talked:{CALL}:7")
    line.exchange.answer = told(replace(FIRST, door=Door.GATHER))
    line.post(where)
    assert line.exchange.asked[-1] == ("document", CALL)


def test_a_stream_that_led_elsewhere_has_not_failed_whatever_is_asked_now() -> None:
    carrier = Carrier(told(FIRST), told(WAITS, seq=8))
    carrier.talks.claim(CALL, SEQ)
    carrier.talks.end(CALL, SEQ, well=True)
    assert carrier.talks.ended_well(CALL, SEQ)
    assert not carrier.talks.ended_well(CALL, SEQ + 1)


