"""An agent and a customer write to each other in a real browser, over the whole house and the simulated telephone company."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, complaints
from tests.browser.town import ADA, OURS, PATIENCE, Town, sign_in, town_of
from voicebot.clock import SystemClock
from voicebot.dialogue.call import Call
from voicebot.ports.callback_wishes import CallbackWish

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_of(project, tmp_path_factory.mktemp("town")) as opened:
        yield opened


def test_a_booked_callback_is_told_by_a_short_message(town: Town) -> None:
    at, number = SystemClock().now(), "+12025550156"
    line = town.house.settings.company.lines["help"].plan
    with town.house.store.transaction() as ledger:
        ledger.open_call(Call("wished", line), None, "", at)
        ledger.keep_wish(CallbackWish("wished", "billing", number, at, at))
    town.until(lambda: any(one.to == number and one.status == "delivered" for one in town.twin.texts))
    (told,) = (one for one in town.twin.texts if one.to == number)
    assert told.body.startswith("Larkfield Energy: we will call you back as soon as possible.")


def test_a_customer_writes_and_an_agent_answers_beside_the_desk(town: Town, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        desk = context.new_page()
        wrong = complaints(desk)
        sign_in(desk, town.url)
        desk.get_by_role("button", name="Ready").click()
        assert town.run(town.twin.write(ADA, OURS, "Where is my parcel?")) == 200
        waiting = desk.locator("#open button", has_text="Where is my parcel?")
        waiting.wait_for(timeout=PATIENCE)
        desk.locator("#open").get_by_text("Ada Marsh").wait_for(timeout=PATIENCE)  # looked up beside
        desk.locator("#open").get_by_text("yours").wait_for(timeout=PATIENCE)  # given to her by the floor
        desk.screenshot(path=pictures / "messages-desk.png")

        with context.expect_page() as opened:
            waiting.click()
        thread = opened.value
        wrong_too = complaints(thread)
        thread.get_by_text("with Mira Holt").wait_for()
        thread.get_by_label("Text").fill("It comes tomorrow. <b>Ada</b>")
        thread.get_by_role("button", name="Preview").click()
        thread.get_by_text("1 part of 160").wait_for()
        thread.screenshot(path=pictures / "messages-preview.png", full_page=True)
        thread.get_by_role("button", name="Send").click()
        thread.locator(".thread .ours").wait_for()
        town.until(lambda: any(one.to == ADA and one.status == "delivered" for one in town.twin.texts))
        sent = [one.body for one in town.twin.texts if one.direction != "inbound" and one.to == ADA]
        assert sent == ["It comes tomorrow. <b>Ada</b>"]
        town.until(lambda: thread.reload() and "delivered" in thread.content())  # its fate comes after it has met it
        thread.screenshot(path=pictures / "messages-thread.png", full_page=True)
        thread.get_by_role("button", name="Done").click()
        desk.locator("#none-open").wait_for(timeout=PATIENCE)
        assert (wrong, wrong_too) == ([], [])
    assert town.twin.failures == []


def test_an_agent_writes_without_a_call_and_a_stop_is_kept(town: Town, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        wrong = complaints(page)
        sign_in(page, town.url)
        page.get_by_role("link", name="Messages").click()
        page.get_by_role("link", name="Write a message").click()
        page.get_by_label("Is").fill("40719238")
        page.get_by_role("button", name="Look up").click()
        page.get_by_text("Ada Marsh").wait_for()
        assert page.get_by_label("Number").input_value() == ADA
        page.get_by_label("Template").select_option("reminder")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Fill in: day.").wait_for()
        page.get_by_label("Day").fill("Friday")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("See you on Friday. Larkfield Energy").wait_for()
        page.screenshot(path=pictures / "messages-new.png", full_page=True)
        page.get_by_role("button", name="Send").click()
        page.get_by_role("heading", name="Lately").wait_for()
        town.until(lambda: any(one.body == "See you on Friday. Larkfield Energy" for one in town.twin.texts))
        page.screenshot(path=pictures / "messages-all.png", full_page=True)

        assert town.run(town.twin.write(ADA, OURS, "STOP")) == 200
        page.goto(f"{town.url}/messages/new")
        page.get_by_label("Number").fill(ADA)
        page.get_by_label("Text").fill("Hello")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("has written STOP").wait_for()
        assert page.get_by_role("button", name="Send").count() == 0
        assert wrong == []
