"""Why something that an agent or a supervisor wants to do with a call is not to be done now. Pure; changes nothing."""

from enum import StrEnum

from voicebot.dialogue.approving import APPROVAL
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import (
    AgentMuted,
    CallEnded,
    CallPassed,
    ChargeAsked,
    ConsultAsked,
    ConsultCompleted,
    ConsultEnded,
    Deed,
    PaymentAsked,
    PaymentDeed,
    PaymentStopped,
    PhraseRead,
    PieceAsked,
    StepUpAsked,
    StepUpStopped,
    SupervisorListens,
    SupervisorStopped,
    TokenShown,
)
from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.payment import PaymentState
from voicebot.dialogue.serving import Serving


class Refusal(StrEnum):
    """Why not. `switchboard.answers` has the sentence for each. Those behind the first group are not for a call to know."""

    NOT_YOURS = "not_yours"
    NOT_CONNECTED = "not_connected"
    CONSULTING = "consulting"
    NOT_CONSULTING = "not_consulting"
    NOBODY_ANSWERED_YET = "nobody_answered_yet"
    YOURSELF = "yourself"
    YOUR_OWN_CALL = "your_own_call"
    NOT_SUPERVISING = "not_supervising"
    STEPPING_UP = "stepping_up"
    NOT_STEPPING_UP = "not_stepping_up"
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_PROOF = "unknown_proof"
    NO_PROOF_NEEDED = "no_proof_needed"
    NOBODY_KNOWN = "nobody_known"
    NO_TOKEN = "no_token"
    NO_PHRASE = "no_phrase"
    PAYING = "paying"
    CHARGING = "charging"
    NOT_PAYING = "not_paying"
    NOT_ENTERED = "not_entered"
    NO_PAYMENTS = "no_payments"
    NO_CHARGE = "no_charge"
    TOO_MUCH = "too_much"
    ON_HOLD = "on_hold"
    UNCERTAIN = "uncertain"
    LINKED = "linked"
    NO_LINK = "no_link"
    NO_NUMBER = "no_number"

    NO_AMOUNT = "no_amount"
    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_CODE = "unknown_code"
    AGENT_NOT_READY = "agent_not_ready"
    NO_PHONE = "no_phone"
    UNKNOWN_PHONE = "unknown_phone"
    BUSY = "busy"
    GONE = "gone"
    ALREADY_TAKEN = "already_taken"
    SUPERVISORS_ONLY = "supervisors_only"
    NOTHING_SAID = "nothing_said"


def refusal(call: Call, deed: Deed) -> Refusal | None:
    """Why not, or None if it may be done."""
    serving = call.serving if call.stage is Stage.TRANSFER else None
    if isinstance(deed, SupervisorListens | SupervisorStopped):
        return _supervisors(serving, deed)
    if serving is None or not deed.by or serving.agent_id != deed.by:
        return Refusal.NOT_YOURS
    if serving.joined_at is None:
        return Refusal.NOT_CONNECTED
    if call.step_up is not None and call.step_up.under_way and not isinstance(deed, AgentMuted | CallEnded | StepUpStopped):
        return Refusal.STEPPING_UP
    if isinstance(deed, PaymentDeed):
        return _payment(call, serving, deed)
    if call.payment is not None and call.payment.under_way and not isinstance(deed, AgentMuted | CallEnded):
        return Refusal.PAYING
    match deed:
        case StepUpStopped() if call.step_up is None or not call.step_up.under_way:
            return Refusal.NOT_STEPPING_UP
        case TokenShown():
            passed = call.step_up
            return None if passed is not None and passed.counts(deed.at) and not passed.shown else Refusal.NO_TOKEN
        case PhraseRead():
            return None if call.callback is not None and call.callback.is_phrase_ready else Refusal.NO_PHRASE
        case StepUpAsked():
            return Refusal.CONSULTING if serving.consult is not None else _step_up(call, deed)
        case ConsultAsked(target=target) | CallPassed(target=target):
            if serving.consult is not None:
                return Refusal.CONSULTING
            return Refusal.YOURSELF if target.agent == deed.by else None
        case ConsultEnded() | ConsultCompleted() if serving.consult is None:
            return Refusal.NOT_CONSULTING
        case ConsultCompleted() if serving.consult is not None and not serving.consult.present:
            return Refusal.NOBODY_ANSWERED_YET
    return None


def proofs_of(call: Call, plan: StepUpPlan) -> tuple[FieldPlan, ...]:
    """What may be asked for in this call. Nobody is to approve in their app because somebody has called them."""
    return tuple(proof for proof in plan.proofs if call.callback is None or proof.name != APPROVAL)


def _step_up(call: Call, deed: StepUpAsked) -> Refusal | None:
    plan = next((one for one in call.line.step_ups if one.name == deed.action), None)
    if plan is None:
        return Refusal.UNKNOWN_ACTION
    if call.customer is None:
        return Refusal.NOBODY_KNOWN
    proofs = {proof.name for proof in proofs_of(call, plan)}
    if not proofs or (deed.proof and deed.proof not in proofs):
        return Refusal.UNKNOWN_PROOF
    return Refusal.NO_PROOF_NEEDED if deed.amount < plan.at_least else None


def _payment(call: Call, serving: Serving, deed: PaymentDeed) -> Refusal | None:
    running = call.payment
    if isinstance(deed, PaymentAsked):
        return _new_payment(call, serving, deed)
    if isinstance(deed, PaymentStopped) and running is not None and running.state is PaymentState.LINKED:
        return None
    if running is None or not running.under_way:
        return Refusal.NOT_PAYING
    if running.state is PaymentState.CHARGING:
        return Refusal.CHARGING
    match deed:
        case PieceAsked(piece=piece):
            asked = running.state in (PaymentState.ENTERING, PaymentState.ENTERED) and piece in running.pieces
            return None if asked else Refusal.NOT_PAYING
        case ChargeAsked():
            return None if running.state is PaymentState.ENTERED else Refusal.NOT_ENTERED
    return None


def _new_payment(call: Call, serving: Serving, deed: PaymentAsked) -> Refusal | None:
    """None begins beside another one, or while nobody knows whether the last one has been charged."""
    plan, last = call.line.payments, call.payment
    if plan is None:
        return Refusal.NO_PAYMENTS
    if last is not None and last.state is PaymentState.LINKED:
        return Refusal.LINKED
    if last is not None and (last.under_way or last.state is PaymentState.UNCERTAIN):
        return Refusal.PAYING if last.under_way else Refusal.UNCERTAIN
    if serving.consult is not None:
        return Refusal.CONSULTING
    if serving.hold is not None:
        return Refusal.ON_HOLD
    if deed.link and (not plan.page or call.ani is None or call.ani.number is None):
        return Refusal.NO_LINK if not plan.page else Refusal.NO_NUMBER
    if deed.amount <= 0:
        return Refusal.NO_CHARGE
    return Refusal.TOO_MUCH if deed.amount > plan.at_most else None


def _supervisors(serving: Serving | None, deed: SupervisorListens | SupervisorStopped) -> Refusal | None:
    if isinstance(deed, SupervisorStopped):
        return None if serving is not None and serving.supervisor(deed.by) is not None else Refusal.NOT_SUPERVISING
    if serving is None or serving.joined_at is None:
        return Refusal.NOT_CONNECTED
    mine = (serving.agent_id, serving.consult.agent_id if serving.consult else "")
    return Refusal.YOUR_OWN_CALL if deed.by in mine else None
