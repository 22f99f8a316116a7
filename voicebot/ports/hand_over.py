"""What goes along with a call that another system takes: signed words that it can check."""

from typing import Protocol

from voicebot.dialogue.context import Context
from voicebot.errors import ImpossibleEvent


class SignContext(Protocol):
    """Signs. The same context gives the same text, so that a document that is fetched again is the same document."""

    def __call__(self, context: Context) -> str:
        """Text of A to Z, a to z, 0 to 9, `-`, `_` and `.`, at most 900 characters. Raises VoicebotError if that cannot be."""
        ...


def hands_nothing_over(context: Context) -> str:
    """The signer of a house that has no key. None of its lines hands calls over, or its settings would have been refused."""
    raise ImpossibleEvent(f"a call of line {context.line} cannot be handed over without a key to sign with")
