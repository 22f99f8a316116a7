"""How sure we are. The only code that can raise a call's assurance: NONE -> IDENTIFIED -> VERIFIED.

Laws, each with a test:
1. A number that calls, however well attested, makes a caller at most *identified*.
2. *Verified* needs an identified customer, and in this call either every secret of the line matched or that customer's approval
   in their app with the app's code keyed; with one verdict for number and secret together, the two come in one step.
3. An agent's word makes somebody who was nobody *identified*: never *verified*, and never another customer.
4. Whoever is called back is at most *identified*, as they were when they wished it.
5. Nothing here lowers assurance within a call, and nothing elsewhere changes it.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.approving import APPROVAL, ApprovalProgress
from voicebot.dialogue.call import Call
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Attestation, Customer, Evidence, Modality, Proof
from voicebot.errors import ImpossibleEvent


def worth_looking_up(ani: Ani) -> bool:
    """Whether a calling number may name a customer: usable, and not known to be forged."""
    return ani.standing is AniStanding.USABLE and ani.attestation is not Attestation.FAILED


def identified_by_ani(call: Call, customer: Customer, at: datetime) -> Call:
    """The calling number belongs to one customer."""
    if call.ani is None or not worth_looking_up(call.ani):
        raise ImpossibleEvent("a calling number that may not be looked up cannot identify")
    return _identified(call, customer, Evidence(Proof.ANI, "ani", at, attestation=call.ani.attestation))


def identified_by_entry(call: Call, customer: Customer, entry: Evidence) -> Call:
    """The caller said or keyed an identifier that belongs to one customer, of all or of those whom `entry.within` names."""
    if entry.proof is not Proof.IDENTIFIER:
        raise ImpossibleEvent("only an identifier identifies by entry")
    if entry.within == "ani" and (call.ani is None or not worth_looking_up(call.ani)):
        raise ImpossibleEvent("a calling number that may not be looked up cannot narrow anything down")
    return _identified(call, customer, entry)


def proven_together(call: Call, customer: Customer, entry: Evidence, secret: Evidence) -> Call:
    """One verdict: the secret has matched for what the caller claimed, and the claim belongs to this customer."""
    call = identified_by_entry(call, customer, entry)
    return secret_matched(call, secret.field, secret.modality or Modality.KEYPAD, secret.attempts, secret.at)


def linked_by_agent(call: Call, customer: Customer, by: str, at: datetime) -> Call:
    """An agent has found the caller by this field. No proof, so it can be the end of nobody else's identification."""
    return _identified(call, customer, Evidence(Proof.AGENT, by, at))


def called_back(call: Call, customer: Customer, at: datetime) -> Call:
    """Somebody is called back who was this customer when they wished it. Whoever answers has proven nothing."""
    if call.callback is None:
        raise ImpossibleEvent("nobody is called back in this call")
    return _identified(call, customer, Evidence(Proof.CALLBACK, "callback", at))


def _identified(call: Call, customer: Customer, evidence: Evidence) -> Call:
    if call.assurance is not Assurance.NONE:
        raise ImpossibleEvent("the caller of this call is identified already")
    return replace(
        call,
        assurance=Assurance.IDENTIFIED,
        customer=customer,
        identified_by=evidence.field,
        evidence=(*call.evidence, evidence),
    )


def secret_matched(call: Call, field: str, modality: Modality, attempts: int, at: datetime) -> Call:
    """The back end said that this secret is the customer's. Verified once every secret of the line has matched."""
    if call.assurance is not Assurance.IDENTIFIED or call.customer is None:
        raise ImpossibleEvent("a secret can verify only a caller who is identified and not yet verified")
    if field not in {plan.name for plan in call.line.secrets}:
        raise ImpossibleEvent(f"{field} is no secret of this line")
    evidence = (*call.evidence, Evidence(Proof.SECRET, field, at, modality, attempts))
    proven = {item.field for item in evidence if item.proof is Proof.SECRET}
    complete = all(plan.name in proven for plan in call.line.secrets)
    return replace(call, evidence=evidence, assurance=Assurance.VERIFIED if complete else call.assurance)


def approved_in_app(call: Call, at: datetime) -> Call:
    """This customer has approved in their own app, and the caller has keyed what the app showed."""
    approval, customer = call.approval, call.customer
    if call.assurance is not Assurance.IDENTIFIED or customer is None:
        raise ImpossibleEvent("an approval can verify only a caller who is identified and not yet verified")
    if approval is None or approval.progress is not ApprovalProgress.DONE or approval.customer != customer.ref:
        raise ImpossibleEvent("there is no approval of this customer with its code keyed in this call")
    evidence = Evidence(Proof.APPROVAL, APPROVAL, at, Modality.KEYPAD, approval.wrong + 1)
    return replace(call, evidence=(*call.evidence, evidence), assurance=Assurance.VERIFIED, reason=None)


def assurance_note(call: Call) -> Note:
    """What the journal tells of the newest piece of evidence, which has made the caller surer than before."""
    proven = call.evidence[-1]
    return Note(Noted.ASSURED, (("assurance", call.assurance.value), ("by", proven.field), ("attempts", proven.attempts)))
