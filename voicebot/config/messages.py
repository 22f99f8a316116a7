"""`[messages]`: by which ways agents write to customers, from which senders, and the templates that they choose from."""

import re
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.config.schedules import WEBHOOK
from voicebot.config.tables import Table

E164 = r"\+[1-9]\d{6,14}"
LANGUAGES = ("en", "fr", "ko", "da")
LONGEST = 1600  # what the carrier takes
BLANK = re.compile(r"[a-z0-9_]{1,30}")


class Way(StrEnum):
    """How an agent writes."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    POST = "post"  # in public, by the company's own system


@dataclass(frozen=True)
class Template:
    """`texts` by language, with blanks like `{day}`. `content`: the ContentSid of a template that WhatsApp has approved."""

    name: str
    words: str
    way: Way
    texts: Mapping[str, str]
    content: str = ""

    def blanks(self, language: str) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(self.texts[language]) if name))


@dataclass(frozen=True)
class MessagesPlan:
    """`senders`: of ours, by way; a way without one is not offered. `number`: the detail that holds a customer's number.

    `queue` (empty: that of the default line): whose agents are given what people write, if they have all `skills`.
    """

    on: bool = False
    senders: Mapping[Way, str] = field(default_factory=dict)
    number: str = ""
    templates: tuple[Template, ...] = ()
    queue: str = ""
    skills: tuple[str, ...] = ()

    def template(self, name: str) -> Template | None:
        """By name."""
        return next((one for one in self.templates if one.name == name), None)


def read_messages(table: Table, details: Collection[str], queues: Collection[str]) -> MessagesPlan:
    """What is wrong is complained about."""
    on = table.flag("on", False)
    senders = {
        Way.SMS: table.text("sms", "", like=E164, what='a number like "+12025550110"'),
        Way.WHATSAPP: table.text("whatsapp", "", like=E164, what='a number like "+12025550110"'),
        Way.MESSENGER: table.text("messenger", "", like=r"[A-Za-z0-9_.-]{1,100}", what="the id of a page"),
        Way.POST: table.text("posts", "", like=WEBHOOK, what="an https:// address without a name or password in it"),
    }
    number = table.one_of("number", details, "")
    queue, skills = table.one_of("queue", queues, ""), table.texts("skills", ())
    templates = tuple(_template(name, one) for name, one in table.tables("templates"))
    table.close()
    return MessagesPlan(on, {way: sender for way, sender in senders.items() if sender}, number, templates, queue, skills)


def missing_for_posts(plan: MessagesPlan, secret: str) -> list[str]:
    """What the environment lacks, as complaints; empty if nothing."""
    if Way.POST not in plan.senders or secret:
        return []
    return [".env or environment: VOICEBOT_NOTICES_SECRET: is needed for messages.posts: it signs what is sent"]


def _template(name: str, table: Table) -> Template:
    words, way = table.text("words"), table.choice("way", Way.SMS, among=(Way.SMS, Way.WHATSAPP))
    content = table.text("content", "", like=r"HX[0-9a-fA-F]{32}", what="a ContentSid: HX and 32 hexadecimal digits")
    texts = {language: text for language in LANGUAGES if (text := _text(table, language))}
    if not texts:
        table.wrong("en", f"or another language's text is needed: {', '.join(LANGUAGES)}")
    if (way is Way.WHATSAPP) is not bool(content):
        table.wrong("content", "is needed for WhatsApp, which takes approved templates, and for nothing else")
    table.close()
    return Template(name, words, way, texts, content)


def _text(table: Table, language: str) -> str:
    text = table.text(language, "")
    if wrong := next(_faults(text), ""):
        table.wrong(language, wrong)
        return ""
    return text


def _faults(text: str) -> Iterator[str]:
    try:
        for _, name, form, conversion in string.Formatter().parse(text):
            if name is not None and (not BLANK.fullmatch(name) or form or conversion):
                yield f"has the blank {{{name}}}; a blank is a word of a to z, 0 to 9 and _"
    except ValueError:
        yield "has a brace without its other half; a real one is written twice: {{"
    if len(text) > LONGEST:
        yield f"must be at most {LONGEST} characters"
