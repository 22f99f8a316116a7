"""One payment on a leg: which keys the caller presses, what the carrier makes of them, what it tells. Knows nothing of HTTP.

Keys are told to nobody but the session: no tone reaches the others in the room. Card data that would be heard by a recording or a
stream are a failure.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from voicebot.simulator.record import CallbackSent
from voicebot.simulator.robot import KEY_PACE, REACTION
from voicebot.simulator.script import Connector
from voicebot.simulator.settings import new_sid

if TYPE_CHECKING:
    from voicebot.simulator.leg import Leg

CARDS = ("visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute")
BEGINNINGS = {"4": "visa", "5": "mastercard", "34": "amex", "37": "amex", "6": "discover"}
NUMBER, EXPIRY, CODE = "payment-card-number", "expiration-date", "security-code"
WRONG = {NUMBER: "invalid-card-number", EXPIRY: "invalid-date", CODE: "invalid-security-code"}
ANSWERS = {
    Connector.APPROVES: "success",
    Connector.DECLINES: "payment-connector-error",
    Connector.BREAKS: "internal-error",
}
SAYS_NOTHING = "-"  # the caller keys nothing, and the carrier's patience ends
TOKEN = "tok_5Zq7Yd2hN1"  # of a card, as whoever charges it would give one: nobody is to keep it


@dataclass
class PaySession:
    """`entered` holds what was keyed and taken, in memory only. `charged`: how often money was moved."""

    leg: "Leg"
    amount: str
    currency: str
    cards: tuple[str, ...]
    security_code: bool = True
    sid: str = field(default_factory=lambda: new_sid("PK"))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    keys: set[str] = field(default_factory=set)
    open: bool = True
    charged: int = 0
    entered: dict[str, str] = field(default_factory=dict, repr=False)
    keying: "asyncio.Task[None] | None" = None

    @property
    def pieces(self) -> tuple[str, ...]:
        """What it takes."""
        return (NUMBER, EXPIRY, CODE) if self.security_code else (NUMBER, EXPIRY)

    def capture(self, piece: str, callback: str) -> None:
        """The caller is to key this now; whatever was being keyed is dropped."""
        self._stop()
        self.keying = self.leg.background(self._key(piece, callback))

    def complete(self, callback: str) -> None:
        """Charge, if the card is complete."""
        self._stop()
        self.open = False
        if any(piece not in self.entered for piece in self.pieces):
            self.tell("payment-over", callback, ("Result", "validation-error"))
            return
        if told := self.charge():
            self.tell("payment-over", callback, *told)

    def charge(self) -> tuple[tuple[str, str], ...]:
        """Ask whoever charges; gives what is told of it, empty where nothing ever is."""
        self.open = False
        connector = self.leg.robot.connector()
        self.charged += connector in (Connector.APPROVES, Connector.SILENT)
        if connector is Connector.SILENT:
            return ()
        result = ANSWERS[connector]
        more = (("PaymentConfirmationCode", f"ch-{self.sid[2:12]}"), ("PaymentToken", TOKEN)) if result == "success" else ()
        return (("Result", result), *more)

    def cancel(self, callback: str) -> None:
        """Nothing is charged."""
        self._stop()
        self.open = False
        self.tell("payment-over", callback, ("Result", "cancelled"))

    def leave(self) -> None:
        """The leg has ended."""
        self._stop()
        self.open = False

    def tell(self, event: str, callback: str, *more: tuple[str, str]) -> None:
        """A status callback of this session."""
        required = [piece for piece in self.pieces if piece not in self.entered]
        about = (("Sid", self.sid), ("PaymentMethod", "credit-card"), ("Required", " ".join(required)))
        request = self.leg.callback(callback, (*about, *self.card(), *more))
        note = CallbackSent(self.leg.at, event, None, 0)
        self.leg.exchange.callbacks.send(self.sid, request, note, self.leg.faults, self.leg.record)

    def card(self) -> tuple[tuple[str, str], ...]:
        """What the carrier tells of the card. The date is not masked."""
        told = []
        if (number := self.entered.get(NUMBER)) is not None:
            told += [("PaymentCardNumber", "x" * (len(number) - 4) + number[-4:]), ("PaymentCardType", _kind(number))]
        if EXPIRY in self.entered:
            told.append(("ExpirationDate", self.entered[EXPIRY]))
        if CODE in self.entered:
            told.append(("SecurityCode", "x" * len(self.entered[CODE])))
        return tuple(told)

    async def _key(self, piece: str, callback: str) -> None:
        text = self.leg.robot.pays()
        if text is None:
            return  # nothing is keyed, and nothing is ever told
        begins = partial(self.tell, "payment-partial", callback, ("Capture", piece), ("PartialResult", "true"))
        if wrong := await self.take(piece, text, begins):
            self.tell("payment-wrong", callback, ("Capture", piece), ("ErrorType", wrong))
            return
        self.tell("payment-entered", callback, ("Capture", piece), ("PartialResult", "true"))

    async def take(self, piece: str, text: str, begins: Callable[[], None] = lambda: None) -> str:
        """The caller keys a piece; gives the carrier's word for what is wrong with it, empty if nothing is."""
        self.entered.pop(piece, None)
        await self.leg.clock.sleep(REACTION)
        for place, key in enumerate("" if text == SAYS_NOTHING else text):
            self._press(key)
            if place == 0:
                begins()
            await self.leg.clock.sleep(KEY_PACE)
        wrong = "timeout" if text == SAYS_NOTHING else self._wrong(piece, text)
        if not wrong:
            self.entered[piece] = text
        return wrong

    def _press(self, key: str) -> None:
        self.leg.press(key)
        if any(tape.status == "in-progress" for tape in self.leg.tapes):
            self.leg.fail(0, "card data are on a recording")
        if any(stream.open for stream in self.leg.streams.values()):
            self.leg.fail(0, "a stream hears card data")

    def _wrong(self, piece: str, text: str) -> str:
        """The carrier's word for what is wrong with an entry; empty if it is right."""
        if piece == NUMBER and _is_card(text) and _kind(text) not in self.cards:
            return "invalid-card-type"
        lengths = 4 if _kind(self.entered.get(NUMBER, "")) == "amex" else 3
        checks: dict[str, Callable[[], bool]] = {
            NUMBER: lambda: _is_card(text),
            EXPIRY: lambda: len(text) == 4 and 1 <= int(text[:2]) <= 12,
            CODE: lambda: len(text) == lengths,
        }
        return "" if text.isdecimal() and checks[piece]() else WRONG[piece]

    def _stop(self) -> None:
        if self.keying is not None:
            self.keying.cancel()
            self.keying = None


def _kind(number: str) -> str:
    return next((kind for beginning, kind in BEGINNINGS.items() if number.startswith(beginning)), "")


def _is_card(digits: str) -> bool:
    """Thirteen to nineteen digits with Luhn's check digit (ISO/IEC 7812-1)."""
    if not digits.isdecimal() or not 13 <= len(digits) <= 19:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
