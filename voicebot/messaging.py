"""Composes messages to people outside: notices, what agents write, who carries which. Decides nothing; `app` starts it."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from voicebot.clock import SystemClock
from voicebot.config.messages import MessagesPlan, Way
from voicebot.config.settings import Settings
from voicebot.dialogue.outbound import may_be_called
from voicebot.dialogue.phone import typed
from voicebot.dialogue.values import IdentifyResult
from voicebot.mail.smtp import SmtpMail
from voicebot.messages.couriers import MailCourier, WebhookCourier
from voicebot.messages.inbox import Inbox
from voicebot.messages.names import Names
from voicebot.messages.notices import Notices, NoticesHouse
from voicebot.messages.pages import TOPIC, Found, MessagesHouse, create_messages
from voicebot.messages.sending import Sending, SendingPlan
from voicebot.messages.writing import Writing, WritingHouse
from voicebot.pages.room import PageRoom
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.outgoing import Channel, Courier, MessageState
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.correspondence import SqlCorrespondence
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.store import SqlStore
from voicebot.switchboard import Switchboard
from voicebot.switchboard.answering import Answering, AnsweringPlan
from voicebot.webhooks.posting import NOTICE, Webhook


def company_messages(
    settings: Settings, store: SqlStore, crm: Crm, clock: Clock, carrier: Courier, owner: str, link_to: Callable[[str], str],
    *prepare: Callable[[datetime], object],
) -> Sending:
    """The outbox and who empties it. `link_to(wish)`: where its customer can change it, empty where they have no page. `prepare`:
    what others put into it before each look.
    """
    deployment = settings.deployment
    couriers: dict[Channel, Courier] = dict.fromkeys((Channel.SMS, Channel.WHATSAPP, Channel.MESSENGER), carrier)
    if deployment.mail is not None:
        couriers[Channel.MAIL] = MailCourier(SmtpMail(deployment.mail, SystemClock().now))
    if deployment.notices_secret:
        couriers[Channel.WEBHOOK] = WebhookCourier(Webhook(deployment.notices_secret, header=NOTICE), SystemClock().now)
    outgoing = SqlOutgoing(store)
    notices = Notices(_notices_house(settings, outgoing, crm, link_to))
    return Sending(SendingPlan(outgoing, couriers, owner, clock.now, (notices.tell_due, *prepare)))


def mail_addresses(settings: Settings, crm: Crm) -> Callable[[str], str | None]:
    """A customer's e-mail address, empty where there is none, None where it cannot be learned now."""
    detail = settings.company.notices.address

    def address_of(customer: str) -> str | None:
        found = crm.details(customer, (detail,)).details
        return None if found is None else found.get(detail, "")

    return address_of


def _notices_house(settings: Settings, outgoing: SqlOutgoing, crm: Crm, link_to: Callable[[str], str]) -> NoticesHouse:
    company, deployment = settings.company, settings.deployment
    return NoticesHouse(
        company=company.name,
        zone=company.time_zone,
        plan=company.notices,
        texts=settings.notice_texts,
        outgoing=outgoing,
        address_of=mail_addresses(settings, crm),
        sender=deployment.caller_id,
        mail_sender=deployment.mail.sender if deployment.mail is not None else "",
        usual_language=company.lines[company.default_line].plan.language,
        link_to=link_to,
    )


def learns_fates(store: SqlStore, clock: Clock) -> Callable[[str, MessageState, str, str], bool]:
    """What the carrier tells of messages is written down."""
    outgoing = SqlOutgoing(store)

    def learned(name: str, state: MessageState, sid: str, reason: str) -> bool:
        now: datetime = clock.now()
        return outgoing.learned(name, state, sid, reason, now)

    return learned


@dataclass(frozen=True)
class WritingParts:
    """What agents' writing stands on. `changed` tells pages that look; `answering` has the floor give out what people write."""

    store: SqlStore
    crm: Crm
    clock: Clock
    changed: Callable[[frozenset[str]], None]
    answering: Answering | None = None


