"""The HTTP client to the product: one client over many small connection pools. It knows nothing of calls.

The library looks through its whole pool for every connection in it at each request, which costs more than the request itself
when a hundred calls talk at once; small pools keep that cheap.
"""

import ssl
from itertools import cycle

import httpx

POOLS = 16


class _Spread(httpx.AsyncBaseTransport):
    """Requests go to one pool after the other."""

    def __init__(self) -> None:
        trusts_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the product is on this machine; reading the roots is slow
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=8)
        self._pools = [httpx.AsyncHTTPTransport(verify=trusts_nobody, limits=limits, trust_env=False) for _ in range(POOLS)]
        self._turn = cycle(self._pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await next(self._turn).handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()


def open_wire() -> httpx.AsyncClient:
    """A client for this machine. It follows no redirects by itself and reads no proxy settings."""
    return httpx.AsyncClient(transport=_Spread(), trust_env=False, follow_redirects=False)
