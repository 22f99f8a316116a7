"""Who may open what, as one table. Every address names its `Access`; one that names none is opened to nobody."""

from collections.abc import Mapping
from enum import StrEnum

from voicebot.floor.values import Role


class Access(StrEnum):
    """Whom an address is for."""

    ANYBODY = "anybody"  # also those who are not signed in
    SIGNED_IN = "signed_in"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


ALLOWED: Mapping[Access, frozenset[Role]] = {
    Access.ANYBODY: frozenset(Role),
    Access.SIGNED_IN: frozenset(Role),
    Access.AGENT: frozenset({Role.AGENT}),
    Access.SUPERVISOR: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Access.ADMIN: frozenset({Role.ADMIN}),
}

# The shell's own addresses. Rooms declare theirs when they bring them (`PageRoom.access`).
OWN: Mapping[str, Access] = {
    "home": Access.SIGNED_IN,
    "files": Access.ANYBODY,
    "sign_in": Access.ANYBODY,
    "enter": Access.ANYBODY,
    "sign_out": Access.SIGNED_IN,
    "link": Access.ANYBODY,
    "take_link": Access.ANYBODY,
    "password": Access.SIGNED_IN,
    "new_password": Access.SIGNED_IN,
    "activity": Access.SIGNED_IN,
    "present": Access.ANYBODY,
}
# The same, where the company has an OpenID provider.
OPENID: Mapping[str, Access] = {"openid": Access.ANYBODY, "openid_back": Access.ANYBODY}


def admits(access: Access, roles: frozenset[Role] | None) -> bool:
    """Whether somebody with these roles may; None: somebody who is not signed in."""
    return access is Access.ANYBODY if roles is None else bool(ALLOWED[access] & roles)
