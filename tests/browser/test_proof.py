"""A customer is asked for a conversation, chooses it on a telephone, is called back, and hears by their phrase that it is us."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, Page, complaints
from tests.browser.town import ADA, MIRA, PATIENCE, Town, sign_in, town_of
from voicebot.ports.callback_wishes import PhraseState
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.simulator.script import Habit

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}
PHRASE = "purple otter"
CALLBACKS = """
[callbacks]
again_after = 60
[callbacks.subjects.invoice]
line = "help"
en = "My invoice"
[callbacks.page]
on = true
[callbacks.invitations]
on = true
"""
SHOW = "Show the phrase to read out"


@pytest.fixture(scope="module")
def town(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_of(project, tmp_path_factory.mktemp("town"), CALLBACKS, 20.0) as opened:
        opened.twin.habits[MIRA] = [Habit.ACCEPT]
        opened.twin.customers.add(ADA)
        opened.twin.habits[ADA] = [Habit.VOICEMAIL, Habit.ACCEPT]
        yield opened


def test_from_the_invitation_to_the_phrase_that_is_shown_once(town: Town, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page, desk = context.new_page(), context.new_page()
        sign_in(page, town.url)
        desk.goto(f"{town.url}/desk")
        wrong, wrong_too = complaints(page), complaints(desk)
        asks(page, pictures)
        customer = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
        chooses(customer, link(town), pictures)
        page.reload()
        assert page.locator("tbody tr").first.inner_text().split()[-1] == "agreed"

        desk.get_by_role("button", name="Ready").click()
        desk.get_by_text("It can be shown when the customer has pressed the key.").first.wait_for(timeout=PATIENCE)
        assert desk.get_by_role("button", name=SHOW).count() == 0  # a voicemail has no key
        desk.get_by_role("button", name=SHOW).wait_for(timeout=PATIENCE)
        reads_out(desk, pictures)
        gone_for_good(town, desk)
        desk.get_by_role("button", name="End", exact=True).click()
        assert [one for one in wrong if "422" not in one] == []  # the number that is not called
        assert [one for one in wrong_too if "409" not in one] == []  # the browser's word for the refusal that was wanted
    assert town.twin.failures == []


def asks(page: Page, pictures: Path) -> None:
    """The agent: what is wrong first, beside its field."""
    page.get_by_role("link", name="Invitations").click()
    page.get_by_label("Telephone number").fill("+1 900 555 0123")
    page.get_by_label("Reason, as the customer reads it").fill("Your contract ends in May")
    page.get_by_role("button", name="Send the invitation").click()
    page.locator("#number-error").wait_for()
    page.get_by_label("Telephone number").fill(ADA)
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text("The invitation is on its way.").wait_for()
    assert ADA not in page.content()
    page.screenshot(path=pictures / "invitations.png", full_page=True)


def link(town: Town) -> str:
    """From the message that the customer got."""
    town.until(lambda: any(one.to == ADA for one in town.twin.texts))
    (message,) = [one.body for one in town.twin.texts if one.to == ADA]
    assert "Your contract ends in May" in message
    found = re.search(r"http://\S+", message)
    assert found is not None
    return found[0]


def chooses(page: Page, address: str, pictures: Path) -> None:
    """The customer, on a telephone: a phrase that may be a PIN is refused."""
    page.goto(address)
    page.get_by_text("Your contract ends in May").wait_for()
    page.get_by_label("Your secret word").fill("493817")
    page.screenshot(path=pictures / "invited.png", full_page=True)
    page.locator("form").first.get_by_role("button").tap()
    page.locator("#phrase-error").wait_for()
    assert page.get_by_label("Your secret word").input_value() == ""
    page.get_by_label("Your secret word").fill(PHRASE)
    page.locator("form").first.get_by_role("button").tap()
    page.get_by_text("Thank you. We will call you.").wait_for()
    assert PHRASE not in page.content()
    page.goto(address)
    page.get_by_role("heading", name="Your callback").wait_for()  # who has chosen comes to their callback


def reads_out(desk: Page, pictures: Path) -> None:
    """The first thing that the card offers; it says what is to be done with it."""
    first = desk.locator("#cards article:not([hidden]) .controls button").first
    assert first.inner_text() == SHOW
    assert desk.get_by_role("heading", name="Unknown customer").is_visible()  # nobody calls us
    desk.screenshot(path=pictures / "callback-ready.png")
    first.click()
    desk.get_by_role("heading", name="Read this out first").wait_for()
    desk.get_by_text("read this out before you ask anything").wait_for()
    assert desk.get_by_label("The customer's phrase").inner_text() == PHRASE
    desk.get_by_text("Phrase shown to Mira Holt").wait_for(timeout=PATIENCE)
    assert desk.get_by_role("button", name=SHOW).count() == 0
    assert desk.get_by_label("The customer's phrase").inner_text() == PHRASE  # though the card was drawn anew
    desk.screenshot(path=pictures / "callback-phrase.png")
    desk.get_by_role("button", name="I have read it out").click()


def gone_for_good(town: Town, desk: Page) -> None:
    """From the page, from the server, and for whoever asks again."""
    assert PHRASE not in desk.content()
    call = desk.locator("#open button[aria-current=true]").first.get_attribute("data-call")
    shell = desk.evaluate("document.querySelector('script[src*=desk]').src.replace('desk/place.js', 'pages/post.js')")
    asked = f'call => import("{shell}").then(({{ post }}) => post("/desk/do/phrase", {{ call }})).catch(no => no.message)'
    assert desk.evaluate(asked, call) == "There is no phrase to be read out, or it has been shown already."
    desk.reload()
    desk.get_by_text("Phrase shown to Mira Holt").first.wait_for(timeout=PATIENCE)
    assert PHRASE not in desk.content()
    (wish,) = SqlCallbackWishes(town.house.store).open_wishes()
    state = SqlCallbackWishes(town.house.store).phrases([wish.call_id])[wish.call_id]
    assert (state.is_set, state.read_by) == (False, "Mira Holt")
    assert isinstance(state, PhraseState)
