"""What is said to a voice that the line carries badly: once in a call, before the question is put again."""

from dataclasses import replace

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.documents import say_first
from voicebot.dialogue.values import Loudness

ADVICE = {Loudness.QUIET: "loudness.too_soft", Loudness.LOUD: "loudness.too_loud"}


def advised(call: Call, loudness: Loudness) -> Call:
    """The call with a word about it at the beginning of what is said next; nothing where all is well or it was said before."""
    advice = ADVICE.get(loudness)
    if advice is None or call.loudness_told:
        return call
    return say_first(replace(call, loudness_told=True), Say(advice))
