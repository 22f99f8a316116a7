"""What the journal tells of an entry at a form's question."""

from voicebot.dialogue.call import Call
from voicebot.dialogue.collect import masked
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.notes import Fact, Note, Noted
from voicebot.dialogue.values import Command, Modality


def entered(call: Call, digits: str, modality: Modality, verdict: str, delay: float = 0.0) -> Note:
    """An entry at the open question: masked, with what was made of it and how long that took (seconds)."""
    field = plan(call)
    facts: tuple[tuple[str, Fact], ...] = (
        ("turn", call.turn),
        ("field", field.name),
        ("modality", modality.value),
        ("value", masked(digits, secret=field.secret) if digits else ""),
        ("verdict", verdict),
        ("seconds", round(delay, 3)),
    )
    return Note(Noted.ENTERED, facts)


def commanded(call: Call, command: Command, modality: Modality) -> Note:
    """A wish at the open question."""
    return Note(Noted.COMMANDED, (("turn", call.turn), ("command", command.value), ("modality", modality.value)))
