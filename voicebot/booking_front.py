"""Composes what customers and other systems book callbacks by. Decides nothing; `app` composes the rest."""

from collections.abc import Callable, Mapping
from datetime import datetime

from voicebot.callbacks.admission import Admission
from voicebot.callbacks.api import ApiHouse, Deed
from voicebot.clock import SystemClock
from voicebot.config.company import Company
from voicebot.config.settings import Settings
from voicebot.keyring import Keyring
from voicebot.ports.clock import Clock
from voicebot.records import audit
from voicebot.records.api_keys import SqlApiKeys
from voicebot.records.audit import SqlAudit
from voicebot.records.rates import SqlRates
from voicebot.records.store import SqlStore
from voicebot.switchboard import Switchboard
from voicebot.switchboard.booking_desk import BookingsPlan
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.wanted import Subject

DEEDS: Mapping[Deed, audit.Deed] = {
    Deed.SHOWN: audit.Deed.CALLBACKS_SHOWN,
    Deed.BOOKED: audit.Deed.CALLBACK_BOOKED,
    Deed.CHANGED: audit.Deed.CALLBACK_CHANGED,
    Deed.CANCELLED: audit.Deed.CALLBACK_CANCELLED,
}


def company_bookings(
    company: Company, store: SqlStore, keyring: Keyring, clock: Clock, switchboard: Switchboard,
    changed: Callable[[frozenset[str]], None], prompts_version: Callable[[], str],
) -> Bookings:  # fmt: skip
    """What the company's customers can book about, by the rules of its lines."""

    def is_open(line: str, queue: str, at: datetime) -> bool:
        here = company.lines[line]
        own = queue == here.plan.queue.name or queue not in company.queues
        return here.is_open(at) and (own or company.queues[queue].is_open(at))

    subjects = {
        name: Subject(name, one.texts, line.plan, company.queues[one.queue].plan if one.queue else line.plan.queue)
        for name, one in company.booking.subjects.items()
        if (line := company.lines[one.line])
    }
    return Bookings(
        BookingsPlan(
            store, keyring, clock, subjects, company.booking.media, company.time_zone, is_open, prompts_version,
            switchboard.callbacks.call_off, changed,
        )
    )  # fmt: skip


def booking_api(settings: Settings, store: SqlStore, keyring: Keyring, bookings: Bookings) -> ApiHouse | None:
    """The API for other systems; None where it is off. Keys, limits and the audit go by real time."""
    plan, record, now = settings.company.booking.api, SqlAudit(store), SystemClock().now
    if plan is None:
        return None

    def recorded(who: str, deed: Deed, facts: Mapping[str, str]) -> None:
        record.write(who, DEEDS[deed], now(), facts=dict(facts))

    admission = Admission(plan, SqlApiKeys(store), SqlRates(store), keyring, settings.deployment.proxies, now)
    return ApiHouse(bookings, admission, keyring.blind, recorded)
