"""Somebody real on the twin's telephone hears what a robot would, and their keys and their voice come through."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.test_transfer import AGENT, CALLER, INCOMING, LINE, Desk
from voicebot.simulator.handset import Handset
from voicebot.simulator.script import Script

ASK = (
    '<Gather action="https://voicebot.test/entry" numDigits="{count}" finishOnKey="#" timeout="5" actionOnEmptyResult="true">'
    "<Say>Key in your number.</Say></Gather>"
)
Does = Callable[["Browser", dict[str, Any]], None]


class Browser:
    """What stands behind a handset: it does something at each message."""

    def __init__(self, number: str = "", does: Does | None = None) -> None:
        self.told: list[dict[str, Any]] = []
        self.sound: list[bytes] = []
        self._does = does or hears_out
        self.handset = Handset(number, self._take)

    @property
    def kinds(self) -> list[str]:
        return [message["kind"] for message in self.told]

    def _take(self, message: dict[str, Any] | bytes) -> None:
        if isinstance(message, bytes):
            self.sound.append(message)
            return
        self.told.append(message)
        asyncio.get_running_loop().call_soon(self._does, self, message)

    def keys(self, keys: str) -> None:
        for key in keys:
            self.handset.press(key)


def hears_out(browser: Browser, message: dict[str, Any]) -> None:
    if "id" in message:
        browser.handset.finished(message["id"])


def called(kit: Any, product: Any, browser: Browser) -> None:
    async def call() -> None:
        async with kit.twin(product, time_scale=20.0) as twin:
            twin.call_by_hand(browser.handset, Script(LINE, CALLER))
            async with asyncio.timeout(20):
                while "ended" not in browser.kinds:  # noqa: ASYNC110 - the browser has no other way to know
                    await asyncio.sleep(0.01)

    kit.run(call())


def entry_of(kit: Any, count: int, does: Does) -> tuple[dict[str, str], Browser]:
    product = kit.Product({INCOMING: ASK.format(count=count), "/entry": "<Say>Thank you</Say>"})
    browser = Browser(does=does)
    called(kit, product, browser)
    return dict(product.forms("/entry")[0]), browser


def test_keys_over_the_prompt_stop_it_and_are_the_entry(kit: Any) -> None:
    def does(browser: Browser, message: dict[str, Any]) -> None:
        if message.get("text") == "Key in your number.":
            browser.keys("40719")
        else:
            hears_out(browser, message)

    form, browser = entry_of(kit, 4, does)
    assert form["Digits"] == "4071"
    assert browser.kinds == ["say", "hush", "say", "ended"]


def test_keys_after_the_prompt_are_taken_up_to_the_finishing_key(kit: Any) -> None:
    def does(browser: Browser, message: dict[str, Any]) -> None:
        hears_out(browser, message)
        if message["kind"] == "say" and message["text"].startswith("Key"):
            asyncio.get_running_loop().call_later(0.05, browser.keys, "12#3")

    form, _ = entry_of(kit, 8, does)
    assert (form["Digits"], form["FinishedOnKey"]) == ("12", "#")


RECORD = '<Record action="https://voicebot.test/spoken" timeout="{timeout}" maxLength="5"/><Redirect>/silent</Redirect>'
LOUD = b"\x80\x00" * 800  # 200 ms of mu-law


def recorded(kit: Any, timeout: int, does: Does) -> Any:
    product = kit.Product({INCOMING: RECORD.format(timeout=timeout), "/spoken": "<Say>Thank you</Say>", "/silent": "<Hangup/>"})
    called(kit, product, Browser(does=does))
    return product


@pytest.mark.parametrize(("keys", "timeout"), [("", 1), ("7", 5)])
def test_what_is_said_after_the_tone_is_recorded_until_a_pause_or_a_key(kit: Any, keys: str, timeout: int) -> None:
    def does(browser: Browser, message: dict[str, Any]) -> None:
        if message.get("text") == "beep":
            asyncio.get_running_loop().call_later(0.1, browser.handset.speak, LOUD)
            asyncio.get_running_loop().call_later(0.5, browser.keys, keys)
        hears_out(browser, message)

    product = recorded(kit, timeout, does)
    form = product.forms("/spoken")[0]
    assert (form["Digits"], form["RecordingSid"][:2]) == (keys, "RE")
    assert product.forms("/silent") == []


def test_who_says_nothing_after_the_tone_leaves_no_recording(kit: Any) -> None:
    product = recorded(kit, 1, hears_out)
    assert product.forms("/spoken") == []
    assert len(product.forms("/silent")) == 1


def test_somebody_who_does_nothing_gives_no_digits(kit: Any) -> None:
    form, _ = entry_of(kit, 4, hears_out)
    assert (form["Digits"], form["FinishedOnKey"]) == ("", "")


def test_what_is_no_key_is_none_and_keys_without_a_call_are_lost() -> None:
    browser = Browser()
    browser.keys("1")
    browser.handset.speak(b"\xff")
    browser.handset.hang_up()
    assert browser.told == []


def test_somebody_real_can_hang_up(kit: Any) -> None:
    def does(browser: Browser, message: dict[str, Any]) -> None:
        if message["kind"] == "say":
            browser.handset.hang_up()

    product = kit.Product({INCOMING: ASK.format(count=4)})
    browser = Browser(does=does)
    called(kit, product, browser)
    assert browser.told[-1] == {"kind": "ended", "by": "caller"}


@pytest.mark.parametrize(("answers", "status"), [(True, "completed"), (False, "busy"), (None, "no-answer")])
def test_an_agent_s_page_answers_declines_or_lets_it_ring(kit: Any, answers: bool | None, status: str) -> None:
    def does(browser: Browser, message: dict[str, Any]) -> None:
        hears_out(browser, message)
        match message:
            case {"kind": "ringing"} if answers is True:
                browser.handset.pick_up()
            case {"kind": "ringing"} if answers is False:
                browser.handset.hang_up()
            case {"kind": "say", "text": text} if "One accepts" in text:
                browser.keys("1")
            case {"kind": "together"}:
                browser.handset.speak(b"agent")
                asyncio.get_running_loop().call_later(0.1, browser.handset.hang_up)

    def talks(browser: Browser, message: dict[str, Any]) -> None:
        hears_out(browser, message)
        if message["kind"] == "together":
            browser.handset.speak(b"caller")

    desk, agent, caller = Desk(kit), Browser(AGENT, does), Browser(does=talks)

    async def call() -> list[str]:
        async with kit.twin(desk.product, time_scale=20.0) as twin:
            twin.handsets[AGENT] = agent.handset
            twin.call_by_hand(caller.handset, Script(LINE, CALLER))
            async with asyncio.timeout(20):
                while "ended" not in agent.kinds:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.01)
                caller.handset.hang_up()
                while "ended" not in caller.kinds:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                while status not in told():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        return told()

    def told() -> list[str]:
        return [form["CallStatus"] for form in desk.product.forms("/agent/status")]

    statuses = kit.run(call())
    assert status in statuses
    assert agent.kinds[0] == "ringing"
    assert (agent.sound, caller.sound) == (([b"caller"], [b"agent"]) if answers else ([], []))
