"""Logs of a server: one event, one line, and no value in it that an exception brought along."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SOURCE = """
import logging, sys, structlog
from voicebot.logs import set_up_logging
set_up_logging({level!r})
log = structlog.get_logger("voicebot.test")
log.info("said", name="two\\nlines\\x1b[31m")
log.debug("whispered")
logging.getLogger("flask").warning("theirs\\nforged: %s", "line\\r\\n")
logging.getLogger("websockets").debug("frame with a token")
logging.getLogger("httpx").info("address with a token")
try:
    raise ValueError("pin 493817")
except ValueError:
    log.exception("failed")
    logging.getLogger("flask").exception("failed on")
"""


def lines(project: Path, level: str) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "-c", SOURCE.format(level=level)], cwd=project, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()], done.stdout


@pytest.mark.parametrize(("level", "events"), [("INFO", 4), ("DEBUG", 5), ("ERROR", 2)])
def test_each_event_is_one_line_of_json_on_standard_error(project: Path, level: str, events: int) -> None:
    written, printed = lines(project, level)
    assert len(written) == events
    assert all({"event", "level", "timestamp"} <= set(event) for event in written)
    assert printed == ""


def test_libraries_speak_of_trouble_only_even_at_debug(project: Path) -> None:
    written, _ = lines(project, "DEBUG")
    assert [event["event"] for event in written if "token" in event["event"]] == []


def test_an_exception_is_named_with_its_place_and_without_its_text(project: Path) -> None:
    written, _ = lines(project, "INFO")
    failed = [event for event in written if "failed" in event["event"]]
    assert [event["failure"] for event in failed] == ["ValueError", "ValueError"]
    assert all(event["raised_at"].startswith("<string>:") for event in failed)
    assert "493817" not in json.dumps(written)


def test_what_a_command_prints_is_its_result_and_nothing_else(project: Path) -> None:
    source = (
        "import structlog\nfrom voicebot.logs import set_up_terminal\nset_up_terminal()\n"
        "structlog.get_logger().info('said')\nstructlog.get_logger().warning('trouble')\n"
    )
    done = subprocess.run([sys.executable, "-c", source], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "trouble" in done.stderr
