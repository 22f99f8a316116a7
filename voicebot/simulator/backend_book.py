"""The customers of the mock back end, from a CSV file: who has this number, is this their secret, what may be told.

Must not show a secret: it stays a `Secret` from the file on.
"""

import csv
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import phonenumbers

from voicebot.dialogue.values import Secret
from voicebot.simulator.backend_flaws import Flaw, Flaws

LOCK_AFTER = 5  # wrong secrets in a row
LOCK_FOR = 1800.0  # seconds
KEEP_KEYS = 86_400.0
ASSURANCES = ("identified", "verified")


@dataclass(frozen=True)
class Columns:
    """What the columns of the file are. `details`: name -> whether it is for verified callers only."""

    customer_id: str
    name: str
    phones: tuple[str, ...]
    identifiers: tuple[str, ...]
    secrets: tuple[str, ...]
    details: Mapping[str, bool]
    region: str


@dataclass
class Kept:
    """One customer."""

    ref: str
    identifier: str
    columns: dict[str, str] = field(repr=False)
    secrets: dict[str, Secret] = field(repr=False)
    wrong: int = 0
    locked_until: float = 0.0


def hash_once() -> None:
    """The work of checking a secret, done for accounts that exist and for those that do not."""
    hashlib.pbkdf2_hmac("sha256", b"any", b"salt", 20_000)


@dataclass
class Book:
    """All customers."""

    columns: Columns
    kept: list[Kept] = field(repr=False)
    flaws: Flaws = frozenset()
    work: Callable[[], None] = hash_once
    _answers: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_file(cls, path: Path, columns: Columns, flaws: Flaws, work: Callable[[], None]) -> "Book":
        """Read a CSV file with a heading. Raises ValueError naming a column that is missing."""
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if columns.customer_id not in (reader.fieldnames or ()):
                raise ValueError(f"{path.name}: has no column {columns.customer_id}")
            return cls(columns, [_read(row, columns) for row in reader], flaws, work)

    def find(self, by: str, value: str) -> list[Kept]:
        """Everybody with this value in a column; `ani` looks through all phones."""
        if by == "ani":
            if Flaw.ANI_NEVER_FOUND in self.flaws:
                return []
            return [one for one in self.kept if any(one.columns.get(phone) == value for phone in self.columns.phones)]
        return [one for one in self.kept if one.columns.get(by) == value]

    def by_ref(self, ref: str) -> Kept | None:
        """The customer of this key."""
        return next((one for one in self.kept if one.ref == ref), None)

    def differ(self, several: list[Kept]) -> list[str]:
        """Identifiers that would tell these apart."""
        return [f for f in self.columns.identifiers if len({one.columns.get(f) for one in several}) == len(several)]

    def check(self, customer: Kept | None, name: str, secret: str, key: str, now: float) -> str:
        """The verdict on a secret. The same key gives the same answer and counts once. `now` is seconds since 1970."""
        self._answers = {known: kept for known, kept in self._answers.items() if kept[0] > now}
        if key in self._answers and Flaw.KEY_IGNORED not in self.flaws:
            if Flaw.KEY_COUNTS_TWICE in self.flaws and customer is not None:
                self._check(customer, name, secret, now)
            return self._answers[key][1]
        verdict = self._check(customer, name, secret, now)
        self._answers[key] = (now + KEEP_KEYS, verdict)
        return verdict

    def _check(self, customer: Kept | None, name: str, secret: str, now: float) -> str:
        if customer is not None or Flaw.QUICK_ON_UNKNOWN not in self.flaws:
            self.work()
        if customer is None:
            return "not_found" if Flaw.UNKNOWN_CLAIM_TOLD in self.flaws else "mismatched"
        if now < customer.locked_until:
            customer.locked_until = 0.0 if Flaw.LOCK_FORGETS in self.flaws else customer.locked_until
            return "locked"
        if name not in customer.secrets:
            return "mismatched" if Flaw.NOT_SET_MISMATCHED in self.flaws else "not_set"
        right = hmac.compare_digest(customer.secrets[name].reveal().encode(), secret.encode())
        if (right and Flaw.MATCHES_NONE not in self.flaws) or Flaw.MATCHES_ALL in self.flaws:
            customer.wrong = 0
            return "matched"
        customer.wrong += 1
        if customer.wrong >= LOCK_AFTER:
            customer.wrong, customer.locked_until = 0, now + LOCK_FOR
        return "mismatched"


def _read(row: Mapping[str, str | None], columns: Columns) -> Kept:
    plain = {name: (value or "").strip() for name, value in row.items() if name and (value or "").strip()}
    secrets = {name: Secret(plain.pop(name)) for name in columns.secrets if name in plain}
    for phone in columns.phones:
        if phone in plain:
            plain[phone] = _e164(plain[phone], columns.region)
    ref = plain[columns.customer_id]
    return Kept(ref, next((plain[name] for name in columns.identifiers if name in plain), ref), plain, secrets)


def _e164(text: str, region: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, region), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return text
