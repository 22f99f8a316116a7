"""Links by which customers come back to their own callback: for one callback, for so many days, signed, kept nowhere."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

OWN, INVITED = "/callback/own", "/callback/invited"
_LINK = re.compile(r"(?P<wish>[A-Za-z0-9_-]{1,64})~(?P<until>[0-9a-f]{1,12})~(?P<token>[0-9]{1,6}\.[A-Za-z0-9_-]{32})")


class TokenKeys(Protocol):
    """A keyring, as far as links need it."""

    def token(self, purpose: str, *parts: str) -> str:
        """Signs."""
        ...

    def token_fits(self, token: str, purpose: str, *parts: str) -> bool:
        """Checks what was signed."""
        ...


@dataclass(frozen=True)
class Opened:
    """Whose link it is, and how long it counts."""

    wish: str
    until: datetime


@dataclass(frozen=True)
class Links:
    """`url`: where the customers' pages are; `path`: which of them it opens, and no other. `now` is real time."""

    url: str
    keys: TokenKeys
    days: int
    now: Callable[[], datetime]
    path: str = OWN

    def to(self, wish: str) -> str:
        """A new link to this callback, or invitation, without the server's name."""
        until = f"{int((self.now() + timedelta(days=self.days)).timestamp()):x}"
        return f"{self.path}/{wish}~{until}~{self.keys.token(self._purpose, wish, until)}"

    def address(self, wish: str) -> str:
        """The same, whole: for a message."""
        return self.url + self.to(wish)

    def opened(self, link: str) -> Opened | None:
        """What it leads to; None for one that we did not make, or whose time is over."""
        found = _LINK.fullmatch(link)
        if found is None or not self.keys.token_fits(found["token"], self._purpose, found["wish"], found["until"]):
            return None
        until = datetime.fromtimestamp(int(found["until"], 16), UTC)
        return Opened(found["wish"], until) if self.now() < until else None

    @property
    def _purpose(self) -> str:
        return f"callback link {self.path}"
