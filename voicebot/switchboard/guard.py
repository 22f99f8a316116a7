"""Counts tries at secrets across calls: per account, per calling number, and over all accounts. The rules are the dialogue's.

Works within one open transaction and asks nobody. Accounts and numbers are known here by keyed hashes only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from voicebot.dialogue import lockout, policy
from voicebot.dialogue.actions import CheckSecret, Claim
from voicebot.dialogue.values import Ani, SecretVerdict
from voicebot.keyring import Keyring
from voicebot.ports.store import Ledger

WITHHELD = "withheld"  # all numbers that are not shown, or are none


@dataclass(frozen=True)
class Reservation:
    """A try that was counted before it is made. `marks`: keys of what was counted against the calling number.

    `refused`: the account is locked, but nobody may notice, so the check is made like any other and its verdict thrown away.
    """

    account: str
    at: datetime
    marks: tuple[str, ...] = ()
    refused: bool = False
    joint: bool = False


@dataclass(frozen=True)
class Alarm:
    """An attack begins or is over: how many accounts failed in the last window, and in the hour before it."""

    begins: bool
    failing: int
    hour_before: int


class SecretGuard:
    """Reserves tries before they are made, and settles them afterwards."""

    def __init__(self, ledger: Ledger, keyring: Keyring, at: datetime) -> None:
        self._ledger, self._keyring, self._at = ledger, keyring, at

    def reserve(self, errand: CheckSecret, ani: Ani | None, *, joint: bool) -> Reservation | SecretVerdict:
        """Count a try; LIMITED or LOCKED where it may not be made."""
        account, number = self.account(errand.claim), _number_of(ani)
        if not policy.may_try(self._record(number)):
            return SecretVerdict.LIMITED
        standing = lockout.reserve(self._ledger.standing(account), self._at)
        if standing is None and not joint:
            return SecretVerdict.LOCKED
        if standing is not None:
            self._ledger.save_standing(account, standing)
        return Reservation(account, self._at, self._mark_number(number, account), refused=standing is None, joint=joint)

    def reserved_before(
        self, errand: CheckSecret, ani: Ani | None, noted: Collection[datetime], *, joint: bool
    ) -> Reservation | None:
        """The try that a process reserved before it died, with what it counted against the calling number.

        `noted`: when the call's journal was written to. An entry is noted in the transaction that reserves its try, at the very
        same time, which tells this try from others at the same account.
        """
        account, number = self.account(errand.claim), _number_of(ani)
        own = [at for at in self._ledger.standing(account).unknown if at in noted]
        if own:
            return Reservation(account, own[-1], self._number_keys(number, account), joint=joint)
        return Reservation(account, self._at, refused=True, joint=joint) if joint else None

    def settle(self, held: Reservation, verdict: SecretVerdict) -> SecretVerdict:
        """What became of a try; gives the verdict that counts."""
        if held.refused:
            verdict = SecretVerdict.LOCKED
        else:
            standing = lockout.settle(self._ledger.standing(held.account), held.at, verdict, self._at)
            self._ledger.save_standing(held.account, standing)
        if _failed(verdict, joint=held.joint):
            self._mark_failing(held.account)
        else:
            for key in held.marks:
                self._ledger.unmark(key, held.at)
        return verdict

    # ---- all accounts together -----------------------------------------------------------------------------------

    def under_attack(self) -> bool:
        """Whether a matching secret alone proves nothing at present."""
        return policy.is_attack(*self._failing())

    def alarm(self) -> Alarm | None:
        """Whether an attack begins or is over with what was just settled. Told once."""
        begun = self._ledger.last_mark(self._key("attack-begun"), self._at)
        over = self._ledger.last_mark(self._key("attack-over"), self._at)
        was_told = begun is not None and (over is None or over < begun)
        failing, hour_before = self._failing()
        if policy.is_attack(failing, hour_before) is was_told:
            return None
        self._ledger.mark(self._key("attack-over" if was_told else "attack-begun"), self._at)
        return Alarm(not was_told, failing, hour_before)

    def _failing(self) -> tuple[int, int]:
        """Accounts that failed in the window until now, and in the hour before it."""
        window, key = policy.ATTACK_WINDOW, self._key("failing")
        return self._count(key, self._at, window), self._count(key, self._at - window, policy.HOUR)

    def _mark_failing(self, account: str) -> None:
        """An account counts again once its last count has left the window."""
        own = self._key("failing-account", account)
        if not self._count(own, self._at, policy.ATTACK_WINDOW):
            self._ledger.mark(own, self._at)
            self._ledger.mark(self._key("failing"), self._at)

    # ---- one calling number --------------------------------------------------------------------------------------

    def _record(self, number: str) -> policy.NumberRecord:
        key = self._key("failures", number)
        self._ledger.standing(key)  # locks it, so that two tries at once are counted one after the other
        failures = self._count(key, self._at, policy.HOUR)
        accounts = self._count(self._key("accounts", number), self._at, policy.DAY)
        return policy.NumberRecord(number == WITHHELD, failures, accounts)

    def _mark_number(self, number: str, account: str) -> tuple[str, ...]:
        failures, pair, accounts = self._number_keys(number, account)
        is_new = number != WITHHELD and not self._count(pair, self._at, policy.DAY)
        keys = (failures, pair, accounts) if is_new else (failures,)
        for key in keys:
            self._ledger.mark(key, self._at)
        return keys

    def _number_keys(self, number: str, account: str) -> tuple[str, str, str]:
        """All that a try may have counted against a number. To take back what was not counted does nothing."""
        return (
            self._key("failures", number),
            self._key("account-of-number", number, account),
            self._key("accounts", number),
        )

    # ---- keys ----------------------------------------------------------------------------------------------------

    def account(self, claim: Claim) -> str:
        """The account's key in the counters: never the number itself."""
        return self._keyring.blind("account", claim.ref if claim.ref is not None else f"{claim.by}={claim.value}")

    def _key(self, what: str, *parts: str) -> str:
        return self._keyring.blind(f"policy-{what}", "\x1f".join(parts))

    def _count(self, key: str, at: datetime, window: timedelta) -> int:
        return self._ledger.count(key, at, int(window.total_seconds()))


def _number_of(ani: Ani | None) -> str:
    return ani.number if ani is not None and ani.number else WITHHELD


def _failed(verdict: SecretVerdict, *, joint: bool) -> bool:
    """Whether this counts against number and accounts. With one verdict for all, whatever sounds wrong counts as wrong."""
    return verdict is SecretVerdict.MISMATCHED or (joint and verdict in (SecretVerdict.LOCKED, SecretVerdict.NOT_SET))
