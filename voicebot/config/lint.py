"""Whether every prompt that a company's lines can come to is there, and names only places that something fills.

The list of prompts is the dialogue's vocabulary; must not hold any wording.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from voicebot.config.company import Company, Line
from voicebot.config.prompts import Catalogue
from voicebot.config.wording import PLACE
from voicebot.dialogue import approving
from voicebot.dialogue.approving import ApprovalProgress
from voicebot.dialogue.forms import CheckDigit, Door, FieldPlan, LinePlan, Recorded
from voicebot.dialogue.journeys.parts import can_be_in_parts
from voicebot.dialogue.loudness import ADVICE
from voicebot.dialogue.prompts import PARTS, general_name
from voicebot.dialogue.values import Reason

CALLER = (
    "greeting", "closed", "filler", "identified", "verified", "goodbye", "hold", "waited_too_long",
    "waiting.first", "waiting.on", "waiting.closed",
    "transfer.connecting", "transfer.agent_lost", "transfer.passed_on", "transfer.passed_on_busy",
)  # fmt: skip
IN_LINE = ("waiting.position", "waiting.expected")  # each where the queue tells it
CALLBACK = (
    "waiting.callback_offer",
    "waiting.closed_but",
    "closed_but",
    "callback.confirm",
    "callback.confirm_closed",
    "callback.number",
    "callback.stays",
    "callback.limited",
    "callback.promised",
    "callback.called",
    "callback.sorry",
)
CALLBACK_TIME = (
    "callback.when", "callback.when_closed", "callback.slot", "callback.slot_other", "callback.slot_full", "callback.promised_at",
)  # fmt: skip
CALLBACK_KEPT = (
    "callback.kept", "callback.kept_at", "callback.kept_choice", "callback.kept_next", "callback.kept_on", "callback.moved",
    "callback.moved_at", "callback.cancelled", "callback.not_changed", "callback.no_time",
)  # fmt: skip
CALLBACK_PHRASE = ("callback.phrase_offer", "callback.phrase_digits", "callback.phrase_is")
CALLBACK_AGENT = ("whisper.callback",)
ANSWER_RECORDED = ("record.how",)
RECORDING = ("recording.announced",)
PAYING_PROVEN = ("step_up.begins_alone", "step_up.not_proven")
STEP_UP = ("step_up.begins", "step_up.passed", "step_up.not_passed")
SURVEY = ("survey.ask", "survey.ask_keys", "survey.again", "survey.again_keys", "survey.thanks")
UNTOLD = (ApprovalProgress.ASKED, ApprovalProgress.DROPPED)
APPROVAL = (
    "waiting.approval_offer", "approval.asking", "approval.code_right", "approval.rejected", "approval.short",
    *(f"approval.{what.value}" for what in ApprovalProgress if what not in UNTOLD),
)  # fmt: skip
APPROVAL_TOLD = ("whisper.approval.under_way", "whisper.approval.code_outstanding")
IN_APP = ("ask_keys", "rejected", "short", "now_approve")  # the same as a proof in mid-call
PROOF = ("ask_keys", "rejected", "short", "back_end_down")  # keyed in mid-call
FIELD = ("ask", "ask_keys", "no_input", "no_match", "rejected", "short", "help", "back_end_down", "keypad_only", "again")
IDENTIFIER = ("more", "confirm", "confirm_keys")  # a secret is neither continued nor read back
CHECKED = "mistyped"  # where a field has a check digit or prefixes
JOINT = "not_confirmed"  # where number and secret get one verdict
SELF_SERVICE = ("self_service.more", "self_service.more_keys", "self_service.unavailable")
PAYMENT = (
    "self_service.pay", "payment.begins", "payment.card_number", "payment.expiry", "payment.security_code", "payment.charging",
    "payment.wrong", "payment.paid", "payment.declined", "payment.failed", "payment.uncertain",
)  # fmt: skip
PAYMENT_LINK = "payment.message"
LISTENING = tuple(ADVICE.values())  # where callers may speak
KEYS = ("keys.no_input", "keys.no_match", "keys.again")  # before a question for keys alone
AGENT = (
    "agent.invitation", "agent.already_taken", "agent.caller_gone", "agent.declined", "agent.consult_invitation",
    "agent.supervisor_invitation", "whisper.verified", "whisper.identified", "whisper.not_identified", "whisper.failures",
    "whisper.name", "whisper.identifier", "whisper.passed_on", "whisper.note", "whisper.consult",
)  # fmt: skip
# The last part of an id -> what fills its places; ids that are not here have none.
PLACES = {
    "confirm": {"value"},
    "confirm_keys": {"value"},
    **{part: {"count", "before"} if "after" in part else {"count"} for part in PARTS},
    "verified_by_name": {"name"},
    "agent.invitation": {"queue"},
    "whisper.failures": {"field"},
    "whisper.name": {"name"},
    "whisper.identifier": {"identifier"},
    "agent.consult_invitation": {"agent"},
    "whisper.passed_on": {"agent"},
    "whisper.note": {"note"},
    "whisper.consult": {"agent"},
    "callback.confirm_closed": {"value"},
    "callback.slot": {"when", "key"},
    "callback.slot_other": {"key"},
    "callback.promised_at": {"when"},
    "callback.kept": {"value"},
    "callback.kept_at": {"value", "when"},
    "callback.kept_next": {"key"},
    "callback.moved_at": {"when"},
    "callback.phrase_digits": {"digits"},
    "callback.phrase_is": {"phrase"},
    "payment.begins": {"amount"},
    "payment.message": {"amount"},
    "waiting.position": {"position"},
    "waiting.expected": {"minutes"},
}


@dataclass(frozen=True)
class _Need:
    """A prompt that somebody can come to hear, and because of what."""

    prompt_id: str
    language: str
    why: str
    general: str = ""


def check_prompts(company: Company, prompts: Catalogue) -> list[str]:
    """Everything that is missing or could not be filled, one sentence each; empty if all is well."""
    wrong: dict[str, None] = {}
    lines = [(name, line, company.languages_of_agents(line.plan.queue)) for name, line in company.lines.items()]
    for need in (need for line in lines for need in _needs(*line)):
        where = f"prompts/{need.language}"
        if need.language not in prompts.languages:
            wrong[f"{where}: there are no prompts in this language ({need.why})"] = None
        elif prompts.find(need.prompt_id, need.language, general=need.general) is None:
            wrong[f"{where}: {need.prompt_id}: is missing ({need.why})"] = None
    for language, one in prompts.languages.items():
        for prompt_id, variants in one.variants.items():
            filled = fills(prompt_id)
            for place in {place for variant in variants for place in PLACE.findall(variant.text)} - filled:
                allowed = ", ".join(f"{{{name}}}" for name in sorted(filled)) or "none"
                wrong[f"prompts/{language}: {prompt_id}: has a place {{{place}}}, which nothing fills; allowed: {allowed}"] = None
    return list(wrong)


def fills(prompt_id: str) -> set[str]:
    """What can fill this prompt's places. Ids may carry more in front (`account_number.confirm`)."""
    for known, places in PLACES.items():
        if prompt_id == known or prompt_id.endswith(f".{known}"):
            return places
    return {"value"} if prompt_id.startswith("self_service.") and prompt_id not in PAYMENT else set()


