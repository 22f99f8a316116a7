"""Looks after calls whose callbacks never came: asks the carrier whether their legs are there, and who is in the room.

An agent who is through but of whom nobody told us would get no more work; one of whom nobody told us that they came in could
control nothing; a caller who has left would get an agent. Decides nothing: it tells what the callback would have.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from voicebot.dialogue.call import Stage
from voicebot.dialogue.journeys.room import room_of
from voicebot.dialogue.seats import absent
from voicebot.errors import CarrierError
from voicebot.floor.values import Reservation
from voicebot.ports.carrier import Carrier
from voicebot.ports.store import Ledger, Leg, LegRole, Store
from voicebot.switchboard.leg_names import call_of_item, ids_by_name

EVERY = timedelta(seconds=60)  # of call time
SILENT = timedelta(seconds=60)  # a leg that does what our documents say asks for the next one long before that
LONGEST_CALL = timedelta(days=1)  # older ones were lost for good
DRIVEN = frozenset({Stage.AUTHENTICATE, Stage.SELF_SERVICE, Stage.WAIT, Stage.SURVEY})  # by one document after the other
UNDISTURBED = timedelta(seconds=60)  # since the ringing began: younger ones have their callbacks still before them

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class News:
    """Whom the sweeper tells."""

    caller_gone: Callable[[str], None]  # call id
    agent_gone: Callable[[str], None]  # reservation, or a supervisor's leg
    entered: Callable[[str, str, str], None]  # call id, room, the carrier's leg


@dataclass(frozen=True)
class _Talk:
    """One conversation. `others`: our name and the carrier's id of every leg but the caller's; `unheard`: legs that may be in."""

    call: str
    room: str
    caller: str | None
    others: tuple[tuple[str, str], ...]
    unheard: frozenset[str]


class Sweeper:
    """One look at all conversations and all silent callers, at most every `EVERY`.

    `has_asked_since(call_id, at)`: whether the caller's leg has asked us for a document since then.
    """

    def __init__(self, store: Store, carrier: Carrier, news: News, has_asked_since: Callable[[str, datetime], bool]) -> None:
        self._store, self._carrier, self._news, self._has_asked_since = store, carrier, news, has_asked_since
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
            old = [held for held in ledger.load_floor()[0].reservations if _is_old(held, now)]
            calls = {call_of_item(held.item) for held in old}
            talks = [talk for call in sorted(calls) if (talk := _talk(ledger, call, old)) is not None]
            silent = self._silent(ledger, now)
        for talk in talks:
            self._tried(lambda talk=talk: self._who_came(talk))  # type: ignore[misc]
            for name, leg in talk.others:
                self._tried(lambda name=name, leg=leg: self._other(name, leg))  # type: ignore[misc]
            self._tried(lambda talk=talk: self._caller(talk.call, talk.caller))  # type: ignore[misc]
        for call, caller in silent:
            self._tried(lambda call=call, caller=caller: self._caller(call, caller))  # type: ignore[misc]

    @staticmethod
    def _tried(look: Callable[[], None]) -> None:
        try:
            look()
        except CarrierError:
            log.info("leg could not be asked about")

    def _who_came(self, talk: _Talk) -> None:
        if not talk.unheard:
            return
        for leg in sorted(self._carrier.who_is_in(talk.room) & talk.unheard):
            log.warning("leg had come into the room unheard")
            self._news.entered(talk.call, talk.room, leg)

    def _other(self, name: str, leg: str) -> None:
        if self._carrier.has_ended(leg):
            log.warning("agent's leg had ended unheard")
            self._news.agent_gone(name)

    def _caller(self, call_id: str, leg: str | None) -> None:
        if leg is not None and self._carrier.has_ended(leg):
            log.warning("caller's leg had ended unheard")
            self._news.caller_gone(call_id)

    def _silent(self, ledger: Ledger, now: datetime) -> list[tuple[str, str | None]]:
        """Calls whose callers should have asked for something by now, with their legs."""
        ids = [one for one in ledger.open_calls(now - LONGEST_CALL) if not self._has_asked_since(one, now - SILENT)]
        calls = [kept.call for kept in map(ledger.load_call, ids) if kept is not None]
        return [(call.id, _caller_of(ledger.legs(call.id))) for call in calls if call.stage in DRIVEN]


def _is_old(held: Reservation, now: datetime) -> bool:
    return held.accepted and now - held.made_at >= UNDISTURBED


def _talk(ledger: Ledger, call_id: str, old: Iterable[Reservation]) -> _Talk | None:
    kept = ledger.load_call(call_id)
    if kept is None:
        return None
    legs = ledger.legs(call_id)
    ids, names = ids_by_name(legs), [held.id for held in old if call_of_item(held.item) == call_id]
    talking = kept.call.stage is Stage.TRANSFER
    names += [one.leg for one in kept.call.serving.supervisors] if kept.call.serving is not None and talking else []
    unheard = {ids[name] for name in absent(kept.call) if name in ids} if talking else set()
    others = tuple((name, ids[name]) for name in names if name in ids)
    return _Talk(call_id, room_of(kept.call), _caller_of(legs), others, frozenset(unheard))


def _caller_of(legs: Iterable[Leg]) -> str | None:
    return next((leg.id for leg in legs if leg.role is LegRole.CALLER), None)
