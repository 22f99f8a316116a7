"""Approval in the customer's own app, beside whatever the call is doing: in line, or with an agent already.

Laws, each with a test:
1. Nobody is verified by an approval unless the customer approved and the caller keyed the app's code, both in this call.
2. The place in line is kept, and an agent who becomes free takes the call at once; the approval goes on.
3. Whatever it comes to is said plainly, and leaves assurance as it was unless it was given.
"""

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, assert_never

from voicebot.dialogue.actions import Action, Ask, Say
from voicebot.dialogue.approving import (
    CODE,
    MOST_A_CALL,
    Approval,
    ApprovalProgress,
    CheckCode,
    DropApproval,
    RequestApproval,
    seconds_for,
)
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.collect import CLEAR, TERMINATOR
from voicebot.dialogue.documents import Step, hold, joined_steps, say_first
from voicebot.dialogue.events import ApprovalAnswered, ApprovalRequested, CodeChecked, EntryKeyed
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Assurance, Secret
from voicebot.dialogue.verification import approved_in_app, assurance_note

WANTED = "2"
Came: TypeAlias = ApprovalRequested | ApprovalAnswered | CodeChecked
NEVER_AGAIN = (ApprovalProgress.NOT_SET_UP, ApprovalProgress.LIMITED)


def offered(call: Call) -> bool:
    """Whether a caller in line may ask for it: known, not proven, and not in vain before."""
    before = call.approval
    in_vain = before is not None and (before.under_way or before.progress in NEVER_AGAIN)
    called = call.callback is not None  # by us, and nobody is to approve in their app because of that
    able = call.line.approvals and not called and call.approvals < MOST_A_CALL
    return able and call.assurance is Assurance.IDENTIFIED and not in_vain


def reminder(call: Call) -> tuple[Say, ...]:
    """What a caller in line still has to do."""
    outstanding = call.approval is not None and call.approval.awaits_code
    return (Say("approval.approved"),) if outstanding and under_way(call).progress is ApprovalProgress.APPROVED else ()


def keyed(call: Call, event: EntryKeyed) -> Step | None:
    """What these keys mean in line, as far as approval goes; None where they have nothing to do with it."""
    digits = event.keys.reveal().rstrip(TERMINATOR).rpartition(CLEAR)[2]
    if digits == WANTED and offered(call):
        minutes = call.waiting.minutes if call.waiting is not None else None
        begun = asked(call, event.at, seconds_for(minutes))
        return joined_steps(begun, hold(begun[0], Say("approval.asking")))
    approval = call.approval
    if approval is None or not approval.awaits_code or len(digits) < 2:
        return None
    if not CODE.fits(digits):
        return hold(call, Say("approval.short"))
    return call, [CheckCode(approval.number, Secret(digits))]


def asked(call: Call, at: datetime, seconds: int, *, step_up: int = 0, about: str = "") -> Step:
    """The app is to ask the customer. One that was under way is dropped."""
    call, dropped = let_go(call)
    assert call.customer is not None  # offered to the known only  # noqa: S101
    approval = Approval(call.approvals + 1, call.customer.ref, at, step_up)
    call = replace(call, approval=approval, approvals=approval.number)
    request = RequestApproval(approval.number, approval.customer, seconds, about)
    return call, [*dropped, request, _note(approval)]


def came(call: Call, event: Came) -> Step:
    """What became of it, where the caller is in line, or with an agent who sees it on the card."""
    approval = under_way(call)
    match event:
        case ApprovalRequested():
            approval = approval.at(ApprovalProgress(event.result.value))
            return _told(call, approval, f"approval.{approval.progress.value}")
        case ApprovalAnswered():
            approval = approval.told(event.verdict)
            if approval.progress is ApprovalProgress.APPROVED:
                return noted_as(call, approval)  # a caller who keys the code just now is not cut off; the next piece says it
            return _stands(call, approval, event.at, f"approval.{approval.progress.value}")
        case CodeChecked():
            approval = approval.code(right=event.right)
            said = "code_right" if event.right else "rejected"
            said = said if approval.under_way else approval.progress.value
            return _stands(call, approval, event.at, f"approval.{said}", approval.wrong if said == "rejected" else 1)
        case _:
            assert_never(event)


def _stands(call: Call, approval: Approval, at: datetime, said: str, attempt: int = 1) -> Step:
    """Both have come together, or not yet, or not at all."""
    told = _told(call, approval, said, attempt)
    if approval.progress is not ApprovalProgress.DONE or call.assurance is not Assurance.IDENTIFIED:
        return told
    return joined_steps(told, verified(told[0], at))


def verified(call: Call, at: datetime) -> Step:
    """The caller is the customer."""
    call = approved_in_app(call, at)
    return call, [assurance_note(call)]


def _told(call: Call, approval: Approval, prompt_id: str, attempt: int = 1) -> Step:
    """Written down, and said where the caller is in line; after a question that they are just being asked."""
    call, noted = noted_as(call, approval)
    if call.stage is not Stage.WAIT:
        return call, noted
    says = Say(prompt_id, attempt)
    if any(isinstance(verb, Ask) for verb in call.verbs):
        return say_first(call, says), noted
    return joined_steps((call, noted), hold(call, says, code=True))  # its keys are not taken for those of the menu


def noted_as(call: Call, approval: Approval) -> Step:
    """It has come so far. One that we end ourselves need not be looked at any more."""
    ended_here = approval.progress in (ApprovalProgress.WRONG_CODE, ApprovalProgress.DROPPED)
    dropped: list[Action] = [DropApproval(approval.number)] if ended_here else []
    refused = call.approval is not None and approval.wrong > call.approval.wrong
    return replace(call, approval=approval), [*dropped, _note(approval, refused=refused)]


def let_go(call: Call) -> Step:
    """What was under way is not wanted any more: its call, or what it was for, is over."""
    approval = call.approval
    if approval is None or not approval.under_way:
        return call, []
    return noted_as(call, approval.at(ApprovalProgress.DROPPED))


def under_way(call: Call) -> Approval:
    """The one that there is."""
    assert call.approval is not None  # whoever comes here has looked  # noqa: S101
    return call.approval


def _note(approval: Approval, *, refused: bool = False) -> Note:
    """`refused`: it is about a code that was not the app's."""
    told = "a fresh proof" if approval.step_up else "who is calling"
    stands = (("progress", approval.progress.value), ("what", told))
    facts = (*stands, ("wrong", approval.wrong), ("code", approval.code_keyed), ("refused", refused))
    return Note(Noted.APPROVAL, facts)
