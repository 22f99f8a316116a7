"""A fresh proof in mid-call: the caller gives it with nobody else on the line, and comes back to the same agent.

Laws, each with a test:
1. While the caller is away, nobody in the room hears them, and nothing is recorded. With the agent, nothing listens.
2. Nobody passes without a proof that the back end has confirmed in this call, for this action and amount.
3. Whatever happens, the caller goes on: back to the agent, or, if that one is gone, to their place in line.
"""

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, assert_never

from voicebot.dialogue.actions import Action, Arrange, CheckSecret, Claim, Join, Say, WakeAt
from voicebot.dialogue.approving import APPROVAL, SECONDS, Approval, ApprovalProgress, CheckCode
from voicebot.dialogue.call import Call
from voicebot.dialogue.collect import MEANT_FOR_BEFORE, is_empty
from voicebot.dialogue.deeds import StepUpAsked
from voicebot.dialogue.documents import EXTENSIONS, Step, closed_errand, document, errand_number, joined_steps, with_errand
from voicebot.dialogue.events import (
    ApprovalAnswered,
    ApprovalRequested,
    CodeChecked,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    NoInput,
    SecretChecked,
)
from voicebot.dialogue.forms import StepUpPlan
from voicebot.dialogue.journeys import approval, private_question
from voicebot.dialogue.journeys.private_question import Entry, Meaning, asked
from voicebot.dialogue.journeys.room import room_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.proving import TRIES, Progress, StepUp
from voicebot.dialogue.refusals import proofs_of
from voicebot.dialogue.serving import Serving
from voicebot.dialogue.timers import STEP_UP_OVER
from voicebot.dialogue.values import Assurance, Customer, Party, Secret, SecretVerdict
from voicebot.dialogue.verification import assurance_note, secret_matched

Given: TypeAlias = EntryKeyed | EntrySpoken | NoInput | SecretChecked | ErrandLost


def under_way(call: Call) -> bool:
    """Whether the caller is away from the agent for a proof."""
    return call.step_up is not None and call.step_up.under_way


def begun(call: Call, serving: Serving, deed: StepUpAsked) -> Step:
    """The agent hears music; the caller leaves the room for a question of their own."""
    plan = next(one for one in call.line.step_ups if one.name == deed.action)
    proofs = proofs_of(call, plan)
    proof = next((one for one in proofs if one.name == deed.proof), proofs[0])
    running = StepUp(call.step_ups + 1, plan, deed.amount, proof, deed.at)
    present = tuple(party for party in serving.present if party is not Party.CALLER)
    call = replace(call, serving=replace(serving, present=present, hold=None))
    return joined_steps((call, [Arrange(serving.reservation)]), _begun(call, running, "step_up.begins"))


def alone(call: Call, plan: StepUpPlan, amount: int, at: datetime) -> Step:
    """The line itself wants it, before it does what the caller asked for."""
    return _begun(call, StepUp(call.step_ups + 1, plan, amount, plan.proofs[0], at), "step_up.begins_alone")


def _begun(call: Call, running: StepUp, said: str) -> Step:
    begun: Step = (replace(call, step_up=running, step_ups=running.number), [note_of(running)])
    if running.proof.name == APPROVAL:
        about = f"{running.plan.name} {running.amount_told}".strip()
        wanted = approval.asked(begun[0], running.since, SECONDS[1], step_up=running.number, about=about)
        begun = joined_steps(begun, wanted)
    return joined_steps(begun, asked(begun[0], "ask", 1, Say(said)))


def step(call: Call, event: Given) -> Step:
    """What the caller keys or says, and what the back end says to it."""
    match event:
        case EntryKeyed() | EntrySpoken() | NoInput() if call.open_errand is not None:
            return call, [private_question.dropped(call, "an answer is being checked")]
        case EntrySpoken():
            said = replace(call, step_up=replace(_running(call), said_at=event.at))
            return _entered(said, private_question.said(said, event))
        case EntryKeyed() if private_question.meant_for_before(call, event):
            return joined_steps((call, [private_question.dropped(call, MEANT_FOR_BEFORE)]), asked(call, "again"))
        case EntryKeyed() if not is_empty(event.keys.reveal()):
            return _entered(call, private_question.keyed(call, event))
        case NoInput(speech_active=True, extension=extension) if extension < EXTENSIONS:
            return private_question.held_open(call)
        case EntryKeyed() | NoInput():
            return _silent(call)
        case SecretChecked():
            return _checked(closed_errand(call), event)
        case ErrandLost():
            return _not_checked(closed_errand(call))
        case _:
            assert_never(event)


