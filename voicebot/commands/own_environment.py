"""Environments beside the data for what needs packages that no call needs: training, and other recognisers to compare with.

Installs the pinned file into it by pip, once; a half-made one is made again. Never touches the project's own `.venv`.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections import deque
from pathlib import Path

import click

from voicebot.errors import VoicebotError

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = re.compile(r"\s*(?:Collecting|Downloading) (?:\S*/)?(?P<name>[A-Za-z][A-Za-z0-9_.]*(?:-[A-Za-z][A-Za-z0-9_.]*)*)")
LAST_LINES = 4


class EnvironmentRefused(VoicebotError):
    """An environment could not be made. The text ends with what the installer said last."""


def own_environment(place: Path, requirements: Path) -> Path:
    """The Python of the environment in `place`, with exactly these requirements. Quick when nothing has changed."""
    python, stamp = place / "bin" / "python", place / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if python.exists() and stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    click.echo(f"Making an environment in {place} with {requirements.name} (once; minutes)", err=True)
    try:
        shutil.rmtree(place, ignore_errors=True)
        venv.EnvBuilder(with_pip=True).create(place)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EnvironmentRefused(f"{place} could not be made: {error}") from None
    _install([str(python), "-m", "pip", "install", "-r", str(requirements)], place / "install.log")
    stamp.write_text(wanted, "utf-8")
    return python


def _install(command: list[str], log: Path) -> None:
    """Run pip to its end, with a line for each package. Raises EnvironmentRefused."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    calm = {"PIP_PROGRESS_BAR": "off", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with log.open("w", encoding="utf-8") as kept, subprocess.Popen(
        command, env={**calm, **os.environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as child:  # fmt: skip
        seen = ""
        for line in child.stdout or ():
            kept.write(line)
            last.append(line.strip())
            if (found := PACKAGE.match(line)) and found["name"] != seen:
                seen = found["name"]
                click.echo(f"  {seen}", err=True)
    if child.returncode:
        raise EnvironmentRefused(f"the requirements could not be installed: {' / '.join(last)}. All of it: {log}")
