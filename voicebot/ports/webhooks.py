"""Something sent to an address of the company's own, signed."""

from datetime import datetime
from typing import Protocol


class Webhooks(Protocol):
    """Who sends it."""

    def send(self, url: str, name: str, content_type: str, content: bytes, at: datetime) -> None:
        """Once; the same name again is the same thing, so a repeat does no harm. Raises DeliveryFailed, without the address."""
        ...
