"""An agent is shown the phrase of a customer whom we have called back: once, and only when somebody has pressed the key."""

from dataclasses import replace

from voicebot.dialogue.deeds import PhraseRead
from voicebot.dialogue.refusals import Refusal, refusal
from voicebot.ports.store import Ledger
from voicebot.switchboard.answers import Answer, Done, Refused
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.transactions import Transactions, kept_call


class PhraseDesk:
    """`agent` is an id of the roster, `call` our call's id. Methods may be called from any thread."""

    def __init__(self, work: Transactions) -> None:
        self._work = work

    def read(self, agent: str, call: str) -> Answer:
        """The phrase. It is wiped, and who has read it is kept, in the transaction in which it is read: nobody is given it twice.

        Where that transaction or its answer is lost, the phrase is lost with it, and the customer hears none.
        """
        answers: list[Answer] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call)
            deed = PhraseRead(desk.at, agent)
            calling, serving, why = kept.call.callback, kept.call.serving, refusal(kept.call, deed)
            if why is not None or calling is None or serving is None:
                answers.append(Refused(why or Refusal.NO_PHRASE))
                return Work(kept)
            phrase = ledger.read_phrase(calling.wish, serving.agent, desk.at)
            if phrase is None:
                answers.append(Refused(Refusal.NO_PHRASE))
                return desk.take(kept, replace(deed, found=False))
            answers.append(Done(phrase=phrase.reveal()))
            return desk.take(kept, deed)

        self._work.transact(take, answering=False)
        return answers[-1]
