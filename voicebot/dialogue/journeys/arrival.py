"""The first moment: open or closed, greet, and look the calling number up where the line wants that."""

from dataclasses import replace

from voicebot.dialogue.actions import IdentifyCaller, Say, WakeAt
from voicebot.dialogue.call import Authenticating, Call, Stage
from voicebot.dialogue.documents import Step, ended, errand_number, joined_steps, say_first, with_errand
from voicebot.dialogue.events import CallArrived
from voicebot.dialogue.journeys import callback_wish
from voicebot.dialogue.journeys.selecting import ask_next
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.timers import BOT_TIME, BOT_TIME_IS_UP
from voicebot.dialogue.values import Ending
from voicebot.dialogue.verification import worth_looking_up


def step(call: Call, event: CallArrived) -> Step:
    """Begin."""
    call = replace(
        call,
        line=event.line,
        stage=Stage.AUTHENTICATE,
        ani=event.ani,
        started_at=event.at,
        is_open=event.is_open,
        closes_at=event.closes_at,
        can_listen=event.can_listen and event.line.listen,
    )
    arrived = Note(
        Noted.ARRIVED,
        (
            ("line", event.line.name),
            ("language", event.line.language),
            ("ani", event.ani.standing.value),
            ("attestation", event.ani.attestation.value),
            ("open", event.is_open),
            ("listening", call.can_listen),
        ),
    )
    begun: Step = (call, [arrived, WakeAt(event.at + BOT_TIME, BOT_TIME_IS_UP)])
    if not event.is_open and call.queue.offer_callback:
        return joined_steps(begun, callback_wish.out_of_hours(call, event.at))
    if not event.is_open:
        return joined_steps((call, [arrived]), ended(call, Ending.CLOSED, event.at, Say("closed")))
    call = say_first(call, Say("greeting"))
    if event.line.ani_identification and event.ani.number and worth_looking_up(event.ani):
        call, number = errand_number(replace(call, authenticating=Authenticating(by_ani=True)))
        return joined_steps(begun, with_errand(call, looking_up(call, number)))
    return joined_steps(begun, ask_next(call, event.at))


def looking_up(call: Call, number: int) -> IdentifyCaller:
    """The errand of this number, which looks the calling number up."""
    assert call.ani is not None  # it is looked up only where it is known  # noqa: S101
    assert call.ani.number is not None  # likewise  # noqa: S101
    return IdentifyCaller(number, "ani", call.ani.number)
