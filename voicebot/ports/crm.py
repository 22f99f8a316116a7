"""The company's back end: who is this, is this their secret, what do they want to know."""

from dataclasses import dataclass, field
from typing import Protocol

from voicebot.dialogue.actions import Among, Claim
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict


@dataclass(frozen=True)
class Identified:
    """`customer` only with FOUND; `separators` only with SEVERAL: names of fields in which all of them differ, where known."""

    result: IdentifyResult
    customer: Customer | None = None
    separators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """Name -> text, only names that were asked and are known; None where the back end could not answer."""

    details: dict[str, str] | None = field(repr=False)


class Crm(Protocol):
    """Never raises for what a back end does: down, slow or wrong is UNAVAILABLE."""

    def identify(self, by: str, value: str, within: Among | None = None) -> Identified:
        """Whose is this? `by` is a field's name or `ani` (then value is E.164). Repeatable.

        With `within`, only customers whom that number names come into question, and `value` may be what only tells them apart.
        """
        ...

    def customers(self, by: str) -> int | None:
        """How many numbers of this field there are; None where nobody knows."""
        ...

    def check_secret(self, claim: Claim, field: str, secret: Secret, key: str) -> SecretVerdict:
        """Is this the secret? Costs the same whether the account exists or not.

        `key` names this check and no other. One that is made again, because a crash left its outcome unknown, has the same key,
        so that a back end with a counter of its own can count it once.
        """
        ...

    def details(self, ref: str, names: tuple[str, ...]) -> Details:
        """What a customer wants to know. Repeatable."""
        ...


@dataclass(frozen=True)
class CustomerRow:
    """One customer of the embedded table. `columns`: identifiers and details as text; `secrets`: field -> stored hash."""

    customer_id: str = field(repr=False)
    columns: dict[str, str] = field(repr=False)
    secrets: dict[str, str] = field(repr=False)


class CustomerTable(Protocol):
    """The embedded customer table, for companies that have no back end of their own."""

    def find(self, column: str, value: str, limit: int = 3) -> list[CustomerRow]:
        """Rows whose identifier column holds exactly this value; `ani` finds every phone column. At most `limit`."""
        ...

    def count(self, column: str) -> int:
        """How many values all customers have in an identifier column."""
        ...

    def get(self, customer_id: str) -> CustomerRow | None:
        """One row by its key."""
        ...

    def keep_hash(self, customer_id: str, field: str, hashed: str) -> None:
        """Store a secret's new hash (after a change of pepper or cost)."""
        ...

    def use_code(self, customer_id: str, field: str, step: int, key: str) -> bool:
        """Use up a step of this customer's codes. False where it, or a later one, was used before, but by this very check."""
        ...
