"""What the company's own payment page tells of a link. Who it is has been made sure of before."""

from voicebot.dialogue.payment import PaymentReported, PaymentState, last_four_of, reference_of
from voicebot.errors import ImpossibleEvent
from voicebot.ports.store import Ledger
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.transactions import Transactions, kept_call

LONGEST_NAME = 80
MASK = "xxxx"


class PaymentReports:
    """Takes them, each any number of times."""

    def __init__(self, work: Transactions) -> None:
        self._work = work

    def report(self, name: str, amount: str, result: str, transaction: str, authorisation: str, card: str) -> str:
        """`taken` where it is what the payment of this name now shows, `unknown` for any other call, payment or amount.

        `result` is `paid` or `declined`; `card` the last four digits or nothing. What could be a card's number is not kept.
        """
        call_id, _, number = name[:LONGEST_NAME].rpartition(".")
        if not (number.isascii() and number.isdecimal()) or result not in ("paid", "declined"):
            return "unknown"
        four, paid = last_four_of(MASK + card), result == "paid"
        answers: list[str] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            known = (reference_of(transaction), reference_of(authorisation), four)
            work = desk.take(kept, PaymentReported(desk.at, int(number), amount, paid, *known))
            now = work.kept.call.payment
            fits = now is not None and now.link and (now.number, now.amount_told) == (int(number), amount)
            shows = now is not None and now.state is (PaymentState.PAID if paid else PaymentState.DECLINED)
            answers.append("taken" if fits and shows else "unknown")
            return work

        try:
            self._work.transact(take, answering=False)
        except ImpossibleEvent:
            return "unknown"  # nobody knows such a call
        return answers[-1]
