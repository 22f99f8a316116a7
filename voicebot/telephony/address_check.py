"""Whether the name in our public address leads to a server on the internet, with a certificate. Asks nothing of that server.

It needs no keys and no token, so it can be looked at before the first start. None of it raises.
"""

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx

from voicebot.telephony.findings import Finding, note, ok, wrong

ADDRESS = "Public address"
WITHIN = 4.0  # seconds
RENEW_BEFORE = 14  # days

LookUp: TypeAlias = Callable[..., list[Any]]


def resolves(base: str, look_up: LookUp = socket.getaddrinfo) -> list[Finding]:
    """The name has an address that the carrier can reach. `base`: our public address."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return [wrong(ADDRESS, f"{base} is not https", "set it to the https address that Twilio reaches")]
    try:
        found = sorted({str(entry[4][0]) for entry in look_up(host, parts.port or 443, type=socket.SOCK_STREAM)})
    except OSError:
        return [wrong(ADDRESS, f"{host} has no address", "make a DNS record for it, or correct PUBLIC_BASE_URL")]
    if any(not ip_address(address.partition("%")[0]).is_global for address in found):
        mend = "fine if only this network is told so; Twilio needs an address of the internet"
        return [note(ADDRESS, f"{host} is {', '.join(found)} here, which is not all of the internet", mend)]
    return [ok(ADDRESS, f"{host} is {', '.join(found)}")]


def certificate(
    base: str, now: datetime | None = None, trust: ssl.SSLContext | None = None, within: float = WITHIN
) -> list[Finding]:
    """The certificate is one that the carrier accepts, and will be for a while. `trust`: None: the usual authorities."""
    parts = urlsplit(base)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https":
        return []
    try:
        with (
            socket.create_connection((host, port), within) as line,
            (trust or httpx.create_ssl_context()).wrap_socket(line, server_hostname=host) as secured,
        ):
            until = _until(secured.getpeercert() or {})
    except ssl.SSLCertVerificationError as error:
        return [wrong(ADDRESS, f"the certificate is not accepted: {error.verify_message}", _mend(error))]
    except ssl.SSLError:
        return [wrong(ADDRESS, f"what answers at {host}, port {port}, does not speak TLS", "let the proxy do so")]
    except OSError:
        mend = "start the proxy, open the port; if only this network cannot reach it, run doctor from outside"
        return [wrong(ADDRESS, f"no connection to {host}, port {port}", mend)]
    days = (until - (now or datetime.now(UTC))).days
    if days < RENEW_BEFORE:
        return [note(ADDRESS, f"the certificate ends in {days} days", "see that it is renewed")]
    return [ok(ADDRESS, f"the certificate is accepted, and good for {days} days")]


def _until(peer: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(peer["notAfter"]), UTC)


def _mend(error: ssl.SSLCertVerificationError) -> str:
    match error.verify_code:
        case 10:  # X509_V_ERR_CERT_HAS_EXPIRED
            return "renew it"
        case 20 | 21:  # no issuer to be had, or only the first of the chain was sent
            return "let the proxy send the whole chain (with certbot: fullchain.pem)"
        case 62 | 64:  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
            return "get one for the name in PUBLIC_BASE_URL"
    return "get one from a public authority; Twilio believes no other"
