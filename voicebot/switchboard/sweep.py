"""Looks after conversations whose last callback never came: asks the carrier whether their legs are still there.

An agent who is through but of whom nobody told us would get no more work. Decides nothing: it tells what the callback would have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from voicebot.errors import CarrierError
from voicebot.floor.values import Reservation
from voicebot.ports.carrier import Carrier
from voicebot.ports.store import Ledger, LegRole, Store
from voicebot.switchboard.leg_names import call_of_item

EVERY = timedelta(seconds=60)  # of call time
UNDISTURBED = timedelta(seconds=60)  # since the ringing began: younger ones have their callbacks still before them

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ended:
    """Whom the sweeper tells."""

    caller: Callable[[str], None]  # call id
    agent: Callable[[str], None]  # reservation


class Sweeper:
    """One look at all accepted reservations, at most every `EVERY`."""

    def __init__(self, store: Store, carrier: Carrier, ended: Ended) -> None:
        self._store, self._carrier, self._ended = store, carrier, ended
        self._last: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """Whether to look again; the first time at once, since callbacks were missed while nobody was there."""
        if self._last is not None and now - self._last < EVERY:
            return False
        self._last = now
        return True

    def look(self, now: datetime) -> None:
        """Ask about each leg; one that cannot be asked about is left for the next time."""
        with self._store.reading() as ledger:
            legs = [(held, *_legs(ledger, held)) for held in ledger.load_floor()[0].reservations if _is_old(held, now)]
        for held, caller, agent in legs:
            try:
                if agent is not None and self._carrier.has_ended(agent):
                    log.warning("agent's leg had ended unheard")
                    self._ended.agent(held.id)
                if caller is not None and self._carrier.has_ended(caller):
                    log.warning("caller's leg had ended unheard")
                    self._ended.caller(call_of_item(held.item))
            except CarrierError:
                log.info("leg could not be asked about")


def _is_old(held: Reservation, now: datetime) -> bool:
    return held.accepted and now - held.made_at >= UNDISTURBED


def _legs(ledger: Ledger, held: Reservation) -> tuple[str | None, str | None]:
    """The caller's and the agent's leg of a conversation."""
    legs = ledger.legs(call_of_item(held.item))
    caller = next((leg.id for leg in legs if leg.role is LegRole.CALLER), None)
    agents = [leg.id for leg in legs if leg.reservation == held.id]
    return caller, agents[-1] if agents else None
