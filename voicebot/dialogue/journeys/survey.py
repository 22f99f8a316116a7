"""One question after the conversation: how satisfied was the caller, from 0 to 10? Whoever says nothing has said goodbye.

Laws, each with a test:
1. Only a caller whom an agent had is asked, on a line that wants it, and once.
2. Nothing of it keeps the agent: their part is over when it begins.
3. However it goes, the call ends as served.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import KeyPlan, Say
from voicebot.dialogue.call import Call, Stage, Survey
from voicebot.dialogue.collect import TERMINATOR, Took, read_keys
from voicebot.dialogue.documents import EXTENSIONS, Step, ask_on, ended, joined_steps, may_listen, question, too_late
from voicebot.dialogue.events import AgentLeft, EntryKeyed, EntrySpoken, Event, NoInput, RoomLeft, TimeCame
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Ending, Hearing, Modality, Shape

SCORE = Shape.parse("digits:1-2")
HIGHEST = 10
KEYS = KeyPlan(count=SCORE.longest, terminator=TERMINATOR, timeout=4)  # seconds: one key may be all that comes
ASKED_AT_MOST = 2


def begin(call: Call) -> Step:
    """The agent's part is over; the caller is still there."""
    call = replace(call, stage=Stage.SURVEY, survey=Survey())
    return joined_steps((call, [Note(Noted.SURVEY_BEGUN, ())]), _asked(call, "ask"))


def step(call: Call, event: Event) -> Step:
    """One event of it. What comes late from the conversation is no news."""
    match event:
        case NoInput() if event.speech_active and event.extension < EXTENSIONS:
            return ask_on(call, aloud=False, listen=may_listen(call))
        case NoInput():
            return _again(call, event.at)
        case EntryKeyed():
            return _answered(call, _keyed(event.keys.reveal()), Modality.KEYPAD, event.at)
        case EntrySpoken():
            return _answered(call, _said(call, event), Modality.SPEECH, event.at)
        case RoomLeft() | AgentLeft() | TimeCame():
            return call, []
    return too_late(call, event)


def broken_off(call: Call, at: datetime) -> Step:
    """Something of ours failed: nobody is kept for a question."""
    return ended(call, Ending.SERVED, at, Say("goodbye"))


def _keyed(keys: str) -> str:
    keyed = read_keys(keys, SCORE)
    return keyed.digits if keyed.took is Took.COMPLETE else ""


def _said(call: Call, event: EntrySpoken) -> str:
    """In doubt it is asked again: a score that was not meant is worse than none."""
    words = event.words.reveal() if event.hearing is Hearing.ACCEPTED else ""
    digits = understand(words, SCORE, call.line.grammar).digits
    return digits[0] if len(digits) == 1 else ""


def _answered(call: Call, digits: str, modality: Modality, at: datetime) -> Step:
    if not digits or int(digits) > HIGHEST:
        return _again(call, at)
    score = int(digits)
    call = replace(call, survey=replace(_survey(call), score=score))
    note = Note(Noted.SURVEYED, (("score", score), ("modality", modality.value)))
    return joined_steps((call, [note]), ended(call, Ending.SERVED, at, Say("survey.thanks")))


def _again(call: Call, at: datetime) -> Step:
    survey = _survey(call)
    if survey.asks >= ASKED_AT_MOST:
        return ended(call, Ending.SERVED, at, Say("goodbye"))
    return _asked(replace(call, survey=replace(survey, asks=survey.asks + 1)), "again")


def _asked(call: Call, what: str) -> Step:
    listen = may_listen(call)
    return question(call, [Say(f"survey.{what}" if listen else f"survey.{what}_keys")], SCORE, KEYS, listen=listen)


def _survey(call: Call) -> Survey:
    assert call.survey is not None  # set when it began  # noqa: S101
    return call.survey
