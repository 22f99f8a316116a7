"""The embedded customer table as a back end, for companies that have none of their own."""

import structlog

from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict
from voicebot.errors import StoreError
from voicebot.identity.secrets import SecretKeeper
from voicebot.ports.crm import CustomerRow, CustomerTable, Details, Identified

log = structlog.get_logger(__name__)


class EmbeddedCrm:
    """A `Crm` over the customer table. `identifiers`: the fields in the order in which one is named to the agent."""

    def __init__(self, table: CustomerTable, keeper: SecretKeeper, identifiers: tuple[str, ...], name: str = "name") -> None:
        self._table, self._keeper, self._identifiers, self._name = table, keeper, identifiers, name

    def identify(self, by: str, value: str) -> Identified:
        """Exactly one row is somebody; two or more are several."""
        try:
            rows = self._table.find(by, value)
        except StoreError:
            return Identified(IdentifyResult.UNAVAILABLE)
        if not rows:
            return Identified(IdentifyResult.NOT_FOUND)
        if len(rows) > 1:
            return Identified(IdentifyResult.SEVERAL)
        return Identified(IdentifyResult.FOUND, self._customer(rows[0], by, value))

    def check_secret(self, claim: Claim, field: str, secret: Secret) -> SecretVerdict:
        """The same work whether the account exists, has this secret, or not."""
        try:
            row = self._claimed(claim)
            stored = row.secrets.get(field) if row is not None else None
            account = row.customer_id if row is not None else "nobody"
            matches = self._keeper.matches(stored, account, field, secret)
            if matches is None:
                return SecretVerdict.UNAVAILABLE
            if row is not None and stored is None:
                return SecretVerdict.NOT_SET
            if matches and row is not None and stored is not None and self._keeper.is_outdated(stored):
                self._table.keep_hash(row.customer_id, field, self._keeper.stored(row.customer_id, field, secret))
        except StoreError:
            return SecretVerdict.UNAVAILABLE
        return SecretVerdict.MATCHED if matches else SecretVerdict.MISMATCHED

    def details(self, ref: str, names: tuple[str, ...]) -> Details:
        """Columns of the customer's row."""
        try:
            row = self._table.get(ref)
        except StoreError:
            return Details(None)
        if row is None:
            return Details(None)
        return Details({name: row.columns[name] for name in names if row.columns.get(name)})

    def _claimed(self, claim: Claim) -> CustomerRow | None:
        if claim.ref is not None:
            return self._table.get(claim.ref)
        rows = self._table.find(claim.by or "", claim.value or "")
        return rows[0] if len(rows) == 1 else None

    def _customer(self, row: CustomerRow, by: str, value: str) -> Customer:
        named = [row.columns[field] for field in self._identifiers if row.columns.get(field)]
        identifier = value if by in self._identifiers else (named[0] if named else row.customer_id)
        return Customer(row.customer_id, identifier, row.columns.get(self._name) or None)
