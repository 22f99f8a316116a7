"""An agent at the desk of the server that is killed: begins a payment, charges the card when it is complete, ends the call then.

Knows nothing from before: whoever sits there after a restart looks at the call and goes on.
"""

import threading
import time
from datetime import timedelta

from voicebot.app import House
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.payment import PaymentState

LINE, AGENT, AMOUNT = "pays", "mira", "12.50"


def sit_down(house: House) -> None:
    """From now on, until the process ends."""
    threading.Thread(target=_work, args=(house,), name="clerk", daemon=True).start()


def _work(house: House) -> None:
    while True:
        for call in _talking(house):
            _go_on(house, call)
        time.sleep(0.02)


def _talking(house: House) -> list[Call]:
    with house.store.reading() as ledger:
        known = [ledger.load_call(one) for one in ledger.open_calls(house.clock.now() - timedelta(hours=4))]
    calls = [one.call for one in known if one is not None]
    return [call for call in calls if call.line.name == LINE and call.stage is Stage.TRANSFER and call.serving is not None
            and call.serving.joined_at is not None]  # fmt: skip


def _go_on(house: House, call: Call) -> None:
    desk, paid = house.switchboard.desk, call.payment
    if paid is None:
        desk.payments.begin(AGENT, call.id, AMOUNT)
    elif paid.state is PaymentState.ENTERED:
        desk.payments.charge(AGENT, call.id)
    elif not paid.under_way:
        desk.end(AGENT, call.id)
