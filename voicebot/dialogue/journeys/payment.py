"""A card payment with the agent on the line: the caller keys the card, the agent hears no tones and decides when it is charged.

Laws, each with a test:
1. Nothing is charged without the agent's word, and nothing for which that word was given once is asked for again.
2. What the carrier says of a charge is believed whenever it comes, also after the call.
3. Whatever happens to caller or agent, a payment that is not being charged is cancelled.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from voicebot.dialogue.actions import Action, Pay, Say, SendPaymentLink, TakeCard, WakeAt
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import ChargeAsked, PaymentAsked, PaymentDeed, PaymentStopped, PieceAsked
from voicebot.dialogue.documents import Step, document, joined_steps, too_late
from voicebot.dialogue.forms import PaymentPlan
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.payment import (
    CHARGED_WITHIN,
    DECIDED_WITHIN,
    OPENS_WITHIN,
    TRIES,
    Outcome,
    Payment,
    PaymentNews,
    PaymentNotAsked,
    PaymentOpened,
    PaymentReported,
    PaymentState,
    PaymentTold,
    Piece,
    Request,
)
from voicebot.dialogue.spoken import Amount
from voicebot.dialogue.timers import PAYMENT_SILENT

AT_MOMENTS = ("charging", "wrong")  # beside the pieces
NOBODY_KNOWS = "whether it was charged is not known: look it up where it would be charged"


def is_wanted(call: Call, pay: Pay) -> bool:
    """Whether the carrier is still to be asked this. What was once said to be uncertain is never charged after all."""
    running = call.payment
    if running is None or running.number != pay.number:
        return False
    state = {Request.OPEN: PaymentState.OPENING, Request.ASK: PaymentState.ENTERING, Request.CHARGE: PaymentState.CHARGING}
    return pay.request is Request.CANCEL or (running.state is state[pay.request] and running.step == pay.step)


def under_way(call: Call) -> bool:
    """Whether a payment has not come to its end."""
    return call.payment is not None and call.payment.under_way


# ---- what the agent does --------------------------------------------------------------------------------------------


def step(call: Call, deed: PaymentDeed) -> Step:
    """What is refused does not come here."""
    match deed:
        case PaymentAsked():
            return _begun(call, deed)
        case PieceAsked(piece=piece):
            running = _payment(call)
            again = replace(running, done=tuple(one for one in running.done if one is not piece), wrong=0)
            return _asked(call, again, piece, deed.at)
        case ChargeAsked():
            running = _payment(call)
            charging = replace(running, state=PaymentState.CHARGING, charge=running.step + 1)
            return _requested(call, charging, Request.CHARGE, deed.at + CHARGED_WITHIN, note=True)
        case PaymentStopped():
            return _cancelled(call, "the agent has cancelled it")
        case _:
            assert_never(deed)


def _begun(call: Call, deed: PaymentAsked) -> Step:
    plan = call.line.payments
    assert plan is not None  # refused without one  # noqa: S101
    if deed.link:
        return _linked(call, plan, deed)
    until = deed.at + OPENS_WITHIN
    running = Payment(call.payments + 1, plan, deed.amount, deed.at, until)
    call = replace(call, payment=running, payments=running.number)
    return call, [_note(running), _request(call, Request.OPEN), WakeAt(until, PAYMENT_SILENT)]


def alone(call: Call, amount: int, at: datetime) -> Step:
    """No agent is there: the carrier takes the card and charges it, and says at the end what became of it."""
    plan = call.line.payments
    assert plan is not None  # nothing is offered without one  # noqa: S101
    number = call.payments + 1
    running = Payment(number, plan, amount, at, at, state=PaymentState.CHARGING, charge=1, alone=True)
    until = at + timedelta(seconds=plan.patience * len(running.pieces)) + CHARGED_WITHIN
    running = replace(running, until=until)
    call = replace(call, payment=running, payments=number)
    told = (("amount", Amount(plan.number(amount), plan.currency)),)
    says = tuple((moment, Say(f"payment.{moment}")) for moment in (*(one.value for one in running.pieces), *AT_MOMENTS))
    taking = document(call, [Say("payment.begins", args=told), TakeCard(number, plan, plan.number(amount), says)])
    return joined_steps((call, [_note(running), WakeAt(until, PAYMENT_SILENT)]), taking)


def _linked(call: Call, plan: PaymentPlan, deed: PaymentAsked) -> Step:
    """The caller gets a link, and the call goes on as before: nothing of the card comes near it."""
    until = deed.at + timedelta(seconds=plan.link_lifetime)
    sent = Payment(call.payments + 1, plan, deed.amount, deed.at, until, state=PaymentState.LINKED, link=True)
    call = replace(call, payment=sent, payments=sent.number)
    return call, [_note(sent), SendPaymentLink(sent.number), WakeAt(until, PAYMENT_SILENT)]


# ---- what the carrier says ------------------------------------------------------------------------------------------


def news(call: Call, event: PaymentNews) -> Step:
    """In any stage: money does not mind where the call is. What is of another payment or an earlier request is no news."""
    running = call.payment
    if running is None or event.number != running.number:
        return too_late(call, event)
    match event:
        case PaymentOpened():
            return _opened(call, running, event.session, event.at)
        case PaymentTold():
            return _told(call, running, event)
        case PaymentNotAsked():
            return _not_asked(call, running, event)
        case PaymentReported():
            return _reported(call, running, event)
        case _:
            assert_never(event)


def _opened(call: Call, running: Payment, session: str, at: datetime) -> Step:
    """The first piece is asked. A session that nobody wants any more is closed."""
    if running.session:
        return call, []
    running = replace(running, session=session)
    call = replace(call, payment=running)
    if running.state is not PaymentState.OPENING:
        return call, [_request(call, Request.CANCEL)]
    return _asked(call, running, running.pieces[0], at)


def _told(call: Call, running: Payment, event: PaymentTold) -> Step:
    if running.session not in ("", event.session):
        return too_late(call, event)
    if event.outcome is not None and (running.charge or event.outcome is not Outcome.CHARGED):
        return _over(call, running, event.outcome, event)
    if not running.session:
        return _opened(call, running, event.session, event.at)
    if event.step != running.step or running.state is not PaymentState.ENTERING:
        return call, []  # of an earlier request, or a repeat
    if event.wrong:
        return _wrong(call, running, event)
    if event.missing is None or running.asked is None or running.asked in event.missing:
        return call, []  # still being keyed
    return _entered(call, running, running.asked, event)


def _entered(call: Call, running: Payment, piece: Piece, event: PaymentTold) -> Step:
    """A piece is there: the next one, or the agent's decision."""
    running = replace(running, done=(*running.done, piece), wrong=0, last_four=event.last_four or running.last_four)
    after = running.next_piece
    if after is not None:
        return _asked(call, running, after, event.at)
    until = event.at + DECIDED_WITHIN
    running = replace(running, state=PaymentState.ENTERED, asked=None, until=until)
    return replace(call, payment=running), [_note(running), WakeAt(until, PAYMENT_SILENT)]


