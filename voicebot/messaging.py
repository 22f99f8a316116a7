"""Composes messages to people outside: notices about callbacks, and who carries which. Decides nothing; `app` starts it."""

from collections.abc import Callable
from datetime import datetime

from voicebot.clock import SystemClock
from voicebot.config.settings import Settings
from voicebot.mail.smtp import SmtpMail
from voicebot.messages.couriers import MailCourier, WebhookCourier
from voicebot.messages.notices import Notices, NoticesHouse
from voicebot.messages.sending import Sending, SendingPlan
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.outgoing import Channel, Courier, MessageState
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.store import SqlStore
from voicebot.webhooks.posting import NOTICE, Webhook


def company_messages(settings: Settings, store: SqlStore, crm: Crm, clock: Clock, carrier: Courier, owner: str) -> Sending:
    """The outbox and who empties it."""
    deployment = settings.deployment
    couriers: dict[Channel, Courier] = dict.fromkeys((Channel.SMS, Channel.WHATSAPP, Channel.MESSENGER), carrier)
    if deployment.mail is not None:
        couriers[Channel.MAIL] = MailCourier(SmtpMail(deployment.mail, SystemClock().now))
    if deployment.notices_secret:
        couriers[Channel.WEBHOOK] = WebhookCourier(Webhook(deployment.notices_secret, header=NOTICE), SystemClock().now)
    outgoing = SqlOutgoing(store)
    notices = Notices(_notices_house(settings, outgoing, crm))
    return Sending(SendingPlan(outgoing, couriers, owner, clock.now, notices.tell_due))


def _notices_house(settings: Settings, outgoing: SqlOutgoing, crm: Crm) -> NoticesHouse:
    company, deployment = settings.company, settings.deployment
    detail = company.notices.address

    def address_of(customer: str) -> str | None:
        found = crm.details(customer, (detail,)).details
        return None if found is None else found.get(detail, "")

    return NoticesHouse(
        company=company.name,
        zone=company.time_zone,
        plan=company.notices,
        texts=settings.notice_texts,
        outgoing=outgoing,
        address_of=address_of,
        sender=deployment.caller_id,
        mail_sender=deployment.mail.sender if deployment.mail is not None else "",
        usual_language=company.lines[company.default_line].plan.language,
    )


def learns_fates(store: SqlStore, clock: Clock) -> Callable[[str, MessageState, str, str], bool]:
    """What the carrier tells of messages is written down."""
    outgoing = SqlOutgoing(store)

    def learned(name: str, state: MessageState, sid: str, reason: str) -> bool:
        now: datetime = clock.now()
        return outgoing.learned(name, state, sid, reason, now)

    return learned
