"""The private question of a fresh proof: how it is put, and what keys or words mean at it. Decides nothing beyond that.

It listens as the same question does at the beginning of a call, where the policy lets it: nobody but the caller is on the line
then. What is said is taken once, in the exact length, and never read back. The code of an app is keyed, never said.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from voicebot.dialogue.actions import Say
from voicebot.dialogue.approving import APPROVAL
from voicebot.dialogue.call import Call
from voicebot.dialogue.collect import AFTER_SPEECH, CLEAR, Took, key_plan, read_keys
from voicebot.dialogue.documents import Step, ask_on, may_listen, question
from voicebot.dialogue.events import EntryKeyed, EntrySpoken
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.prompts import INVITES_TO_SPEAK, field_prompt
from voicebot.dialogue.proving import StepUp
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Command, Hearing, Modality


class Meaning(StrEnum):
    """What an entry is. The last four are the prompts that they come to."""

    ANSWER = "answer"
    BACK = "back"  # without it
    SHORT = "short"
    UNCLEAR = "no_match"
    REPEAT = "ask"
    HELP = "help"


@dataclass(frozen=True)
class Entry:
    """`digits` with an answer only."""

    meaning: Meaning
    modality: Modality
    digits: str = field(default="", repr=False)


WISHES = {
    Command.AGENT: Meaning.BACK, Command.DONT_HAVE_IT: Meaning.BACK, Command.HELP: Meaning.HELP,
    Command.REPEAT: Meaning.REPEAT, Command.START_OVER: Meaning.REPEAT,
}  # fmt: skip


# ---- how it is put -----------------------------------------------------------------------------------------------


def listens(call: Call) -> bool:
    """Whether it takes speech: where the line does, the policy lets it, and speech has not failed too often."""
    running = _running(call)
    spoken = running.plan.speech and running.proof.name != APPROVAL
    return spoken and may_listen(call) and running.misheard < call.line.limits.speech_failures


def asked(call: Call, what: str, attempt: int = 1, *before: Say) -> Step:
    """A new turn. Nobody is invited to speak where nothing listens."""
    spoken = listens(call) or what not in (*INVITES_TO_SPEAK, Meaning.HELP)
    return put(call, *before, field_prompt(_running(call).proof, what if spoken else "ask_keys", attempt if spoken else 1))


def put(call: Call, *says: Say) -> Step:
    """A new turn with these words."""
    proof = _running(call).proof
    return question(call, says, proof.shape, key_plan(proof.shape), listen=listens(call), secret=True, field=proof.name)


def held_open(call: Call) -> Step:
    """The caller is still speaking."""
    return ask_on(call, aloud=False, listen=listens(call))


# ---- what is answered ----------------------------------------------------------------------------------------------


def meant_for_before(call: Call, event: EntryKeyed) -> bool:
    """Whether these keys come so soon after a spoken answer that they belong to that."""
    said_at = _running(call).said_at
    return said_at is not None and event.at - said_at <= AFTER_SPEECH


def dropped(call: Call, why: str) -> Note:
    """An entry that counts for nothing."""
    return Note(Noted.DROPPED, (("why", why), ("turn", call.turn)))


def keyed(call: Call, event: EntryKeyed) -> Entry:
    """What these keys mean."""
    keys = event.keys.reveal()
    read = read_keys(keys, _running(call).proof.shape)
    match read.took:
        case Took.COMPLETE:
            return Entry(Meaning.ANSWER, Modality.KEYPAD, read.digits)
        case Took.AGENT:
            return Entry(Meaning.BACK, Modality.KEYPAD)
        case Took.REPEAT if CLEAR in keys:
            return Entry(Meaning.REPEAT, Modality.KEYPAD)
    return Entry(Meaning.SHORT, Modality.KEYPAD)


def said(call: Call, event: EntrySpoken) -> Entry:
    """What these words mean. In doubt, or with more than one reading, nothing: trying several would be guessing."""
    sure = event.hearing is Hearing.ACCEPTED
    understood = understand(event.words.reveal() if sure else "", _running(call).proof.shape, call.line.grammar)
    if understood.command is not None:
        return Entry(WISHES.get(understood.command, Meaning.UNCLEAR), Modality.SPEECH)
    if len(understood.digits) == 1:
        return Entry(Meaning.ANSWER, Modality.SPEECH, understood.digits[0])
    return Entry(Meaning.SHORT if understood.partial else Meaning.UNCLEAR, Modality.SPEECH)


def counted(running: StepUp, entry: Entry) -> StepUp:
    """An entry that was of no use. One of speech counts for speech, too; a wish does not."""
    misheard = entry.modality is Modality.SPEECH and entry.meaning in (Meaning.SHORT, Meaning.UNCLEAR)
    return replace(running, unclear=running.unclear + 1, misheard=running.misheard + misheard)


def _running(call: Call) -> StepUp:
    assert call.step_up is not None  # whoever asks has one  # noqa: S101
    return call.step_up
