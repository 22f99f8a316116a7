#!/usr/bin/env python3
"""Starts Voicebot: makes `.venv`, installs the pinned requirements if they have changed, then hands over to `voicebot.cli`.

Standard library only, and it decides nothing about calls. `python3 run.py --help` lists the commands.

    --without-venv  (first argument) or VOICEBOT_NO_VENV=1: use this very Python, as in a container image
    VOICEBOT_PIP    another installer, e.g. "uv pip": it is given `install -r FILE`
    PIP_*           are pip's own and reach it unchanged
"""

from __future__ import annotations  # so that an older Python comes as far as the sentence that turns it away

import hashlib
import os
import re
import shlex
import site
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import venv
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
NEEDS_TOOLS = ("test", "check")  # commands that need requirements-dev.txt too
RUNTIME, TOOLS = "requirements.txt", "requirements-dev.txt"

# What pip's output tells about why it failed: the first that fits is said. A dead network also makes pip say that it found
# no version, so the network comes first.
EXPLANATIONS = (
    (r"No space left on device|Errno 28", "the disk is full"),
    (r"Read-only file system|Errno 30", "the disk is read-only"),
    (r"externally-managed-environment", "this Python belongs to the operating system; leave out --without-venv"),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError", "the package index's certificate is not trusted here (PIP_CERT names a CA file)"),
    (r"ProxyError|Proxy Authentication|Tunnel connection failed", "the proxy refused the connection (see HTTPS_PROXY)"),
    (
        (r"name resolution|service not known|nodename nor servname|NewConnection|Connection refused|Connection broken|"
         r"Failed to establish|Network is unreachable|ConnectTimeout|ReadTimeout|Max retries exceeded"),
        "the package index could not be reached (is there a network? PIP_INDEX_URL names another index)",
    ),
    (r"401 (?:Client )?Error|403 (?:Client )?Error|Forbidden|Unauthorized", "the package index refused us (see PIP_INDEX_URL)"),
    (r"DO NOT MATCH THE HASHES", "a download was damaged or is not what it should be; try again"),
    (r"(?:Permission denied|Errno 13)", "files cannot be written there (permission denied)"),
    (
        r"the requirement (?P<what>\S+) \(from versions: none\)",
        "the package index has no {what} for this Python and machine, or could not be reached (PIP_INDEX_URL names another)",
    ),
    (r"Could not open requirements file.*?: '(?P<what>[^']+)'", "{what} is missing"),
    (r"No matching distribution found for (?P<what>\S+)", "there is no {what} for this Python and machine"),
    (r"Failed (?:to build|building wheel for) (?P<what>\S+)", "{what} has no wheel for this machine and cannot be built here"),
    (r"metadata-generation-failed|error: command .* failed", "a package has no wheel for this machine and cannot be built here"),
    (r"MemoryError|Killed", "there is not enough memory"),
)


class Refused(Exception):
    """Something that the person who started us has to mend. The text is one sentence."""


