"""Tries from one place are counted together, and nobody says of themselves where they are."""

import pytest

from voicebot.pages.tries import browser_address

PROXY = ("127.0.0.1", "10.0.0.5")


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "found"),
    [
        ("203.0.113.9", "", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),  # its own word
        ("203.0.113.9", "198.51.100.1", PROXY, "203.0.113.9"),  # not one of ours
        ("127.0.0.1", "", (), ""),  # a proxy that nobody has told us of: everybody comes from it
        ("::1", "", (), ""),
        ("127.0.0.1", "198.51.100.1", PROXY, "198.51.100.1"),
        ("10.0.0.5", "192.0.2.7, 198.51.100.1", PROXY, "198.51.100.1"),  # what is before was the browser's own word
        ("127.0.0.1", "", PROXY, ""),
        ("127.0.0.1", "nonsense", PROXY, ""),
        ("2001:db8:1:2:3:4:5:6", "", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", (), "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", (), "203.0.113.9"),  # as a server that listens on IPv6 sees IPv4
        ("::ffff:127.0.0.1", "", (), ""),
        ("::ffff:127.0.0.1", "::ffff:198.51.100.1", PROXY, "198.51.100.1"),
        ("", "", (), ""),
    ],
)
def test_whose_tries_count_together(peer: str, forwarded: str, proxies: tuple[str, ...], found: str) -> None:
    assert browser_address(peer, forwarded, proxies) == found
