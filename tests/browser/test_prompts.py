"""A prompt is changed in a real browser; the next caller hears it, and who is on the line does not."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.browser.conftest import Chrome, complaints
from tests.browser.test_desk import PATIENCE, Links, does, links, shows

__all__ = ["links"]
pytestmark = pytest.mark.slow


def tone(place: Path) -> Path:
    out = io.BytesIO()
    soundfile.write(out, np.sin(np.arange(44_100) / 20) / 2, 44_100, format="WAV")
    path = place / "closed.wav"
    path.write_bytes(out.getvalue())
    return path


def test_a_prompt_is_changed_heard_and_used(links: Links, chrome: Chrome, pictures: Path, tmp_path: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        before, after, desk = context.new_page(), context.new_page(), context.new_page()
        wrong = complaints(desk)
        before.goto(f"{links.telephones}caller")
        before.fill("#from", "anonymous")
        before.click("#call")
        before.locator("#words").get_by_text("account number").first.wait_for(timeout=PATIENCE)

        desk.goto(links.of(next(name for name in links.ways_in if "Jonas" not in name and "Mira" not in name)))
        desk.get_by_role("button", name=re.compile("^Sign in as")).click()
        desk.get_by_role("link", name="Prompts").click(timeout=PATIENCE)
        desk.screenshot(path=pictures / "prompts.png")
        desk.get_by_label("Name or words").fill("greeting")
        does(desk, "Show")
        desk.locator("tbody tr", has_text="greeting").first.locator("a[lang=en]").click()
        desk.get_by_label("Text 1", exact=True).fill("Good day from the new greeting.")
        does(desk, "Keep")
        shows(desk, "1: ")
        assert desk.get_by_label("Text 1", exact=True).input_value() == "Good day from the new greeting."

        after.goto(f"{links.telephones}caller")
        after.fill("#from", "anonymous")
        after.click("#call")
        after.locator("#words").get_by_text("Good day from the new greeting.").first.wait_for(timeout=PATIENCE)
        assert before.locator("#words").get_by_text("new greeting").count() == 0

        desk.goto(re.sub("greeting$", "closed", desk.url))
        desk.get_by_label(re.compile("^New recording")).set_input_files(tone(tmp_path))
        chosen = desk.locator("[data-heard] audio")
        chosen.wait_for(timeout=PATIENCE)
        does(desk, "Keep")
        kept = desk.locator("form audio").first
        kept.wait_for(timeout=PATIENCE)
        kept.evaluate("sound => sound.play()")
        desk.wait_for_function("() => document.querySelector('form audio').duration > 0.9", timeout=PATIENCE)
        desk.screenshot(path=pictures / "prompt.png", full_page=True)
        assert wrong == []
