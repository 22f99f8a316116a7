"""What the line can say by itself. A private detail is said to a verified caller and to nobody else."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import FetchDetails, Say
from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.collect import MEANT_FOR_BEFORE, Took, is_empty, key_plan, read_keys, second_thought, won_by_speech
from voicebot.dialogue.documents import (
    EXTENSIONS,
    Step,
    ask_on,
    closed_errand,
    ended,
    errand_number,
    extension_of,
    joined_steps,
    may_listen,
    question,
    say_first,
    with_errand,
)
from voicebot.dialogue.events import DetailsFetched, EntryKeyed, EntrySpoken, ErrandLost, Event, NoInput, TimeCame
from voicebot.dialogue.journeys import given_proof, payment, step_up, wait
from voicebot.dialogue.journeys.answering import at_once
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.payment import PaymentState
from voicebot.dialogue.prompts import detail_prompt
from voicebot.dialogue.timers import BOT_TIME_IS_UP
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Assurance, Command, Ending, Hearing, Modality, Reason, Shape, ShapeKind
from voicebot.errors import ImpossibleEvent

PAYMENTS = 3  # a call: after so many an agent or another day
COMMANDS = Shape(ShapeKind.COMMANDS)
_BY_KEY = {Took.AGENT: Command.AGENT, Took.YES: Command.REPEAT, Took.REPEAT: Command.REPEAT, Took.NO: Command.NO}


def enter(call: Call, at: datetime) -> Step:
    """Fetch what may be said to this caller. Too little assurance for any of it leads to an agent."""
    if call.customer is None or not _names(call):
        return wait.enter(call, at, call.reason)
    call, number = errand_number(replace(call, stage=Stage.SELF_SERVICE))
    return with_errand(call, fetching(call, number))


def fetching(call: Call, number: int) -> FetchDetails:
    """The errand of this number, which fetches what may be said to this caller."""
    assert call.customer is not None  # nobody else comes here  # noqa: S101
    return FetchDetails(number, call.customer.ref, _names(call))


def _names(call: Call) -> tuple[str, ...]:
    return tuple(detail.name for detail in call.line.details if _may_hear(call, detail.private))


def step(call: Call, event: Event) -> Step:
    """One event of the self-service."""
    if step_up.under_way(call) and isinstance(event, step_up.Given):
        return proven(call, step_up.step(call, event), event.at)
    match event:
        case DetailsFetched(available=True):
            return _tell(closed_errand(call), event)
        case DetailsFetched() | ErrandLost():
            return _not_available(call, event.at)
        case EntryKeyed() | EntrySpoken() | NoInput() if call.open_errand is not None:
            return call, [Note(Noted.DROPPED, (("why", "an answer is being fetched"), ("turn", call.turn)))]
        case NoInput() if event.speech_active and event.extension < EXTENSIONS:
            return _ask_on(call, aloud=False)
        case NoInput():
            silent = Note(Noted.SILENT, (("turn", call.turn), ("count", 1)))
            return joined_steps((call, [silent]), _goodbye(call, event.at))
        case EntryKeyed():
            return _keyed(call, event)
        case EntrySpoken():
            return _spoken(replace(call, authenticating=won_by_speech(call.authenticating, event.at)), event)
        case TimeCame() if payment.under_way(call) or step_up.under_way(call):
            return call, []  # nobody is cut off with a card in their hand, or on the way to it
        case TimeCame(name=name) if name == BOT_TIME_IS_UP:
            return _goodbye(call, event.at) if call.served_itself else _not_available(call, event.at)
        case TimeCame():
            return call, []
    raise ImpossibleEvent(f"{type(event).__name__} in self-service")


def _tell(call: Call, event: DetailsFetched) -> Step:
    known = dict(event.details)
    says = [detail_prompt(d, known[d.name]) for d in call.line.details if d.name in known and _may_hear(call, d.private)]
    if not says:
        return _not_available(call, event.at)
    note = Note(Noted.DETAILS, (("names", ", ".join(sorted(known))), ("assurance", call.assurance.value)))
    call = replace(say_first(call, *says), served_itself=True, owed=_owed(call, known))
    return joined_steps((call, [note]), _offer_more(call, 1, event.at))


def _owed(call: Call, known: dict[str, str]) -> int:
    """What the caller may pay by card, of what they are told just now; 0 for nothing."""
    plan, private = call.line.payments, any(detail.private for detail in call.line.details if detail.name == call.line.pay)
    if plan is None or call.line.pay not in known or not _may_hear(call, private):
        return 0
    owed = coins_of(known[call.line.pay], plan.decimals) or 0
    return owed if 0 < owed <= plan.at_most else 0


def _may_pay(call: Call) -> bool:
    last = call.payment
    return call.owed > 0 and call.payments < PAYMENTS and (last is None or last.state is not PaymentState.PAID)


def paid(before: Call, then: Step, at: datetime) -> Step:
    """The caller hears what became of the payment that they made alone. Where nobody knows, an agent helps."""
    call = then[0]
    if call.stage is not Stage.SELF_SERVICE or not payment.under_way(before) or payment.under_way(call):
        return then
    assert call.payment is not None  # it was under way before  # noqa: S101
    state = call.payment.state
    if state is PaymentState.UNCERTAIN:
        return joined_steps(then, wait.enter(say_first(call, Say("payment.uncertain")), at, None))
    told = state if state in (PaymentState.PAID, PaymentState.DECLINED) else PaymentState.FAILED
    call = say_first(replace(call, owed=0 if told is PaymentState.PAID else call.owed), Say(f"payment.{told.value}"))
    return joined_steps(then, _offer_more(call, 1, at))


def _pays(call: Call, at: datetime) -> Step:
    """By card at once, or after a fresh proof where the line wants one for as much."""
    plan = next((one for one in call.line.step_ups if one.name == call.line.pay_step_up), None)
    if plan is None or call.owed < plan.at_least:
        return payment.alone(call, call.owed, at)
    return step_up.alone(call, plan, call.owed, at)


def proven(before: Call, then: Step, at: datetime) -> Step:
    """What the caller wanted, with a fresh proof; without one not by themselves, and not asked for again in this call."""
    call = then[0]
    if call.stage is not Stage.SELF_SERVICE or not step_up.under_way(before) or step_up.under_way(call):
        return then
    assert call.step_up is not None  # it was under way before  # noqa: S101
    if call.step_up.counts(at):
        used = joined_steps(then, given_proof.used(call))
        return joined_steps(used, payment.alone(used[0], call.owed, at))
    return joined_steps(then, _offer_more(say_first(replace(call, owed=0), Say("step_up.not_proven")), 1, at))


def _may_hear(call: Call, private: bool) -> bool:
    return not private or call.assurance is Assurance.VERIFIED


def _not_available(call: Call, at: datetime) -> Step:
    return wait.enter(say_first(call, Say("self_service.unavailable")), at, Reason.BACK_END_DOWN)


def _goodbye(call: Call, at: datetime) -> Step:
    return ended(call, Ending.CONTAINED, at, Say("goodbye"))


# ---- the question at the end ------------------------------------------------------------------------------------


def _offer_more(call: Call, attempt: int, at: datetime) -> Step:
    call = replace(call, authenticating=replace(call.authenticating, asked_at=at))
    more = Say("self_service.more" if may_listen(call) else "self_service.more_keys", attempt)
    says = [Say("self_service.pay"), more] if _may_pay(call) else [more]
    return question(call, says, COMMANDS, key_plan(COMMANDS), listen=may_listen(call))


def _ask_on(call: Call, *, aloud: bool) -> Step:
    return ask_on(call, aloud=aloud, listen=may_listen(call))


def _keyed(call: Call, event: EntryKeyed) -> Step:
    """Keys that end, or repeat, the answer before have cut off what the caller wants to hear: it is said again."""
    keys = event.keys.reveal()
    if is_empty(keys) and at_once(call, event.at) and extension_of(call) < EXTENSIONS:
        return _ask_on(call, aloud=True)
    if (dropped := second_thought(keys, call.authenticating, event.at)) is not None:
        note = Note(Noted.DROPPED, (("why", MEANT_FOR_BEFORE), ("turn", call.turn)))
        return joined_steps((call, [note]), _ask_on(replace(call, authenticating=dropped), aloud=True))
    took = read_keys(keys, COMMANDS).took
    if took is Took.YES and _may_pay(call):  # by key only: a word may have been meant for something else
        return _pays(call, event.at)
    return _command(call, _BY_KEY.get(took), Modality.KEYPAD, event.at)


def _spoken(call: Call, event: EntrySpoken) -> Step:
    words = event.words.reveal() if event.hearing is Hearing.ACCEPTED else ""
    return _command(call, understand(words, COMMANDS, call.line.grammar).command, Modality.SPEECH, event.at)


def _command(call: Call, command: Command | None, modality: Modality, at: datetime) -> Step:
    told = "none" if command is None else command.value
    note = Note(Noted.COMMANDED, (("turn", call.turn), ("command", told), ("modality", modality.value)))
    return joined_steps((call, [note]), _obeyed(call, command, at))


def _obeyed(call: Call, command: Command | None, at: datetime) -> Step:
    match command:
        case Command.AGENT:
            return wait.enter(call, at, None)
        case Command.REPEAT | Command.YES | Command.START_OVER:
            return enter(call, at)
        case Command.NO:
            return _goodbye(call, at)
    tally = replace(call.authenticating.tally, no_match=call.authenticating.tally.no_match + 1)
    if tally.no_match >= call.line.limits.no_match:
        return _goodbye(call, at)
    return _offer_more(replace(call, authenticating=replace(call.authenticating, tally=tally)), tally.no_match + 1, at)
