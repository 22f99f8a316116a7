"""Who may sign in at the pages, and who is signed in. People are the roster's, by id; a password is kept as its hash only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class How(StrEnum):
    """By what somebody signed in."""

    PASSWORD = "password"
    OPENID = "openid"
    LINK = "link"  # once, on this machine, under the simulator


@dataclass(frozen=True)
class SignIn:
    """One browser of one person. `id` is the hash of what its cookie holds, so that a copy of the database opens no page."""

    id: str = field(repr=False)
    agent: str
    how: How
    began_at: datetime
    active_at: datetime


@dataclass(frozen=True)
class Account:
    """What can be told of an agent's ways in. `linked`: identities of the OpenID provider; `sign_ins`: browsers, now."""

    agent: str
    password_set_at: datetime | None = None
    linked: int = 0
    sign_ins: int = 0


@dataclass(frozen=True)
class TryLimit:
    """At most `most` tries under `key` (a keyed hash) within so many seconds."""

    key: str = field(repr=False)
    most: int
    within: int


class Accounts(Protocol):
    """All of it, each method one transaction. `by` is who did it, for the audit."""

    def accounts(self) -> list[Account]:
        """Everybody who has any way in, by agent."""
        ...

    # ---- passwords

    def password(self, agent: str) -> str | None:
        """The stored hash."""
        ...

    def set_password(self, agent: str, hashed: str, by: str, at: datetime) -> int:
        """A new one. Ends all of the agent's sign-ins; gives how many."""
        ...

    def keep_hash(self, agent: str, hashed: str, instead_of: str) -> None:
        """The same password under newer parameters, unless it was changed meanwhile."""
        ...

    # ---- tries

    def reserve_try(self, limits: Sequence[TryLimit], at: datetime) -> bool:
        """Count a try under every key, before it is checked; False, and nothing counted, where one has reached its limit."""
        ...

    def settle_try(self, forgiven: Collection[str], given_back: Collection[str], at: datetime) -> None:
        """It was right: forget every try under the `forgiven` keys, and this one under those that are `given_back`."""
        ...

    def try_failed(self, agent: str, at: datetime) -> None:
        """One that was let through was wrong; `agent` is empty for a name that nobody has."""
        ...

    # ---- sign-ins

    def begin(self, sign_in: SignIn) -> None:
        """Somebody is in."""
        ...

    def find(self, ids: Collection[str]) -> dict[str, SignIn]:
        """Those of them that are there, by id."""
        ...

    def seen(self, sign_in_id: str, at: datetime) -> None:
        """Its person did something."""
        ...

    def end(self, sign_in_id: str) -> None:
        """Signed out. One that is not there is no error."""
        ...

    def end_all(self, agent: str, by: str, at: datetime) -> int:
        """Signed out everywhere; gives of how many browsers."""
        ...

    def forget(self, *, began_before: datetime, active_before: datetime) -> int:
        """Remove sign-ins that either time has ended, and links that were not used; gives how many."""
        ...

    # ---- links for one use

    def offer_link(self, link_id: str, agent: str, until: datetime) -> None:
        """Whoever shows what hashes to `link_id` first, before `until`, is this agent."""
        ...

    def link(self, link_id: str, at: datetime) -> str | None:
        """Whose link this is, while it can be used."""
        ...

    def take_link(self, link_id: str, at: datetime) -> str | None:
        """The same, and it is used up."""
        ...

    # ---- identities of the OpenID provider

    def link_identity(self, subject: str, agent: str, by: str, at: datetime) -> None:
        """This identity (a keyed hash of issuer and subject) is this agent; an earlier link of it is replaced."""
        ...

    def unlink_identities(self, agent: str, by: str, at: datetime) -> int:
        """None of them is this agent any more, and all of the agent's sign-ins end; gives how many identities."""
        ...

    def linked(self, subject: str) -> str | None:
        """Who this identity is."""
        ...