def _wrong(call: Call, running: Payment, event: PaymentTold) -> Step:
    running = replace(running, wrong=running.wrong + 1, why=event.wrong)
    if running.wrong >= TRIES:
        return _cancelled(replace(call, payment=running), f"{event.wrong}, {TRIES} times")
    assert running.asked is not None  # something is being asked  # noqa: S101
    return _asked(call, running, running.asked, event.at, why=event.wrong)


def _over(call: Call, running: Payment, outcome: Outcome, event: PaymentTold) -> Step:
    """A charge that was made is never forgotten; a charge that was not made only ends what was not over."""
    if outcome is Outcome.CHARGED:
        if running.state is PaymentState.PAID:
            return call, []
        four, reference = event.last_four or running.last_four, event.reference
        return _ended(call, replace(running.over(PaymentState.PAID), last_four=four, reference=reference))
    if not running.under_way and running.state is not PaymentState.UNCERTAIN:
        return call, []
    if outcome is Outcome.UNKNOWN and running.state is PaymentState.UNCERTAIN:
        return call, []
    if outcome is Outcome.UNKNOWN and running.state is PaymentState.CHARGING:
        return _ended(call, _uncertain(running))
    state = PaymentState.DECLINED if outcome is Outcome.DECLINED else PaymentState.FAILED
    return _ended(call, running.over(state, event.why))


