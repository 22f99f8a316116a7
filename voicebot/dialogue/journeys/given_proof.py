"""What a fresh proof is worth once it was given: it is made use of once, for what it was given for, and within its time."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.call import Call
from voicebot.dialogue.documents import Step
from voicebot.dialogue.events import ProofRedeemed
from voicebot.dialogue.journeys.step_up import note_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.proving import Progress, StepUp


def redeemed(call: Call, event: ProofRedeemed) -> Step:
    """The company makes use of it. Anything but what it was given for changes nothing."""
    passed, customer = call.step_up, call.customer
    wanted = (event.number, event.customer, event.action, event.amount)
    if passed is None or customer is None or not passed.counts(event.at):
        return call, [token_refused("it does not count, or no more")]
    if wanted != (passed.number, customer.ref, passed.plan.name, passed.amount_told):
        return call, [token_refused("it is for something else")]
    return _over(call, passed.over(Progress.REDEEMED))


def token_refused(why: str) -> Note:
    """Whoever has shown it is not told why; the journal is."""
    return Note(Noted.TOKEN_REFUSED, (("why", why),))


def used(call: Call) -> Step:
    """The line itself has made use of it, at once."""
    return _over(call, _given(call).over(Progress.REDEEMED))


def shown(call: Call) -> Call:
    """The agent has its token."""
    return replace(call, step_up=replace(_given(call), shown=True))


def time_is_up(call: Call, at: datetime) -> Step:
    """It counts no longer."""
    passed = call.step_up
    if passed is None or passed.progress is not Progress.PASSED or passed.until is None or at < passed.until:
        return call, []
    return _over(call, passed.over(Progress.EXPIRED))


def _given(call: Call) -> StepUp:
    assert call.step_up is not None  # whoever comes here has looked  # noqa: S101
    return call.step_up


def _over(call: Call, over: StepUp) -> Step:
    """Only the book is closed: nothing changes on the line, and errands go on."""
    return replace(call, step_up=over), [note_of(over)]
