"""Another system takes the call: what it is told, and what happens if a SIP peer does not answer or gives the call back."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import HandOver, Say
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.context import Context
from voicebot.dialogue.documents import Step, document, ended, joined_steps, too_late
from voicebot.dialogue.events import Event, HandOverEnded, TimeCame
from voicebot.dialogue.forms import DialTarget
from voicebot.dialogue.journeys import wait
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Ending, Reason


def enter(call: Call, at: datetime) -> Step:
    """Hand the leg over, with what is known."""
    target = call.line.hand_over
    assert target is not None  # the settings are refused without it  # noqa: S101
    call = replace(call, stage=Stage.HANDED_OVER, open_errand=None)
    note = Note(Noted.HANDED_OVER, (("to", target.audience), ("assurance", call.assurance.value)))
    leaves = HandOver(target, context_of(call, target, at))
    return joined_steps((call, [note]), document(call, [Say("transfer.connecting"), leaves]))


def context_of(call: Call, target: DialTarget, at: datetime) -> Context:
    """What the other system is told."""
    customer = call.customer
    return Context(
        call=call.id,
        line=call.line.name,
        audience=target.audience,
        issued_at=at,
        assurance=call.assurance,
        customer=customer.ref if customer is not None else "",
        identifier=customer.identifier if customer is not None and call.line.hand_over_identifier else "",
        evidence=call.evidence,
    )


def step(call: Call, event: Event) -> Step:
    """One event while another system has the call. A caller whom it did not take waits for an agent of ours."""
    match event:
        case HandOverEnded(connected=connected):
            note = Note(Noted.GIVEN_BACK, (("connected", connected),))
            if connected:
                return joined_steps((call, [note]), ended(call, Ending.HANDED_OVER, event.at, Say("goodbye")))
            return joined_steps((call, [note]), wait.enter(call, event.at, Reason.TROUBLE))
        case TimeCame():
            return call, []  # the machine's time matters no more: the call is with somebody else
    return too_late(call, event)
