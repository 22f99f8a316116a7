"""Who stands at the command line, and what they may do to customers and to agents' accounts. Says it; others ask and record.

The boundary is the operating system's: whoever may read the keys can read the customers. So only the account that owns the
data directory gets through, and people come to it by `sudo`, which tells who they are. Roles keep colleagues from accidents.
"""

import os
import pwd
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from voicebot.config.tables import Complaints, Table
from voicebot.errors import NotAllowed

FILE = "roles.toml"
_NAME = re.compile(r"[\w.@-]{1,64}")


class Role(StrEnum):
    """A supervisor looks and locks; an admin does everything."""

    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Task(StrEnum):
    """What somebody may be allowed to do: to customers, and to the accounts of agents."""

    SHOW = "show"
    LOCK = "lock"
    UNLOCK = "unlock"
    IMPORT = "import"
    EXPORT = "export"
    SET_SECRET = "set-secret"
    REMOVE = "remove"
    AUDIT = "audit"
    AGENTS = "agents"
    API_KEYS = "api-keys"
    CAMPAIGN = "campaign"
    REPORTS = "reports"
    ERASE = "erase"


_SUPERVISORS = frozenset({Task.SHOW, Task.LOCK, Task.UNLOCK, Task.REPORTS})


@dataclass(frozen=True)
class Person:
    """`account`: whom the process runs as; `name`: who called it, the same or somebody who came by sudo; `uid` of the account."""

    uid: int
    account: str
    name: str

    def __str__(self) -> str:
        return self.name if self.name == self.account else f"{self.name} as {self.account}"


@dataclass(frozen=True)
class Operator:
    """A person with a role; None: no role here."""

    person: Person
    role: Role | None

    def may(self, task: Task) -> bool:
        """Whether the role covers this."""
        return self.role is Role.ADMIN or (self.role is Role.SUPERVISOR and task in _SUPERVISORS)

    def refusal(self, task: Task) -> NotAllowed:
        """The words for who may not."""
        needed = "supervisor or admin" if task in _SUPERVISORS else "admin"
        has = f"the role {self.role}" if self.role else "no role"
        return NotAllowed(f"{self.person} has {has}, and {task} needs {needed} (see {FILE} in the data directory)")


def whoever_runs(env: Mapping[str, str]) -> Person:
    """From the process and, where it was started by sudo, from sudo's word for who did."""
    uid = os.geteuid()
    try:
        account = pwd.getpwuid(uid).pw_name
    except KeyError:
        account = f"uid {uid}"
    caller = env.get("SUDO_USER", "")
    return Person(uid, account, caller if _NAME.fullmatch(caller) else account)


def operator(person: Person, data: Path) -> Operator:
    """What `data`'s owner says about a person. Raises NotAllowed for another account, ConfigError for a wrong file.

    Without a file everybody who can become the owner is an admin. With one, those who came by sudo have what it says, and the
    owner itself, which runs the service, remains an admin.
    """
    if (owner := _owner(data)) not in (None, person.uid):
        name = _name(owner)
        raise NotAllowed(f"{data} belongs to {name}: run this as {name} (sudo -u {name} python3 run.py …)")
    roles = data / FILE
    if person.name == person.account or not roles.exists():
        return Operator(person, Role.ADMIN)
    return Operator(person, _read(roles, person.uid).get(person.name))


def _owner(data: Path) -> int | None:
    """Whose directory it is; None before there is one."""
    try:
        return data.stat().st_uid
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotAllowed(f"{data}: cannot be looked at ({error.strerror}); run this as its owner") from None


def _read(path: Path, owner: int) -> dict[str, Role]:
    complaints = Complaints(str(path))
    found = path.stat()
    if found.st_uid != owner or stat.S_IMODE(found.st_mode) & 0o022:
        raise NotAllowed(f"{path}: others may write this; mend with: chmod 644 {path}")
    table = Table.of_file(path, complaints)
    roles = table.table("roles")
    named = {name: roles.choice(name, Role.SUPERVISOR) for name in roles.names()}
    roles.close()
    table.close()
    complaints.raise_if_any()
    return named


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
