"""Why something that an agent or a supervisor wants to do with a call is not to be done now. Pure; changes nothing."""

from enum import StrEnum

from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import (
    CallPassed,
    ConsultAsked,
    ConsultCompleted,
    ConsultEnded,
    Deed,
    SupervisorListens,
    SupervisorStopped,
)
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
    match deed:
        case ConsultAsked(target=target) | CallPassed(target=target):
            if serving.consult is not None:
                return Refusal.CONSULTING
            return Refusal.YOURSELF if target.agent == deed.by else None
        case ConsultEnded() | ConsultCompleted() if serving.consult is None:
            return Refusal.NOT_CONSULTING
        case ConsultCompleted() if serving.consult is not None and not serving.consult.present:
            return Refusal.NOBODY_ANSWERED_YET
    return None


def _supervisors(serving: Serving | None, deed: SupervisorListens | SupervisorStopped) -> Refusal | None:
    if isinstance(deed, SupervisorStopped):
        return None if serving is not None and serving.supervisor(deed.by) is not None else Refusal.NOT_SUPERVISING
    if serving is None or serving.joined_at is None:
        return Refusal.NOT_CONNECTED
    mine = (serving.agent_id, serving.consult.agent_id if serving.consult else "")
    return Refusal.YOUR_OWN_CALL if deed.by in mine else None
