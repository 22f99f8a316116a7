"""What the line can say by itself. A private detail is said to a verified caller and to nobody else."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import FetchDetails, Note, Noted, Say
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.collect import Took, key_plan, read_keys
from voicebot.dialogue.documents import (
    Step,
    ask_on,
    closed_errand,
    ended,
    errand_number,
    joined_steps,
    question,
    say_first,
    with_errand,
)
from voicebot.dialogue.events import DetailsFetched, EntryKeyed, EntrySpoken, ErrandLost, Event, NoInput, TimeCame
from voicebot.dialogue.journeys import wait
from voicebot.dialogue.prompts import detail_prompt
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Assurance, Command, Ending, Reason, Shape, ShapeKind
from voicebot.errors import ImpossibleEvent

COMMANDS = Shape(ShapeKind.COMMANDS)


def enter(call: Call, at: datetime) -> Step:
    """Fetch what may be said to this caller. Too little assurance for any of it leads to an agent."""
    names = tuple(d.name for d in call.line.details if not d.private or call.assurance is Assurance.VERIFIED)
    if not names or call.customer is None:
        return wait.enter(call, at, call.reason)
    ref = call.customer.ref
    call, number = errand_number(replace(call, stage=Stage.SELF_SERVICE))
    return with_errand(call, FetchDetails(number, ref, names))


def step(call: Call, event: Event) -> Step:
    """One event of the self-service."""
    match event:
        case DetailsFetched(available=True):
            return _tell(closed_errand(call), event)
        case DetailsFetched() | ErrandLost():
            return wait.enter(say_first(closed_errand(call), Say("self_service.unavailable")), event.at, Reason.BACK_END_DOWN)
        case NoInput(speech_active=True, extension=extension) if extension < 1:
            return ask_on(call, extension + 1)
        case NoInput():
            return ended(call, Ending.CONTAINED, event.at, Say("goodbye"))
        case EntryKeyed():
            return _command(call, _by_key(event), event.at)
        case EntrySpoken():
            return _command(call, understand(event.words.reveal(), COMMANDS, call.line.grammar).command, event.at)
        case TimeCame():
            return ended(call, Ending.CONTAINED, event.at, Say("goodbye"))
    raise ImpossibleEvent(f"{type(event).__name__} in self-service")


def _tell(call: Call, event: DetailsFetched) -> Step:
    known = dict(event.details)
    says = [detail_prompt(d, known[d.name]) for d in call.line.details if d.name in known and _may_hear(call, d.private)]
    if not says:
        return wait.enter(say_first(call, Say("self_service.unavailable")), event.at, Reason.BACK_END_DOWN)
    note = Note(Noted.DETAILS, (("names", ", ".join(sorted(known))), ("assurance", call.assurance.value)))
    call = replace(say_first(call, *says), served_itself=True)
    return joined_steps((call, [note]), _offer_more(call))


def _may_hear(call: Call, private: bool) -> bool:
    return not private or call.assurance is Assurance.VERIFIED


def _offer_more(call: Call) -> Step:
    listen = call.can_listen and not call.authenticating.keypad_only
    return question(call, [Say("self_service.more")], COMMANDS, key_plan(COMMANDS), listen=listen)


def _by_key(event: EntryKeyed) -> Command | None:
    match read_keys(event.keys.reveal(), COMMANDS).took:
        case Took.AGENT:
            return Command.AGENT
        case Took.YES | Took.REPEAT:
            return Command.REPEAT
    return None


def _command(call: Call, command: Command | None, at: datetime) -> Step:
    match command:
        case Command.AGENT:
            return wait.enter(call, at, None)
        case Command.REPEAT | Command.START_OVER:
            return enter(call, at)
        case Command.NO:
            return ended(call, Ending.CONTAINED, at, Say("goodbye"))
    tally = replace(call.authenticating.tally, no_match=call.authenticating.tally.no_match + 1)
    if tally.no_match >= call.line.limits.no_match:
        return ended(call, Ending.CONTAINED, at, Say("goodbye"))
    return _offer_more(replace(call, authenticating=replace(call.authenticating, tally=tally)))
