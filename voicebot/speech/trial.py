"""Tries a model out in a process of its own, which it may kill: whether it opens and listens. Does not say how well."""

import io
import subprocess
import sys
from pathlib import Path

from voicebot.speech.codec import RATE
from voicebot.speech.pool import worker_environment
from voicebot.speech.wire import Header, WireBroken, read_frame, write_frame

LONGEST = 60.0  # seconds; a big model opens in some
SOUND = bytes(range(0, 256, 2)) * (RATE // 128)  # a second of something loud that says nothing


def can_listen_with(question: Header, cache: Path) -> bool:
    """Whether a worker lives through this question (`Installed.question`) and a second of sound."""
    told = io.BytesIO()
    write_frame(told, question | {"do": "attend", "line": 1, "turn": 1, "gain": 0.0})
    write_frame(told, {"do": "hear", "line": 1}, SOUND)
    write_frame(told, {"do": "close", "line": 1, "decide": True})
    command = [sys.executable, "-m", "voicebot.speech.worker", str(cache)]
    try:
        ended = subprocess.run(
            command, input=told.getvalue(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=worker_environment(),
            timeout=LONGEST, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0 and {"closed"} <= _told(ended.stdout) <= {"ready", "heard", "decided", "closed"}


def _told(output: bytes) -> set[str]:
    stream, told = io.BytesIO(output), set[str]()
    try:
        while (frame := read_frame(stream)) is not None:
            told.add(str(frame[0].get("is")))
    except WireBroken:
        told.add("broken")
    return told
