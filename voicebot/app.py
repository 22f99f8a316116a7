"""The composition root: builds the rooms, wires them through the switchboard, runs the ticker. Decides nothing itself.

Nothing happens on import; `build` makes a `House`, `House.open` starts it, `House.close` ends it in order.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import structlog
from flask import Flask

from voicebot.back_end import company_approvals, company_crm
from voicebot.back_office.pings import create_pings
from voicebot.back_office.room import create_back_office
from voicebot.booking_front import BookingParts, booking_front, link_to_wish
from voicebot.callbacks.room import create_rooms
from voicebot.clock import ScaledClock, SystemClock
from voicebot.config.approvals import Delivery
from voicebot.config.company import Company
from voicebot.config.prompts import Shelf
from voicebot.config.settings import Settings, load_settings
from voicebot.desk.prompts import UPLOADS
from voicebot.dialogue.forms import LinePlan
from voicebot.errors import VoicebotError
from voicebot.front import (
    DeskParts,
    Telling,
    back_office,
    company_prompts,
    desk_room,
    page_shell,
    payment_ports,
    reports_room,
    scheduled_reports,
)
from voicebot.hearing import Heard, company_ear, company_voice, listening_for
from voicebot.identity.handover import ContextSigner
from voicebot.identity.rest import RestCrm
from voicebot.keyring import Keyring
from voicebot.logs import set_up_logging
from voicebot.messages.sending import Sending
from voicebot.messaging import WritingParts, company_messages, inbox, learns_fates, messages_room
from voicebot.pages.shell import Shell
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.hand_over import hands_nothing_over
from voicebot.ports.watch import Watch
from voicebot.readiness import Readiness
from voicebot.records.customer_draft import sweep_drafts
from voicebot.records.facts import SqlFacts
from voicebot.records.interactions import SqlInteractions
from voicebot.records.sign_of_life import SignOfLife
from voicebot.records.store import SqlStore, open_store
from voicebot.reports.batches import Batches
from voicebot.serving import AsgiApp, Hooks, asgi_house, end_with_supervisor, leave_no_core
from voicebot.speech.ear import VoskEar
from voicebot.switchboard import Switchboard, SwitchboardPlan
from voicebot.switchboard.approver import Approvals
from voicebot.switchboard.offering import Offering
from voicebot.switchboard.phoned import ByPhone
from voicebot.telephony.carrier import TwilioCarrier
from voicebot.telephony.messages import TwilioMessages
from voicebot.telephony.payments import TwilioPayments
from voicebot.telephony.recordings import TwilioRecordings
from voicebot.telephony.room import House as LineHouse
from voicebot.telephony.room import VoiceRoom, create_voice_room
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.talks import Talks
from voicebot.ticker import Ticker
from voicebot.watched import Telemetry, company_telemetry, pressure

# Directories within the data directory: the keyring's, and that of the signs of life.
KEYS, ALIVE = "keys", "alive"

Rewired: TypeAlias = Callable[[SwitchboardPlan], SwitchboardPlan]
Looks: TypeAlias = Mapping[str, Callable[[], object]]

log = structlog.get_logger(__name__)


@dataclass
class House:
    """All rooms of one process."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    store: SqlStore
    crm: Crm
    approvals: Approvals | None
    ear: VoskEar
    carrier: TwilioCarrier
    payments: TwilioPayments
    messages: TwilioMessages
    sounds: TwilioRecordings
    switchboard: Switchboard
    line: VoiceRoom
    shell: Shell
    flask: Flask
    ticker: Ticker
    telemetry: Telemetry
    batches: Batches
    sending: Sending

    def open(self) -> None:
        """Begin: workers for listening where a line listens, the roster, the ticker."""
        if any(line.plan.listen for line in self.settings.company.lines.values()):
            self.ear.start()
        self.switchboard.start()
        self.ticker.start()
        self.batches.start()
        self.sending.start()

    def close(self) -> None:
        """End in order: no new times, then what is under way, then the rooms."""
        self.ticker.close()
        self.batches.close()
        self.sending.close()
        self.switchboard.close()
        self.ticker.end()
        if isinstance(self.crm, RestCrm):
            self.crm.close()
        if self.approvals is not None:
            self.approvals.provider.close()
        self.ear.close()
        self.carrier.close()
        self.payments.close()
        self.messages.close()
        self.sounds.close()
        self.shell.close()
        self.telemetry.close()
        self.store.close()

    def asgi(self) -> AsgiApp:
        """One application for pages, webhooks and media sockets, opened and closed with its server."""
        sockets = dict.fromkeys(self.line.socket_paths, self.line.media) | dict.fromkeys(self.line.talk_paths, self.line.talk)
        streams = {self.shell.live_path: self.shell.live}
        hooks = Hooks(self.open, self.close, self.shell.live.drain)
        return asgi_house(self.flask, sockets, streams=streams, hooks=hooks, uploads=UPLOADS)