def main(arguments: list[str]) -> int:
    """Prepare, then become `voicebot.cli`. Returns only if that was not possible."""
    if sys.version_info < OLDEST_PYTHON:
        print(f"Voicebot needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    if os.name != "posix":
        print("Voicebot runs on Linux and macOS; on Windows, use the Windows Subsystem for Linux.", file=sys.stderr)
        return 2
    without_venv = os.environ.get("VOICEBOT_NO_VENV", "0") not in ("", "0")
    if arguments[:1] == ["--without-venv"]:
        without_venv, arguments = True, arguments[1:]
    wanted = TOOLS if arguments and arguments[0] in NEEDS_TOOLS else RUNTIME
    try:
        python = prepare(Environment.of_this_python() if without_venv else Environment.in_project(ROOT), wanted)
    except Refused as refusal:
        print(f"Voicebot cannot start: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The next start installs the rest.", file=sys.stderr)
        return 130
    become(python, arguments)
    return 0  # not reached


def become(python: Path, arguments: list[str]) -> None:
    """Replace this process. The place where it was started stays, so that file names on the command line mean what they say."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    os.environ["PYTHONPATH"] = path
    sys.stdout.flush()
    os.execv(python, [str(python), "-P", "-m", "voicebot.cli", *arguments])  # noqa: S606  # no shell is wanted


class Environment:
    """Where packages go, the Python that sees them, and whether we made it. Our notes about it lie in `place`."""

    def __init__(self, place: Path, python: Path, lock: Path, *, ours: bool) -> None:
        self.place, self.python, self.lock, self.ours = place, python, lock, ours

    @classmethod
    def in_project(cls, root: Path) -> Environment:
        """The project's own `.venv`."""
        place = root / ".venv"
        return cls(place, place / "bin" / "python", root / ".venv.lock", ours=True)

    @classmethod
    def of_this_python(cls) -> Environment:
        """The Python that runs this file, for containers."""
        place = Path(sysconfig.get_path("purelib"))
        if not os.access(place, os.W_OK):
            place = Path(site.getusersitepackages())
        lock = Path(tempfile.gettempdir()) / f"voicebot-{os.getuid()}-{_digest(str(place))[:12]}.lock"
        return cls(place, Path(sys.executable), lock, ours=False)

    def stamp(self, requirements: str) -> Path:
        """The file that says which requirements were installed completely."""
        return self.place / f"voicebot-{Path(requirements).stem}.installed"

    def identity(self) -> str:
        """Which Python this is: one that the system has replaced meanwhile does not see what was installed for the old."""
        return os.path.realpath(self.python) if self.python.exists() else ""

    def is_made(self) -> bool:
        """Whether it was made to the end and still has its Python. Somebody else's Python is taken as it is."""
        if not self.ours:
            return True
        try:
            return self.stamp("made").read_text("utf-8") == self.identity() != ""
        except OSError:
            return False


def prepare(environment: Environment, requirements: str) -> Path:
    """The Python to go on with, everything installed. Quick when nothing has changed. Raises Refused."""
    if is_installed(environment, requirements):
        return environment.python
    try:
        with _alone(environment.lock):
            if not is_installed(environment, requirements):  # somebody else may just have done it
                make_environment(environment)
                install(environment, requirements)
    except OSError as error:
        raise Refused(f"{(error.strerror or str(error)).lower()}: {error.filename or environment.place}") from None
    return environment.python


def is_installed(environment: Environment, requirements: str) -> bool:
    """Whether exactly these requirements were installed to the end, for a Python that is still there."""
    try:
        noted = environment.stamp(requirements).read_text("utf-8")
    except OSError:
        return False
    return environment.is_made() and noted == fingerprint(environment, requirements)


def fingerprint(environment: Environment, requirements: str) -> str:
    """Hash over the requirement files (the tools' list includes the runtime's) and the Python they are for."""
    files = [RUNTIME, requirements] if requirements != RUNTIME else [RUNTIME]
    return _digest(environment.identity(), *((ROOT / name).read_text("utf-8") for name in files))


def make_environment(environment: Environment) -> None:
    """Make `.venv` if there is none that works: a half-made one, or one whose Python has gone, is made again."""
    if environment.is_made():
        return
    print("Making .venv", flush=True)
    try:
        venv.EnvBuilder(with_pip="VOICEBOT_PIP" not in os.environ, clear=True, symlinks=True).create(environment.place)
    except (subprocess.CalledProcessError, ImportError):
        raise Refused(
            "this Python cannot make a virtual environment with pip; install its venv package (Debian: python3-venv), "
            "or start with --without-venv."
        ) from None
    environment.stamp("made").write_text(environment.identity(), "utf-8")


def install(environment: Environment, requirements: str) -> None:
    """Run pip, show how it gets on, and note what is installed. Nothing is noted unless pip went to its end."""
    names = (RUNTIME, TOOLS) if requirements == TOOLS else (RUNTIME,)
    environment.place.mkdir(parents=True, exist_ok=True)
    for name in names:
        environment.stamp(name).unlink(missing_ok=True)
    log = environment.place / "voicebot-install.log"
    own = os.environ.get("VOICEBOT_PIP", "")
    command = [*(shlex.split(own) or [str(environment.python), "-m", "pip"]), "install", "-r", str(ROOT / requirements)]
    calm = {"PIP_PROGRESS_BAR": "off", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PREFER_BINARY": "1"}
    place = {"VIRTUAL_ENV": str(environment.place)} if environment.ours else {}
    status, last_lines = _run_showing(command, {**calm, **os.environ, **place}, log)
    if status != 0:
        why = explain("\n".join(last_lines)) or f"the installer ended with status {status}"
        raise Refused(f"the requirements could not be installed: {why}. All of it: {log}")
    for name in names:
        environment.stamp(name).write_text(fingerprint(environment, name), "utf-8")


def _run_showing(command: list[str], environment: dict[str, str], log: Path) -> tuple[int, list[str]]:
    """Run to the end: everything into the log, a short line per package to the terminal; status and last lines."""
    last_lines: deque[str] = deque(maxlen=60)
    with log.open("w", encoding="utf-8") as kept, Progress() as progress:
        try:
            child = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
            )
        except OSError as error:
            raise Refused(f"the installer {command[0]} cannot be started ({error.strerror}).") from None
        with child:
            try:
                for line in child.stdout or ():
                    kept.write(line)
                    last_lines.append(line.rstrip())
                    progress.heard(line)
            except KeyboardInterrupt:
                child.terminate()
                raise
        progress.done = child.returncode == 0
    return child.returncode, list(last_lines)


def explain(output: str) -> str:
    """Why an installation failed, in a few words; empty if its output tells nothing known."""
    for pattern, sentence in EXPLANATIONS:
        if found := re.search(pattern, output):
            return sentence.format(**found.groupdict())
    return ""


class Progress:
    """What a person sees meanwhile: one moving line on a terminal, a plain line per package elsewhere."""

    TURNS = "|/-\\"
    PACKAGE = re.compile(r"\s*(?:Collecting|Downloading|Using cached|Processing) (?:\S*/)?(?P<name>[A-Za-z][\w.-]*)")

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.moving = sys.stdout.isatty()
        self.seen: set[str] = set()
        self.doing = "asking the package index"
        self.done = False
        self._over = threading.Event()
        self._spinner = threading.Thread(target=self._spin, daemon=True)

    def __enter__(self) -> Self:
        print("Installing the requirements (once; a few minutes on a slow network)", flush=True)
        if self.moving:
            self._spinner.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self.moving:
            self._spinner.join()
            sys.stdout.write("\r\033[K")
        if self.done:
            print(f"Installed {len(self.seen)} packages in {time.monotonic() - self.began:.0f} s", flush=True)

    def heard(self, line: str) -> None:
        """A line of the installer's output."""
        if found := self.PACKAGE.match(line):
            name = re.split(r"-\d", found["name"])[0].replace("_", "-").lower()
            if name not in self.seen:
                self.seen.add(name)
                self._show(name)
        elif line.startswith("Installing collected packages"):
            self._show("unpacking all of them")
        elif "Retrying" in line:
            self._show("the network is slow, trying again")

    def _show(self, doing: str) -> None:
        self.doing = doing
        if not self.moving:
            print(f"  {doing}", flush=True)

    def _spin(self) -> None:
        turn = 0
        while not self._over.wait(0.1):
            turn += 1
            seconds = int(time.monotonic() - self.began)
            line = f"{self.TURNS[turn % 4]} {len(self.seen)} packages, {seconds} s: {self.doing}"[:78]
            sys.stdout.write(f"\r\033[K{line}")
            sys.stdout.flush()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Only one start at a time installs; the others wait for it. The lock goes with the process, however that ends."""
    import fcntl  # noqa: PLC0415  # unknown to Windows, which is turned away with a sentence before this

    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing; waiting for it", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
