"""The embedded customer table as a back end, for companies that have none of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import structlog

from voicebot.dialogue.actions import Among, Claim
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict
from voicebot.errors import KeyringError, StoreError
from voicebot.identity.codes import CodeKeeper
from voicebot.identity.secrets import SecretKeeper
from voicebot.ports.crm import CustomerRow, CustomerTable, Details, Identified

MOST_TOLD_APART = 50  # a number that more customers have is a switchboard's; nothing short tells them apart
ANI = "ani"  # finds every column of telephone numbers

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ending:
    """A field that is the last `digits` of a column."""

    column: str
    digits: int


@dataclass(frozen=True)
class Codes:
    """`fields` are answered with a code of an authenticator app. `wall` gives seconds since 1970, whatever time calls are in."""

    fields: frozenset[str]
    keeper: CodeKeeper
    wall: Callable[[], float]


class EmbeddedCrm:
    """A `Crm` over the customer table. `identifiers`: the fields in the order in which one is named to the agent.

    `phones`: fields that any of a customer's telephone numbers answers. `separators`: further columns that can tell customers
    apart; `endings`: fields that are the end of a column; `amounts`: those of them that are money, so that 12.5 is 12.50.
    """

    def __init__(  # noqa: PLR0913 - what a company's columns are, by name
        self, table: CustomerTable, keeper: SecretKeeper, identifiers: tuple[str, ...], name: str = "name", *,
        phones: Sequence[str] = (), separators: Sequence[str] = (), endings: Mapping[str, Ending] | None = None,
        amounts: Sequence[str] = (), codes: "Codes | None" = None,
    ) -> None:
        self._table, self._keeper, self._identifiers, self._name = table, keeper, identifiers, name
        self._phones, self._endings, self._amounts = frozenset(phones), dict(endings or {}), frozenset(amounts)
        self._codes = codes
        self._separators = tuple(dict.fromkeys((*separators, *self._endings, *identifiers)))

    def identify(self, by: str, value: str, within: Among | None = None) -> Identified:
        """Exactly one row is somebody; two or more are several."""
        try:
            rows = self._rows(by, value) if within is None else self._of(self._rows(within.by, within.value), by, value)
        except StoreError:
            return Identified(IdentifyResult.UNAVAILABLE)
        if not rows:
            return Identified(IdentifyResult.NOT_FOUND)
        if len(rows) > 1:
            return Identified(IdentifyResult.SEVERAL, separators=self._telling_apart(rows))
        return Identified(IdentifyResult.FOUND, self._customer(rows[0], by, value))

    def customers(self, by: str) -> int | None:
        """As many as there are at present."""
        try:
            return self._table.count(by)
        except StoreError:
            return None

    def check_secret(self, claim: Claim, field: str, secret: Secret, key: str) -> SecretVerdict:
        """The same work whether the account exists, has this secret, or not."""
        if self._codes is not None and field in self._codes.fields:
            return self._check_code(self._codes, claim, field, secret, key)
        try:
            row = self._claimed(claim)
            stored = row.secrets.get(field) if row is not None else None
            account = row.customer_id if row is not None else "nobody"
            matches = self._keeper.matches(stored, account, field, secret)
            if matches is None:
                return SecretVerdict.UNAVAILABLE
            if row is not None and stored is None:
                return SecretVerdict.NOT_SET
        except (StoreError, KeyringError) as trouble:
            log.error("secret not checked", trouble=type(trouble).__name__)
            return SecretVerdict.UNAVAILABLE
        if matches and row is not None and stored is not None:
            self._renew(row.customer_id, field, stored, secret)
        return SecretVerdict.MATCHED if matches else SecretVerdict.MISMATCHED

    def _check_code(self, codes: "Codes", claim: Claim, field: str, code: Secret, key: str) -> SecretVerdict:
        """A code counts once: a right one that was used before is a wrong one."""
        try:
            row = self._claimed(claim)
            stored = row.secrets.get(field) if row is not None else None
            account = row.customer_id if row is not None else "nobody"
            step = codes.keeper.step(stored, account, field, code, codes.wall())
            if row is None or stored is None:
                return SecretVerdict.MISMATCHED if row is None else SecretVerdict.NOT_SET
            if step is None or not self._table.use_code(account, field, step, key):
                return SecretVerdict.MISMATCHED
            if codes.keeper.is_outdated(stored):
                self._table.keep_hash(account, field, codes.keeper.renewed(stored, account, field))
        except (StoreError, KeyringError) as trouble:
            log.error("code not checked", trouble=type(trouble).__name__)
            return SecretVerdict.UNAVAILABLE
        return SecretVerdict.MATCHED

    def details(self, ref: str, names: tuple[str, ...]) -> Details:
        """Columns of the customer's row."""
        try:
            row = self._table.get(ref)
        except StoreError:
            return Details(None)
        if row is None:
            return Details(None)
        return Details({name: row.columns[name] for name in names if row.columns.get(name)})

    def _rows(self, by: str, value: str) -> list[CustomerRow]:
        return self._table.find(ANI if by in self._phones else by, value, MOST_TOLD_APART + 1)

    def _of(self, rows: list[CustomerRow], field: str, value: str) -> list[CustomerRow]:
        """Those of these rows that have this value."""
        if field not in self._phones:
            value = _same_amount(value) if field in self._amounts else value
            return [row for row in rows if self._value(row, field) == value]
        having = {row.customer_id for row in self._rows(field, value)}
        return [row for row in rows if row.customer_id in having]

    def _value(self, row: CustomerRow, field: str) -> str:
        """What a row has in a field; empty where it has none, or too little of it."""
        ending = self._endings.get(field)
        if field in self._amounts:
            return _same_amount(row.columns.get(field, ""))
        if ending is None:
            return row.columns.get(field, "")
        whole = row.columns.get(ending.column, "")
        return whole[-ending.digits :] if len(whole) >= ending.digits else ""

    def _telling_apart(self, rows: list[CustomerRow]) -> tuple[str, ...]:
        """Fields in which every one of them has a value of its own."""
        if len(rows) > MOST_TOLD_APART:
            return ()
        values = {field: [self._value(row, field) for row in rows] for field in self._separators}
        return tuple(field for field, all_of_them in values.items() if all(all_of_them) and len(set(all_of_them)) == len(rows))

    def _renew(self, customer_id: str, field: str, stored: str, secret: Secret) -> None:
        """A secret that has matched is kept under today's key and cost. If that fails it matched all the same."""
        try:
            if self._keeper.is_outdated(stored):
                self._table.keep_hash(customer_id, field, self._keeper.stored(customer_id, field, secret))
        except (StoreError, KeyringError) as trouble:
            log.warning("hash not renewed", trouble=type(trouble).__name__)

    def _claimed(self, claim: Claim) -> CustomerRow | None:
        if claim.ref is not None:
            return self._table.get(claim.ref)
        rows = self._rows(claim.by or "", claim.value or "")
        return rows[0] if len(rows) == 1 else None

    def _customer(self, row: CustomerRow, by: str, value: str) -> Customer:
        named = [row.columns[field] for field in self._identifiers if row.columns.get(field)]
        identifier = value if by in self._identifiers else (named[0] if named else row.customer_id)
        return Customer(row.customer_id, identifier, row.columns.get(self._name) or None)


def _same_amount(text: str) -> str:
    """An amount without zeros that say nothing; empty where there is none."""
    try:
        return format(Decimal(text).normalize(), "f") if text else ""
    except InvalidOperation:  # a column that was imported as words before
        return text
