"""The name in our public address, and its certificate, as the carrier will meet them."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from voicebot.telephony.address_check import certificate, resolves
from voicebot.telephony.findings import Finding, Verdict


def one(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def resolving(*addresses: str) -> Callable[..., list[Any]]:
    return lambda *_, **__: [(0, 0, 0, "", (address, 443)) for address in addresses]


def failing(*_: Any, **__: Any) -> list[Any]:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("base", "look_up", "verdict", "said"),
    [
        ("https://voice.example.com", resolving("8.8.8.8", "2001:4860:4860::8888"), Verdict.OK, "is 2001:4860:"),
        ("https://voice.example.com", resolving("10.1.2.3", "8.8.8.8"), Verdict.NOTE, "not all of the internet"),
        ("https://voice.example.com", resolving("fe80::1%eth0"), Verdict.NOTE, "not all of the internet"),
        ("https://voice.example.com", failing, Verdict.WRONG, "voice.example.com has no address"),
        ("http://127.0.0.1:8080", failing, Verdict.WRONG, "is not https"),
    ],
)
def test_the_name_must_have_an_address_that_the_carrier_reaches(
    base: str, look_up: Callable[..., list[Any]], verdict: Verdict, said: str
) -> None:
    found = one(resolves(base, look_up))
    assert found.verdict is verdict
    assert said in found.says


def made_certificate(folder: Path, *, until: datetime, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A self-made certificate: the server's side of it, and a client that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(datetime.now(UTC), until) - timedelta(days=30))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kept = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*kept))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=str(pem))


@contextmanager
def shaking_hands(context: ssl.SSLContext | None) -> Iterator[int]:
    """A port where hands are shaken, and nothing is said; without a context, it answers in plain text."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def take() -> None:
            while not over.is_set():
                try:
                    line, _ = listening.accept()
                except TimeoutError:
                    continue
                with line:
                    line.settimeout(2)
                    try:
                        if context is None:
                            line.recv(1)
                            line.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                        else:
                            context.wrap_socket(line, server_side=True).close()
                    except OSError:
                        continue

        thread = Thread(target=take, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join(5)


def looked_at(context: ssl.SSLContext | None, trust: ssl.SSLContext | None, now: datetime | None = None) -> Finding:
    with shaking_hands(context) as port:
        return one(certificate(f"https://127.0.0.1:{port}", now, trust, within=2.0))


def test_a_good_certificate_says_for_how_long(tmp_path: Path) -> None:
    server, trust = made_certificate(tmp_path, until=datetime.now(UTC) + timedelta(days=60, hours=1))
    found = looked_at(server, trust)
    assert found.verdict is Verdict.OK
    assert "60 days" in found.says


def test_a_certificate_that_ends_soon_is_worth_knowing(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    server, trust = made_certificate(tmp_path, until=now + timedelta(days=60, hours=1))
    found = looked_at(server, trust, now + timedelta(days=55))
    assert (found.verdict, found.says) == (Verdict.NOTE, "the certificate ends in 5 days")


def test_a_certificate_that_has_ended_is_to_be_renewed(tmp_path: Path) -> None:
    found = looked_at(*made_certificate(tmp_path, until=datetime.now(UTC) - timedelta(days=1)))
    assert found.bad
    assert "expired" in found.says
    assert found.mend == "renew it"


def test_a_certificate_that_nobody_signed_is_not_accepted(tmp_path: Path) -> None:
    server, _ = made_certificate(tmp_path, until=datetime.now(UTC) + timedelta(days=60))
    found = looked_at(server, None)
    assert found.bad
    assert "not accepted" in found.says
    assert "public authority" in found.mend


def test_a_certificate_for_another_name_is_not_accepted(tmp_path: Path) -> None:
    found = looked_at(*made_certificate(tmp_path, until=datetime.now(UTC) + timedelta(days=60), name="127.0.0.2"))
    assert found.bad
    assert "PUBLIC_BASE_URL" in found.mend


def test_plain_text_where_tls_should_be_is_said_to_be() -> None:
    assert "does not speak TLS" in looked_at(None, None).says


def test_a_closed_port_is_said_to_be_one() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        found = one(certificate(f"https://127.0.0.1:{nobody.getsockname()[1]}", within=1.0))
    assert "no connection" in found.says


def test_without_tls_there_is_no_certificate_to_look_at() -> None:
    assert certificate("http://127.0.0.1:1") == []
