"""Reads `[callbacks]`: which numbers are called back, and how often."""

import phonenumbers

from voicebot.config.tables import Table
from voicebot.dialogue.outbound import CallbackRules

MOST, MOST_TRIES, MOST_DAYS = 1000, 10, 60
SLOTS = (15, 30, 60, 120)  # minutes: whole ones make up a day
DAY = 86_400  # seconds


def read_callbacks(table: Table) -> CallbackRules:
    """The rules of all lines, of a table that the caller closes. What is wrong is complained about."""
    usual = CallbackRules()
    return CallbackRules(
        countries=_countries(table),
        a_number_a_day=table.whole("a_number_a_day", usual.a_number_a_day, 1, MOST),
        unverified_a_day=table.whole("unverified_a_day", usual.unverified_a_day, 0, MOST),
        an_hour_an_agent=table.whole("an_hour_an_agent", usual.an_hour_an_agent, 1, MOST),
        tries=table.whole("tries", usual.tries, 1, MOST_TRIES),
        again_after=table.whole("again_after", usual.again_after, 60, DAY),
        slot_minutes=_slot_minutes(table, usual.slot_minutes),
        a_slot=table.whole("a_slot", usual.a_slot, 1, MOST),
        days_ahead=table.whole("days_ahead", usual.days_ahead, 1, MOST_DAYS),
        choose_time=table.flag("choose_time", default=usual.choose_time),
        phrase=table.flag("phrase", default=usual.phrase),
        phrase_digits=table.whole("phrase_digits", usual.phrase_digits, 4, 12),
    )


def _countries(table: Table) -> tuple[str, ...]:
    named = table.texts("countries", ())
    for country in named:
        if country not in phonenumbers.SUPPORTED_REGIONS:
            table.wrong("countries", f'names "{country}"; a country is written like "US" or "DK"')
    return tuple(country for country in named if country in phonenumbers.SUPPORTED_REGIONS)


def _slot_minutes(table: Table, usual: int) -> int:
    asked = table.raw("slot_minutes", usual)
    if asked in SLOTS and not isinstance(asked, bool):
        return int(asked)
    table.wrong("slot_minutes", f"must be one of {', '.join(map(str, SLOTS))}")
    return usual
