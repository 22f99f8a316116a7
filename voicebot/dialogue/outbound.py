"""Which numbers we call of our own accord, and how often: whoever asks for a callback must not be able to send us anywhere.

Kept with the line plan. Decides nothing about whose number it is.
"""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

from voicebot.dialogue.phrase import FEWEST_DIGITS

# Numbers that people answer. Premium, shared-cost, personal and toll-free numbers, pagers and satellites are none of them.
ANSWERED_BY_PEOPLE = frozenset({
    PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE
})  # fmt: skip


class BookingResult(StrEnum):
    """What became of a wish to be called back."""

    PROMISED = "promised"
    MERGED = "merged"  # that number was to be called by this queue already; its place is kept
    LIMITED = "limited"  # too many of them
    FULL = "full"  # the slot was taken meanwhile


class ChangeResult(StrEnum):
    """What became of a change to a callback that was promised before, in words of the journal."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    REFUSED = "not changed"  # it is over, the customer is being called just now, or the slot was taken


@dataclass(frozen=True)
class CallbackRules:
    """`countries`: ISO 3166, as `US`; empty: the line's own region only. How many are promised: to one number a day, to callers
    who are not verified, of one calling number a day, and for each agent at work in an hour. A number is dialled at most `tries`
    times for one wish, again `again_after` seconds after it was busy, nobody answered or no key came. Who wants to be called at a
    time of their own chooses among slots of `slot_minutes`, up to `days_ahead`; a queue has room for `a_slot` in each. By phone
    they are asked when (`choose_time`), and for a phrase (`phrase`): of at least `phrase_digits`, if it is of digits.
    """

    countries: tuple[str, ...] = ()
    a_number_a_day: int = 2
    unverified_a_day: int = 2
    an_hour_an_agent: int = 6
    tries: int = 3
    again_after: int = 900
    slot_minutes: int = 30
    a_slot: int = 4
    days_ahead: int = 14
    choose_time: bool = True
    phrase: bool = True
    phrase_digits: int = FEWEST_DIGITS


def may_be_called(number: str, rules: CallbackRules, region: str) -> bool:
    """Whether we call this number (E.164). The country comes first: what is dear abroad often has the type of a plain number."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    countries = rules.countries or (region,)
    return (
        phonenumbers.is_valid_number(parsed)
        and phonenumbers.region_code_for_number(parsed) in countries
        and phonenumbers.number_type(parsed) in ANSWERED_BY_PEOPLE
    )
