"""Argon2 that counts, and is cheap: what is told by these tests is not how long a check takes."""

from threading import Event
from typing import Literal

from argon2 import PasswordHasher


class CountingHasher(PasswordHasher):
    """`checked`: how often a secret was really run through Argon2 against a hash."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=64, parallelism=1)
        self.checked = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        self.checked += 1
        return super().verify(hash, password)


class SlowHasher(CountingHasher):
    """A check that does not end before it is told to; `begun` says that one is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = Event(), Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        self.begun.set()
        assert self.go_on.wait(20)
        return super().verify(hash, password)
