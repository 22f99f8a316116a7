"""How the telephone company signs what it sends, written from its documentation. It must not be imported by the product.

Source: twilio.com/docs/usage/security and voice/media-streams (the WebSocket upgrade).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit


def signature(token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """The value of `X-Twilio-Signature`: base64 of HMAC-SHA1 over the URL and the sorted form parameters."""
    text = signed_url(url) + "".join(name + value for name, value in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def signed_url(url: str) -> str:
    """The URL as it is signed: no fragment; over TLS neither port nor user."""
    parts = urlsplit(url)
    host = parts.netloc
    if parts.scheme in ("https", "wss"):
        host = host.rpartition("@")[2]
        name, colon, port = host.rpartition(":")
        host = name if colon and port.isdigit() else host
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
