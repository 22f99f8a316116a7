"""What customers are to be told of their callbacks: one row per change, written in the transaction that makes it.

Whoever tells them reads `untold_news`, and in one transaction writes its own outbox rows and calls `news_told`: no row is lost,
and none is told twice. A wish that was erased meanwhile has news still, but no number (`Ledger.any_wish`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.dialogue.calling_back import WishStatus


@dataclass(frozen=True)
class CallbackNews:
    """`wish` by id. `again_at`: with MISSED, when it is tried again; None: it is closed. `agent`: by name, with ASSIGNED."""

    id: int
    wish: str
    status: WishStatus
    at: datetime
    again_at: datetime | None = None
    agent: str = ""


class NewsRows(Protocol):
    """Part of an open transaction (`ports.store.Ledger`)."""

    def untold_news(self, limit: int = 20, after: int = 0) -> list[CallbackNews]:
        """What nobody has told yet, oldest first. Only looks, so a reading view will do."""
        ...

    def news_told(self, news: int) -> bool:
        """It is told, or there is nobody to tell. True once."""
        ...
