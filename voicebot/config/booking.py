"""Reads who may book callbacks without calling, and about what: `[callbacks.subjects.NAME]`, `.page`, `.api`, `.invitations`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voicebot.config.tables import Table
from voicebot.dialogue.outbound import CallbackRules

LANGUAGES = ("en", "fr", "ko", "da")  # that the customers' pages are written in
LANGUAGE_NAMES = MappingProxyType({"en": "English", "fr": "Français", "ko": "한국어", "da": "Dansk"})
LONGEST_TEXT = 80
INVITING_WAYS = ("sms", "mail", "whatsapp")
MEDIA = ("phone", "video", "chat", "visit")  # the first is dialled by us, the others are agents' own work
NO_TEXTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Subject:
    """What a customer wants to talk about: on which line's rules and in whose queue (its own where empty), and how it is called
    in each language that it is offered in.
    """

    name: str
    line: str
    queue: str = ""
    texts: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)


@dataclass(frozen=True)
class ApiPlan:
    """How many requests: of a key a minute, of an address a minute, and bookings and changes for one number an hour."""

    a_key_a_minute: int = 120
    an_address_a_minute: int = 300
    a_number_an_hour: int = 10


@dataclass(frozen=True)
class PagePlan:
    """How many forms of an address an hour are taken; how many days a link to one's own booking counts."""

    an_address_an_hour: int = 20
    link_days: int = 14


@dataclass(frozen=True)
class InvitingPlan:
    """How often a number is asked for a conversation in a day, and for how many days its answer is waited for. `after_missed`:
    whoever was called back in vain is asked when it suits them. `by`: the ways that they are asked by, of `INVITING_WAYS`;
    `content`: the ContentSid of the template that WhatsApp has approved for it.
    """

    a_number_a_day: int = 1
    days: int = 7
    after_missed: bool = False
    by: tuple[str, ...] = INVITING_WAYS[:1]
    content: str = ""


@dataclass(frozen=True)
class BookingPlan:
    """`media`: how customers may choose to be met. `page`, `api` and `inviting` are None where they are off."""

    subjects: Mapping[str, Subject] = field(default_factory=dict)
    media: tuple[str, ...] = MEDIA[:1]
    page: PagePlan | None = None
    api: ApiPlan | None = None
    inviting: InvitingPlan | None = None

    def languages(self) -> tuple[str, ...]:
        """In which the page has something to offer."""
        return tuple(one for one in LANGUAGES if any(one in subject.texts for subject in self.subjects.values()))


def read_booking(callbacks: Table, lines: Mapping[str, str], queues: Mapping[str, object]) -> BookingPlan:
    """The tables within `[callbacks]`. `lines`: their queues. What is wrong is complained about."""
    subjects = {name: _subject(name, table, lines, queues) for name, table in callbacks.tables("subjects")}
    media = callbacks.some_of("media", MEDIA, MEDIA[:1])
    page, api, inviting = _page(callbacks.table("page")), _api(callbacks.table("api")), _inviting(callbacks.table("invitations"))
    ahead = callbacks.raw("days_ahead", CallbackRules().days_ahead)
    if page and isinstance(ahead, int) and page.link_days < ahead:
        told = f"must be at least days_ahead, which is {ahead}: who books so far ahead can then move and cancel it until it comes"
        callbacks.wrong("page.link_days", told)
    if inviting and not page:
        callbacks.wrong("invitations.on", "needs the page on which customers choose (callbacks.page.on = true)")
    plan = BookingPlan(subjects, media, page, api, inviting)
    if callbacks.raw("media", MEDIA) == []:
        callbacks.wrong("media", f"needs one of {', '.join(MEDIA)}")
    if (plan.page or plan.api) and not subjects:
        on = "page" if plan.page else "api"
        callbacks.wrong(f"{on}.on", "needs something to talk about ([callbacks.subjects.NAME])")
    elif plan.page and not plan.languages():
        callbacks.wrong("page.on", f"needs a subject with its words in one of {', '.join(LANGUAGES)}, like en = \"My invoice\"")
    return plan


def _subject(name: str, table: Table, lines: Mapping[str, str], queues: Mapping[str, object]) -> Subject:
    line = table.one_of("line", lines)
    queue = table.one_of("queue", queues, "")
    texts = {one: table.text(one, "", like=rf"[^\s].{{0,{LONGEST_TEXT - 1}}}", what=f"1 to {LONGEST_TEXT} characters")
             for one in LANGUAGES}  # fmt: skip
    table.close()
    return Subject(name, line, "" if queue == lines.get(line) else queue, {one: text for one, text in texts.items() if text})


def _page(table: Table) -> PagePlan | None:
    on, usual = table.flag("on", default=False), PagePlan()
    plan = PagePlan(
        table.whole("an_address_an_hour", usual.an_address_an_hour, 1, 10_000), table.whole("link_days", usual.link_days, 1, 60)
    )
    table.close()
    return plan if on else None


def _api(table: Table) -> ApiPlan | None:
    on, usual = table.flag("on", default=False), ApiPlan()
    plan = ApiPlan(
        table.whole("a_key_a_minute", usual.a_key_a_minute, 1, 100_000),
        table.whole("an_address_a_minute", usual.an_address_a_minute, 1, 100_000),
        table.whole("a_number_an_hour", usual.a_number_an_hour, 1, 1000),
    )
    table.close()
    return plan if on else None


def _inviting(table: Table) -> InvitingPlan | None:
    on, usual = table.flag("on", default=False), InvitingPlan()
    plan = InvitingPlan(
        table.whole("a_number_a_day", usual.a_number_a_day, 1, 100),
        table.whole("days", usual.days, 1, 60),
        table.flag("after_missed", usual.after_missed),
        table.some_of("by", INVITING_WAYS, usual.by),
        table.text("content", "", like=r"HX[0-9a-fA-F]{32}", what="a ContentSid: HX and 32 hexadecimal digits"),
    )
    if not table.raw("by", usual.by):
        table.wrong("by", f"needs one of {', '.join(INVITING_WAYS)}")
    if ("whatsapp" in plan.by) is not bool(plan.content):
        table.wrong("content", "is needed for WhatsApp, which takes approved templates, and for nothing else")
    table.close()
    return plan if on else None


def missing_for_inviting(plan: InvitingPlan | None, address: str, mail_server: bool, whatsapp: str) -> list[str]:
    """What else is not configured, as complaints; empty if nothing. `address`: the detail with customers' e-mail addresses."""
    if plan is None:
        return []
    needed = (
        ("mail", bool(address), "voicebot.toml: notices.address", "the detail with customers' e-mail addresses"),
        ("mail", mail_server, ".env or environment: VOICEBOT_SMTP_HOST", "the mail server that takes letters"),
        ("whatsapp", bool(whatsapp), "voicebot.toml: messages.whatsapp", "your WhatsApp sender"),
    )
    for_what = "is needed for callbacks.invitations.by"
    return [f"{where}: {for_what}: {what}" for way, there, where, what in needed if way in plan.by and not there]
