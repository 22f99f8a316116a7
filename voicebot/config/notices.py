"""`[notices]`: what customers are told of their callbacks, and by which way; and the texts for it, one file a language.

A text that names something unknown is refused at the start, with file and key. No text can name the callback's phrase.
"""

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from voicebot.config.mail import MailServer
from voicebot.config.schedules import WEBHOOK
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.calling_back import WishStatus
from voicebot.errors import ConfigError

CLOSED = "missed_closed"  # the last try has failed
CHANGE = "change"  # where customers can move or cancel it
SECTIONS = (*(one.value for one in WishStatus), CLOSED)
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(SECTIONS, frozenset({"company", "when"})),
    "assigned": frozenset({"company", "agent"}),
    "missed": frozenset({"company", "again"}),
}
WHEN = {"window": frozenset({"day", "from", "until"}), "soon": frozenset[str](), "moment": frozenset({"day", "from"})}
LINK = frozenset({"link"})
KINDS = ("sms", "subject", "mail")
LONGEST_SMS, LONGEST_MAIL = 480, 5000  # three parts of a short message, when put into its larger alphabet rather more
HOURS = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"


@dataclass(frozen=True)
class NoticesPlan:
    """`sms` and `mail`: of what customers are told so; `address`: the detail that holds their e-mail address; `webhook`: where
    all of it goes. `quiet`: from when until when nobody is written to, in their own time zone.
    """

    sms: tuple[WishStatus, ...] = ()
    mail: tuple[WishStatus, ...] = ()
    address: str = ""
    webhook: str = ""
    quiet: tuple[time, time] | None = (time(21), time(8))

    def __bool__(self) -> bool:
        """Whether anybody is told anything."""
        return bool(self.sms or self.mail or self.webhook)


@dataclass(frozen=True)
class NoticeTexts:
    """One language's: section -> kind -> text, with placeholders in braces; and its locale for days and times."""

    locale: str
    texts: Mapping[str, Mapping[str, str]] = field(repr=False)

    def filled(self, section: str, kind: str, values: Mapping[str, str]) -> str:
        """The text with these values, which were checked at the start. Raises KeyError for what is not there."""
        return self.texts[section][kind].format_map(values)


def read_notices(table: Table, details: Collection[str]) -> NoticesPlan:
    """What is wrong is complained about."""
    usual = NoticesPlan()
    plan = NoticesPlan(
        tuple(map(WishStatus, table.some_of("sms", [one.value for one in WishStatus], ()))),
        tuple(map(WishStatus, table.some_of("mail", [one.value for one in WishStatus], ()))),
        table.one_of("address", details, ""),
        table.text("webhook", "", like=WEBHOOK, what="an https:// address without a name or password in it"),
        _quiet(table.text("quiet", "", like=f"{HOURS}|never", what='times like "21:00-08:00", or "never"')) or usual.quiet,
    )
    if plan.mail and not plan.address:
        table.wrong("address", "is needed with mail: the detail that holds a customer's e-mail address")
    table.close()
    return plan


def _quiet(text: str) -> tuple[time, time] | None:
    if not text:
        return None
    if text == "never":
        return time(0), time(0)
    begins, ends = map(time.fromisoformat, text.split("-"))
    return begins, ends


def missing_for_notices(plan: NoticesPlan, server: MailServer | None, secret: str) -> list[str]:
    """What the environment lacks, as complaints; empty if nothing."""
    wrong = []
    if plan.mail and server is None:
        wrong.append(".env or environment: VOICEBOT_SMTP_HOST: is needed for notices.mail: the mail server that takes letters")
    if plan.webhook and not secret:
        wrong.append(".env or environment: VOICEBOT_NOTICES_SECRET: is needed for notices.webhook: it signs what is sent")
    return wrong


def load_notice_texts(folder: Path, languages: Collection[str]) -> dict[str, NoticeTexts]:
    """The texts of these languages. Raises ConfigError with all that is wrong: file, key, what is allowed."""
    wrong: list[str] = []
    found = {}
    for language in sorted(set(languages)):
        complaints = Complaints(f"{folder.name}/{language}.toml")
        try:
            found[language] = _texts(Table.of_file(folder / f"{language}.toml", complaints))
        except ConfigError as error:
            wrong.append(str(error))
        wrong += complaints.found
    if wrong:
        raise ConfigError("\n".join(wrong))
    return found


def _texts(file: Table) -> NoticeTexts:
    locale = file.text("locale", like=r"[a-z]{2,3}(_[A-Z]{2})?", what="a locale like en_US")
    table = file.table("when")
    texts = {"when": {name: _checked(table, name, known, 200) for name, known in WHEN.items()}}
    table.close()
    table = file.table(CHANGE)
    texts[CHANGE] = {kind: _checked(table, kind, LINK, 200) for kind in ("sms", "mail")}
    table.close()
    for section in SECTIONS:
        table = file.table(section)
        longest = {"sms": LONGEST_SMS, "subject": 150, "mail": LONGEST_MAIL}
        texts[section] = {kind: _checked(table, kind, PLACEHOLDERS[section], longest[kind]) for kind in KINDS}
        table.close()
    file.close()
    return NoticeTexts(locale, texts)


def _checked(table: Table, key: str, known: frozenset[str], longest: int) -> str:
    """Only `{name}`s that are known: no attribute, index, conversion or format of one."""
    text = table.text(key)
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        table.wrong(key, "has a brace without its other half; a real one is written twice: {{")
        return ""
    for _, name, form, conversion in parts:
        if name is not None and (name not in known or form or conversion):
            may = ", ".join(f"{{{one}}}" for one in sorted(known)) or "none"
            table.wrong(key, f"has the placeholder {{{name}}}; known here are {may}")
            return ""
    if len(text) > longest or (key != "mail" and re.search(r"[\x00-\x1f\x7f]", text)):
        table.wrong(key, f"must be {'one line of ' if key != 'mail' else ''}at most {longest} characters")
    return text
