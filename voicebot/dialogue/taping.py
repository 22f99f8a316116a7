"""Whether a call is recorded at this moment: the one place that says it, so that the line can be brought to it again and again.

Laws, each with a test:
1. Nobody is recorded who is not verified, or who has not been told.
2. Nothing is recorded but caller and agent in conversation: not on hold, away for a step-up, paying by card, in line, or
   before they have met.
"""

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.forms import Recorded
from voicebot.dialogue.values import Assurance, Tape

ANNOUNCEMENT = Say("recording.announced")


def is_to_be(call: Call) -> bool:
    """Whether conversations of this line and queue are recorded, and this caller may be."""
    wanted = Recorded.AFTER_VERIFICATION in (call.line.recording, call.queue.recording)
    return wanted and call.assurance is Assurance.VERIFIED


def tape(call: Call) -> Tape:
    """What the recording does now."""
    if not call.recording_announced or call.stage is Stage.ENDED:
        return Tape.OFF
    serving = call.serving if call.stage is Stage.TRANSFER else None
    secret = (call.step_up is not None and call.step_up.under_way) or (call.payment is not None and call.payment.under_way)
    talking = serving is not None and serving.joined_at is not None and serving.hold is None and not secret
    if talking and is_to_be(call):
        return Tape.RUNS
    return Tape.PAUSED if call.recording_begun else Tape.OFF
