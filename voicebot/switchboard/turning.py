"""What a request of the caller's leg is answered with: waits a short while for an errand, then hands out the document.

Takes no event.
"""

from time import monotonic

from voicebot.dialogue.actions import Verb
from voicebot.ports.store import KeptCall
from voicebot.switchboard.carry_out import Work
from voicebot.switchboard.errand_desk import Pending
from voicebot.switchboard.fetched import Fetched
from voicebot.switchboard.phrases import with_phrase
from voicebot.switchboard.plan import SwitchboardPlan, Turned
from voicebot.switchboard.transactions import Transactions, kept_call

FILLERS = 2  # then the errand counts as lost


class Turning:
    """`fetched` learns what each leg is handed. Methods may be called from any thread."""

    def __init__(self, plan: SwitchboardPlan, work: Transactions, fetched: Fetched) -> None:
        self._plan, self._work, self._fetched = plan, work, fetched

    def answer(self, work: Work, key: str | None, *, first: bool = True) -> Turned:
        """Wait for the errand as long as a request may, then answer with what there is. Only the `first` one hears a filler."""
        call_id = work.kept.call.id
        out = self._work.errands.out(call_id)
        if work.errand is None and out is None and work.kept.call.open_errand is None:
            return self.turned(work.kept)
        if (late := self._waited_for(call_id)) is not None and first:
            late.fillers += 1
        kept = self._work.read(lambda ledger: kept_call(ledger, call_id))
        if key is not None and first and kept.call.open_errand is None:
            with self._plan.store.transaction() as ledger:
                ledger.answer(key, str(kept.seq))
        return self.turned(kept)

    def document(self, call_id: str) -> Turned:
        """The current document, by whatever number it was asked for; never an event.

        A query that nobody runs any more (we were restarted) is asked again, and such a check is lost; so is an errand that two
        fillers did not outlast.
        """
        kept = self._work.read(lambda ledger: kept_call(ledger, call_id))
        errand = kept.call.open_errand
        if errand is None:
            return self.turned(kept)
        if self._work.errands.out(call_id) is None and not self._work.ask_again(kept.call):
            self._work.lose_errand(call_id, errand)
        elif (out := self._waited_for(call_id)) is not None:
            out.fillers += 1
            if out.fillers > FILLERS:
                self._work.lose_errand(call_id, out.errand)
        return self.turned(self._work.read(lambda ledger: kept_call(ledger, call_id)))

    def turned(self, kept: KeptCall, *, fetched: bool = True) -> Turned:
        """The document of this call as it stands; `fetched`: its leg is handed it now."""
        call = kept.call
        pending = call.open_errand is not None
        if fetched:
            self._fetched.note(call.id, 0 if pending else kept.seq, self._plan.clock.now())
        seq, verbs = kept.seq + 1 if pending else kept.seq, self._spoken(call.id, call.verbs)
        return Turned(call.id, seq, verbs, kept.prompts, call.line.language, call.line, pending)

    def stored(self, kept: KeptCall, seq: int) -> Turned:
        """The document that this very request was answered with before."""
        call = kept.call
        verbs = self._work.read(lambda ledger: ledger.document(call.id, seq))
        if verbs is None:
            return self.turned(kept)
        self._fetched.note(call.id, 0, self._plan.clock.now())
        return Turned(call.id, seq, self._spoken(call.id, verbs), kept.prompts, call.line.language, call.line)

    def _waited_for(self, call_id: str) -> Pending | None:
        """Wait for a call's errand, and for one that follows from it, as long as a request may; gives one that is not done."""
        until = monotonic() + self._plan.request_waits
        while (out := self._work.errands.out(call_id)) is not None:
            if not out.done.wait(max(0.0, until - monotonic())):
                return out
        return None

    def _spoken(self, call_id: str, verbs: tuple[Verb, ...]) -> tuple[Verb, ...]:
        return with_phrase(verbs, lambda: self._work.read(lambda ledger: ledger.phrase(call_id, self._plan.clock.now())))