# ---- the caller's entries ----------------------------------------------------------------------------------------


def _entered(call: Call, entry: Entry) -> Step:
    running = _running(call)
    match entry.meaning:
        case Meaning.ANSWER if running.proof.name == APPROVAL:
            return _code_keyed(call, entry.digits)
        case Meaning.ANSWER:
            checking = replace(running, progress=Progress.CHECKING, modality=entry.modality)
            call, number = errand_number(_with(call, checking))
            check = CheckSecret(number, claim_of(call), running.proof.name, Secret(entry.digits))
            return with_errand(call, check, note_of(checking))
        case Meaning.BACK:
            return back(call, running.over(Progress.ABANDONED, "the caller wanted back"))
    return _again(call, private_question.counted(running, entry), entry.meaning.value)


def _code_keyed(call: Call, digits: str) -> Step:
    """It is looked at at once; whoever has keyed it already only waits for the app."""
    given = approval.under_way(call)
    if given.code_keyed:
        return _app_awaited(call)
    return call, [CheckCode(given.number, Secret(digits))]


def claim_of(call: Call) -> Claim:
    """Whose proof it is: the customer's whom the agent talks with, and nobody else's."""
    return Claim(ref=_customer(call).ref)


def _silent(call: Call) -> Step:
    running = _running(call)
    if running.proof.name == APPROVAL and approval.under_way(call).code_keyed:
        return _app_awaited(call)  # it comes to its end by the provider's time, not by the caller's silence
    return _again(call, replace(running, silent=running.silent + 1), "no_input")


def _again(call: Call, running: StepUp, what: str) -> Step:
    """Ask once more, unless it has been enough."""
    limits = call.line.limits
    if running.silent >= limits.no_input or running.unclear >= limits.asks or running.lost >= limits.back_end_down:
        why = "the back end did not answer" if running.lost else "no answer" if running.silent else "not understood"
        return back(call, running.over(Progress.ABANDONED, why))
    counts = {"rejected": running.wrong, "back_end_down": running.lost, "no_input": running.silent}
    heard_before = private_question.listens(call)
    call = _with(call, running)
    if heard_before and not private_question.listens(call):
        what = "keypad_only"
    return asked(call, what, max(1, counts.get(what, 1)))


# ---- the back end's answers --------------------------------------------------------------------------------------


def _checked(call: Call, event: SecretChecked) -> Step:
    running = _running(call)
    match event.verdict:
        case SecretVerdict.MATCHED if event.under_attack:
            return back(call, running.over(Progress.FAILED, "somebody is guessing at many accounts"))
        case SecretVerdict.MATCHED:
            return _passed(call, event.at)
        case SecretVerdict.MISMATCHED:
            running = replace(running, wrong=running.wrong + 1, progress=Progress.AGAIN)
            if running.wrong >= TRIES:
                return back(call, running.over(Progress.FAILED, "wrong too often"))
            return joined_steps((call, [note_of(running)]), _again(call, running, "rejected"))
        case SecretVerdict.LOCKED | SecretVerdict.NOT_SET | SecretVerdict.LIMITED:
            return back(call, running.over(Progress.FAILED, event.verdict.value))
        case SecretVerdict.UNAVAILABLE | SecretVerdict.TIMED_OUT:
            return _not_checked(call)
        case _:
            assert_never(event.verdict)


def _not_checked(call: Call) -> Step:
    """Ours, not the caller's: costs no try."""
    running = replace(_running(call), progress=Progress.ASKED)
    return _again(call, replace(running, lost=running.lost + 1), "back_end_down")


def _passed(call: Call, at: datetime) -> Step:
    """It counts for this action and amount. A secret of the line makes an identified caller verified, as it would have before."""
    passed = _running(call).passed(at)
    assert passed.until is not None  # what is passed has an end  # noqa: S101
    proof, noted = passed.proof.name, list[Action]()
    if call.assurance is Assurance.IDENTIFIED and proof in {plan.name for plan in call.line.secrets}:
        call = secret_matched(call, proof, passed.modality, passed.wrong + 1, at)
        noted = [assurance_note(call)] if call.assurance is Assurance.VERIFIED else []
    elif call.assurance is Assurance.IDENTIFIED and proof == APPROVAL:
        call, noted = approval.verified(call, at)
    return joined_steps((call, [*noted, WakeAt(passed.until, STEP_UP_OVER)]), back(call, passed))


