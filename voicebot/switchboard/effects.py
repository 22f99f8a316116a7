"""Runs outbox rows: what we do to legs and rooms of our own accord. Each once, as far as anybody can tell.

A row is leased, done, and finished. One that certainly did not happen is tried again; one that may have happened is looked
for first. An effect that comes too late (the agent rung for a caller who has left) is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from voicebot.dialogue.journeys.room import room_of
from voicebot.dialogue.payment import PaymentNews, PaymentNotAsked
from voicebot.dialogue.seats import CALLER, Seat, seats
from voicebot.dialogue.taping import tape
from voicebot.dialogue.values import Tape
from voicebot.errors import CarrierError, CarrierUnavailable, LegGone
from voicebot.floor.assign import reservation
from voicebot.floor.values import TurnedDown
from voicebot.ports.store import Effect, EffectKind, Leg
from voicebot.ports.watch import DONE, Work
from voicebot.switchboard import tapes
from voicebot.switchboard.dialling import Dialler
from voicebot.switchboard.leg_names import call_of, ids_by_name, role_of
from voicebot.switchboard.payments import PaymentRunner
from voicebot.switchboard.plan import SwitchboardPlan

MOST_TRIES = 5
KEPT_UP = frozenset({EffectKind.DELETE_RECORDING})  # what is promised to be done is tried until it is
OF_PAYMENTS = (EffectKind.PAY, EffectKind.SEND_PAYMENT_LINK)
LONGEST_PAUSE = timedelta(hours=1)
RING_SECONDS = 20
LEASE = timedelta(seconds=30)  # of one effect: a few requests to the carrier, each with its own limit

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Told:
    """What the runner tells the switchboard (a leg that is gone, not rung or dialled, sits as wanted or not), and asks it.

    `go_on` takes an approval one step further, and says when the next one is due.
    """

    caller_gone: Callable[[str], None]
    not_rung: Callable[[str, TurnedDown], None]
    needs_no_push: Callable[[str, int], bool]
    arranged: Callable[[str, str, bool], None]
    paying: Callable[[str, PaymentNews], None]
    not_reached: Callable[[str], None]
    go_on: Callable[[Effect], datetime | None] = lambda _: None


@dataclass(frozen=True)
class _Wanted:
    """How a leg is to sit, in which room; all by the carrier's ids."""

    room: str
    leg: str
    seat: Seat
    coached: str | None


