"""What pages are made of keeps to the policy: no text becomes mark-up, no script or style stands in a page."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "voicebot"
SHELL_AND_ROOMS = [PACKAGE / room for room in ("pages", "desk", "callbacks", "reports")]
SCRIPTS = sorted(path for room in SHELL_AND_ROOMS for path in room.rglob("*.js"))
PAGES = sorted(path for room in SHELL_AND_ROOMS for path in room.rglob("*.html"))
STYLES = sorted(path for room in SHELL_AND_ROOMS for path in room.rglob("*.css"))

MAKES_MARK_UP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTMLUnsafe|srcdoc"
    r"|\beval\(|new Function\(|set(Timeout|Interval)\(\s*[\"'`]"
)
ELSEWHERE = re.compile(r"https?://(?!www\.w3\.org/)|[\"'(]//\w")


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_there_is_something_to_look_at() -> None:
    assert len(SCRIPTS) >= 3
    assert len(PAGES) >= 5
    assert STYLES


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_no_script_makes_mark_up_of_text(path: Path) -> None:
    assert MAKES_MARK_UP.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_no_page_has_a_script_a_style_or_a_handler_of_its_own_or_lets_text_through(path: Path) -> None:
    page = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    own = [attributes for attributes in re.findall(r"<script([^>]*)>", page) if "src=" not in attributes]
    assert all('type="application/json"' in attributes for attributes in own)  # data, which no browser runs


@pytest.mark.parametrize("path", [*SCRIPTS, *PAGES, *STYLES], ids=named)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    assert ELSEWHERE.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("text", ["a.innerHTML = b", "eval(x)", 'setTimeout("x", 1)', "el.insertAdjacentHTML('x', y)"])
def test_the_guard_sees_mark_up(text: str) -> None:
    assert MAKES_MARK_UP.search(text)
