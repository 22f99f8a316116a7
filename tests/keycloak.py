"""A real Keycloak for tests: started from an unpacked distribution, its database in memory, gone afterwards.

Where VOICEBOT_TEST_KEYCLOAK names none, or Java is missing, the test is skipped with a reason: 200 MB are not for tests to fetch.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

STARTS_WITHIN = 480.0  # seconds, on a machine that does other things beside
ADMIN = "admin"


def folder() -> Path:
    """Where the distribution is; the test is skipped where it cannot be run."""
    named = os.environ.get("VOICEBOT_TEST_KEYCLOAK", "")
    if not named:
        pytest.skip("VOICEBOT_TEST_KEYCLOAK names no folder of an unpacked Keycloak")
    if not (Path(named) / "bin" / "kc.sh").is_file():
        pytest.skip(f"VOICEBOT_TEST_KEYCLOAK: {named} is no folder of an unpacked Keycloak (bin/kc.sh is missing)")
    if shutil.which("java") is None:
        pytest.skip("needs Java for Keycloak")
    return Path(named)


@contextmanager
def keycloak(log: Path, *, asks: str) -> Iterator["Realm"]:
    """Runs one with a realm until the end of the block; it asks customers through the address `asks`."""
    here, port, password = folder(), _free_port(), secrets.token_urlsafe(16)
    channel = "--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri"
    command = [
        str(here / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--cache=local", "--http-host=127.0.0.1", f"--http-port={port}",
        f"{channel}={asks}",
    ]  # fmt: skip
    told = os.environ | {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": password}
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=told, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _until_ready(address, process, log)
            yield _realm(address, password)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{address}/realms/master", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    pytest.fail(f"Keycloak did not come up: {log.read_text(errors='replace')[-2000:]}")


@dataclass(frozen=True)
class Realm:
    """One with customers, set up over Keycloak's REST API for administration. `issuer` is its address."""

    address: str
    headers: dict[str, str] = field(repr=False)  # good for a minute
    issuer: str

    def add(self, kind: str, content: Any) -> str:
        """A user or client; gives what the realm calls it."""
        made = httpx.post(f"{self.address}/{kind}", json=content, headers=self.headers, timeout=60).raise_for_status()
        return made.headers["Location"].rpartition("/")[2]


def _realm(address: str, password: str) -> Realm:
    form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": password}
    answer = httpx.post(f"{address}/realms/master/protocol/openid-connect/token", data=form, timeout=30).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    attributes = {"cibaExpiresIn": "120", "cibaInterval": "1", "cibaBackchannelTokenDeliveryMode": "poll"}
    made = {"realm": "line", "enabled": True, "attributes": attributes}
    httpx.post(f"{address}/admin/realms", json=made, headers=headers, timeout=60).raise_for_status()
    return Realm(f"{address}/admin/realms/line", headers, f"{address}/realms/line")