def build(settings: Settings, clock: Clock | None = None, rewired: Rewired = lambda plan: plan) -> House:
    """Everything, wired, not started yet. Raises VoicebotError with what is missing or wrong.

    `clock` is for a house that is to go on in another one's call time, `rewired` for one whose ports are watched.
    """
    scale = settings.deployment.time_scale
    clock = clock or (SystemClock() if scale == 1.0 else ScaledClock(scale))
    keyring, store = open_records(settings)
    line_settings, rung, talks = telephony_settings(settings), RungLegs(), Talks()
    carrier, sounds = TwilioCarrier(line_settings, keyring, rung, talks=talks), TwilioRecordings(line_settings)
    crm = company_crm(settings, store, keyring)
    heard, told = Heard(), Telling()
    ear = company_ear(settings, heard, clock)
    prompting, shelf = company_prompts(settings, store)
    payments, messages = TwilioPayments(line_settings, keyring), TwilioMessages(line_settings, keys=keyring)
    approvals = company_approvals(settings)
    telemetry = company_telemetry(settings.deployment.telemetry, lambda: pressure(settings.company, store, ear, clock))
    watch = telemetry.watch
    ports = _Ports(store, keyring, clock, crm, carrier, payments, messages, ear, shelf, approvals, watch)
    heard.switchboard = switchboard = Switchboard(rewired(_wiring(settings, ports, told)))
    desk = desk_room(settings, DeskParts(store, switchboard, crm, clock, sounds, prompting), told)
    parts = WritingParts(store, crm, clock, told)
    booking = booking_front(
        BookingParts(settings, store, keyring, clock, switchboard.callbacks.call_off, lambda: shelf.current().version, told)
    )
    rooms = [desk, *booking.rooms, reports_room(settings, store), messages_room(settings, parts)]
    shell = page_shell(settings, store, keyring, [room for room in rooms if room is not None])
    told.to = shell.live.changed
    looks: Looks = {"changed prompts not taken up": prompting.refresh, **booking.looks}
    ticker = _ticker(settings.deployment.data, ports, switchboard, shell, looks)
    line = create_voice_room(line_settings, _line_house(settings, ports, switchboard, ticker, parts), rung, talks)
    flask = Flask("voicebot", static_folder=None)
    flask.register_blueprint(line.blueprint)
    shell.register(flask)
    telemetry.open_to(flask, watch)
    if (office := back_office(settings.deployment, store, keyring, switchboard)) is not None:
        flask.register_blueprint(create_back_office(office))
    if settings.company.approvals is not None and settings.company.approvals.delivery is Delivery.PING:
        flask.register_blueprint(create_pings(switchboard.approver.pinged))
    for room in create_rooms(booking.house):
        flask.register_blueprint(room)
    return House(
        settings, clock, keyring, store, crm, approvals, ear, carrier, payments, messages, sounds, switchboard, line, shell,
        flask, ticker, telemetry,
        scheduled_reports(settings, store, switchboard.owner),
        company_messages(settings, store, crm, clock, messages, switchboard.owner, link_to_wish(settings, keyring)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Ports:
    """What stands behind the switchboard's ports."""

    store: SqlStore
    keyring: Keyring
    clock: Clock
    crm: Crm
    carrier: TwilioCarrier
    payments: TwilioPayments
    messages: TwilioMessages
    ear: VoskEar
    shelf: Shelf
    approvals: Approvals | None
    watch: Watch


def _wiring(settings: Settings, ports: _Ports, told: Telling) -> SwitchboardPlan:
    """The switchboard's part: its ports, and the company's lines, queues and agents."""
    company, interactions = settings.company, SqlInteractions(ports.store)
    last_agent = _last_agent(interactions, company, ports.clock)

    def line_for(dnis: str, at: datetime) -> tuple[LinePlan, bool]:
        line = company.line_for(dnis)
        return line.plan, line.is_open(at)

    def words_of(language: str) -> tuple[str, ...]:
        return settings.phrase_words.get(language, ())

    return SwitchboardPlan(
        store=ports.store,
        keyring=ports.keyring,
        clock=ports.clock,
        crm=ports.crm,
        carrier=ports.carrier,
        paying=payment_ports(settings, ports.payments, ports.messages, ports.shelf),
        approvals=ports.approvals,
        line_for=line_for,
        closes_at=lambda dnis, at: company.line_for(dnis).closes_at(at),
        phone=ByPhone(lambda dnis, at: company.line_for(dnis).is_open(at), company.time_zone, words_of),
        can_listen=ports.ear.can_listen,
        prompts_version=lambda: ports.shelf.current().version,
        agents=company.agents,
        queues={name: queue.plan for name, queue in company.queues.items()},
        offering=Offering({name: queue.rules for name, queue in company.queues.items()}, last_agent),
        wrap_up_codes=frozenset(company.desk.wrap_up),
        wrapped_up=interactions.wrapped_up,
        time_scale=settings.deployment.time_scale,
        changed=told,
        watch=ports.watch,
    )


def _ticker(data: Path, ports: _Ports, switchboard: Switchboard, shell: Shell, looks: Looks) -> Ticker:
    """What is done by time: due rows, the sign of life, and tidying of what is kept."""
    alive = SignOfLife(data / ALIVE, switchboard.owner)
    chores = {
        "tidying failed": lambda: ports.store.tidy(ports.clock.now()),
        "sign-ins not tidied": shell.sign_ins.tidy,
        "drafts not swept": lambda: sweep_drafts(data, SystemClock().now()),
    }
    looks = {**looks, "facts not made": SqlFacts(ports.store).make_wanted}
    return Ticker(switchboard, ports.store, ports.clock, alive, chores, looks)


def _line_house(
    settings: Settings, ports: _Ports, switchboard: Switchboard, ticker: Ticker, parts: WritingParts
) -> LineHouse:
    """What the telephone line needs of the house."""
    deployment, company = settings.deployment, settings.company
    listening = [plan.language for line in company.lines.values() if (plan := line.plan).listen]
    readiness = Readiness(ticker, deployment.data, listening, ports.ear.can_listen)
    return LineHouse(
        exchange=switchboard,
        ear=ports.ear,
        shelf=ports.shelf,
        keys=ports.keyring,
        clock=ports.clock,
        region_of=lambda dnis: company.line_for(dnis).plan.region,
        listening_for=listening_for,
        not_ready=readiness.missing,
        remarks=readiness.remarks,
        learned=learns_fates(ports.store, ports.clock),
        arrived=inbox(parts).arrived,
        mouth=company_voice(settings),
        sign_context=ContextSigner(deployment.hand_over_secret) if deployment.hand_over_secret else hands_nothing_over,
    )


def _last_agent(interactions: SqlInteractions, company: Company, clock: Clock) -> Callable[[str], str]:
    """Who had a customer last, of those who are still on the roster."""
    ids = {agent.name: agent.id for agent in company.agents}

    def last(ref: str) -> str:
        return next((ids[one.agent] for one in interactions.earlier(ref, clock.now()) if one.agent in ids), "")

    return last


def application() -> AsgiApp:
    """What the production server serves: the house of the settings that the environment names. Ends the process if it cannot."""
    end_with_supervisor()
    leave_no_core()
    try:
        settings = load_settings(Path(os.environ["VOICEBOT_CONFIG"]), os.environ)
        set_up_logging(settings.deployment.log_level)
        return build(settings).asgi()
    except VoicebotError as trouble:
        log.critical("cannot start", why=str(trouble))
        raise SystemExit(1) from None


def open_records(settings: Settings) -> tuple[Keyring, SqlStore]:
    """The keys and the database, without anything that answers calls."""
    deployment = settings.deployment
    keyring = Keyring.open(deployment.data / KEYS)
    return keyring, open_store(deployment.database_url, keyring)


def telephony_settings(settings: Settings) -> TelephonySettings:
    """The line's part of the deployment."""
    deployment = settings.deployment
    return TelephonySettings(
        public_base_url=deployment.public_base_url,
        account_sid=deployment.account_sid,
        auth_tokens=deployment.auth_tokens,
        caller_id=deployment.caller_id,
        api_base_url=deployment.api_base_url or None,
        emergency_number=deployment.emergency_number,
    )
