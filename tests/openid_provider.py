"""A real OpenID provider (npm's oidc-provider) for tests, installed once and started from a script of the test's own."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PACKAGE = "oidc-provider@9.13.3"


def installed() -> Path:
    """A directory with the provider's packages, kept between runs; the test is skipped where they cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("needs Node and npm for a real OpenID provider")
    asked = subprocess.run([node, "-p", "process.versions.node"], capture_output=True, text=True, check=False)
    version = int(asked.stdout.partition(".")[0] or 0)
    if version < 20:
        pytest.skip(f"the OpenID provider needs Node 20 or newer, and this is {version}")
    place = Path(tempfile.gettempdir()) / f"voicebot-tests-{os.getuid()}" / PACKAGE.replace("@", "-")
    if not (place / "node_modules" / ".package-lock.json").exists():
        _install(npm, place)
    return place


def _install(npm: str, place: Path) -> None:
    """Beside, and then there in one step: another test may be at it in the same moment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=place.parent))
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(fresh), PACKAGE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("the package registry does not answer in time, so there is no OpenID provider")
    if done.returncode:
        pytest.skip(f"{PACKAGE} cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
    try:
        fresh.rename(place)
    except OSError:  # somebody was faster
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def real_provider(script: Path, log: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """Runs `node SCRIPT PORT ARGUMENTS…`, with this `environment` beside our own, until the end of the block.

    Gives its port once it has said that it is ready.
    """
    place = installed()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    beside = place / script.name  # its packages, where Node looks for them
    shutil.copy(script, beside)
    with log.open("w") as errors:
        command, own = ["node", str(beside), str(port), *arguments], os.environ | (environment or {})
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=own)
        assert process.stdout is not None
        line = process.stdout.readline()
        while line and line.strip() != "ready":
            line = process.stdout.readline()
        drain = threading.Thread(target=process.stdout.read, daemon=True)
        drain.start()
        try:
            yield port
        finally:
            process.terminate()
            process.wait(10)
            drain.join(10)
            process.stdout.close()
