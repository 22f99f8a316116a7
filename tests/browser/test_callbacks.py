"""The customers' page on a telephone: errors, a booking, another time, its end; by touch, by keyboard, without a script."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.conftest import Chrome, Page, complaints
from tests.callbacks.stage import Stage, open_stage

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[str, Stage]]:
    """The page's address on this machine, and what is behind it."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    stage = open_stage(tmp_path, url=url)
    stage.clock.at = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    server.app = stage.app
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"{url}/callback", stage
    server.shutdown()
    stage.close()


def fits(page: Page) -> bool:
    """Nothing has to be pushed sideways."""
    fitting: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return fitting


def test_a_customer_books_moves_and_cancels_on_a_telephone(chrome: Chrome, place: tuple[str, Stage], pictures: Path) -> None:
    url, stage = place
    with chrome() as browser:
        page = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
        wrong = complaints(page)
        page.goto(url)
        assert fits(page)
        page.screenshot(path=pictures / "callback-form.png", full_page=True)

        # what is wrong is said beside its field, and only the secret word is to be typed again
        page.get_by_label("What is it about?").select_option("invoice")
        page.get_by_label("Your telephone number").fill("+1 900 555 0123")
        page.get_by_label("Your secret word").fill("0420")
        page.get_by_label("Anything our agent should know?").fill("The second page is missing")
        page.get_by_role("button", name="Book the callback").tap()
        page.get_by_role("alert").wait_for()
        assert page.locator("#number-error").inner_text().startswith("We cannot call this number.")
        assert page.evaluate("document.activeElement.id") == "number"
        kept = [page.get_by_label(label).input_value() for label in ("Anything our agent should know?", "Your secret word")]
        assert kept == ["The second page is missing", ""]
        assert fits(page)
        page.screenshot(path=pictures / "callback-errors.png", full_page=True)

        # by keyboard alone from here to the button
        page.keyboard.press("Control+A")
        page.keyboard.type("(202) 555-0123")
        page.get_by_label("When shall we call?").select_option(index=3)
        page.get_by_label("Your secret word").fill("purple otter")
        for key in ("Tab", "Tab", "Enter"):
            page.keyboard.press(key)
        page.get_by_text("Thank you. We will call you.").wait_for()
        assert "ends with 123" in page.locator("dl").inner_text()
        assert fits(page)
        page.screenshot(path=pictures / "callback-own.png", full_page=True)

        page.get_by_label("When shall we call?").select_option(index=0)
        page.get_by_role("button", name="Save").tap()
        page.get_by_text("This is saved.").wait_for()
        assert "As soon as possible" in page.locator("dl").inner_text()

        page.get_by_role("link", name="Cancel the callback").tap()
        page.screenshot(path=pictures / "callback-cancel.png", full_page=True)
        page.get_by_role("button", name="Yes, cancel it").tap()
        page.get_by_text("The callback is cancelled.").wait_for()
        assert page.get_by_role("button").count() == 0
        # two refusals were wanted: the browser writes 422 to its console
        assert [line for line in wrong if "422" not in line] == []
    assert stage.bookings.look(lambda desk: desk.of(number="+12025550123")) == []


def test_all_of_it_works_without_scripts_in_another_language_and_in_the_dark(
    chrome: Chrome, place: tuple[str, Stage], pictures: Path
) -> None:
    url, stage = place
    with chrome() as browser:
        context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="fr-FR", color_scheme="dark")
        page = context.new_page()
        page.goto(url)
        assert page.locator("html").get_attribute("lang") == "fr"
        page.get_by_label("Votre numéro de téléphone").fill("202-555-0123")
        page.get_by_role("button", name="Demander le rappel").click()
        page.get_by_text("Merci. Nous vous appellerons.").wait_for()
        page.screenshot(path=pictures / "callback-own-dark.png", full_page=True)
        page.get_by_role("link", name="English").click()
        assert page.get_by_role("heading", name="Your callback").is_visible()
    [shown] = stage.bookings.look(lambda desk: desk.of(number="+12025550123"))
    assert shown.wish.subject == "Ma facture"
