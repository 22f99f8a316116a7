"""`step`: one event in, the new call and what is to be done out. Pure; the same call and event give the same answer.

Laws, each with a test:
1. An entry answers the turn that is open, an outcome the errand that is open. Any other leaves a journal note and nothing else.
2. An event that cannot happen raises ImpossibleEvent and changes nothing.
3. Whatever happens, the caller's leg goes on to something or is hung up on purpose.
"""

from collections.abc import Callable
from dataclasses import replace

from voicebot.dialogue.actions import Record
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.documents import (
    Step,
    door_failed,
    extension_of,
    joined_steps,
    open_question,
    records_answers,
    stream_lost,
    too_late,
)
from voicebot.dialogue.events import (
    AgentLeft,
    ApprovalAnswered,
    ApprovalRequested,
    CallArrived,
    CallbackDue,
    CallerHungUp,
    CallerIdentified,
    CodeChecked,
    CustomerNotReached,
    DetailsFetched,
    DoorFailed,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    Event,
    ExistingFound,
    NoInput,
    ProofRedeemed,
    RoomLeft,
    SecretChecked,
    SpeechLost,
    TimeCame,
    TroubleMet,
)
from voicebot.dialogue.forms import Door
from voicebot.dialogue.journeys import (
    approval,
    arrival,
    authenticate,
    callback,
    callback_wish,
    given_proof,
    hand_over,
    payment,
    self_service,
    step_up,
    survey,
    transfer,
    wait,
)
from voicebot.dialogue.journeys.asking import recording_failed
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.payment import PaymentNews
from voicebot.dialogue.taping import tape
from voicebot.dialogue.timers import PAYMENT_SILENT, STEP_UP_OVER
from voicebot.dialogue.values import Ending, Reason
from voicebot.errors import ImpossibleEvent

_JOURNEYS: dict[Stage, Callable[[Call, Event], Step]] = {
    Stage.AUTHENTICATE: authenticate.step,
    Stage.SELF_SERVICE: self_service.step,
    Stage.WAIT: wait.step,
    Stage.TRANSFER: transfer.step,
    Stage.CALLBACK: callback.step,
    Stage.SURVEY: survey.step,
    Stage.HANDED_OVER: hand_over.step,
}


def step(call: Call, event: Event) -> Step:
    """The call after this event, and the actions it asks for: verbs for the line, errands, wishes, notes."""
    before, was_over = tape(call), call.stage is Stage.ENDED
    dropped = callback_wish.dropping(call) if call.stage is Stage.WAIT else []
    call, actions = _step(call, event)
    if dropped and call.stage is not Stage.WAIT and call.ending is not Ending.CALLBACK_PROMISED:
        actions = [*actions, *dropped]
    call, actions = joined_steps((call, actions), payment.left_behind(call))
    if call.stage not in (Stage.TRANSFER, Stage.SELF_SERVICE):
        call, actions = joined_steps((call, actions), step_up.given_up(call, "the caller went on to something else"))
    if call.stage not in (Stage.WAIT, Stage.TRANSFER, Stage.SELF_SERVICE):
        call, actions = joined_steps((call, actions), approval.let_go(call))
    if call.stage is Stage.ENDED and not was_over and call.callback is not None:
        actions = [*actions, *callback.settled(call)]
    if (after := tape(call)) is not before:
        call = replace(call, recording_begun=True)
        actions = [*actions, Record(), Note(Noted.RECORDING, (("tape", after.value),))]
    return call, actions