# ---- approval in the customer's app --------------------------------------------------------------------------------


def approval_came(call: Call, event: approval.Came) -> Step:
    """What became of the approval that is asked for as this proof."""
    given, running = approval.under_way(call), _running(call)
    match event:
        case ApprovalRequested():
            given = given.at(ApprovalProgress(event.result.value))
        case ApprovalAnswered():
            given = given.told(event.verdict)
        case CodeChecked():
            given = given.code(right=event.right)
        case _:
            assert_never(event)
    call, noted = approval.noted_as(call, given)
    return joined_steps((call, noted), _approval_stands(call, given, running, event))


def _approval_stands(call: Call, given: Approval, running: StepUp, event: approval.Came) -> Step:
    """What follows: back to the agent, or on with the code, or with the app."""
    if given.progress is ApprovalProgress.DONE:
        return _passed(call, event.at)
    if not given.under_way:
        refused = given.progress in (ApprovalProgress.DENIED, ApprovalProgress.WRONG_CODE, ApprovalProgress.UNTRUE)
        return back(call, running.over(Progress.FAILED if refused else Progress.ABANDONED, f"approval: {given.progress.value}"))
    if not isinstance(event, CodeChecked):
        return call, []  # the caller goes on with the code
    if event.right:
        running = replace(running, progress=Progress.CHECKING)
        return joined_steps((call, [note_of(running)]), _app_awaited(_with(call, running)))
    running = replace(running, wrong=given.wrong, progress=Progress.AGAIN)
    again = asked(_with(call, running), "rejected", running.wrong)
    return joined_steps((call, [note_of(running)]), again)


def _app_awaited(call: Call) -> Step:
    return private_question.put(call, Say("approval.now_approve"))


# ---- its end -----------------------------------------------------------------------------------------------------


def back(call: Call, over: StepUp) -> Step:
    """The caller is told, and comes back to the same agent, who hears again. Without an agent, the line goes on from here."""
    serving = call.serving
    call, actions = dropped(call, over)
    if serving is None:
        return call, actions
    told = Say("step_up.passed" if over.progress is Progress.PASSED else "step_up.not_passed")
    join = document(call, [told, Join(room_of(call))])
    return joined_steps((call, [*actions, Arrange(serving.reservation)]), join)


def dropped(call: Call, over: StepUp) -> Step:
    """It has come to its end, wherever the caller goes from here. A check that is still out is nobody's any more."""
    call = replace(call, step_up=over, open_errand=None)
    mine = call.approval is not None and call.approval.step_up == over.number
    return joined_steps((call, [note_of(over)]), approval.let_go(call) if mine else (call, []))


def given_up(call: Call, why: str) -> Step:
    """Whatever was under way is not any more."""
    running = call.step_up
    if running is None or not running.under_way:
        return call, []
    return dropped(call, running.over(Progress.ABANDONED, why))


def seated(call: Call) -> Call:
    """The agent hears as the call wants."""
    step_up = call.step_up
    if step_up is None or step_up.under_way or step_up.seated:
        return call
    return replace(call, step_up=replace(step_up, seated=True))


def is_seating(call: Call) -> bool:
    """Whether what this agent's seat was last changed for was the music."""
    joined_at = call.serving.joined_at if call.serving is not None else None
    step_up = call.step_up
    return step_up is not None and not step_up.seated and joined_at is not None and step_up.since >= joined_at


def _running(call: Call) -> StepUp:
    assert call.step_up is not None  # whoever comes here has looked  # noqa: S101
    return call.step_up


def _customer(call: Call) -> Customer:
    assert call.customer is not None  # refused without one  # noqa: S101
    return call.customer


def _with(call: Call, step_up: StepUp) -> Call:
    return replace(call, step_up=step_up)


def note_of(one: StepUp) -> Note:
    """How it stands, for the journal."""
    facts = (("action", one.plan.name), ("amount", one.amount_told), ("proof", one.proof.name), ("modality", one.modality.value))
    return Note(Noted.STEP_UP, (*facts, ("progress", one.progress.value), ("why", one.why)))
