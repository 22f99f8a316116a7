"""How often a password may be tried. Counted before the check; a limit passes by itself, so nobody is locked out for good.

A browser in which somebody has signed in before has a count of its own: whoever guesses at a name elsewhere does not keep its
owner out. Names that do not exist are counted like those that do, so that nobody learns which they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol

from voicebot.ports.accounts import Accounts, TryLimit

WITHIN = 15 * 60  # seconds
OF_A_NAME = 10
OF_AN_ADDRESS = 30
IPV6_NETWORK = 64  # one household or office has that many addresses


class Blinds(Protocol):
    """A keyring, as far as this needs it."""

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash, the same for ever."""
        ...


@dataclass(frozen=True)
class Try:
    """One that was let through; `own` counts for the name or browser, `shared` for the address."""

    at: datetime
    own: str
    shared: str


class Tries:
    """Lets tries through or not."""

    def __init__(self, accounts: Accounts, keys: Blinds, now: Callable[[], datetime]) -> None:
        self._accounts, self._keys, self._now = accounts, keys, now

    def reserve(self, name: str, browser: str, address: str) -> Try | None:
        """Count one; None where there were too many. `browser`: a known one, or empty; `address`: empty if it tells nothing."""
        own = self._keys.blind("sign-in browser", browser) if browser else self._keys.blind("sign-in name", name)
        shared = self._keys.blind("sign-in address", address) if address else ""
        limits = [TryLimit(own, OF_A_NAME, WITHIN), *([TryLimit(shared, OF_AN_ADDRESS, WITHIN)] if shared else [])]
        at = self._now()
        return Try(at, own, shared) if self._accounts.reserve_try(limits, at) else None

    def was_right(self, tried: Try) -> None:
        """Earlier failures of the same person are forgotten; those of others at the same address are not."""
        self._accounts.settle_try([tried.own], [tried.shared] if tried.shared else [], tried.at)


def browser_address(peer: str, forwarded: str, proxies: Sequence[str]) -> str:
    """Whose tries count together: an IPv4 address or an IPv6 network. Empty for this machine itself: then it is a proxy nobody
    has told us of, and everybody comes from it.

    `forwarded` is X-Forwarded-For; only its last address, and only from one of `proxies`, is more than the browser's own word.
    """
    address = _read(peer)
    if peer in proxies or str(address) in proxies:
        address = _read(forwarded.rpartition(",")[2].strip())
    if address is None or address.is_loopback:
        return ""
    return str(ip_network(f"{address}/{IPV6_NETWORK}", strict=False)) if address.version == 6 else str(address)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """A server that listens on IPv6 sees an IPv4 browser as `::ffff:203.0.113.9`; else all of them would count together."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
