"""Secrets as others than the one who hashes them need them: made into stored hashes, checked, and weighed. Nothing keeps one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from voicebot.dialogue.values import Secret


@dataclass(frozen=True)
class SecretOf:
    """A secret and whose it is: the hash is bound to customer and field."""

    customer_id: str = field(repr=False)
    field: str
    secret: Secret


class Strength(StrEnum):
    """How well a secret keeps. Which rule a guessable one breaks is not said: that would be most of the secret."""

    GOOD = "good"
    SHORT = "short"  # fewer than six digits
    GUESSABLE = "guessable"
    TOO_SHORT = "too_short"  # fewer than four digits


class Weigh(Protocol):
    """Weighs one secret. `numbers` and `days` (ISO dates) are what is known about the same customer."""

    def __call__(self, secret: Secret, numbers: Sequence[str] = (), days: Sequence[str] = ()) -> Strength:
        """How well this one keeps."""
        ...


class HashSecrets(Protocol):
    """Makes stored hashes, in the order of the secrets. Takes few secrets ahead of the hashes it gives."""

    def __call__(self, secrets: Iterable[SecretOf]) -> Iterator[str]:
        """One stored hash for each secret. Raises ImportRefused where hashing cannot go on."""
        ...


class KeepSecrets(Protocol):
    """Makes and checks stored hashes one at a time: a customer's PIN, an agent's password."""

    def stored(self, account: str, field: str, secret: Secret) -> str:
        """The form in which a secret is kept, bound to account and field."""
        ...

    def matches(self, stored: str | None, account: str, field: str, secret: Secret) -> bool | None:
        """Whether this is the secret; None if it was not checked for lack of time. The same work without a stored hash."""
        ...

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash should be made anew at the next success."""
        ...
