"""What in a journal is a security event: wrong proofs, locked accounts, guessing at many, refused approvals and tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import IdentifyResult, SecretVerdict
from voicebot.facts.interaction import Alarm, Alarming

OF_A_SECRET = {
    SecretVerdict.MISMATCHED: Alarming.WRONG_PROOF,
    SecretVerdict.LOCKED: Alarming.ACCOUNT_IS_LOCKED,
    SecretVerdict.LIMITED: Alarming.TOO_MANY_TRIES,
}
OF_AN_ATTACK = {"it begins": Alarming.ATTACK_BEGINS, "it is over": Alarming.ATTACK_OVER}
OF_A_STEP_UP = {"again": Alarming.STEP_UP_WRONG, "failed": Alarming.STEP_UP_FAILED}
OF_AN_APPROVAL = {
    "denied": Alarming.APPROVAL_DENIED,
    "wrong_code": Alarming.APPROVAL_FAILED,
    "untrue": Alarming.APPROVAL_UNTRUE,
}


def alarm_of(what: str, at: datetime, told: Mapping[str, Any]) -> Alarm | None:
    """The event in a row; None where there is none."""
    found: Alarming | None = None
    match what:
        case Noted.SECRET_RESULT:
            found = OF_A_SECRET.get(told.get("verdict"))  # type: ignore[arg-type]  # an erased call's is None
        case Noted.IDENTIFY_RESULT if told.get("result") == IdentifyResult.LIMITED:
            found = Alarming.TOO_MANY_TRIES
        case Noted.ATTACK:
            found = OF_AN_ATTACK.get(str(told.get("state")))
        case Noted.STEP_UP:
            found = OF_A_STEP_UP.get(told.get("progress"))  # type: ignore[arg-type]  # the same
        case Noted.APPROVAL:
            wrong = Alarming.APPROVAL_WRONG if told.get("refused") else None
            found = OF_AN_APPROVAL.get(told.get("progress"), wrong)  # type: ignore[arg-type]  # the same
        case Noted.TOKEN_REFUSED:
            found = Alarming.TOKEN_REFUSED
    return Alarm(found, at) if found is not None else None
