"""Validation tokens: what an agent can show the company's other systems for a proof that a caller gave in this call.

A token is `<call>.<number>.<signature>` and is kept nowhere: the signature covers call, customer, action, amount and end. It
counts once, which the call's own state keeps, so that a stolen database makes no token and a used one stays used.
"""

import hmac
from enum import StrEnum

from voicebot.dialogue.call import Call
from voicebot.dialogue.events import ProofRedeemed
from voicebot.dialogue.journeys.given_proof import token_refused
from voicebot.dialogue.proving import Progress
from voicebot.errors import ImpossibleEvent
from voicebot.keyring import Keyring
from voicebot.ports.store import Ledger
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.transactions import Transactions, kept_call

LONGEST_TOKEN = 200
PURPOSE = "validation-token"


class Redeemed(StrEnum):
    """What became of a token that was shown to us."""

    VALID = "valid"  # this time, and never again
    INVALID = "invalid"  # of no proof, for something else, used before, or too late: nobody is told which


def token_of(call: Call, keyring: Keyring) -> str:
    """The token of the newest proof of a call. Only for one that was passed."""
    assert call.step_up is not None  # refused otherwise  # noqa: S101
    return f"{call.id}.{call.step_up.number}.{_signature(call, keyring)}"


def _signature(call: Call, keyring: Keyring) -> str:
    step_up, customer = call.step_up, call.customer
    content = f"{step_up.content} {customer.ref}" if step_up is not None and customer is not None else ""
    return keyring.blind(PURPOSE, f"{call.id} {content}")


class Proofs:
    """What the company's back end asks about tokens."""

    def __init__(self, work: Transactions, keyring: Keyring) -> None:
        self._work, self._keyring = work, keyring

    def redeem(self, token: str, customer: str, action: str, amount: str) -> Redeemed:
        """Use a token up, if it is for exactly this. `customer` is the back end's own key, `amount` like `1250.00 EUR`."""
        call_id, _, rest = token[:LONGEST_TOKEN].partition(".")
        number, _, signature = rest.partition(".")
        answers = [Redeemed.INVALID]

        def take(ledger: Ledger, desk: Desk) -> Work:
            answers.append(Redeemed.INVALID)
            kept = kept_call(ledger, call_id)
            before = kept.call.step_up
            known = number.isdecimal() and number.isascii() and before is not None
            if not known or not hmac.compare_digest(_signature(kept.call, self._keyring).encode(), signature.encode()):
                ledger.note(kept.call.id, token_refused("it is not that of the call's newest proof"), desk.at)
                return Work(kept)
            work = desk.take(kept, ProofRedeemed(desk.at, int(number), customer, action, amount))
            after = work.kept.call.step_up
            used = before is not None and before.progress is Progress.PASSED
            if used and after is not None and after.progress is Progress.REDEEMED:
                answers.append(Redeemed.VALID)
            return work

        try:
            self._work.transact(take, answering=False)
        except ImpossibleEvent:
            return Redeemed.INVALID  # nobody knows such a call
        return answers[-1]
