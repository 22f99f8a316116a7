"""One customer, looked at or changed by a person. Each deed and its line in the audit are one transaction.

Must not give a secret or its hash to anybody.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import delete, insert

from voicebot.dialogue.actions import Claim
from voicebot.dialogue.lockout import Standing
from voicebot.ports.crm import CustomerRow
from voicebot.records import audit, standings, used_codes
from voicebot.records.audit import Deed
from voicebot.records.books import Books
from voicebot.records.customer_editions import current_for_writing
from voicebot.records.customer_names import blind_customer
from voicebot.records.customers import read_rows
from voicebot.records.ledger import SqlLedger
from voicebot.records.schema import customer_keys, customer_secrets, customers
from voicebot.records.store import SqlStore
from voicebot.switchboard.guard import SecretGuard

UNTIL_UNLOCKED = datetime(9999, 12, 31, tzinfo=UTC)  # a person's lock does not end by itself


@dataclass(frozen=True)
class CustomerCard:
    """A customer as an operator may see one: columns to be masked, names of the secrets that are set, and how tries went."""

    customer_id: str = field(repr=False)
    columns: dict[str, str] = field(repr=False)
    secrets: tuple[str, ...]
    standing: Standing


@dataclass(frozen=True)
class SqlCustomerCare:
    """`identifiers`: the fields by which a caller can claim to be a customer before anybody is found."""

    store: SqlStore
    identifiers: tuple[str, ...]

    def show(self, customer_id: str, who: str, at: datetime) -> CustomerCard | None:
        """One customer; None for nobody. That somebody looked is written first."""
        with self.store.writing() as books:
            row = _row(books, customer_id)
            audit.append(books, who, Deed.SHOWN, at, customer_id, {"found": row is not None})
        if row is None:
            return None
        with self.store.viewing() as books:
            kept = [standings.standing(books, account) for account in self._accounts(books, row)]
        return CustomerCard(row.customer_id, row.columns, tuple(row.secrets), _together(kept))

    def lock(self, customer_id: str, who: str, at: datetime) -> bool:
        """No secret of this customer counts any more until `unlock`; callers go to an agent. False for nobody."""
        with self.store.writing() as books:
            row = _row(books, customer_id)
            if row is None:
                return False
            for account in self._accounts(books, row):
                kept = standings.standing(books, account)
                standings.save_standing(books, account, _locked(kept, UNTIL_UNLOCKED))
            audit.append(books, who, Deed.LOCKED, at, customer_id)
        return True

    def unlock(self, customer_id: str, who: str, at: datetime) -> Standing | None:
        """Forget failed tries and locks; gives what remains: a secret that is void stays void until a new one is set."""
        with self.store.writing() as books:
            row = _row(books, customer_id)
            if row is None:
                return None
            remains = Standing()
            for account in self._accounts(books, row):
                if standings.standing(books, account).disabled:
                    remains = Standing(disabled=True)
            for account in self._accounts(books, row):
                standings.save_standing(books, account, remains)
            audit.append(books, who, Deed.UNLOCKED, at, customer_id)
        return remains

    def set_secret(self, customer_id: str, name: str, hashed: str, who: str, at: datetime) -> bool:
        """A new secret: tries of the old one are forgotten, and that it was void. A person's lock stays. False for nobody."""
        with self.store.writing() as books:
            row = _row(books, customer_id)
            if row is None:
                return False
            blind, edition = blind_customer(books, customer_id), current_for_writing(books)
            older = (
                customer_secrets.c.customer == blind,
                customer_secrets.c.field == name,
                customer_secrets.c.edition <= edition,
            )
            books.write(delete(customer_secrets).where(*older))
            books.write(insert(customer_secrets).values(customer=blind, field=name, edition=edition, hashed=hashed))
            used_codes.forget(books, blind, name)
            for account in self._accounts(books, row):
                locked = standings.standing(books, account).locked_until
                standings.save_standing(books, account, _locked(Standing(), locked if locked == UNTIL_UNLOCKED else None))
            audit.append(books, who, Deed.SECRET_SET, at, customer_id, {"field": name})
        return True

    def unset_secret(self, customer_id: str, name: str, who: str, at: datetime) -> bool:
        """This secret is none any more: callers who are asked for it go to an agent. False for nobody."""
        with self.store.writing() as books:
            if _row(books, customer_id) is None:
                return False
            blind, edition = blind_customer(books, customer_id), current_for_writing(books)
            mine = (customer_secrets.c.customer == blind, customer_secrets.c.field == name)
            books.write(delete(customer_secrets).where(*mine, customer_secrets.c.edition <= edition))
            used_codes.forget(books, blind, name)
            audit.append(books, who, Deed.SECRET_UNSET, at, customer_id, {"field": name})
        return True

    def remove(self, customer_id: str, who: str, at: datetime) -> bool:
        """Forget a customer: row, keys, secrets. False for nobody. How tries went is kept: the id could come back at once."""
        with self.store.writing() as books:
            if _row(books, customer_id) is None:
                return False
            blind, edition = blind_customer(books, customer_id), current_for_writing(books)
            for table, column in (
                (customer_keys, customer_keys.c.customer),
                (customer_secrets, customer_secrets.c.customer),
                (customers, customers.c.blind),
            ):
                books.write(delete(table).where(column == blind, table.c.edition <= edition))
            used_codes.forget(books, blind)
            audit.append(books, who, Deed.REMOVED, at, customer_id)
        return True

    def accounts(self, books: Books, customer_id: str) -> list[str]:
        """Under which names this customer's tries are counted; none for nobody."""
        row = _row(books, customer_id)
        return [] if row is None else self._accounts(books, row)

    def _accounts(self, books: Books, row: CustomerRow) -> list[str]:
        """Under which names tries are counted: by reference, and where nobody was looked up, by what the caller said."""
        said = [Claim(by=name, value=row.columns[name]) for name in self.identifiers if row.columns.get(name)]
        guard = SecretGuard(SqlLedger(books), books.keyring, UNTIL_UNLOCKED)  # asked for names only, so the time is nothing
        return [guard.account(claim) for claim in (Claim(ref=row.customer_id), *said)]


def _row(books: Books, customer_id: str) -> CustomerRow | None:
    found = read_rows(books, [blind_customer(books, customer_id)])
    return found[0] if found else None


def _locked(kept: Standing, until: datetime | None) -> Standing:
    return Standing(kept.consecutive, kept.since_success, kept.recent, kept.unknown, until, kept.disabled)


def _together(kept: list[Standing]) -> Standing:
    """The worst of a customer's accounts, since any of them keeps a caller from being verified."""
    locks = [one.locked_until for one in kept if one.locked_until is not None]
    return Standing(
        consecutive=max(one.consecutive for one in kept),
        since_success=max(one.since_success for one in kept),
        recent=tuple(sorted(time for one in kept for time in one.recent)),
        unknown=tuple(sorted(time for one in kept for time in one.unknown)),
        locked_until=max(locks, default=None),
        disabled=any(one.disabled for one in kept),
    )
