"""Which PINs are too easy to guess, and how a new one is drawn. Pure but for chance; keeps no secret and quotes none.

People choose few PINs: five of them open every fifth phone. Most of those follow a rule, so they are told by rule; the list
has those that follow none.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from voicebot.dialogue.values import Secret, Shape
from voicebot.ports.secrets import Strength

SHORTEST = 4  # digits; below that a secret is refused
ADVISED = 6
LONGEST = 24
_DRAWS = 1000  # of six digits one in seventy is guessable, of four one in ten

# Chosen often although no rule below tells them: words on a keypad, ways over the keypad, days, agents and films.
_COMMON = frozenset(
    """
    0102 0420 0704 0714 0852 0911 1004 1029 1031 1204 1224 1225 1230 1235 1236 1245 1258 1314 1337 1379 1397 1415 1423 1425
    1452 1475 1478 1516 1543 1590 1618 1793 2536 2580 2589 2718 3141 3142 3570 3698 3791 4200 4201 5150 5201 5211 5683 6871
    7410 7530 7931 8520 8675 9510 9713 007123 010203 012340 020304 030405 100200 101099 101112 101202 102030 102938 110120
    111213 112345 112358 121314 123007 123412 123450 123451 123455 123698 124578 125690 131415 131420 134679 135790 141516
    141592 142536 145236 147896 151617 159263 159874 161803 190000 192837 200300 202303 203040 235689 235711 246810 258014
    271828 304050 314159 326598 362514 405060 520131 521131 741236 784512 852025 867530 911000 963214 976431
    """.split()  # noqa: SIM905 - a list of numbers reads best as lines of numbers
)


def strength(secret: Secret, numbers: Sequence[str] = (), days: Sequence[str] = ()) -> Strength:
    """How well a secret of digits keeps. `numbers`: the customer's own (account, phone); `days`: ISO dates, birth above all."""
    digits = secret.reveal()
    if len(digits) < SHORTEST:
        return Strength.TOO_SHORT
    if _follows_a_rule(digits) or digits in _COMMON or _is_known(digits, numbers, days):
        return Strength.GUESSABLE
    return Strength.SHORT if len(digits) < ADVISED else Strength.GOOD


def draw(
    shape: Shape, numbers: Sequence[str] = (), days: Sequence[str] = (), below: Callable[[int], int] = secrets.randbelow
) -> Secret:
    """A new secret by chance, of six digits where the shape allows it, never one that is guessable.

    `below(10)` gives a digit. Raises ValueError for a shape that has no secret of at least four digits.
    """
    length = min(max(shape.shortest, ADVISED), shape.longest)
    for _ in range(_DRAWS if length >= SHORTEST else 0):
        drawn = Secret("".join(str(below(10)) for _ in range(length)))
        if strength(drawn, numbers, days) in (Strength.GOOD, Strength.SHORT):
            return drawn
    raise ValueError(f"no secret of the shape {shape} could be drawn")


def advice(field: str, shape: Shape) -> str:
    """What an operator should know about a field of this shape; empty where there is nothing to say."""
    if shape.shortest >= ADVISED:
        return ""
    if shape.longest < SHORTEST:
        return f"{field} has fewer than {SHORTEST} digits: too few for a secret"
    return f"{field} may have {shape.shortest} digits, one of {10**shape.shortest:,}: {ADVISED} are advised"


def _follows_a_rule(digits: str) -> bool:
    half = len(digits) // 2
    return (
        len(set(digits)) <= 2
        or _steps_evenly(digits)
        or digits == digits[::-1]
        or _repeats_a_block(digits)
        or (len(digits) == 4 and digits[:2] in ("19", "20"))  # a year
        or (len(digits) >= 6 and digits[::2] == digits[1::2])  # 112233
        or (len(digits) >= 6 and len(digits) % 2 == 0 and _steps_evenly(digits[:half]) and _steps_evenly(digits[half:]))
    )


def _steps_evenly(digits: str) -> bool:
    """1234, 9876, 7890, 1357, 7777: each digit is as far from the last one as any other."""
    return len({(int(after) - int(before)) % 10 for before, after in pairwise(digits)}) == 1


def _repeats_a_block(digits: str) -> bool:
    sizes = (size for size in range(1, len(digits) // 2 + 1) if len(digits) % size == 0)
    return any(digits == digits[:size] * (len(digits) // size) for size in sizes)


def _is_known(digits: str, numbers: Sequence[str], days: Sequence[str]) -> bool:
    """Part of one of the customer's own numbers, or one of the customer's days in any order of writing."""
    own = ("".join(sign for sign in number if sign.isdigit()) for number in numbers)
    return any(digits in number for number in own) or any(digits == written for day in days for written in _ways_to_write(day))


def _ways_to_write(day: str) -> Iterator[str]:
    try:
        known = date.fromisoformat(day)
    except ValueError:
        return
    for order in ("%d%m", "%m%d", "%Y"):
        yield known.strftime(order)
    for year in ("%y", "%Y"):
        for order in (f"%d%m{year}", f"%m%d{year}", f"{year}%m%d", f"{year}%d%m", f"{year}%m", f"%m{year}"):
            yield known.strftime(order)
