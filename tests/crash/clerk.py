"""An agent at the desk of the server that is killed: has a card paid or a fresh proof given, makes use of it, ends the call then;
or reads a phrase out to a customer who is called back.

Knows nothing from before: whoever sits there after a restart looks at the call and goes on.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from voicebot.app import House
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.payment import PaymentState
from voicebot.dialogue.proving import Progress
from voicebot.switchboard.answers import Done

AGENT, AMOUNT, PAYOUT = "mira", "12.50", "250.00"
TO_BE_READ = "a phrase to be read"  # the subject of a callback in which the clerk asks for it


def sit_down(house: House) -> None:
    """From now on, until the process ends."""
    threading.Thread(target=_work, args=(house,), name="clerk", daemon=True).start()


def _work(house: House) -> None:
    while True:
        for call in _talking(house):
            at_work(call)(house, call)
        time.sleep(0.02)


def _talking(house: House) -> list[Call]:
    with house.store.reading() as ledger:
        known = [ledger.load_call(one) for one in ledger.open_calls(house.clock.now() - timedelta(hours=4))]
    calls = [one.call for one in known if one is not None]
    return [call for call in calls if call.stage is Stage.TRANSFER and call.serving is not None
            and call.serving.joined_at is not None]  # fmt: skip


def at_work(call: Call) -> Callable[[House, Call], None]:
    """What is to be done in this conversation."""
    if call.callback is not None and call.callback.subject == TO_BE_READ:
        return _reads_out
    return AT_WORK.get(call.line.name, _talks)


def _talks(house: House, call: Call) -> None:
    """Nothing that is written down."""


def _reads_out(house: House, call: Call) -> None:
    if call.callback is not None and call.callback.is_phrase_ready:
        house.switchboard.desk.phrases.read(AGENT, call.id)


def _has_it_paid(house: House, call: Call) -> None:
    desk, paid = house.switchboard.desk, call.payment
    if paid is None:
        desk.payments.begin(AGENT, call.id, AMOUNT)
    elif paid.state is PaymentState.ENTERED:
        desk.payments.charge(AGENT, call.id)
    elif not paid.under_way:
        desk.end(AGENT, call.id)


def _has_it_proven(house: House, call: Call) -> None:
    desk, proof = house.switchboard.desk, call.step_up
    if proof is None:
        desk.step_up(AGENT, call.id, "payout", PAYOUT)
    elif proof.progress is Progress.PASSED and isinstance(shown := desk.token(AGENT, call.id), Done):
        ref = call.customer.ref if call.customer is not None else ""
        house.switchboard.proofs.redeem(shown.token, ref, "payout", proof.amount_told)
    elif not proof.under_way:
        desk.end(AGENT, call.id)


AT_WORK: dict[str, Callable[[House, Call], None]] = {"pays": _has_it_paid, "proves": _has_it_proven}
