"""Composes what customers and other systems book callbacks by. Decides nothing; `app` composes the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial

from voicebot.callbacks.admission import Admission
from voicebot.callbacks.api import ApiHouse, Deed
from voicebot.callbacks.asking import AskingHouse, create_asking
from voicebot.callbacks.counter import Counter
from voicebot.callbacks.door import Door
from voicebot.callbacks.invited import InvitedHouse
from voicebot.callbacks.links import INVITED, Links
from voicebot.callbacks.page import PageHouse
from voicebot.callbacks.room import CallbackHouse
from voicebot.callbacks.words import load_words
from voicebot.clock import SystemClock
from voicebot.config.booking import LANGUAGE_NAMES
from voicebot.config.booking import InvitingPlan as InvitingTable
from voicebot.config.booking import PagePlan as PageTable
from voicebot.config.company import Company
from voicebot.config.settings import Settings
from voicebot.dialogue.calling_back import CalledOff
from voicebot.invitation_sending import InvitationSending
from voicebot.keyring import Keyring
from voicebot.pages.gate import Site
from voicebot.pages.room import PageRoom
from voicebot.ports.clock import Clock
from voicebot.records import audit
from voicebot.records.api_keys import SqlApiKeys
from voicebot.records.audit import SqlAudit
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.rates import SqlRates
from voicebot.records.store import SqlStore
from voicebot.switchboard.booking_desk import BookingsPlan
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.invitations import Invitations
from voicebot.switchboard.inviting import InvitingPlan
from voicebot.switchboard.wanted import Subject

IS_OPEN_KEPT = 16_384  # times; a queue has some two thousand in its next two weeks

DEEDS: Mapping[Deed, audit.Deed] = {
    Deed.SHOWN: audit.Deed.CALLBACKS_SHOWN,
    Deed.BOOKED: audit.Deed.CALLBACK_BOOKED,
    Deed.CHANGED: audit.Deed.CALLBACK_CHANGED,
    Deed.CANCELLED: audit.Deed.CALLBACK_CANCELLED,
    Deed.INVITED: audit.Deed.CUSTOMER_INVITED,
}


@dataclass(frozen=True)
class BookingParts:
    """What it all stands on. `changed(topics)` tells whoever shows the floor. `address_of(customer)`: an e-mail address,
    empty where there is none, None where it cannot be learned now.
    """

    settings: Settings
    store: SqlStore
    keyring: Keyring
    clock: Clock
    call_off: Callable[[str, CalledOff], bool]
    prompts_version: Callable[[], str]
    changed: Callable[[frozenset[str]], None]
    address_of: Callable[[str], str | None] = lambda _: ""


@dataclass(frozen=True)
class BookingFront:
    """`house` for Flask, `rooms` for the shell, `looks` for the ticker, by the words for their failure. `invites(now)` puts
    invitations into the outbox; it may wait for the back end.
    """

    house: CallbackHouse
    rooms: tuple[PageRoom, ...] = ()
    looks: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    invites: Callable[[datetime], object] = lambda _: None


def booking_front(parts: BookingParts) -> BookingFront:
    """As far as the company has turned it on."""
    settings, plan = parts.settings, parts.settings.company.booking
    bookings = company_bookings(parts)
    counter = _counter(parts, bookings)
    pages, invited = None, None
    if counter is not None and plan.page is not None:
        own = own_links(settings, parts.keyring)
        pages = PageHouse(counter, own)
        if (invitations := company_invitations(parts, bookings)) is not None:
            links = invitation_links(settings, parts.keyring)
            invited = InvitedHouse(counter, invitations, links, own)
    house = CallbackHouse(_api(parts, bookings, invited.invitations if invited else None), pages, invited)
    if invited is None:
        return BookingFront(house)
    send = InvitationSending(settings, SqlOutgoing(parts.store), invited.links, parts.address_of).send
    looks: dict[str, Callable[[], object]] = {}
    if plan.inviting is not None and plan.inviting.after_missed and counter is not None:
        words = counter.words_by_language
        usual = next(iter(words.values()))
        looks["missed customers not asked"] = lambda: invited.invitations.ask_missed(
            lambda language: words.get(language, usual)("missed_reason")
        )
    return BookingFront(house, (_asking(parts, invited.invitations),), looks, lambda _: invited.invitations.send_due(send))


def company_subjects(company: Company) -> dict[str, Subject]:
    """What the company's customers can book about."""
    return {
        name: Subject(name, one.texts, line.plan, company.queues[one.queue].plan if one.queue else line.plan.queue)
        for name, one in company.booking.subjects.items()
        if (line := company.lines[one.line])
    }


