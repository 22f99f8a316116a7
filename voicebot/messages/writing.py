"""What an agent writes to a customer: looked at before it goes, then put into the outbox once. Sends nothing itself.

Who the person is may be learned later, or never: that keeps no message waiting.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from voicebot.config.messages import MessagesPlan, Template, Way
from voicebot.messages.quiet import quiet_until, zones_of
from voicebot.messages.rules import Known, against
from voicebot.messages.segments import Length, length
from voicebot.ports.correspondence import Correspondence
from voicebot.ports.outgoing import Channel, Outgoing, OutMessage

CHANNELS = {Way.SMS: Channel.SMS, Way.WHATSAPP: Channel.WHATSAPP, Way.MESSENGER: Channel.MESSENGER, Way.POST: Channel.WEBHOOK}
WAYS = {channel: way for way, channel in CHANNELS.items() if way is not Way.POST}
NIGHT_MAY_BE_ANSWERED = timedelta(hours=2)  # of their own last message
LONGEST_BLANK = 200
NOT_WRITTEN_TO = "That is no number that we write to: not one that people answer, or in a country that is not called."


@dataclass(frozen=True)
class Draft:
    """`person`: E.164 or a Messenger id, empty for a post in public. With a template, `blanks` in place of `text`."""

    way: Way
    person: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    template: Template | None = None
    language: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Preview:
    """What would go out and when. `against`: why it may not."""

    text: str = field(repr=False)
    due_at: datetime
    length: Length | None = None
    against: str = ""


@dataclass(frozen=True)
class WritingHouse:
    """`quiet`: nobody is written to then, in their own time zone. `may_be_written_to` refuses numbers that cost too much.

    `recorded(agent, facts)` writes down that it was sent, before it is.
    """

    plan: MessagesPlan
    outgoing: Outgoing
    correspondence: Correspondence
    now: Callable[[], datetime]
    quiet: tuple[time, time] | None
    zone: str
    may_be_written_to: Callable[[str], bool]
    recorded: Callable[[str, Mapping[str, str | int | bool]], None]


class Writing:
    """Methods may be called from any thread."""

    def __init__(self, house: WritingHouse) -> None:
        self._house = house

    def preview(self, draft: Draft) -> Preview:
        """As it would go out now."""
        text, wrong = _text(draft)
        now = self._house.now()
        due = self._due(draft, now)
        counted = length(text) if draft.way is Way.SMS and text else None
        return Preview(text, due, counted, wrong or self._against(draft, text, now))

    def send(self, name: str, draft: Draft, agent: str) -> str:
        """Put it into the outbox, once for a name; gives why not, as a sentence, empty if it is there."""
        preview = self.preview(draft)
        if preview.against:
            return preview.against
        facts = {"message": name, "way": draft.way.value, "template": draft.template.name if draft.template else ""}
        self._house.recorded(agent, facts)
        self._house.outgoing.put(self._message(name, draft, preview, agent))
        return ""

    def _message(self, name: str, draft: Draft, preview: Preview, agent: str) -> OutMessage:
        sender, now = self._house.plan.senders[draft.way], self._house.now()
        if draft.way is Way.POST:
            told = json.dumps({"event": "post", "text": preview.text, "at": now.isoformat(), "by": agent}, ensure_ascii=False)
            return OutMessage(name, Channel.WEBHOOK, sender, "", told, now, now, by=agent)
        approved = draft.template if draft.way is Way.WHATSAPP else None
        return OutMessage(
            name, CHANNELS[draft.way], draft.person, sender, preview.text, now, preview.due_at, by=agent,
            template=approved.content if approved else "", variables=dict(draft.blanks) if approved else {},
        )  # fmt: skip

    def _against(self, draft: Draft, text: str, now: datetime) -> str:
        house = self._house
        sender = house.plan.senders.get(draft.way)
        if sender is None:
            return "There is no sender for that."
        if draft.way is Way.POST:
            return against(draft.way, text, Known(), now) or ""
        if draft.way is not Way.MESSENGER and not house.may_be_written_to(draft.person):
            return NOT_WRITTEN_TO
        last = house.correspondence.last_in(CHANNELS[draft.way], draft.person, sender)
        known = Known(last, house.outgoing.opted_out(draft.person, sender))
        return against(draft.way, text, known, now, template=draft.template is not None) or ""

    def _due(self, draft: Draft, now: datetime) -> datetime:
        """Not at night, unless the person has just written."""
        quiet, sender = self._house.quiet, self._house.plan.senders.get(draft.way)
        if quiet is None or sender is None or draft.way in (Way.POST, Way.MESSENGER):
            return now
        last = self._house.correspondence.last_in(CHANNELS[draft.way], draft.person, sender)
        if last is not None and now - last < NIGHT_MAY_BE_ANSWERED:
            return now
        return quiet_until(now, zones_of(draft.person, self._house.zone), quiet) or now


def _text(draft: Draft) -> tuple[str, str]:
    """(what would be read, what is wrong with it)."""
    template = draft.template
    if template is None:
        return draft.text.strip(), ""
    if template.way is not draft.way:
        return "", "That template is for another way."
    if draft.language not in template.texts:
        return "", "That template has no text in this language."
    wanted = template.blanks(draft.language)
    empty = [name for name in wanted if not draft.blanks.get(name, "").strip()]
    too_long = [name for name in wanted if len(draft.blanks.get(name, "")) > LONGEST_BLANK]
    if empty or too_long:
        return "", f"Fill in: {', '.join(empty)}." if empty else f"Too long: {', '.join(too_long)}."
    return template.texts[draft.language].format_map({name: draft.blanks[name].strip() for name in wanted}), ""
