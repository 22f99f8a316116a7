"""Number and secret with one verdict: unknown, wrong and locked sound alike, so that nobody learns which numbers exist.

The number is kept as a claim until its secret has matched; only then does anybody look it up.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import IdentifyCaller
from voicebot.dialogue.call import Call, Claimed
from voicebot.dialogue.documents import Step, errand_number, with_errand
from voicebot.dialogue.events import SecretChecked
from voicebot.dialogue.journeys import asking, wait
from voicebot.dialogue.journeys.selecting import next_field
from voicebot.dialogue.values import Evidence, Modality, Proof, Reason, SecretVerdict


def claim(call: Call, by: str, value: str, modality: Modality, at: datetime) -> Step:
    """The caller has named a number: on to its secret, whether anybody has that number or not."""
    state = call.authenticating
    fresh = next_field(state, len(call.line.identifiers), tries=True)
    fresh = replace(fresh, claimed=Claimed(by, value, modality), attempts=state.attempts - 1)  # number and secret are one entry
    return asking.ask(replace(call, authenticating=fresh), "ask", 1, at)


def verdict(call: Call, claimed: Claimed, event: SecretChecked) -> Step:
    """What the secret came to. In an attack even a right one leads to an agent only, with the words that a wrong one has."""
    if event.verdict is not SecretVerdict.MATCHED:
        if event.under_attack:
            return wait.enter(failed(call, asking.plan(call).name), event.at, Reason.SECRET_NOT_ENOUGH)
        return not_confirmed(call, claimed, event.at)
    state, field = call.authenticating, asking.plan(call)
    proven = Evidence(Proof.SECRET, field.name, event.at, state.modality or Modality.KEYPAD, state.attempts)
    state = replace(state, claimed=replace(claimed, proven=proven), distrusted=event.under_attack)
    call, number = errand_number(replace(call, authenticating=state))
    return with_errand(call, IdentifyCaller(number, claimed.by, claimed.value))


def not_confirmed(call: Call, claimed: Claimed, at: datetime) -> Step:
    """A try. Both are asked again, the number first."""
    call = failed(call, asking.plan(call).name)
    state = call.authenticating
    if state.tally.rejected >= call.line.limits.max_attempts:
        return wait.enter(call, at, Reason.NOT_CONFIRMED)
    names = [field.name for field in call.line.identifiers]
    fresh = replace(next_field(state, names.index(claimed.by), tries=True), attempts=state.attempts)
    return asking.ask(replace(call, authenticating=fresh), "not_confirmed", state.tally.rejected, at)


def failed(call: Call, field: str) -> Call:
    """One rejected entry more, for the limit and for the agent."""
    tally = call.authenticating.tally
    tally = replace(tally, rejected=tally.rejected + 1)
    of_field = dict(call.failures).get(field, 0) + 1
    failures = (*((f, n) for f, n in call.failures if f != field), (field, of_field))
    return replace(call, failures=failures, authenticating=replace(call.authenticating, tally=tally, heard=None))
