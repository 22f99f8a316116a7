"""Tokens let a browser be rung for an hour, and nothing more; the script is the published one to the last byte."""

import base64
import hashlib
import io
import json
import tarfile
import time
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from voicebot.errors import ConfigError
from voicebot.telephony import browser_phone
from voicebot.telephony.browser_phone import IN_PACKAGE, LASTS, ApiKey, is_script, place_of_script, script_in, token_for

KEY = ApiKey("AC" + "1" * 32, "SK" + "2" * 32, "a-secret-of-the-api-key-0123456789")


def test_a_token_admits_one_identity_to_be_rung_for_an_hour() -> None:
    before = int(time.time())
    token = jwt.decode(token_for(KEY, "mira"), OctKey.import_key(KEY.secret), algorithms=["HS256"])
    assert token.header["cty"] == "twilio-fpa;v=1"
    assert (token.claims["iss"], token.claims["sub"]) == (KEY.key, KEY.account_sid)
    assert token.claims["grants"] == {"identity": "mira", "voice": {"incoming": {"allow": True}}}
    assert before + LASTS <= token.claims["exp"] <= int(time.time()) + LASTS


def test_the_secret_is_in_neither_the_token_nor_what_is_shown() -> None:
    parts = token_for(KEY, "mira").split(".")
    readable = " ".join(base64.urlsafe_b64decode(part + "==").decode("utf-8", "replace") for part in parts[:2])
    assert KEY.secret not in readable
    assert KEY.secret not in repr(KEY)
    assert json.loads(base64.urlsafe_b64decode(parts[0] + "=="))["alg"] == "HS256"


def packed(script: bytes, name: str = IN_PACKAGE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        about = tarfile.TarInfo(name)
        about.size = len(script)
        tar.addfile(about, io.BytesIO(script))
    return out.getvalue()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A package of ours in the place of the published one."""
    script = b"window.Twilio = {};"
    package = packed(script)
    monkeypatch.setattr(browser_phone, "INTEGRITY", f"sha512-{base64.b64encode(hashlib.sha512(package).digest()).decode()}")
    monkeypatch.setattr(browser_phone, "SCRIPT_SHA512", hashlib.sha512(script).hexdigest())
    return package


def test_the_script_is_taken_out_of_the_very_package(published: bytes) -> None:
    assert script_in(published) == b"window.Twilio = {};"
    assert is_script(b"window.Twilio = {};")


def test_another_package_is_refused_before_it_is_opened(published: bytes) -> None:
    for wrong in (b"", b"no archive", published + b"\0", packed(b"window.Twilio = evil;")):
        with pytest.raises(ConfigError, match="its checksum is another one"):
            script_in(wrong)


def test_another_script_in_the_package_is_refused(published: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_phone, "SCRIPT_SHA512", "0" * 128)
    with pytest.raises(ConfigError, match="holds another"):
        script_in(published)


def test_its_place_tells_the_version(tmp_path: Path) -> None:
    assert place_of_script(tmp_path).name == f"twilio-{browser_phone.VERSION}.min.js"
