"""A real browser: Debian's Chromium, driven by Playwright. Tests are skipped, with the reason, where there is none."""

import os
import shutil
import subprocess
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import pictures_place
from voicebot.simulator.recording import load_speech

NAMES = ("chromium", "chromium-browser", "google-chrome")
Chrome = Callable[..., AbstractContextManager["Browser"]]

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (requirements-dev.txt)")
Browser, Page = playwright.Browser, playwright.Page


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    return found


@pytest.fixture
def chrome(chromium: str) -> Chrome:
    """Opens the browser; with `microphone`, that file is what its microphone hears, from the moment it is opened."""

    @contextmanager
    def opened(microphone: Path | None = None) -> Iterator[Browser]:
        arguments = ["--autoplay-policy=no-user-gesture-required"]
        if microphone is not None:
            arguments += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
            arguments += [f"--use-file-for-fake-audio-capture={microphone}%noloop"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # the browser refuses to run as root with it
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=arguments)
            try:
                yield browser
            finally:
                browser.close()

    return opened


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go, to be looked at; the run names them at its end."""
    place = pictures_place()
    place.mkdir(parents=True, exist_ok=True)
    return place


def microphone_of(recording: Path, place: Path, before: float) -> Path:
    """A file for the fake microphone: so many seconds of silence, then the recording, then silence."""
    import base64

    mulaw = np.frombuffer(b"".join(base64.b64decode(frame) for frame in load_speech(recording)), np.uint8)
    bits = ~mulaw
    level = (((bits & 15).astype(int) << 3) + 132) << ((bits >> 4) & 7)
    samples = np.repeat(np.where(bits & 128, 132 - level, level - 132), 6)  # 48 kHz
    silence = np.zeros(48_000)
    path = place / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        parts = [np.zeros(int(before * 48_000)), samples, *[silence] * 60]
        file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
    return path


def complaints(page: "Page") -> list[str]:
    """What a page writes to its console as an error, policy violations among it; grows while the page lives."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def ended(process: "subprocess.Popen[str]", within: float = 20) -> int:
    """The exit status of a process that ends by itself."""
    return process.wait(within)


__all__: Sequence[str] = ("Browser", "Chrome", "Page", "complaints", "ended", "microphone_of")
