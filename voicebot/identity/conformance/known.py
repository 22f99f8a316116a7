"""What is known of a back end's test customers, so that it can be told right answers from wrong ones.

Must not show the secret: it is a `Secret`, and comes from the environment or a file, never from the command line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.values import Secret

DIGITS = r"[0-9]{1,24}"
E164 = r"\+[1-9]\d{6,14}"
NAME = r"[a-z][a-z0-9_]{0,39}"


@dataclass(frozen=True)
class Known:
    """Test customers. Empty text: not known, so what needs it cannot be tried.

    `known` has `secret`; `without_secret` has none; `lockable` may be locked by wrong secrets; two customers share `shared_ani`,
    and `sharer` is one of them.
    """

    identifier_field: str
    known: str = field(repr=False)
    unknown: str = field(default="", repr=False)
    ani: str = field(default="", repr=False)
    shared_ani: str = field(default="", repr=False)
    sharer: str = field(default="", repr=False)
    secret_field: str = ""
    secret: Secret | None = None
    without_secret: str = field(default="", repr=False)
    lockable: str = field(default="", repr=False)
    public_detail: str = ""
    private_detail: str = ""

    @property
    def nobody(self) -> str:
        """An identifier that nobody has: `unknown`, or as many noughts as `known` has digits."""
        return self.unknown or "0" * len(self.known)

    @property
    def wrong(self) -> Secret | None:
        """A secret of the same length that differs in every digit."""
        if self.secret is None:
            return None
        return Secret("".join(str((int(digit) + 1) % 10) if digit.isdecimal() else "0" for digit in self.secret.reveal()))


def read_known(file: Path | None, options: dict[str, str], secret: str) -> Known:
    """`[check]` of a TOML file, under what the command line says. `secret` comes from the environment and goes before the file's.

    Raises ConfigError with everything that is wrong.
    """
    complaints = Complaints(file.name if file else "backend check")
    table = (Table.of_file(file, complaints) if file else Table({}, "", complaints)).table("check")

    def text(key: str, like: str, what: str) -> str:
        in_file, given = table.text(key, "", like=like, what=what), options.get(key, "")
        if given and not re.fullmatch(like, given):
            complaints.add(f"--{key.replace('_', '-')}", f"must be {what}")
        return given or in_file

    in_file = table.raw("secret", "")
    if not isinstance(in_file, str) or not re.fullmatch(r"\S{0,64}", in_file):
        table.wrong("secret", "must be text in quotes without a space (it is not shown here)")
        in_file = ""
    known = Known(
        identifier_field=text("identifier_field", NAME, 'a field\'s name like "account_number"'),
        known=text("known", DIGITS, "digits in quotes"),
        unknown=text("unknown", DIGITS, "digits in quotes"),
        ani=text("ani", E164, 'a number like "+12025550101"'),
        shared_ani=text("shared_ani", E164, 'a number like "+12025550105"'),
        sharer=text("sharer", DIGITS, "digits in quotes"),
        secret_field=text("secret_field", NAME, 'a field\'s name like "pin"'),
        secret=Secret(secret or in_file) if secret or in_file else None,
        without_secret=text("without_secret", DIGITS, "digits in quotes"),
        lockable=text("lockable", DIGITS, "digits in quotes"),
        public_detail=text("public_detail", NAME, 'a detail\'s name like "delivery_status"'),
        private_detail=text("private_detail", NAME, 'a detail\'s name like "balance"'),
    )
    table.close()
    for key in ("identifier_field", "known"):
        if not getattr(known, key):
            complaints.add(key, f"is needed: --{key.replace('_', '-')}, or {key} in [check] of a file (--data)")
    complaints.raise_if_any()
    return known