def company_bookings(parts: BookingParts) -> Bookings:
    """By the rules of the company's lines."""
    company = parts.settings.company

    @lru_cache(IS_OPEN_KEPT)  # hours do not change while we run, and each page asks for thousands of times
    def is_open(line: str, queue: str, at: datetime) -> bool:
        here = company.lines.get(line)
        if here is None:  # it was renamed, or is no more: an earlier callback is seen and cancelled, and not moved
            return False
        own = queue == here.plan.queue.name or queue not in company.queues
        return here.is_open(at) and (own or company.queues[queue].is_open(at))

    return Bookings(
        BookingsPlan(
            parts.store, parts.keyring, parts.clock, company_subjects(company), company.booking.media, company.time_zone, is_open,
            parts.prompts_version, parts.call_off, parts.changed,
        )
    )  # fmt: skip


def company_invitations(parts: BookingParts, bookings: Bookings) -> Invitations | None:
    """Asking customers for a conversation; None where it is off."""
    settings, outgoing = parts.settings, SqlOutgoing(parts.store)
    plan, sender = settings.company.booking.inviting, settings.deployment.caller_id
    if plan is None:
        return None
    languages = settings.company.booking.languages()
    opted_out = partial(outgoing.opted_out, sender=sender)
    return Invitations(InvitingPlan(bookings.plan, languages, plan.days, plan.a_number_a_day, opted_out))


def office_invitations(settings: Settings, store: SqlStore, keyring: Keyring) -> Invitations | None:
    """The same for a command: it asks, and whoever serves sends. It calls nothing off, and shows nobody anything."""
    version = settings.prompts.version
    parts = BookingParts(settings, store, keyring, SystemClock(), lambda *_: False, lambda: version, lambda _: None)
    return company_invitations(parts, company_bookings(parts))


def own_links(settings: Settings, keyring: Keyring) -> Links:
    """Links by which customers come back to their own callback."""
    page = settings.company.booking.page or PageTable()
    return Links(settings.deployment.customers_url, keyring, page.link_days, SystemClock().now)


def link_to_wish(settings: Settings, keyring: Keyring) -> Callable[[str], str]:
    """Where a callback's customer can change it; empty where they have no page."""
    links = own_links(settings, keyring)
    return links.address if settings.company.booking.page is not None else lambda _wish: ""


def invitation_links(settings: Settings, keyring: Keyring) -> Links:
    """Links by which customers answer an invitation."""
    plan = settings.company.booking.inviting or InvitingTable()
    return Links(settings.deployment.customers_url, keyring, plan.days, SystemClock().now, INVITED)


def _counter(parts: BookingParts, bookings: Bookings) -> Counter | None:
    """What the customers' pages share; None where they are off. Forms and limits go by real time."""
    settings, keyring, now = parts.settings, parts.keyring, SystemClock().now
    plan = settings.company.booking.page
    if plan is None:
        return None
    site = Site(settings.deployment.customers_url, settings.deployment.proxies)
    door = Door(site, keyring, keyring, SqlRates(parts.store), plan.an_address_an_hour, now)
    words = load_words(settings.company.booking.languages(), settings.company.time_zone)
    return Counter(settings.company.name, bookings, door, words)


def _api(parts: BookingParts, bookings: Bookings, invitations: Invitations | None) -> ApiHouse | None:
    """The API for other systems; None where it is off. Keys, limits and the audit go by real time."""
    plan, record, now = parts.settings.company.booking.api, SqlAudit(parts.store), SystemClock().now
    if plan is None:
        return None

    def recorded(who: str, deed: Deed, facts: Mapping[str, str]) -> None:
        record.write(who, DEEDS[deed], now(), facts=dict(facts))

    proxies = parts.settings.deployment.proxies
    admission = Admission(plan, SqlApiKeys(parts.store), SqlRates(parts.store), parts.keyring, proxies, now)
    return ApiHouse(bookings, admission, parts.keyring.blind, recorded, invitations)


def _asking(parts: BookingParts, invitations: Invitations) -> PageRoom:
    record, now = SqlAudit(parts.store), SystemClock().now
    languages = {one: LANGUAGE_NAMES[one] for one in parts.settings.company.booking.languages()}

    def recorded(who: str, facts: Mapping[str, str]) -> None:
        record.write(who, audit.Deed.CUSTOMER_INVITED, now(), facts=dict(facts))

    return create_asking(AskingHouse(invitations, languages, recorded))
