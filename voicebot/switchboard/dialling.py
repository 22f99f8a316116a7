"""Dials a customer who is to be called back: never twice. That it is about to be done is committed before it is.

Where nobody knows whether it was done (no answer, a crash), it is not done again: the leg is looked for, its callbacks are waited
for, and if nothing ever comes the call gives up by its own time, to be tried anew by another call.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import DIAL_WITHIN
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.ports.carrier import Carrier
from voicebot.ports.clock import Clock
from voicebot.ports.store import ClaimState, Effect, Leg, LegRole, Store

RING_SECONDS = 30  # many voicemails answer by then, and are told by the key that they never press
INTENT_LASTS = timedelta(days=1)
REFUSED = "refused"  # an intent that certainly came to nothing; the next one has the next number


class Dialler:
    """`not_reached(call)` is told of a dial that certainly came to nothing; `leg_of` finds the leg of one that may have been."""

    def __init__(
        self, store: Store, carrier: Carrier, clock: Clock, owner: str, not_reached: Callable[[str], None],
        leg_of: Callable[[Effect], str | None],
    ) -> None:
        self._store, self._carrier, self._clock, self._owner = store, carrier, clock, owner
        self._not_reached, self._leg_of = not_reached, leg_of

    def run(self, effect: Effect) -> None:
        """Dial, or find what was dialled before; hang up if it is not wanted any more. Raises CarrierUnavailable."""
        intent = self._intend(effect)
        leg = self._leg_of(effect) if intent is None else self._dial(effect, intent)
        if leg is None:
            return
        with self._store.transaction() as ledger:
            ledger.add_leg(Leg(leg, effect.call_id, LegRole.CALLER, effect.about["reservation"]))
        if not self._is_wanted(effect):
            self._carrier.end_leg(leg)

    def given_up(self, effect: Effect) -> None:
        """No more tries. What may have been dialled is waited for; anything else was not reached."""
        if self._intend(effect) is not None:
            self._not_reached(effect.call_id)

    def _dial(self, effect: Effect, intent: str) -> str | None:
        if not self._is_wanted(effect):
            return None
        if self._is_late(effect):
            self._not_reached(effect.call_id)
            return None
        try:
            return self._carrier.dial(effect.about["phone"], effect.about["reservation"], effect.call_id, RING_SECONDS)
        except (CarrierUnavailable, LegGone) as failure:
            if isinstance(failure, LegGone) or failure.refused:  # it certainly was not
                with self._store.transaction() as ledger:
                    ledger.answer(intent, REFUSED)
            raise

    def _intend(self, effect: Effect) -> str | None:
        """The key of an intent that is nobody's but ours, now committed; None where somebody may have dialled."""
        at = self._clock.now()
        for number in count():
            key = f"dial:{effect.about['reservation']}:{number}"
            with self._store.transaction() as ledger:
                claim = ledger.claim(key, self._owner, at, at + INTENT_LASTS)
            if claim.answer != REFUSED:
                return key if claim.state is ClaimState.MINE and not claim.taken_over else None
        raise AssertionError

    def _is_wanted(self, effect: Effect) -> bool:
        call = self._call(effect)
        return call is not None and call.callback is not None and call.stage is not Stage.ENDED

    def _is_late(self, effect: Effect) -> bool:
        """We were away for so long that the call would end before the customer could press the key."""
        call = self._call(effect)
        accepted = call.serving.accepted_at if call is not None and call.serving is not None else None
        return accepted is not None and self._clock.now() > accepted + DIAL_WITHIN

    def _call(self, effect: Effect) -> Call | None:
        with self._store.reading() as ledger:
            kept = ledger.load_call(effect.call_id)
        return kept.call if kept is not None else None