class EffectRunner:
    """Leases and runs outbox rows."""

    def __init__(self, plan: SwitchboardPlan, owner: str, told: Told) -> None:
        self._store, self._carrier, self._clock = plan.store, plan.carrier, plan.clock
        self._scale, self._watch, self._owner, self._told = plan.time_scale, plan.watch, owner, told
        self._dialler = Dialler(plan.store, plan.carrier, plan.clock, owner, told.not_reached, self._leg_of)
        self._payments = PaymentRunner(plan.store, plan.paying, plan.clock, told.paying, self._pause_tape)

    def run(self, effect_id: int) -> None:
        """Run this row, unless another runner holds it or its time has not come. The lease begins with the work."""
        now = self._clock.now()
        with self._store.transaction() as ledger:
            effects = ledger.lease_effects([effect_id], self._owner, now, now + LEASE * self._scale)
        for effect in effects:
            with self._watch.piece(Work.EFFECT, effect.kind.value) as piece:
                piece.result = self._one(effect)

    def _one(self, effect: Effect) -> str:
        """Gives what became of it, in a word."""
        if effect.kind is EffectKind.APPROVE:
            self._approve(effect)
            return DONE
        if effect.tries >= MOST_TRIES and effect.kind not in KEPT_UP:  # even its runners died of it
            return self._give_up(effect)
        try:
            self._do(effect)
        except LegGone as gone:
            return self._leg_gone(effect, gone)
        except CarrierUnavailable as trouble:
            for_good = trouble.for_good and effect.kind not in KEPT_UP
            return self._give_up(effect) if for_good else self._again(effect)
        except Exception as trouble:  # noqa: BLE001 - a failure ends at an agent, never in a dead line
            log.error("effect failed", kind=effect.kind.value, trouble=type(trouble).__name__)
            return self._again(effect)
        self._finish(effect)
        return DONE

    def _approve(self, effect: Effect) -> None:
        """One step of it; its row stays until there is no next."""
        again = self._told.go_on(effect)
        with self._store.transaction() as ledger:
            if again is None:
                ledger.finish_effect(effect.id)
            else:
                ledger.retry_effect(effect.id, again)

    def _do(self, effect: Effect) -> None:
        about = effect.about
        match effect.kind:
            case EffectKind.PUSH:
                if not self._told.needs_no_push(effect.call_id, about["seq"]):
                    self._carrier.push(about["leg"], effect.call_id, about["seq"])
            case EffectKind.PUSH_AGENT:
                leg = self._leg_of(effect)
                if leg is not None:
                    self._carrier.push_agent(leg, about["reservation"])
            case EffectKind.RING:
                self._ring(effect)
            case EffectKind.DIAL:
                self._dialler.run(effect)
            case EffectKind.ARRANGE:
                self._arrange(effect)
            case EffectKind.PAY:
                self._payments.run(effect)
            case EffectKind.SEND_PAYMENT_LINK:
                self._payments.send_link(effect)
            case EffectKind.RECORD:
                self._record(effect)
            case EffectKind.DELETE_RECORDING:
                self._carrier.delete_recording(about["sid"])
                with self._store.transaction() as ledger:
                    tapes.deleted(ledger, about["sid"], self._clock.now())
            case EffectKind.END_LEG:
                leg = about.get("leg") or self._leg_of(effect)
                if leg is not None:
                    self._carrier.end_leg(leg)
            case EffectKind.CLOSE_ROOM:
                self._carrier.close_room(about["room"])

    # ---- ringing -------------------------------------------------------------------------------------------------

    def _ring(self, effect: Effect) -> None:
        """Ring, unless an earlier try did or nobody waits any more; hang up if they left while it began to ring."""
        held, phone = effect.about["reservation"], effect.about["phone"]
        leg = self._leg_of(effect) if effect.tries else None
        if leg is None:
            if not self._still_wanted(held):
                return
            leg = self._carrier.ring(phone, held, effect.call_id, RING_SECONDS)
        with self._store.transaction() as ledger:
            ledger.add_leg(Leg(leg, effect.call_id, role_of(held), held))
        if not self._still_wanted(held):
            self._carrier.end_leg(leg)

    def _still_wanted(self, reservation_id: str) -> bool:
        with self._store.reading() as ledger:
            if reservation(ledger.load_floor()[0], reservation_id) is not None:
                return True
            kept = ledger.load_call(call_of(reservation_id))
        serving = kept.call.serving if kept is not None else None
        return serving is not None and serving.supervisor(reservation_id) is not None

    def _leg_of(self, effect: Effect) -> str | None:
        """The leg that rang for a reservation: as we know it, else as the carrier does; never one that rang for another."""
        held = effect.about["reservation"]
        with self._store.reading() as ledger:
            known = [leg.id for leg in ledger.legs(effect.call_id) if leg.reservation == held]
        if known:
            return known[-1]
        found = self._carrier.find_leg(held, effect.about.get("phone") or None)
        if found is None:
            return None
        with self._store.reading() as ledger:
            leg = ledger.leg(found)
        return found if leg is None or leg.reservation == held else None

    # ---- who hears whom --------------------------------------------------------------------------------------------

    def _arrange(self, effect: Effect) -> None:
        """Bring a leg to how the call wants it now, again if that has changed meanwhile: so two runners end at the same."""
        leg, done = effect.about["leg"], None
        while (wanted := self._wanted(effect.call_id, leg)) is not None and wanted != done:
            self._carrier.arrange(wanted.room, wanted.leg, wanted.seat, effect.call_id, wanted.coached)
            done = wanted
        if done is not None:
            self._told.arranged(effect.call_id, leg, True)

    def _wanted(self, call_id: str, name: str) -> "_Wanted | None":
        """None: this leg has nothing to do in the call any more."""
        with self._store.reading() as ledger:
            kept, legs = ledger.load_call(call_id), ledger.legs(call_id)
        seat = seats(kept.call).get(name) if kept is not None else None
        ids = ids_by_name(legs)
        if kept is None or seat is None or name not in ids:
            return None
        return _Wanted(room_of(kept.call), ids[name], seat, ids.get(seat.coached) if seat.coached else None)

    # ---- recording ---------------------------------------------------------------------------------------------------

    def _record(self, effect: Effect) -> None:
        """Bring the recording to what the call wants now, again if that has changed meanwhile."""
        done = None
        while (wanted := self._tape(effect.call_id)) is not None and wanted[1] is not done:
            leg, done = wanted
            sid = self._carrier.record(leg, effect.call_id, done)
            if sid is not None:
                with self._store.transaction() as ledger:
                    kept = ledger.load_call(effect.call_id)
                    if kept is not None:
                        tapes.keep(ledger, kept, sid, self._clock.now())

    def _pause_tape(self, call_id: str) -> None:
        """A recording that goes on is paused now, or the failure is raised: no key may be on it."""
        wanted = self._tape(call_id)
        if wanted is not None and wanted[1] is Tape.PAUSED:
            self._carrier.record(wanted[0], call_id, Tape.PAUSED)

    def _tape(self, call_id: str) -> tuple[str, Tape] | None:
        with self._store.reading() as ledger:
            kept, legs = ledger.load_call(call_id), ledger.legs(call_id)
        caller = ids_by_name(legs).get(CALLER)
        return (caller, tape(kept.call)) if kept is not None and caller is not None else None

    # ---- when it does not work -----------------------------------------------------------------------------------

    def _leg_gone(self, effect: Effect, gone: LegGone) -> str:
        """A leg that is *not yet there* is tried once more shortly, and then as long as the carrier counts it as alive."""
        if effect.kind is EffectKind.PUSH and gone.perhaps_not_yet and (effect.tries == 0 or self._is_there(effect.about["leg"])):
            return self._again(effect)
        self._finish(effect)
        if effect.kind is EffectKind.PUSH:
            self._told.caller_gone(effect.call_id)
        elif effect.kind is EffectKind.ARRANGE:
            self._told.arranged(effect.call_id, effect.about["leg"], False)
        elif effect.kind in OF_PAYMENTS:
            self._not_asked(effect)
        elif effect.kind is EffectKind.DIAL:
            self._dialler.given_up(effect)
        elif effect.kind is EffectKind.RING:
            self._told.not_rung(effect.about["reservation"], TurnedDown.FAILED)
        return "gone"

    def _not_asked(self, effect: Effect) -> None:
        """What was refused at the first try was surely not done; of a later one an earlier may have been."""
        about = effect.about
        self._told.paying(
            effect.call_id, PaymentNotAsked(self._clock.now(), about["number"], about["step"], effect.tries == 0)
        )

    def _is_there(self, leg: str) -> bool:
        """Nobody is taken for gone on a guess."""
        try:
            return not self._carrier.has_ended(leg)
        except CarrierError:
            return True

    def _again(self, effect: Effect) -> str:
        if effect.tries + 1 >= MOST_TRIES and effect.kind not in KEPT_UP:
            return self._give_up(effect)
        pause = min(timedelta(seconds=0.5 * 2 ** min(effect.tries, 20)), LONGEST_PAUSE) * self._scale
        with self._store.transaction() as ledger:
            ledger.retry_effect(effect.id, self._clock.now() + pause)
        return "again"

    def _give_up(self, effect: Effect) -> str:
        """A push that is lost heals itself at the end of its question; an agent who cannot be rung passes it to the next."""
        log.error("effect given up", kind=effect.kind.value, tries=effect.tries + 1)
        self._finish(effect)
        if effect.kind is EffectKind.RING:
            self._told.not_rung(effect.about["reservation"], TurnedDown.FAILED)
        elif effect.kind is EffectKind.DIAL:
            self._dialler.given_up(effect)
        elif effect.kind in OF_PAYMENTS:
            self._not_asked(effect)
        elif effect.kind is EffectKind.ARRANGE:
            self._told.arranged(effect.call_id, effect.about["leg"], False)
        return "given_up"

    def _finish(self, effect: Effect) -> None:
        with self._store.transaction() as ledger:
            ledger.finish_effect(effect.id)
