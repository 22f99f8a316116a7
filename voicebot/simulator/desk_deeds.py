"""What an agent does at their desk in a scripted call, as words. Reading only; nothing happens here.

A deed is one of

    hold, resume, mute, unmute     the caller, the agent's own voice
    step_up:ACTION [AMOUNT] [PROOF]  a fresh proof is asked for: step_up:payout 250.00 pin
    take_back                      the caller comes back without it
    token                          the validation token is shown
    pay:AMOUNT, pay_link:AMOUNT    a card payment is begun; by a link
    pay_again:PIECE                card_number, expiry or security_code is keyed once more
    charge, pay_cancel             the card is charged; or not
    note:TEXT                      something is written down
    until:STATE                    nothing, until the fresh proof or the payment has come so far: until:passed, until:entered
    wait:SECONDS                   nothing, for so long
    end                            the call is ended
    hang_up                        the agent's telephone is put down; what comes after it the next agent does

A deed that the desk refuses is tried again for a while, as somebody would who looks at the card.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

ALONE = ("hold", "resume", "mute", "unmute", "take_back", "token", "charge", "pay_cancel", "end", "hang_up")
AMOUNT = r"[0-9]{1,9}(\.[0-9]{1,3})?"
# Name -> what comes after the colon, in order, and which of it may be left out.
ARGUMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "step_up": (("action", r"[a-z][a-z0-9_]*"), ("amount", rf"({AMOUNT})?"), ("proof", r"([a-z][a-z0-9_]*)?")),
    "pay": (("amount", AMOUNT),),
    "pay_link": (("amount", AMOUNT),),
    "pay_again": (("piece", "card_number|expiry|security_code"),),
    "note": (("text", r".{1,500}"),),
    "until": (("state", "[a-z_]+"),),
    "wait": (("seconds", r"[0-9]{1,4}(\.[0-9]+)?"),),
}
HERE = ("until", "wait", "hang_up")  # nothing that the desk is asked to do


@dataclass(frozen=True)
class DeskDeed:
    """One deed. `told` is what the desk is told with it."""

    name: str
    told: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "DeskDeed":
        """Read one as it is written. Raises ValueError saying what is wrong and what there is."""
        name, colon, rest = text.partition(":")
        if name in ALONE:
            if colon:
                raise ValueError(f"{name} stands alone; nothing comes after it")
            return cls(name)
        wanted = ARGUMENTS.get(name)
        if wanted is None:
            raise ValueError(f"{name!r} is nothing an agent does; known are {', '.join((*ALONE, *ARGUMENTS))}")
        parts = [rest] if len(wanted) == 1 else rest.split()
        given = [*parts, *[""] * (len(wanted) - len(parts))]
        if len(given) > len(wanted) or not all(re.fullmatch(fits, one) for (_, fits), one in zip(wanted, given, strict=True)):
            raise ValueError(f"{name}: takes {', '.join(what for what, _ in wanted)}, not {rest!r}")
        return cls(name, tuple((what, one) for (what, _), one in zip(wanted, given, strict=True)))

    def __str__(self) -> str:
        return ":".join((self.name, *([" ".join(one for _, one in self.told if one)] if self.told else [])))


def parse_deeds(texts: Sequence[str]) -> tuple[DeskDeed, ...]:
    """Read several. Raises ValueError naming the number of the wrong one."""
    read: list[DeskDeed] = []
    for number, text in enumerate(texts, start=1):
        try:
            read.append(DeskDeed.parse(text))
        except ValueError as wrong:
            raise ValueError(f"deed {number}: {wrong}") from None
    return tuple(read)
