"""The prompt page: supervisors read and hear, who looks after the house changes, and nothing that was typed is lost."""

import io
import re

import numpy as np
import pytest
import soundfile
from werkzeug.test import TestResponse

from tests.desk.test_desk import Company, company
from tests.pages.stage import PAYLOAD, URL, Browser
from voicebot.config.prompting import CHANGED_MEANWHILE

__all__ = ["company"]
CLOSED = "/prompts/en/closed"


def recording(seconds: float = 0.5) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.sin(np.arange(int(seconds * 8000)) / 8) / 2, 8000, format="FLAC")
    return out.getvalue()


def changes(
    browser: Browser, *texts: str, number: int = 0, upload: bytes = b"", path: str = CLOSED, **fields: str
) -> TestResponse:
    """What the form sends: texts in order, a recording for the first."""
    form = {"text": list(texts), "number": str(number), "csrf": browser.csrf, **fields}
    files = {"upload_0": (io.BytesIO(upload), "new.wav")} if upload else {}
    headers = {"Accept": "text/html", "Origin": URL}
    return browser.client.post(path, base_url=URL, data={**form, **files}, headers=headers, content_type="multipart/form-data")



def test_all_prompts_are_listed_and_found_by_name_and_by_words(company: Company) -> None:
    browser = company.signed_in("vera")
    page = browser.get("/prompts").text
    assert "Nothing is missing" in page
    for expected in ("callback.confirm", "account_number.ask", "Larkfield", "recorded", "2 texts"):
        assert expected in page
    found = browser.get("/prompts?sought=closed.for.today").text
    assert "No prompt is like this." in found
    found = browser.get("/prompts?sought=CLOSED+for+TODAY").text
    assert "waiting.closed_but" in found
    assert "account_number.ask" not in found
    assert "No prompt is like this." in browser.get("/prompts?missing=1").text


def test_a_text_is_changed_and_every_version_is_there(company: Company) -> None:
    browser = company.signed_in("ada")
    browser.get(CLOSED)
    assert changes(browser, "  We are\r\n closed. ").status_code == 303
    page = browser.get(CLOSED).text
    assert page.count("We are closed.") == 2  # in the form, and in its version
    assert "in use" in page
    assert "From its file" in page
    assert "changed" in browser.get("/prompts").text
    assert browser.post(f"{CLOSED}/restore", number="1", version="0").status_code == 303
    assert "Back to what its file says." in browser.get(CLOSED).text


def test_texts_are_added_and_taken_away_by_attempt(company: Company) -> None:
    browser = company.signed_in("ada")
    browser.get(CLOSED)
    changes(browser, "First.", "Second.", "")
    assert "At attempt 2" in browser.get(CLOSED).text
    changes(browser, "", "Second.", "", number=1)
    page = browser.get(CLOSED).text
    assert "At attempt" not in page
    assert page.count("Second.") == 3


def test_a_recording_is_sent_heard_and_left_out_again(company: Company) -> None:
    browser = company.signed_in("ada")
    browser.get(CLOSED)
    assert changes(browser, "We are closed.", upload=recording()).status_code == 303
    page = browser.get(CLOSED).text
    name = re.findall(r'name="recording_0" value="([0-9a-f]{32}\.wav)"', page)[0]
    sound = browser.client.get(f"/prompts/audio/{name}", base_url=URL)
    assert (sound.status_code, sound.content_type, sound.data[:4]) == (200, "audio/wav", b"RIFF")
    assert changes(browser, "We are closed, still.", number=1, recording_0=name).status_code == 303
    assert f'name="recording_0" value="{name}"' in browser.get(CLOSED).text
    assert changes(browser, "We are closed.", number=2, recording_0=name, drop_0="1").status_code == 303
    assert 'name="recording_0"' not in browser.get(CLOSED).text
    assert name in browser.get(CLOSED).text  # of an older version
    assert browser.get("/prompts/audio/nothing.wav").status_code == 404


def test_what_is_refused_says_why_and_keeps_what_was_typed(company: Company) -> None:
    browser = company.signed_in("ada")
    browser.get(CLOSED)
    refused = changes(browser, "Good day {name}", "and more")
    assert refused.status_code == 409
    for expected in ("which nothing fills", "Good day {name}", "and more"):
        assert expected in refused.text
    assert "is no recording" in changes(browser, "We are closed.", upload=b"nonsense").text
    assert "is longer than 60 seconds" in changes(browser, "We are closed.", upload=recording(61)).text
    other = company.signed_in("ada")
    other.get(CLOSED)
    changes(other, "First.")
    late = changes(browser, "Second.")
    assert late.status_code == 409
    assert CHANGED_MEANWHILE in late.text


def test_only_who_looks_after_the_house_changes_prompts(company: Company) -> None:
    for agent in ("mira", "jonas", "vera"):
        browser = company.signed_in(agent)
        browser.get("/password")
        assert changes(browser, "Mine.").status_code == 403
        assert browser.post(f"{CLOSED}/restore", number="0", version="0").status_code == 403
    page = company.signed_in("vera").get(CLOSED).text
    assert "Keep</button>" not in page
    assert "readonly" in page


def test_what_was_typed_stays_text(company: Company) -> None:
    browser = company.signed_in("ada")
    browser.get(CLOSED)
    assert changes(browser, PAYLOAD).status_code == 303
    for path in (CLOSED, "/prompts"):
        page = browser.get(path).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


@pytest.mark.parametrize("path", ["/prompts/xx/closed", "/prompts/en/no.such.prompt", "/prompts/en/%2e%2e"])
def test_what_is_no_prompt_is_not_found(company: Company, path: str) -> None:
    browser = company.signed_in("ada")
    assert browser.get(path).status_code == 404
    assert changes(browser, "Text.", path=path).status_code == 404
    assert browser.post(f"{path}/restore", number="0", version="0").status_code == 404


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "9" * 30])
def test_a_version_that_is_no_number_is_refused(company: Company, number: str) -> None:
    browser = company.signed_in("ada")
    browser.get(CLOSED)
    assert browser.post(f"{CLOSED}/restore", number=number, version="0").status_code == 400