def _step(call: Call, event: Event) -> Step:
    if isinstance(event, CallArrived | CallbackDue):
        if call.stage is not Stage.NEW:
            raise ImpossibleEvent("this call has arrived already")
        return arrival.step(call, event) if isinstance(event, CallArrived) else callback.begin(call, event)
    if call.stage is Stage.NEW:
        raise ImpossibleEvent(f"{type(event).__name__} before the call arrived")
    if call.stage is Stage.ENDED and isinstance(event, CallerHungUp | RoomLeft | AgentLeft | CustomerNotReached):
        return call, []  # how every call goes out; nothing to tell
    if isinstance(event, ProofRedeemed):
        return given_proof.redeemed(call, event)  # also shortly after the call: what was proven is to be done then
    if isinstance(event, PaymentNews):
        return self_service.paid(call, payment.news(call, event), event.at)  # the same: what was charged was charged
    if call.stage is Stage.ENDED or _after_its_time(call, event):
        return too_late(call, event)
    if call.stage is Stage.CALLBACK and isinstance(event, CallerHungUp | TroubleMet):
        return callback.step(call, event)
    match event:
        case SpeechLost() | DoorFailed():
            return _speech_lost(call, event) if isinstance(event, SpeechLost) else _door_failed(call, event)
        case CallerHungUp():
            return transfer.caller_left(call, event.at)
        case TimeCame(name=name) if name == STEP_UP_OVER:
            return given_proof.time_is_up(call, event.at)
        case TimeCame(name=name) if name == PAYMENT_SILENT:
            return self_service.paid(call, payment.time_is_up(call, event.at), event.at)
        case TroubleMet():
            return _trouble(call, event)
        case ApprovalRequested() | ApprovalAnswered() | CodeChecked():
            return _approval_came(call, event)
    return _JOURNEYS[call.stage](call, event)


def _approval_came(call: Call, event: approval.Came) -> Step:
    """Asked for in line, or as a fresh proof: with an agent, or by the line itself."""
    if not approval.under_way(call).step_up:
        return approval.came(call, event)
    return self_service.proven(call, step_up.approval_came(call, event), event.at)


def _after_its_time(call: Call, event: Event) -> bool:
    """Whether this answers a question or an errand that is closed. One that was never asked is impossible."""
    match event:
        case EntryKeyed() | EntrySpoken() | NoInput() | DoorFailed():
            if event.turn > call.turn:
                raise ImpossibleEvent(f"{type(event).__name__} for a question that was not asked yet")
            return event.turn < call.turn or (isinstance(event, NoInput) and _ran_out_before(call, event))
        case CallerIdentified() | ExistingFound() | SecretChecked() | DetailsFetched() | ErrandLost():
            if event.errand > call.errands:
                raise ImpossibleEvent(f"{type(event).__name__} for an errand that was not asked yet")
            return event.errand != call.open_errand
        case ApprovalRequested() | ApprovalAnswered() | CodeChecked():
            if event.approval > call.approvals:
                raise ImpossibleEvent(f"{type(event).__name__} for an approval that was not asked for yet")
            newest = call.approval
            return newest is None or event.approval < newest.number or not newest.under_way
    return False


def _ran_out_before(call: Call, event: NoInput) -> bool:
    """Whether this is the end of a question that has been held open since."""
    if event.extension > extension_of(call):
        raise ImpossibleEvent("NoInput for an extension that was not granted yet")
    return event.extension < extension_of(call)


def _speech_lost(call: Call, event: SpeechLost) -> Step:
    """Keys go on. The next question opens a new stream, or takes recordings, unless speech has failed too often."""
    if event.phase > call.phase:
        raise ImpossibleEvent("SpeechLost for a phase that was not opened yet")
    if event.phase < call.phase or not call.stream_open:
        return too_late(call, event)
    state = call.authenticating
    tally = replace(state.tally, speech_failures=state.tally.speech_failures + 1)
    lost = call.lost_streams + (call.stream_door is Door.GATHER)
    recorded_before, call = records_answers(call), stream_lost(replace(call, lost_streams=lost))
    notes = [Note(Noted.SPEECH_LOST, (("phase", event.phase),))]
    if records_answers(call) and not recorded_before:  # another way to be heard, and a fresh start with it
        tally, notes = replace(tally, speech_failures=0), [*notes, Note(Noted.ANSWERS_RECORDED)]
    return replace(call, authenticating=replace(state, tally=tally)), [*notes]


def _door_failed(call: Call, event: DoorFailed) -> Step:
    ask = open_question(call)
    return recording_failed(call, event) if ask is not None and ask.door is Door.RECORD else door_failed(call, event)


def _trouble(call: Call, event: TroubleMet) -> Step:
    """Ours to answer for: the caller goes to an agent with whatever was proven, and does not wait for us to mend it."""
    note = Note(Noted.TROUBLE, (("where", event.where),))
    if call.stage in (Stage.WAIT, Stage.TRANSFER):
        return call, [note]
    if call.stage is Stage.SURVEY:
        return joined_steps((call, [note]), survey.broken_off(call, event.at))
    call, actions = wait.enter(call, event.at, Reason.TROUBLE)
    return call, [note, *actions]
