"""The words of the journal: what a row can tell. They hold prompt ids and codes, never a secret; `story` has the sentences."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Noted(StrEnum):
    """What a journal row tells. `story` has the sentence for each."""

    ARRIVED = "arrived"
    ASKED = "asked"
    ENTERED = "entered"
    COMMANDED = "commanded"
    SILENT = "silent"
    DROPPED = "dropped"
    SPEECH_LOST = "speech_lost"
    DOOR_FAILED = "door_failed"
    KEYPAD_ONLY = "keypad_only"
    ANSWERS_RECORDED = "answers_recorded"
    IDENTIFY_RESULT = "identify_result"
    SECRET_RESULT = "secret_result"
    ASSURED = "assured"
    UNAUTHENTICATED = "unauthenticated"
    DETAILS = "details"
    QUEUED = "queued"
    CALLBACK_WISHED = "callback_wished"
    CALLBACK_CHANGED = "callback_changed"
    CALLING_BACK = "calling_back"
    REACHED = "reached"
    PHRASE_READ = "phrase_read"
    PHRASE_GONE = "phrase_gone"
    NOT_REACHED = "not_reached"
    CALLED_OFF = "called_off"
    AGENT_TURNED_DOWN = "agent_turned_down"
    AGENT_ACCEPTED = "agent_accepted"
    WHISPERED = "whispered"
    JOINED = "joined"
    HELD = "held"
    RESUMED = "resumed"
    MUTED = "muted"
    CONSULTING = "consulting"
    CONSULT_ANSWERED = "consult_answered"
    CONSULT_OVER = "consult_over"
    TAKEN_OVER = "taken_over"
    PASSED_ON = "passed_on"
    AGENT_LOST = "agent_lost"
    ENDED_BY_AGENT = "ended_by_agent"
    SUPERVISED = "supervised"
    SUPERVISION_OVER = "supervision_over"
    NOT_ARRANGED = "not_arranged"
    STEP_UP = "step_up"
    PAYMENT = "payment"
    APPROVAL = "approval"
    TOKEN_REFUSED = "token_refused"
    SURVEY_BEGUN = "survey_begun"
    SURVEYED = "surveyed"
    RECORDING = "recording"
    RECORDING_HEARD = "recording_heard"
    RECORDING_DELETED = "recording_deleted"
    NOTED = "noted"
    WRAPPED_UP = "wrapped_up"
    LINKED = "linked"
    HANDED_OVER = "handed_over"
    GIVEN_BACK = "given_back"
    ATTACK = "attack"
    TOO_LATE = "too_late"
    TROUBLE = "trouble"
    ENDED = "ended"


Fact: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class Note:
    """One row for the journal. Facts hold no secret; personal data are encrypted where they are stored."""

    what: Noted
    facts: tuple[tuple[str, Fact], ...] = field(default=(), repr=False)