def company_answering(settings: Settings, store: SqlStore, switchboard: Switchboard) -> Answering | None:
    """By the rules of a queue; None where agents do not write."""
    company, plan = settings.company, settings.company.messages
    if not plan.on:
        return None
    queue = plan.queue or company.lines[company.default_line].plan.queue.name
    rules = company.queues[queue].rules
    return switchboard.answering(AnsweringPlan(SqlCorrespondence(store), queue, plan.skills, rules))


def messages_looks(parts: WritingParts) -> dict[str, Callable[[], object]]:
    """What the ticker does about messages, by the words for its failure."""
    answering = parts.answering
    if answering is None:
        return {}

    def look() -> None:
        if answering.look():
            parts.changed(frozenset({TOPIC}))

    return {"messages not handed out": look}


def writing_plan(settings: Settings) -> MessagesPlan:
    """Short messages come from the number that agents are rung from, unless they have one of their own."""
    plan, caller_id = settings.company.messages, settings.deployment.caller_id
    return replace(plan, senders={Way.SMS: caller_id, **plan.senders} if caller_id else plan.senders)


def messages_room(settings: Settings, parts: WritingParts) -> PageRoom | None:
    """The pages on which agents write; None where they do not."""
    if not settings.company.messages.on:
        return None
    company, plan, correspondence = settings.company, writing_plan(settings), SqlCorrespondence(parts.store)
    region = company.lines[company.default_line].plan.region

    def told() -> None:
        parts.changed(frozenset({TOPIC}))

    def learned(person: str, customer: str) -> None:
        correspondence.belongs(person, customer)
        told()

    fields = (*company.fields.identifiers, *company.fields.phones)
    return create_messages(
        MessagesHouse(
            plan=plan,
            writing=_writing(settings, plan, correspondence, parts),
            correspondence=correspondence,
            agents={agent.id: agent.name for agent in company.agents},
            looked_up_by={name: name.replace("_", " ") for name in fields} if plan.number else {},
            look_up=lambda by, value: _found(parts.crm, plan.number, fields, by, value),
            name_of=Names(parts.crm, ThreadPoolExecutor(2, thread_name_prefix="names"), learned).of,
            typed=lambda text: typed(text, region),
            now=parts.clock.now,
            time_zone=company.time_zone,
            told=told,
            begun=parts.answering.begun if parts.answering is not None else lambda _number, _agent: None,
        )
    )


def _writing(settings: Settings, plan: MessagesPlan, correspondence: SqlCorrespondence, parts: WritingParts) -> Writing:
    """What agents may write to whom, and who writes down that they did."""
    company, audit = settings.company, SqlAudit(parts.store)
    line = company.lines[company.default_line].plan

    def recorded(agent: str, facts: Mapping[str, str | int | bool]) -> None:
        audit.write(agent, Deed.WROTE, SystemClock().now(), facts=dict(facts))

    return Writing(
        WritingHouse(
            plan=plan,
            outgoing=SqlOutgoing(parts.store),
            correspondence=correspondence,
            now=parts.clock.now,
            quiet=company.notices.quiet,
            zone=company.time_zone,
            may_be_written_to=lambda number: may_be_called(number, line.callbacks, line.region),
            recorded=recorded,
        )
    )


def _found(crm: Crm, number: str, fields: Collection[str], by: str, value: str) -> Found:
    """Whose this is, and the number that they are written to at."""
    found = crm.identify(by, value.strip()) if by in fields and value.strip() else None
    if found is None or found.customer is None:
        down = found is not None and found.result is IdentifyResult.UNAVAILABLE
        return Found(sentence="The customer system does not answer just now." if down else "There is no one such customer.")
    details = crm.details(found.customer.ref, (number,)).details
    name = found.customer.name or found.customer.identifier
    if not details or not details.get(number):
        return Found(name=name, sentence=f"{name}: no number is known.")
    return Found(details[number], name)


def inbox(parts: WritingParts) -> Inbox:
    """What people write, wherever they write it."""
    told = partial(parts.changed, frozenset({TOPIC}))
    return Inbox(SqlOutgoing(parts.store), SqlCorrespondence(parts.store), told)