def asked_with(field: FieldPlan, line: LinePlan) -> Iterator[str]:
    """The last parts of the prompts that this field can come to on this line."""
    yield from FIELD
    if not field.secret:
        yield from IDENTIFIER
        if can_be_in_parts(field):
            yield from PARTS
        if line.joint:
            yield JOINT
    if field.check is not CheckDigit.NONE or field.shape.prefixes:
        yield CHECKED


def _proofs(plan: LinePlan, asked_here: tuple[FieldPlan, ...]) -> Iterator[tuple[FieldPlan, tuple[str, ...]]]:
    """Fresh proofs that this line asks for nowhere else, and the last parts of their prompts."""
    for step_up in plan.step_ups:
        spoken = plan.listen and step_up.speech
        for proof in step_up.proofs:
            if proof not in asked_here:
                yield proof, IN_APP if proof.name == approving.APPROVAL else FIELD if spoken else PROOF


def _needs(name: str, line: Line, spoken_to_agents: tuple[str, ...]) -> Iterator[_Need]:
    plan = line.plan
    ours = f"lines.{name} needs it"
    caller = [*CALLER, *KEYS, *(f"unauthenticated.{reason.value}" for reason in Reason)]
    asked_here = tuple(dict.fromkeys((*plan.identifiers, *plan.separators, *plan.secrets)))
    for asked in asked_here:
        for what in asked_with(asked, plan):
            yield _Need(f"{asked.name}.{what}", plan.language, ours, general_name(asked))
    for proof, parts in _proofs(plan, asked_here):
        for what in parts:
            yield _Need(f"{proof.name}.{what}", plan.language, ours, general_name(proof))
    caller += LISTENING if plan.listen else []
    caller += ANSWER_RECORDED if plan.record_when_lost or plan.door is Door.RECORD else []
    caller += PAYMENT if plan.pay else []
    caller += [PAYMENT_LINK] if plan.payments is not None and plan.payments.page else []
    caller += SURVEY if plan.survey else []
    caller += APPROVAL if plan.approvals else []
    caller += STEP_UP if plan.step_ups else []
    caller += PAYING_PROVEN if plan.pay_step_up else []
    if plan.details:
        caller += [*SELF_SERVICE, *(f"self_service.{detail.name}" for detail in plan.details)]
    if plan.joint:
        caller.append(f"keys.{JOINT}")
    queue = plan.queue
    caller += [prompt_id for prompt_id, told in zip(IN_LINE, (queue.tell_position, queue.tell_wait), strict=True) if told]
    caller += [*CALLBACK, *CALLBACK_KEPT] if queue.offer_callback else []
    caller += CALLBACK_TIME if queue.offer_callback and plan.callbacks.choose_time else []
    caller += CALLBACK_PHRASE if queue.offer_callback and plan.callbacks.phrase else []
    caller += RECORDING if Recorded.AFTER_VERIFICATION in (plan.recording, queue.recording) else []
    if plan.greet_by_name:
        caller.append("verified_by_name")
    for prompt_id in caller:
        yield _Need(prompt_id, plan.language, ours)
    agent = [*AGENT, f"queue.{plan.queue.name}", *(f"whisper.reason.{reason.value}" for reason in Reason)]
    agent += CALLBACK_AGENT if queue.offer_callback else []
    agent += [f"field.{asked.name}" for asked in asked_here]
    agent += APPROVAL_TOLD if plan.approvals else []
    for prompt_id in agent:
        for language in spoken_to_agents:
            yield _Need(prompt_id, language, f"agents of queues.{plan.queue.name} need it")
