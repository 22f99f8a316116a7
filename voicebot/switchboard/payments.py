"""Card payments between desk, call and carrier: the agent's commands, and the requests to the carrier, each with its key."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from voicebot.dialogue.actions import Pay
from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import ChargeAsked, Deed, PaymentAsked, PaymentStopped, PieceAsked
from voicebot.dialogue.journeys.payment import is_wanted
from voicebot.dialogue.payment import PaymentNews, PaymentOpened, Piece, Request
from voicebot.dialogue.refusals import Refusal
from voicebot.errors import CarrierError, CarrierUnavailable, LegGone
from voicebot.floor.values import Floor
from voicebot.ports.clock import Clock
from voicebot.ports.store import Effect, LegRole, Store
from voicebot.switchboard.answers import Answer
from voicebot.switchboard.links import PaymentPorts

Tried: TypeAlias = Callable[[str, Callable[[Call, Floor, datetime], Deed | Refusal]], Answer]


class PaymentDesk:
    """What an agent does about a payment. `tried` does a deed for a call, unless there is something against it."""

    def __init__(self, tried: Tried) -> None:
        self._tried = tried

    def begin(self, agent: str, call: str, amount: str, *, link: bool = False) -> Answer:
        """The caller is to pay this by card. `amount` as people write it. `link`: on a device of their own."""

        def build(known: Call, _: Floor, at: datetime) -> Deed | Refusal:
            plan = known.line.payments
            coins = coins_of(amount, plan.decimals) if plan is not None else 0
            return PaymentAsked(at, agent, coins, link) if coins is not None else Refusal.NO_AMOUNT

        return self._tried(call, build)

    def ask_again(self, agent: str, call: str, piece: str) -> Answer:
        """The caller is to key a piece once more."""
        known = Piece(piece) if piece in set(Piece) else None
        return self._tried(call, lambda _, __, at: PieceAsked(at, agent, known) if known else Refusal.NOT_PAYING)

    def charge(self, agent: str, call: str) -> Answer:
        """The card, which is complete, is charged."""
        return self._tried(call, lambda _, __, at: ChargeAsked(at, agent))

    def cancel(self, agent: str, call: str) -> Answer:
        """Nothing is charged."""
        return self._tried(call, lambda _, __, at: PaymentStopped(at, agent))


class PaymentRunner:
    """Makes the requests of outbox rows. `told(call, news)` lets the call know; `pause(call)` pauses a recording."""

    def __init__(
        self, store: Store, ports: PaymentPorts, clock: Clock, told: Callable[[str, PaymentNews], None],
        pause: Callable[[str], None],
    ) -> None:
        self._store, self._payments, self._links, self._clock = store, ports.payments, ports.links, clock
        self._told, self._pause = told, pause

    def run(self, effect: Effect) -> None:
        """One request, if it is still wanted. Raises what the carrier raises."""
        pay = pay_of(effect.about)
        with self._store.reading() as ledger:
            kept, legs = ledger.load_call(effect.call_id), ledger.legs(effect.call_id)
        leg = next((one.id for one in legs if one.role is LegRole.CALLER), None)
        if kept is None or leg is None or not (is_wanted(kept.call, pay) or _may_be_open(kept.call, pay, effect)):
            return
        plan = kept.call.line.payments
        if self._payments is None or plan is None:
            raise CarrierUnavailable("nobody takes payments here", refused=True, for_good=True)
        if pay.request is Request.OPEN:
            self._pause(effect.call_id)
        try:
            session = self._payments.ask(leg, effect.call_id, pay, plan)
        except CarrierError as refusal:
            if pay.request is Request.CANCEL and _is_over(refusal):
                return
            raise
        if pay.request is Request.OPEN:
            self._told(effect.call_id, PaymentOpened(self._clock.now(), pay.number, session))

    def send_link(self, effect: Effect) -> None:
        """The message with a link, if it is still wanted. Raises what the carrier raises."""
        with self._store.reading() as ledger:
            kept = ledger.load_call(effect.call_id)
        if self._links is None:
            raise CarrierUnavailable("nobody sends links here", refused=True, for_good=True)
        if kept is not None:
            self._links.send(kept, effect.about["number"])


def _is_over(refusal: CarrierError) -> bool:
    """Whether there is nothing left to be cancelled."""
    return isinstance(refusal, LegGone) or (isinstance(refusal, CarrierUnavailable) and refusal.for_good)


def _may_be_open(call: Call, pay: Pay, effect: Effect) -> bool:
    """A session that an earlier try may have opened, and that nobody wants any more: its name is needed to close it."""
    return pay.request is Request.OPEN and effect.tries > 0 and call.stage is not Stage.ENDED


def about_of(pay: Pay) -> dict[str, str | int]:
    """A request as its row keeps it."""
    return {
        "request": pay.request.value,
        "number": pay.number,
        "step": pay.step,
        "key": pay.key,
        "session": pay.session,
        "piece": pay.piece.value if pay.piece else "",
        "amount": pay.amount,
    }


def pay_of(about: dict[str, Any]) -> Pay:
    """The request again."""
    piece = Piece(about["piece"]) if about["piece"] else None
    where = (about["number"], about["step"], about["key"], about["session"])
    return Pay(Request(about["request"]), *where, piece, about["amount"])
