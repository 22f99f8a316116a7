"""Composes the telephone: the switchboard's plan, the line's house, and what is done by time. Decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from flask import Blueprint

from voicebot.back_office.pings import create_pings
from voicebot.back_office.room import create_back_office
from voicebot.clock import SystemClock
from voicebot.config.approvals import Delivery
from voicebot.config.company import Company
from voicebot.config.prompts import Shelf
from voicebot.config.settings import Settings
from voicebot.dialogue.forms import LinePlan
from voicebot.front import Telling, back_office, payment_ports
from voicebot.hearing import company_voice, listening_for, spoken_answer
from voicebot.identity.handover import ContextSigner
from voicebot.keyring import Keyring
from voicebot.messaging import WritingParts, inbox, learns_fates
from voicebot.pages.shell import Shell
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.hand_over import hands_nothing_over
from voicebot.ports.watch import Watch
from voicebot.readiness import Readiness
from voicebot.records.customer_draft import sweep_drafts
from voicebot.records.fact_making import FactMaking
from voicebot.records.interactions import SqlInteractions
from voicebot.records.retention import forget_old
from voicebot.records.sign_of_life import SignOfLife
from voicebot.records.store import SqlStore
from voicebot.speech.ear import VoskEar
from voicebot.switchboard import Switchboard, SwitchboardPlan
from voicebot.switchboard.approver import Approvals
from voicebot.switchboard.offering import Offering
from voicebot.switchboard.phoned import ByPhone
from voicebot.telephony.carrier import TwilioCarrier
from voicebot.telephony.messages import TwilioMessages
from voicebot.telephony.payments import TwilioPayments
from voicebot.telephony.room import House as LineHouse
from voicebot.telephony.settings import TelephonySettings
from voicebot.ticker import Ticker

ALIVE = "alive"  # the directory of signs of life, within the data directory

Looks: TypeAlias = Mapping[str, Callable[[], object]]


@dataclass(frozen=True)
class Ports:
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


def switchboard_plan(settings: Settings, ports: Ports, told: Telling) -> SwitchboardPlan:
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


def company_ticker(settings: Settings, ports: Ports, switchboard: Switchboard, shell: Shell, looks: Looks) -> Ticker:
    """What is done by time: due rows, the sign of life, and tidying of what is kept."""
    data, kept = settings.deployment.data, settings.company.retention
    alive = SignOfLife(data / ALIVE, switchboard.owner)
    chores = {
        "tidying failed": lambda: ports.store.tidy(ports.clock.now()),
        "what is old not forgotten": lambda: forget_old(
            ports.store, SystemClock().now(), call_days=kept.calls, message_days=kept.messages, is_over=lambda: ticker.is_over
        ),
        "sign-ins not tidied": shell.sign_ins.tidy,
        "drafts not swept": lambda: sweep_drafts(data, SystemClock().now()),
    }
    looks = {**looks, "facts not made": FactMaking(ports.store).make_wanted}
    ticker = Ticker(switchboard, ports.store, ports.clock, alive, chores, looks)
    return ticker


def line_house(settings: Settings, ports: Ports, switchboard: Switchboard, ticker: Ticker, parts: WritingParts) -> LineHouse:
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
        mulaw_of=spoken_answer,
        sign_context=ContextSigner(deployment.hand_over_secret) if deployment.hand_over_secret else hands_nothing_over,
    )


def company_doors(settings: Settings, ports: Ports, switchboard: Switchboard) -> list[Blueprint]:
    """Where the company's own systems come in: its back office, and the provider of approvals that calls us."""
    doors = []
    if (office := back_office(settings.deployment, ports.store, ports.keyring, switchboard)) is not None:
        doors.append(create_back_office(office))
    if settings.company.approvals is not None and settings.company.approvals.delivery is Delivery.PING:
        doors.append(create_pings(switchboard.approver.pinged))
    return doors


def _last_agent(interactions: SqlInteractions, company: Company, clock: Clock) -> Callable[[str], str]:
    """Who had a customer last, of those who are still on the roster."""
    ids = {agent.name: agent.id for agent in company.agents}

    def last(ref: str) -> str:
        return next((ids[one.agent] for one in interactions.earlier(ref, clock.now()) if one.agent in ids), "")

    return last


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
