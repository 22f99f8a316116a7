"""The open errand made once more, for a process that found it open and run by nobody. Takes no event and changes no call.

A query follows from the call alone. A check needs the entry that began it, since no secret is kept anywhere.
"""

from voicebot.dialogue.actions import CheckSecret, Errand, FetchDetails, FindExisting, IdentifyCaller
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.collect import Took, read_keys
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.journeys import arrival, authenticate, self_service, step_up
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.values import Modality, Secret


def query_again(call: Call) -> IdentifyCaller | FindExisting | FetchDetails | None:
    """The open errand, if it is one that may be asked as often as one likes; None where it is a check, or none is open."""
    number, state = call.open_errand, call.authenticating
    if number is None or step_up.under_way(call):
        return None
    if call.stage is Stage.SELF_SERVICE:
        return self_service.fetching(call, number)
    if state.by_ani:
        return arrival.looking_up(call, number)
    if state.claimed is not None and state.claimed.proven is not None:
        return IdentifyCaller(number, state.claimed.by, state.claimed.value)
    if state.heard is None:
        return None
    if state.heard.needs_yes:
        return FindExisting(number, plan(call).name, (state.heard.value, *state.heard.others), plan(call).customers)
    return IdentifyCaller(number, plan(call).name, state.heard.value, state.within)


def errand_again(call: Call, event: EntryKeyed) -> Errand | None:
    """The open errand, for a repeat of the request whose entry began it and which died before its answer.

    The entry was taken and its attempt reserved then, so it is not answered a second time. None where it cannot have begun it.
    """
    if call.open_errand is None or event.turn != call.turn:
        return None
    if (query := query_again(call)) is not None:
        return query
    if call.step_up is not None and call.step_up.under_way:
        proof = call.step_up.proof
        keyed = read_keys(event.keys.reveal(), proof.shape)
        check = CheckSecret(call.open_errand, step_up.claim_of(call), proof.name, Secret(keyed.digits))
        return check if keyed.took is Took.COMPLETE else None
    field, state = plan(call), call.authenticating
    keyed = read_keys(event.keys.reveal(), field.shape, spilled=state.spilled)
    if keyed.took is not Took.COMPLETE or state.modality is not Modality.KEYPAD:
        return None
    return CheckSecret(call.open_errand, authenticate.claim_of(call), field.name, Secret(keyed.digits))
