"""Runs outbox rows: what we do to legs and rooms of our own accord. Each once, as far as anybody can tell.

A row is leased, done, and finished. One that certainly did not happen is tried again; one that may have happened is looked
for first. An effect that comes too late (the agent rung for a caller who has left) is undone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.floor.assign import reservation
from voicebot.floor.values import TurnedDown
from voicebot.ports.carrier import Carrier
from voicebot.ports.clock import Clock
from voicebot.ports.store import Effect, EffectKind, Leg, LegRole, Store

MOST_TRIES = 5
RING_SECONDS = 20
LEASE = timedelta(seconds=20)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Told:
    """What the runner tells the switchboard: a caller's leg that is gone, an agent who could not be rung."""

    caller_gone: Callable[[str], None]
    not_rung: Callable[[str, TurnedDown], None]
    already_fetched: Callable[[str, int], bool]


class EffectRunner:
    """Leases and runs outbox rows."""

    def __init__(self, store: Store, carrier: Carrier, clock: Clock, owner: str, told: Told, time_scale: float = 1.0) -> None:
        self._store, self._carrier, self._clock, self._owner, self._told = store, carrier, clock, owner, told
        self._scale = time_scale

    def run(self, ids: Sequence[int] | None = None) -> int:
        """Run these rows, or any that are due; gives how many it took. Rows that another runner holds are left to it."""
        now = self._clock.now()
        with self._store.transaction() as ledger:
            effects = ledger.lease_effects(ids, self._owner, now, now + LEASE * self._scale)
        for effect in effects:
            self._one(effect)
        return len(effects)

    def _one(self, effect: Effect) -> None:
        try:
            self._do(effect)
        except LegGone:
            self._leg_gone(effect)
        except CarrierUnavailable as trouble:
            self._again(effect, refused=trouble.refused)
        except Exception as trouble:  # noqa: BLE001 - a failure ends at an agent, never in a dead line
            log.error("effect failed", kind=effect.kind.value, trouble=type(trouble).__name__)
            self._again(effect, refused=False)
        else:
            self._finish(effect)

    def _do(self, effect: Effect) -> None:
        about = effect.about
        match effect.kind:
            case EffectKind.PUSH:
                if not self._told.already_fetched(effect.call_id, about["seq"]):
                    self._carrier.push(about["leg"], effect.call_id, about["seq"])
            case EffectKind.RING:
                self._ring(effect)
            case EffectKind.END_LEG:
                leg = about.get("leg") or self._leg_of(effect.call_id, about["reservation"])
                if leg is not None:
                    self._carrier.end_leg(leg)
            case EffectKind.CLOSE_ROOM:
                self._carrier.close_room(about["room"])

    # ---- ringing -------------------------------------------------------------------------------------------------

    def _ring(self, effect: Effect) -> None:
        """Ring, unless an earlier try did or nobody waits any more; hang up if they left while it began to ring."""
        held = effect.about["reservation"]
        if not self._still_wanted(held):
            return
        leg = self._leg_of(effect.call_id, held) if effect.tries else None
        if leg is None:
            leg = self._carrier.ring(effect.about["phone"], held, effect.call_id, RING_SECONDS)
        with self._store.transaction() as ledger:
            ledger.add_leg(Leg(leg, effect.call_id, LegRole.AGENT, held))
        if not self._still_wanted(held):
            self._carrier.end_leg(leg)

    def _still_wanted(self, reservation_id: str) -> bool:
        with self._store.reading() as ledger:
            return reservation(ledger.load_floor()[0], reservation_id) is not None

    def _leg_of(self, call_id: str, reservation_id: str) -> str | None:
        with self._store.reading() as ledger:
            known = [leg.id for leg in ledger.legs(call_id) if leg.reservation == reservation_id]
        return known[-1] if known else self._carrier.find_leg(reservation_id)

    # ---- when it does not work -----------------------------------------------------------------------------------

    def _leg_gone(self, effect: Effect) -> None:
        """21220 also means *not yet in progress*: once more shortly, then the caller is gone."""
        if effect.kind is EffectKind.PUSH and effect.tries == 0:
            self._again(effect, refused=True)
            return
        self._finish(effect)
        if effect.kind is EffectKind.PUSH:
            self._told.caller_gone(effect.call_id)
        elif effect.kind is EffectKind.RING:
            self._told.not_rung(effect.about["reservation"], TurnedDown.FAILED)

    def _again(self, effect: Effect, *, refused: bool) -> None:
        if effect.tries + 1 >= MOST_TRIES:
            log.error("effect given up", kind=effect.kind.value, tries=effect.tries + 1, refused=refused)
            self._finish(effect)
            if effect.kind is EffectKind.RING:
                self._told.not_rung(effect.about["reservation"], TurnedDown.FAILED)
            return
        with self._store.transaction() as ledger:
            ledger.retry_effect(effect.id, self._clock.now() + self._pause(effect.tries))

    def _pause(self, tries: int) -> timedelta:
        return timedelta(seconds=0.5 * 2**tries) * self._scale

    def _finish(self, effect: Effect) -> None:
        with self._store.transaction() as ledger:
            ledger.finish_effect(effect.id)


def due(effects: Sequence[Effect]) -> list[int]:
    """The ids of rows just written."""
    return [effect.id for effect in effects]


