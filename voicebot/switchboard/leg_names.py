"""Whose a leg is, by the name that we give it: a reservation's id, or a supervisor's leg. Pure."""

from collections.abc import Iterable

from voicebot.dialogue.seats import CALLER
from voicebot.dialogue.serving import item_of
from voicebot.errors import ImpossibleEvent
from voicebot.ports.store import Leg, LegRole

PART = "~"  # begins what tells a piece of a call's work apart from the call; no call's id holds it


def call_of_item(item: str) -> str:
    """The call that a piece of work belongs to."""
    return item.partition(PART)[0]


def call_of(reservation: str) -> str:
    """The call that a leg belongs to. Raises ImpossibleEvent where this is no name of ours."""
    item, number = item_of(reservation), reservation.rpartition(".")[2]
    if not item or not number.isdigit():
        raise ImpossibleEvent("this is no reservation's id")
    return call_of_item(item)


def ids_by_name(legs: Iterable[Leg]) -> dict[str, str]:
    """The carrier's ids by our names; the caller's leg has the name of the caller's seat. The newest of a name counts."""
    return {CALLER if leg.role is LegRole.CALLER else leg.reservation: leg.id for leg in legs}


def role_of(reservation: str) -> LegRole:
    """Whose it is. The floor numbers its reservations from 1, and knows nothing of a supervisor's leg."""
    return LegRole.SUPERVISOR if reservation.endswith(".0") else LegRole.AGENT
