"""Short messages to a telephone. Sending is an effect with its outbox row; raises as `ports.carrier` does."""

from typing import Protocol


class Messages(Protocol):
    """What we can send."""

    def send(self, to: str, text: str) -> None:
        """Send this text to a number (E.164). One that may have gone out may be sent again: it says the same."""
        ...
