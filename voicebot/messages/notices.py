"""Turns news of callbacks into messages. Must not send any, and must not know a callback's phrase.

News are told once: their messages are written in the transaction that marks them told.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import TypeAlias
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_date, format_time

from voicebot.config.mail import is_address
from voicebot.config.notices import CHANGE, CLOSED, NoticesPlan, NoticeTexts
from voicebot.dialogue.calling_back import WishStatus
from voicebot.messages.quiet import quiet_until, zones_of
from voicebot.ports.callback_news import CallbackNews
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.outgoing import Channel, Outgoing, OutMessage, Untold

CHANGEABLE = (WishStatus.BOOKED, WishStatus.RESCHEDULED, WishStatus.MISSED)
# What the customer has just done themselves is answered at any hour.
ANSWERS = (WishStatus.BOOKED, WishStatus.RESCHEDULED)
OLD, ADDRESS_WITHIN = timedelta(days=7), timedelta(hours=1)
DAYS = {"en": "EEEE, MMMM d", "ko": "M월 d일 EEEE", "da": "EEEE 'den' d. MMMM"}  # how people write a day without its year
TIMES = {"ko": "HH:mm"}  # its short form mixes scripts
STALE = {WishStatus.ASSIGNED: timedelta(minutes=3)}  # the telephone has rung by then

AddressOf: TypeAlias = Callable[[str], str | None]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NoticesHouse:
    """`address_of(customer)` gives their e-mail address, empty where there is none; None where nobody can say now. `sender` is
    the number that short messages come from, `mail_sender` who letters come from. `link_to(wish)` is where its customer
    can move or cancel it, empty where they have no page.
    """

    company: str
    zone: str
    plan: NoticesPlan
    texts: Mapping[str, NoticeTexts]
    outgoing: Outgoing
    address_of: AddressOf
    sender: str
    mail_sender: str
    usual_language: str
    link_to: Callable[[str], str] = lambda _: ""


@dataclass(frozen=True)
class _Telling:
    """One change of one callback, now."""

    news: CallbackNews
    wish: CallbackWish
    language: str
    now: datetime


class Notices:
    """`tell_due` is one look."""

    def __init__(self, house: NoticesHouse) -> None:
        self._house = house

    def tell_due(self, now: datetime) -> int:
        """Write the messages of all news that nobody has told; gives how many news there were. One that has to wait, or fails,
        keeps none of the others waiting.
        """
        told, after, address_of = 0, 0, _until_none(self._house.address_of)
        while some := self._house.outgoing.untold(after=after):
            for one in some:
                after = one.news.id
                try:
                    messages = self._messages(one, now, address_of)
                except Exception as trouble:  # noqa: BLE001 - it stays untold
                    log.error("news of a callback not told", trouble=type(trouble).__name__)
                    continue
                if messages is not None:
                    told += self._house.outgoing.tell(one.news.id, one.news.wish, messages, now)
        return told

    def _messages(self, one: Untold, now: datetime, address_of: AddressOf) -> list[OutMessage] | None:
        """None: not now, the customer's address cannot be learned."""
        plan, news = self._house.plan, one.news
        if one.wish is None or now - news.at > STALE.get(news.status, OLD):
            return []
        telling = _Telling(news, one.wish, one.language, now)
        made = [self._webhook(telling)] if plan.webhook else []
        if news.status in plan.sms and one.wish.number:
            text = self._filled(telling, "sms")
            made.append(self._message(telling, Channel.SMS, one.wish.number, text, sender=self._house.sender))
        if news.status in plan.mail and one.wish.customer:
            address = address_of(one.wish.customer)
            if address is None and now - news.at < ADDRESS_WITHIN:
                return None
            if address is not None and is_address(address):
                made.append(self._mail(telling, address))
            elif address is None:
                log.warning("a customer's address could not be learned", status=news.status.value)
        return made

    def _mail(self, one: _Telling, address: str) -> OutMessage:
        text, subject = self._filled(one, "mail"), self._filled(one, "subject")
        return self._message(one, Channel.MAIL, address, text, sender=self._house.mail_sender, subject=subject)

    def _webhook(self, one: _Telling) -> OutMessage:
        """For the company's own systems: no number, no subject, no phrase."""
        news, wish, window = one.news, one.wish, one.wish.window
        told = {
            "event": f"callback.{news.status}", "callback": news.wish, "at": news.at.isoformat(), "queue": wish.queue,
            "customer": wish.customer, "agent": news.agent, "language": one.language,
            "from": window.start.isoformat() if window else "", "until": window.until.isoformat() if window else "",
            "again_at": news.again_at.isoformat() if news.again_at else "",
        }  # fmt: skip
        return self._message(one, Channel.WEBHOOK, self._house.plan.webhook, json.dumps(told, ensure_ascii=False, sort_keys=True))

    def _message(
        self, one: _Telling, channel: Channel, to: str, text: str, *, sender: str = "", subject: str = ""
    ) -> OutMessage:
        return OutMessage(
            f"notice-{token_hex(12)}", channel, to, sender, text, one.now, self._due(one, channel), subject, wish=one.news.wish,
            news=one.news.id, customer=one.wish.customer,
        )  # fmt: skip

    def _due(self, one: _Telling, channel: Channel) -> datetime:
        quiet = self._house.plan.quiet
        if quiet is None or channel is Channel.WEBHOOK or one.news.status in (*ANSWERS, WishStatus.ASSIGNED):
            return one.now
        return quiet_until(one.now, self._zones(one), quiet) or one.now

    def _filled(self, one: _Telling, kind: str) -> str:
        texts = self._house.texts.get(one.language) or self._house.texts[self._house.usual_language]
        news, window = one.news, one.wish.window
        values = {"company": self._house.company, "agent": news.agent, "when": texts.filled("when", "soon", {})}
        if window is not None:
            until = self._day_and_time(one, window.until, texts)["from"]
            values["when"] = texts.filled("when", "window", {**self._day_and_time(one, window.start, texts), "until": until})
        if news.again_at is not None:
            values["again"] = texts.filled("when", "moment", self._day_and_time(one, news.again_at, texts))
        closed = news.status is WishStatus.MISSED and news.again_at is None
        text = texts.filled(CLOSED if closed else news.status.value, kind, values)
        link = self._house.link_to(news.wish) if news.status in CHANGEABLE and not closed and kind != "subject" else ""
        if not link:
            return text
        return text + (" " if kind == "sms" else "\n") + texts.filled(CHANGE, kind, {"link": link})

    def _day_and_time(self, one: _Telling, at: datetime, texts: NoticeTexts) -> dict[str, str]:
        """In the customer's own time zone; in the company's where theirs is not known for certain."""
        zones = self._zones(one)
        here = at.astimezone(zones[0] if len(zones) == 1 else ZoneInfo(self._house.zone))
        pattern = DAYS.get(texts.locale.partition("_")[0], "EEEE d MMMM")
        time = format_time(here, TIMES.get(texts.locale.partition("_")[0], "short"), locale=texts.locale)
        return {"day": format_date(here, pattern, locale=texts.locale), "from": time}

    def _zones(self, one: _Telling) -> list[ZoneInfo]:
        return zones_of(one.wish.number, self._house.zone)


def _until_none(address_of: AddressOf) -> AddressOf:
    """The same for one look: a back end that could not say once is not asked again in it."""
    is_down = False

    def ask(customer: str) -> str | None:
        nonlocal is_down
        found = None if is_down else address_of(customer)
        is_down = found is None
        return found

    return ask
