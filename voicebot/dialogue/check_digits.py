"""Check digits: whether a number of digits can be right at all. Pure arithmetic; knows nothing of what a number is for.

Each check reads a number from its first digit on and remembers little of it, so that a recogniser's grammar can follow it too.

Sources: ISO/IEC 7812-1 (Luhn), ISO/IEC 7064 (mod 97, mod 11, mod 11-10), GS1 General Specifications (parcels, SSCC), UPU S10.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from voicebot.dialogue.forms import CheckDigit

UPU_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)

State: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Check:
    """What is remembered before the first digit, what after one more, and whether a number that ends here fits."""

    start: State
    step: Callable[[State, int], State]
    fits: Callable[[State], bool]


def check_digit_fits(digits: str, check: CheckDigit) -> bool:
    """Whether these digits end as this check wants them to. Any digits fit a field without one."""
    if check is CheckDigit.NONE:
        return True
    rule = CHECKS[check]
    state = rule.start
    for digit in digits:
        state = rule.step(state, int(digit))
    return len(digits) > 1 and rule.fits(state)


def _weighted(second: Callable[[int], int]) -> Check:
    """Every second digit from the right counts otherwise. Two sums modulo 10: as if the number ended here, and one further on."""
    return Check((0, 0), lambda sums, digit: ((sums[1] + digit) % 10, (sums[0] + second(digit)) % 10), lambda sums: sums[0] == 0)


def _mod11_10_step(state: State, digit: int) -> State:
    return (((state[0] or 10) * 2 % 11 + digit) % 10,)


def _upu_step(state: State, digit: int) -> State:
    """How many digits, and their weighted sum modulo 11; after the last, whether it is the right one."""
    count, rest = state
    if count < len(UPU_WEIGHTS):
        return count + 1, (rest + UPU_WEIGHTS[count] * digit) % 11
    wanted = {10: 0, 11: 5}.get(11 - rest, 11 - rest)
    return count + 1, int(count == len(UPU_WEIGHTS) and digit == wanted)


CHECKS = {
    CheckDigit.LUHN: _weighted(lambda digit: sum(divmod(2 * digit, 10))),
    CheckDigit.MOD97: Check((0,), lambda state, digit: ((10 * state[0] + digit) % 97,), lambda state: state[0] == 1),
    # MOD 11-2. A number whose check would be X has no form in digits, so it never fits.
    CheckDigit.MOD11: Check((0,), lambda state, digit: ((state[0] + digit) * 2 % 11,), lambda state: state[0] == 2),
    CheckDigit.MOD11_10: Check((5,), _mod11_10_step, lambda state: state[0] == 1),
    CheckDigit.GS1: _weighted(lambda digit: 3 * digit),
    # The nine digits between the letters of an international parcel's number.
    CheckDigit.UPU_S10: Check((0, 0), _upu_step, lambda state: state == (len(UPU_WEIGHTS) + 1, 1)),
}

# Of so many numbers that can be, one fits.
ONE_IN = {
    CheckDigit.NONE: 1,
    CheckDigit.LUHN: 10,
    CheckDigit.MOD97: 97,
    CheckDigit.MOD11: 11,
    CheckDigit.MOD11_10: 10,
    CheckDigit.GS1: 10,
    CheckDigit.UPU_S10: 10,
}
