"""A supervisor judges a conversation in a real browser, and the agent reads what was said of it."""

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, complaints
from tests.browser.test_desk import JONAS, PATIENCE, Links, dials, does, links, shows, sign_in

__all__ = ["links"]
pytestmark = pytest.mark.slow


def test_a_conversation_is_judged_and_its_agent_reads_it(links: Links, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context, other = browser.new_context(viewport={"width": 1280, "height": 900}), browser.new_context()
        telephone, caller, desk, judge = context.new_page(), context.new_page(), context.new_page(), other.new_page()
        wrong = [complaints(page) for page in (desk, judge)]
        telephone.goto(f"{links.telephones}agent/{JONAS}")
        sign_in(desk, links.of("Jonas"))
        dials(caller, links, "40719238", "493817")
        shows(desk, "Ada Marsh")
        telephone.locator("#answer:enabled").click(timeout=PATIENCE)
        telephone.get_by_text("One accepts").first.wait_for(timeout=PATIENCE)
        does(desk, "Accept")
        shows(telephone, "Identified and verified")
        does(desk, "Hold")
        shows(desk, "on hold")
        does(desk, "End")
        shows(desk, "has ended")

        supervisor = next(name for name in links.ways_in if "Jonas" not in name and "Mira" not in name)
        judge.goto(links.of(supervisor))
        judge.get_by_role("button", name=re.compile("^Sign in as")).click()
        judge.get_by_role("link", name="Evaluations", exact=True).click(timeout=PATIENCE)
        judge.locator("tbody a").first.click()
        for group in judge.get_by_role("group").all():
            group.get_by_label("4", exact=True).check()
        judge.get_by_label("Comment").fill("<b>Well done</b>")
        judge.screenshot(path=pictures / "evaluation.png", full_page=True)
        does(judge, "Keep")
        shows(judge, "80 %")
        judge.screenshot(path=pictures / "evaluations.png", full_page=True)

        desk.get_by_role("link", name="My evaluations").click()
        shows(desk, "<b>Well done</b>")
        desk.get_by_label("What you want to say to it").fill("Thank you")
        desk.screenshot(path=pictures / "my-evaluations.png", full_page=True)
        does(desk, "I have read this")
        shows(desk, "You have read this")
        assert wrong == [[], []]
