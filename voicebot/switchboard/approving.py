"""Takes on an approval in a customer's app, within one open transaction, and checks the code that the caller keys for it.

The code is kept nowhere: it follows from the call, the approval's number and a key outside the database.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from voicebot.dialogue.approving import CODE, ApprovalResult, CheckCode, RequestApproval
from voicebot.dialogue.call import Call
from voicebot.dialogue.events import ApprovalRequested, CodeChecked
from voicebot.dialogue.values import Secret
from voicebot.keyring import Keyring
from voicebot.ports.approvals import KeptApproval
from voicebot.ports.store import Effect, EffectKind, Ledger

DAY = 86_400  # seconds
IN_VAIN_A_DAY = 3  # of one customer, whoever calls
APART = 60  # seconds between two
PINGED = "approval-pinged"
AFTERWARDS = timedelta(seconds=60)  # a provider that says nothing for so long after its own end is not looked at any more


def begin(ledger: Ledger, keyring: Keyring, call: Call, wanted: RequestApproval, at: datetime) -> Effect | ApprovalRequested:
    """The effect that asks for it, or why it is not asked for: one at a time for a customer, and not too often in vain."""
    customer = customer_key(keyring, wanted.ref)
    if _too_often(ledger, keyring, wanted.ref, at):
        return ApprovalRequested(at, wanted.approval, ApprovalResult.LIMITED)
    about = {"approval": wanted.approval, "seconds": wanted.seconds, "about": wanted.about}
    effect = ledger.put_effect(Effect(EffectKind.APPROVE, call.id, about), at)
    until = at + timedelta(seconds=wanted.seconds) + AFTERWARDS
    ping = keyring.blind(PINGED, ping_token(keyring, call.id, wanted.approval))
    if not ledger.keep_approval(KeptApproval(call.id, wanted.approval, customer, ping, effect.id, at, until)):
        ledger.finish_effect(effect.id)
        return ApprovalRequested(at, wanted.approval, ApprovalResult.ELSEWHERE)
    ledger.mark(_asked(keyring, wanted.ref), at)
    return effect


def code_checked(keyring: Keyring, call: Call, check: CheckCode, at: datetime) -> CodeChecked:
    """Whether it is the one that the app shows. In constant time."""
    right = hmac.compare_digest(code_of(keyring, call.id, check.approval).reveal().encode(), check.keys.reveal().encode())
    return CodeChecked(at, check.approval, right)


def code_of(keyring: Keyring, call_id: str, number: int) -> Secret:
    """The code of one approval."""
    drawn = hashlib.sha256(keyring.blind("approval-code", f"{call_id} {number}").encode()).digest()
    return Secret(str(int.from_bytes(drawn) % 10**CODE.longest).rjust(CODE.longest, "0"))


def ping_token(keyring: Keyring, call_id: str, number: int) -> str:
    """What the provider is to show us with a ping: 43 characters, 256 bits (CIBA Core 1.0, 7.1)."""
    return keyring.blind("approval-ping", f"{call_id} {number}")


def customer_key(keyring: Keyring, ref: str) -> str:
    """Whose approval it is, as a keyed hash."""
    return keyring.blind("approval-of", ref)


def succeeded(ledger: Ledger, keyring: Keyring, ref: str, at: datetime) -> None:
    """What was in vain before counts no more."""
    ledger.mark(keyring.blind("approvals-given", ref), at)


def never_asked(ledger: Ledger, keyring: Keyring, ref: str, at: datetime) -> None:
    """It reached nobody, so it does not count. `at`: when it was begun."""
    ledger.unmark(_asked(keyring, ref), at)


def _too_often(ledger: Ledger, keyring: Keyring, ref: str, at: datetime) -> bool:
    asked = _asked(keyring, ref)
    last, given = ledger.last_mark(asked, at), ledger.last_mark(keyring.blind("approvals-given", ref), at)
    if last is not None and (at - last).total_seconds() < APART and (given is None or given < last):
        return True
    since_given = DAY if given is None else min(DAY, int((at - given).total_seconds()))
    return since_given > 0 and ledger.count(asked, at, since_given) >= IN_VAIN_A_DAY


def _asked(keyring: Keyring, ref: str) -> str:
    return keyring.blind("approvals-asked", ref)
