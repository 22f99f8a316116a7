import re
from pathlib import Path
from typing import Any

import pytest

from tests.identity.backends import SECRET, InProcess, Moved, a_crm, a_mock
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import Secret
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.signing import HmacAccess, Outgoing

REQUEST = Outgoing("POST", "/voicebot/validate", b'{"a":1}', "key-1")


@pytest.fixture
def access() -> HmacAccess:
    return HmacAccess("voicebot-1", SECRET, lambda: 1772445600.9, lambda: "5f0c7a1e9b3d4c6f8a2b1d0e7c9f4a63")


def test_a_signature_is_what_the_contract_says(access: HmacAccess) -> None:
    # printf 'v1\n1772445600\n5f0c7a1e9b3d4c6f8a2b1d0e7c9f4a63\nPOST\n/voicebot/validate\nkey-1\n'"$(printf '{"a":1}' |
    #   sha256sum | cut -c-64)" | openssl dgst -sha256 -hmac a-shared-secret-of-thirty-two-characters
    assert access.headers(REQUEST, 0.0) == {
        "Voicebot-Timestamp": "1772445600",
        "Voicebot-Request-Id": "5f0c7a1e9b3d4c6f8a2b1d0e7c9f4a63",
        "Voicebot-Key-Id": "voicebot-1",
        "Voicebot-Signature": "v1=acda8ce1e6546bd09481826d67b7cae285133e282787da73b1f1c2426be1dedf",
    }


@pytest.mark.parametrize(
    "other",
    [
        Outgoing("GET", REQUEST.path, REQUEST.body, "key-1"),
        Outgoing("POST", "/voicebot/details", REQUEST.body, "key-1"),
        Outgoing("POST", REQUEST.path, b'{"a":2}', "key-1"),
        Outgoing("POST", REQUEST.path, REQUEST.body, "key-2"),
        Outgoing("POST", REQUEST.path, REQUEST.body),
    ],
    ids=["method", "path", "body", "key", "no key"],
)
def test_every_part_of_a_request_is_signed(access: HmacAccess, other: Outgoing) -> None:
    assert access.headers(other, 0.0)["Voicebot-Signature"] != access.headers(REQUEST, 0.0)["Voicebot-Signature"]


def test_time_id_and_key_are_signed(access: HmacAccess) -> None:
    later = HmacAccess("voicebot-1", SECRET, lambda: 1772445601, lambda: "5f0c7a1e9b3d4c6f8a2b1d0e7c9f4a63")
    other_id = HmacAccess("voicebot-1", SECRET, lambda: 1772445600, lambda: "0" * 32)
    other_key = HmacAccess("voicebot-1", SECRET[::-1], lambda: 1772445600, lambda: "5f0c7a1e9b3d4c6f8a2b1d0e7c9f4a63")
    signatures = {one.headers(REQUEST, 0.0)["Voicebot-Signature"] for one in (access, later, other_id, other_key)}
    assert len(signatures) == 4


def test_no_two_requests_have_the_same_id() -> None:
    access = HmacAccess("voicebot-1", SECRET, lambda: 1.0)
    assert len({access.headers(REQUEST, 0.0)["Voicebot-Request-Id"] for _ in range(50)}) == 50


def test_neither_key_nor_body_is_shown(access: HmacAccess) -> None:
    assert SECRET not in repr(access) + repr(vars(REQUEST).keys())
    assert repr(REQUEST) == "Outgoing(POST /voicebot/validate)"


# ---- the example in the documentation -----------------------------------------------------------------------------------


@pytest.fixture
def documented(project: Path) -> dict[str, Any]:
    """The example of docs/backend.md, as somebody would paste it."""
    text = (project / "docs" / "backend.md").read_text("utf-8")
    code = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def is_from_voicebot" in block)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/backend.md", "exec"), names)  # noqa: S102 - our own document
    names["SECRETS"]["voicebot-1"] = SECRET
    return names


def sent_request(when: Moved) -> tuple[dict[str, str], bytes]:
    line = InProcess(a_mock(when))
    a_crm(line, when).check_secret(Claim(ref="C-1001"), "pin", Secret("493817"), new_key())
    (request,) = line.requests
    return {name.lower(): value for name, value in request.headers.items()}, request.content


def test_the_documented_example_takes_what_we_send_once_and_in_time(documented: dict[str, Any]) -> None:
    when = Moved()
    headers, body = sent_request(when)
    now, ids = when.time().wall(), set[str]()

    def seen(request_id: str) -> bool:
        before = request_id in ids
        ids.add(request_id)
        return before

    takes = documented["is_from_voicebot"]
    path = "/voicebot/validate"
    assert not takes("POST", path, headers, body + b" ", seen, now)
    assert not takes("POST", "/voicebot/details", headers, body, seen, now)
    assert not takes("GET", path, headers, body, seen, now)
    assert not takes("POST", path, {**headers, "idempotency-key": "another"}, body, seen, now)
    assert not takes("POST", path, {**headers, "voicebot-key-id": "another"}, body, seen, now)
    assert not takes("POST", path, {**headers, "voicebot-timestamp": "1e3"}, body, seen, now)
    assert not takes("POST", path, {**headers, "voicebot-signature": "v1=é"}, body, seen, now)
    assert not takes("POST", path, {}, body, seen, now)
    assert not takes("POST", path, headers, body, seen, now + 302)
    assert not takes("POST", path, headers, body, seen, now - 302)
    assert ids == set()
    assert takes("POST", path, headers, body, seen, now)
    assert not takes("POST", path, headers, body, seen, now)
