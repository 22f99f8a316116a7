"""How often an account's secret may be tried, over all calls. Pure: one account's standing in, its new standing out.

An attempt is reserved before the secret is checked, so that guesses in parallel, and a crash in between, count as well.
What became of it is settled afterwards; a reservation that nobody settles stays counted towards the day.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from voicebot.dialogue.values import SecretVerdict

IN_A_ROW = 5  # wrong ones, then the account rests for LOCK
LOCK = timedelta(minutes=30)
A_DAY = 10  # attempts without success in 24 hours, unknown outcomes included
DAY = timedelta(hours=24)
WITHOUT_SUCCESS = 20  # then the secret is void and a new one must be set
OPEN_FOR = timedelta(seconds=15)  # so long a reservation counts as a guess that is being checked right now


@dataclass(frozen=True)
class Standing:
    """One account's attempts. `recent`: wrong ones of the last day; `unknown`: reserved, outcome not (yet) learnt."""

    consecutive: int = 0
    since_success: int = 0
    recent: tuple[datetime, ...] = ()
    unknown: tuple[datetime, ...] = ()
    locked_until: datetime | None = None
    disabled: bool = False


def reserve(standing: Standing, at: datetime) -> Standing | None:
    """Count an attempt that is about to be checked; None if it must not be: the account is locked, or has too many open."""
    standing = _forget_old(standing, at)
    if standing.disabled or (standing.locked_until is not None and at < standing.locked_until):
        return None
    being_checked = sum(1 for time in standing.unknown if at - time < OPEN_FOR)
    if standing.consecutive + being_checked >= IN_A_ROW:
        return None
    if len(standing.recent) + len(standing.unknown) >= A_DAY:
        return None
    return replace(standing, unknown=(*standing.unknown, at))


def settle(standing: Standing, reserved_at: datetime, verdict: SecretVerdict, at: datetime) -> Standing:
    """What became of a reservation. Only a definite mismatch locks; what certainly was not checked is given back."""
    standing = _forget_old(standing, at)
    match verdict:
        case SecretVerdict.MATCHED:
            return replace(_given_back(standing, reserved_at), consecutive=0, since_success=0)
        case SecretVerdict.MISMATCHED:
            return _wrong(_given_back(standing, reserved_at), at)
        case SecretVerdict.TIMED_OUT:
            return standing
        case SecretVerdict.UNAVAILABLE | SecretVerdict.NOT_SET | SecretVerdict.LOCKED | SecretVerdict.LIMITED:
            return _given_back(standing, reserved_at)
        case _:
            assert_never(verdict)


def _wrong(standing: Standing, at: datetime) -> Standing:
    consecutive, since_success = standing.consecutive + 1, standing.since_success + 1
    locked_until = standing.locked_until
    if consecutive >= IN_A_ROW:
        consecutive, locked_until = 0, max(locked_until or at, at + LOCK)  # an operator's longer lock stays
    return replace(
        standing,
        consecutive=consecutive,
        since_success=since_success,
        recent=(*standing.recent, at),
        locked_until=locked_until,
        disabled=standing.disabled or since_success >= WITHOUT_SUCCESS,
    )


def _given_back(standing: Standing, reserved_at: datetime) -> Standing:
    times = list(standing.unknown)
    if reserved_at in times:
        times.remove(reserved_at)
    return replace(standing, unknown=tuple(times))


def _forget_old(standing: Standing, at: datetime) -> Standing:
    def fresh(times: tuple[datetime, ...]) -> tuple[datetime, ...]:
        return tuple(time for time in times if at - time < DAY)

    return replace(standing, recent=fresh(standing.recent), unknown=fresh(standing.unknown))
