"""Composes what customers and other systems book callbacks by. Decides nothing; `app` composes the rest."""

from collections.abc import Callable, Mapping
from datetime import datetime

from voicebot.callbacks.admission import Admission
from voicebot.callbacks.api import ApiHouse, Deed
from voicebot.callbacks.door import Door
from voicebot.callbacks.links import Links
from voicebot.callbacks.page import PageHouse
from voicebot.callbacks.words import load_words
from voicebot.clock import SystemClock
from voicebot.config.company import Company
from voicebot.config.settings import Settings
from voicebot.keyring import Keyring
from voicebot.pages.gate import Site
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


def booking_links(settings: Settings, keyring: Keyring) -> Links | None:
    """Links by which customers come back to their callback; None where there is no page that they lead to."""
    plan = settings.company.booking.page
    return None if plan is None else Links(customers_url(settings), keyring, plan.link_days, SystemClock().now)


def booking_pages(settings: Settings, store: SqlStore, keyring: Keyring, bookings: Bookings) -> PageHouse | None:
    """The customers' pages; None where they are off. Forms, links and limits go by real time."""
    plan, links, now = settings.company.booking.page, booking_links(settings, keyring), SystemClock().now
    if plan is None or links is None:
        return None
    site = Site(customers_url(settings), settings.deployment.proxies)
    door = Door(site, keyring, keyring, SqlRates(store), plan.an_address_an_hour, now)
    words = load_words(settings.company.booking.languages(), settings.company.time_zone)
    return PageHouse(settings.company.name, bookings, door, links, words)


def customers_url(settings: Settings) -> str:
    """Where customers reach us: in public, even if agents' pages have an address of their own."""
    return settings.deployment.public_base_url or settings.deployment.pages_url