def _reported(call: Call, running: Payment, event: PaymentReported) -> Step:
    """Only for a link, and for its very amount. What was paid stays paid."""
    if not running.link or event.amount != running.amount_told:
        return too_late(call, event)
    if event.paid and running.state is not PaymentState.PAID:
        paid = replace(running.over(PaymentState.PAID), last_four=event.last_four, reference=event.transaction)
        return _ended(call, replace(paid, authorisation=event.authorisation))
    if not event.paid and running.state is PaymentState.LINKED:
        return _ended(call, running.over(PaymentState.DECLINED))
    return call, []


def _not_asked(call: Call, running: Payment, event: PaymentNotAsked) -> Step:
    """Only of the newest request, and only while it is waited for."""
    if running.state is PaymentState.LINKED:
        return _ended(call, running.over(PaymentState.FAILED, "the message could not be sent"))
    if event.step != running.step or not running.under_way:
        return call, []
    if running.state is PaymentState.CHARGING and not event.certain:
        return _ended(call, _uncertain(running))
    return _cancelled(call, "the carrier could not do it", PaymentState.FAILED)


# ---- time, and who is gone ------------------------------------------------------------------------------------------


def time_is_up(call: Call, at: datetime) -> Step:
    """Nothing has come for longer than anything takes."""
    running = call.payment
    if running is None or not running.open or at < running.until:
        return call, []
    if running.state is PaymentState.LINKED:
        return _ended(call, running.over(PaymentState.CANCELLED, "the link has run out"))
    if running.state is PaymentState.CHARGING:
        return _ended(call, _uncertain(running))
    why = "the carrier did not answer" if running.state is PaymentState.OPENING else "it took too long"
    return _cancelled(call, why, PaymentState.FAILED if running.state is PaymentState.OPENING else PaymentState.CANCELLED)


def left_behind(call: Call) -> Step:
    """A payment goes on only while caller and agent are in conversation; a charge only while the call goes on."""
    if call.payment is None or not call.payment.under_way:
        return call, []
    if call.payment.cancellable:
        talking = call.stage is Stage.TRANSFER and call.serving is not None and call.serving.joined_at is not None
        return (call, []) if talking else _cancelled(call, "caller and agent were parted")
    return _ended(call, _uncertain(call.payment)) if call.stage is Stage.ENDED else (call, [])


# ---- pieces ---------------------------------------------------------------------------------------------------------


def _asked(call: Call, running: Payment, piece: Piece, at: datetime, why: str = "") -> Step:
    until = at + timedelta(seconds=running.plan.patience)
    running = replace(running, state=PaymentState.ENTERING, asked=piece, why=why)
    return _requested(call, running, Request.ASK, until, note=bool(why) or running.step == 1)


def _requested(call: Call, running: Payment, request: Request, until: datetime, *, note: bool) -> Step:
    running = replace(running, step=running.step + 1, until=until)
    call = replace(call, payment=running)
    return call, [*([_note(running)] if note else []), _request(call, request), WakeAt(until, PAYMENT_SILENT)]


def _request(call: Call, request: Request) -> Pay:
    """The key is made of nothing but what is in the call's state: whoever asks again, asks the very same."""
    running = _payment(call)
    key = f"{call.id}-{running.number}-{running.step}-{request.value}"
    piece = running.asked if request is Request.ASK else None
    return Pay(request, running.number, running.step, key, running.session, piece, running.plan.number(running.amount))


def _cancelled(call: Call, why: str, state: PaymentState = PaymentState.CANCELLED) -> Step:
    running = _payment(call)
    call = replace(call, payment=replace(running, step=running.step + 1))
    cancel: list[Action] = [_request(call, Request.CANCEL)] if running.session else []
    return joined_steps((call, cancel), _ended(call, _payment(call).over(state, why)))


def _uncertain(running: Payment) -> Payment:
    return running.over(PaymentState.UNCERTAIN, NOBODY_KNOWS)


def _ended(call: Call, over: Payment) -> Step:
    return replace(call, payment=over), [_note(over)]


def _payment(call: Call) -> Payment:
    assert call.payment is not None  # whoever comes here has looked  # noqa: S101
    return call.payment


def _note(one: Payment) -> Note:
    which = (("number", one.number), ("way", one.way.value))
    facts = (("amount", one.amount_told), ("state", one.state.value), ("why", one.why))
    shown = (("card", one.last_four), ("reference", one.reference), ("authorisation", one.authorisation))
    return Note(Noted.PAYMENT, (*which, *facts, *shown))
