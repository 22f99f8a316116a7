"""How many tries may fail from one calling number, and when failing accounts are an attack. Pure: counts in, answers out.

None of this keeps a caller from an agent; it only decides what a secret is still worth.
"""

from dataclasses import dataclass
from datetime import timedelta

from voicebot.dialogue.check_digits import ONE_IN
from voicebot.dialogue.forms import CheckDigit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

FAILURES_AN_HOUR = 10  # from one calling number
ACCOUNTS_A_DAY = 5  # on which tries from one calling number have failed
WITHHELD_FAILURES_AN_HOUR = 30  # from all withheld numbers together: nobody can tell them apart

ATTACK_WINDOW = timedelta(minutes=10)
ATTACK_ACCOUNTS = 20  # different ones that fail within the window
ATTACK_TIMES_USUAL = 3  # and more than so many times as many as in the hour before


MOST_CHANCE = 0.01  # that a number which was never said is found among those looked for
MOST_LOOKED_FOR = 20  # of what may have been said; the right one is hardly ever further down


@dataclass(frozen=True)
class NumberRecord:
    """What has failed from one calling number, checks under way included. `accounts` are different ones."""

    withheld: bool
    failures_this_hour: int
    accounts_today: int


def may_try(record: NumberRecord) -> bool:
    """Whether one secret more may be checked for a caller from this number."""
    if record.withheld:
        return record.failures_this_hour < WITHHELD_FAILURES_AN_HOUR
    return record.failures_this_hour < FAILURES_AN_HOUR and record.accounts_today < ACCOUNTS_A_DAY


def how_many_to_look_for(customers: int, digits: int) -> int:
    """How many numbers of so many digits may be looked for among so many customers: one that was never said is found by chance in
    one case of a hundred at most. 0: none.
    """
    numbers: int = 10**digits
    return min(MOST_LOOKED_FOR, int(MOST_CHANCE * numbers) // max(1, customers))


def may_hear_among(customers: int, digits: int, check: CheckDigit = CheckDigit.NONE) -> bool:
    """Whether a number may be heard among those of so many customers: one that was never said is hardly ever a customer's.

    Of V values that a field can have, n are customers'; of k values by chance k * n / V are among them (the mean of the
    hypergeometric distribution). V is 10 to the power of `digits`, over what the check digit leaves of them; k is 1, for only the
    likeliest number is asked about. One in a hundred is allowed, as where several values are looked for.
    """
    return how_many_to_look_for(customers * ONE_IN[check], digits) > 0


def is_attack(failing_accounts: int, in_hour_before: int) -> bool:
    """Whether so many failing accounts in one window are an attack, against those of the hour before that window.

    An account counts once per window, however often it fails; what was not understood was never checked and does not count.
    """
    usual = in_hour_before * (ATTACK_WINDOW / HOUR)
    return failing_accounts >= ATTACK_ACCOUNTS and failing_accounts > ATTACK_TIMES_USUAL * usual
