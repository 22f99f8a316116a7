"""The composition root: builds the rooms, wires them through the switchboard, runs the ticker. Decides nothing itself.

Nothing happens on import; `build` makes a `House`, `House.open` starts it, `House.close` ends it in order.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import structlog
from flask import Blueprint, Flask

from voicebot.back_end import company_approvals, company_crm
from voicebot.booking_front import BookingParts, booking_front, link_to_wish
from voicebot.callbacks.room import create_rooms
from voicebot.clock import ScaledClock, SystemClock
from voicebot.config.settings import Settings, load_settings
from voicebot.customer_lists import CustomerLists
from voicebot.desk.prompts import UPLOADS
from voicebot.errors import VoicebotError
from voicebot.front import (
    DeskParts,
    Telling,
    company_prompts,
    desk_room,
    page_shell,
    reports_room,
    scheduled_reports,
)
from voicebot.hearing import Heard, company_ear
from voicebot.identity.rest import RestCrm
from voicebot.keyring import Keyring
from voicebot.logs import set_up_logging
from voicebot.messages.sending import Sending
from voicebot.messaging import WritingParts, company_answering, company_messages, mail_addresses, messages_looks, messages_room
from voicebot.pages.shell import Shell
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.watch import Watch
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore, open_store
from voicebot.reporting import reports_apart
from voicebot.reports.apart import Apart
from voicebot.reports.batches import Batches
from voicebot.serving import AsgiApp, Hooks, asgi_house, end_with_supervisor, leave_no_core
from voicebot.speech.ear import VoskEar
from voicebot.switchboard import Switchboard, SwitchboardPlan
from voicebot.switchboard.approver import Approvals
from voicebot.telephone import Looks, Ports, company_doors, company_ticker, line_house, switchboard_plan, telephony_settings
from voicebot.telephony.carrier import TwilioCarrier
from voicebot.telephony.messages import TwilioMessages
from voicebot.telephony.payments import TwilioPayments
from voicebot.telephony.recordings import TwilioRecordings
from voicebot.telephony.room import VoiceRoom, create_voice_room
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.talks import Talks
from voicebot.ticker import Ticker
from voicebot.watched import Telemetry, company_telemetry, pressure

KEYS = "keys"  # the keyring's directory, within the data directory

BATCH_LIMIT = timedelta(minutes=10)  # of one scheduled report, for which nobody waits

Rewired: TypeAlias = Callable[[SwitchboardPlan], SwitchboardPlan]

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
    reports: Sequence[Apart]
    batches: Batches
    sending: Sending
    lists: CustomerLists

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
        for one in self.reports:
            one.close()
        self.sending.close()
        self.switchboard.close()
        self.ticker.end()
        self.lists.close()
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
    ports = Ports(store, keyring, clock, crm, carrier, payments, messages, ear, shelf, approvals, watch)
    heard.switchboard = switchboard = Switchboard(rewired(switchboard_plan(settings, ports, told)))
    desk = desk_room(settings, DeskParts(store, switchboard, crm, clock, sounds, prompting), told)
    writing = WritingParts(store, crm, clock, told, company_answering(settings, store, switchboard))
    call_off, address_of = switchboard.callbacks.call_off, mail_addresses(settings, crm)
    booking = booking_front(
        BookingParts(settings, store, keyring, clock, call_off, lambda: shelf.current().version, told, address_of)
    )
    # Whoever looks at a page waits for nobody's batch.
    at_once, by_itself = reports_apart(settings), reports_apart(settings, BATCH_LIMIT)
    rooms = [desk, *booking.rooms, reports_room(settings, store, at_once), messages_room(settings, writing)]
    shell = page_shell(settings, store, keyring, [room for room in rooms if room is not None])
    told.to = shell.live.changed
    lists = CustomerLists(settings.company, SqlCustomers(store), ear)
    looks: Looks = {
        "changed prompts not taken up": prompting.refresh, "changed customers' numbers not taken up": lists.look,
        **booking.looks, **messages_looks(writing),
    }  # fmt: skip
    ticker = company_ticker(settings, ports, switchboard, shell, looks)
    line = create_voice_room(line_settings, line_house(settings, ports, switchboard, ticker, writing), rung, talks)
    doors = [line.blueprint, *company_doors(settings, ports, switchboard), *create_rooms(booking.house)]
    return House(
        settings, clock, keyring, store, crm, approvals, ear, carrier, payments, messages, sounds, switchboard, line, shell,
        _web(shell, telemetry, watch, doors), ticker, telemetry, (at_once, by_itself),
        scheduled_reports(settings, store, switchboard.owner, by_itself),
        company_messages(
            settings, store, crm, clock, messages, switchboard.owner, link_to_wish(settings, keyring), booking.invites
        ),
        lists,
    )  # fmt: skip


def _web(shell: Shell, telemetry: Telemetry, watch: Watch, doors: Sequence[Blueprint]) -> Flask:
    """All that is served over HTTP. Who watches requests comes first: ahead of those that may refuse one."""
    flask = Flask("voicebot", static_folder=None)
    telemetry.open_to(flask, watch)
    for door in doors:
        flask.register_blueprint(door)
    shell.register(flask)
    return flask


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
