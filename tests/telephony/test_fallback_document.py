"""What docs/fallback.md has operators paste into the carrier's Console is what the program means, and works."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.telephony.stage import Line
from voicebot.telephony.fallback import SORRY_CONNECTING, SORRY_LATER, caller_fallback

# The carrier's runtime as far as the Function uses it: a response that notes its verbs, and a server that is ready or not.
STAGE = """
const cases = %s;
const twiml = { VoiceResponse: class {
  constructor() { this.verbs = []; }
  say(how, text) { this.verbs.push(['say', text]); }
  dial(how, number) { this.verbs.push(['dial', number, how.timeout]); }
  redirect(how, url) { this.verbs.push(['redirect', url, how.method]); }
  hangup() { this.verbs.push(['hangup']); }
} };
globalThis.Twilio = { twiml };
(async () => {
  const told = [];
  for (const one of cases) {
    globalThis.fetch = async (url) => {
      if (one.server === 'down') throw new Error('refused');
      return { ok: one.server === 'ready', url };
    };
    await exports.handler(one.context, one.event, (error, response) => told.push(response.verbs));
  }
  console.log(JSON.stringify(told));
})();
"""
SORRY = [["say", SORRY_CONNECTING], ["dial", "+12025550199", 60], ["say", SORRY_LATER], ["hangup"]]
CONTEXT = {"PUBLIC_BASE_URL": "https://voice.example.com", "EMERGENCY_NUMBER": "+12025550199"}


@pytest.fixture(scope="module")
def blocks(project: Path) -> dict[str, str]:
    """The document's blocks of code by their language."""
    text = (project / "docs" / "fallback.md").read_text("utf-8")
    found = re.findall(r" *```(\w+)\n(.*?)```", text, flags=re.DOTALL)
    return {kind: code.replace("\n   ", "\n").strip() for kind, code in found}


def test_the_bin_is_what_doctor_prints(blocks: dict[str, str]) -> None:
    assert blocks["xml"] == caller_fallback("+12025550199")


def test_the_function_brings_a_call_back_once_and_else_does_what_the_bin_does(blocks: dict[str, str]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node to run the Function")
    again = "https://voice.example.com/voice/incoming?again=1"
    cases: list[tuple[dict[str, Any], Any]] = [
        ({"server": "ready", "event": {"ErrorUrl": "https://voice.example.com/voice/entry/x"}}, [["redirect", again, "POST"]]),
        ({"server": "ready", "event": {}}, [["redirect", again, "POST"]]),
        ({"server": "ready", "event": {"ErrorUrl": again}}, SORRY),
        ({"server": "not ready", "event": {}}, SORRY),
        ({"server": "down", "event": {}}, SORRY),
        ({"server": "down", "event": {}, "context": {"PUBLIC_BASE_URL": "x"}}, [["say", SORRY_LATER], ["hangup"]]),
    ]
    script = blocks["js"] + STAGE % json.dumps([{"context": CONTEXT} | case for case, _ in cases])
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [verbs for _, verbs in cases]


def test_a_call_that_comes_back_is_let_in_and_known_by_its_leg() -> None:
    line = Line()
    assert line.post("/voice/incoming?again=1", {"To": "+4570101010", "From": "+4533124567"}).status_code == 200
    assert [asked[0] for asked in line.exchange.asked] == ["arrive"]
