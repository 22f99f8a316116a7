"""The pages on which agents write to customers and answer them. Whom a form is about is never in an address."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from voicebot.config.messages import LANGUAGES, MessagesPlan, Way
from voicebot.messages.writing import WAYS, Draft, Preview, Writing
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.pages.room import Entry, LiveView, PageRoom
from voicebot.ports.correspondence import Correspondence, Thread
from voicebot.switchboard.views import Viewer

HERE = Path(__file__).parent
TOPIC = "messages"
NAME = re.compile(r"out-[0-9a-f]{24}")
EXCERPT = 80
NOTHING: Mapping[str, str] = MappingProxyType({})
WORDS = {Way.SMS: "Short message", Way.WHATSAPP: "WhatsApp", Way.MESSENGER: "Messenger", Way.POST: "Public post"}
LANGUAGE_WORDS = {"en": "English", "fr": "French", "ko": "Korean", "da": "Danish"}


@dataclass(frozen=True)
class Found:
    """A customer whom an agent has looked up; a `sentence` where there is none."""

    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    sentence: str = ""


@dataclass(frozen=True)
class MessagesHouse:
    """`look_up(by, value)` waits for the back end. `name_of(person)` never does. `typed(text)`: a number as E.164, or None.

    `begun(number, agent)`: this agent sees to the thread of this message.
    """

    plan: MessagesPlan
    writing: Writing
    correspondence: Correspondence
    agents: Mapping[str, str]
    looked_up_by: Mapping[str, str]
    look_up: Callable[[str, str], Found]
    name_of: Callable[[str], str]
    typed: Callable[[str], str | None]
    now: Callable[[], datetime]
    time_zone: str
    told: Callable[[], None]
    begun: Callable[[int, str], None] = lambda _number, _agent: None


def create_messages(house: MessagesHouse) -> PageRoom:
    """The room."""
    blueprint = Blueprint("messages", __name__, template_folder="templates")
    access = Pages(house).register(blueprint)
    replies = LiveView("replies", Access.AGENT, (TOPIC,), lambda _, __, viewer: open_replies(house, viewer))
    return PageRoom(blueprint, access, (Entry("Messages", "messages.all"),), (replies,), HERE / "assets")


def open_replies(house: MessagesHouse, viewer: Viewer) -> list[dict[str, Any]]:
    """Answers that wait for anybody, and those that this agent has: what desk and toolbar show."""
    return [
        {
            "number": one.number, "name": house.name_of(one.person) or one.person, "way": WORDS[WAYS[one.channel]],
            "text": one.messages[-1].text[:EXCERPT], "at": one.messages[-1].at.isoformat(), "mine": bool(one.taken_by),
            "url": f"/messages/{one.number}",
        }
        for one in house.correspondence.open_threads()
        if one.taken_by in ("", viewer.agent)
    ]  # fmt: skip


class Pages:
    """The views."""

    def __init__(self, house: MessagesHouse) -> None:
        self._house, self._zone = house, ZoneInfo(house.time_zone)

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Agents write; nobody else does."""
        room.add_url_rule("/messages", "all", self.all)
        room.add_url_rule("/messages/new", "new", self.new)
        room.add_url_rule("/messages/new", "write", self.write, methods=["POST"])
        room.add_url_rule("/messages/<int:number>", "thread", self.thread)
        room.add_url_rule("/messages/<int:number>/answer", "answer", self.answer, methods=["POST"])
        room.add_url_rule("/messages/<int:number>/take", "take", self.take, methods=["POST"])
        room.add_url_rule("/messages/<int:number>/done", "done", self.done, methods=["POST"])
        return dict.fromkeys(("all", "new", "write", "thread", "answer", "take", "done"), Access.AGENT)

    def all(self) -> str:
        """Answers that wait, and what was written lately."""
        house = self._house
        return self._page("all", waiting=[self._told(one) for one in house.correspondence.open_threads()],
                          threads=[self._told(one) for one in house.correspondence.threads()])  # fmt: skip

    def new(self) -> str:
        """An empty form."""
        return self._form({})

    def write(self) -> str | Response:
        """Look a customer up, look at it once more, or send it."""
        asked = dict(request.form)
        if asked.get("do") == "look_up":
            found = self._house.look_up(asked.get("by", ""), asked.get("value", ""))
            if found.number:
                asked |= {"to": found.number}
            return self._form(asked, found=found)
        draft = self._draft(asked)
        return self._looked_at(asked, draft, None) if draft is not None else self._form(asked, trouble="Choose a way.")

    def thread(self, number: int) -> str:
        """All with one person."""
        return self._thread(self._known(number))

    def answer(self, number: int) -> str | Response:
        """Look at an answer once more, or send it."""
        thread, asked = self._known(number), dict(request.form)
        draft = self._draft(asked | {"way": WAYS[thread.channel].value, "to": thread.person})
        if draft is None or not thread.person:
            abort(404)
        if asked.get("do") == "send":
            self._take(number, signed_in().person.id, self._house.now())
        return self._looked_at(asked, draft, thread)

    def take(self, number: int) -> Response:
        """This agent sees to it."""
        return self._settled(number, self._take)

    def done(self, number: int) -> Response:
        """Nothing more is to be said."""
        return self._settled(number, self._house.correspondence.done)

    def _take(self, number: int, agent: str, at: datetime) -> bool:
        taken = self._house.correspondence.take(number, agent, at)
        if taken:
            self._house.begun(number, agent)
        return taken

    # ---- forms --------------------------------------------------------------------------------------------------------

    def _looked_at(self, asked: dict[str, str], draft: Draft, thread: Thread | None) -> str | Response:
        writing, name = self._house.writing, asked.get("name", "")
        trouble = ""
        if asked.get("do") == "send" and NAME.fullmatch(name):
            trouble = writing.send(name, draft, signed_in().person.id)
            if not trouble:
                self._house.told()
                return redirect(url_for("messages.all") if thread is None else url_for("messages.thread", number=thread.number))
        preview = writing.preview(draft)
        asked |= {"name": f"out-{token_hex(12)}"}
        if thread is not None:
            return self._thread(thread, asked, preview=self._shown(preview), trouble=trouble)
        return self._form(asked, preview=self._shown(preview), trouble=trouble)

    def _draft(self, asked: Mapping[str, str]) -> Draft | None:
        """None where it names no way."""
        if asked.get("way") not in [one.value for one in self._house.plan.senders]:
            return None
        way = Way(asked["way"])
        template = self._house.plan.template(asked.get("template", ""))
        person = asked.get("to", "")
        if way in (Way.SMS, Way.WHATSAPP):
            person = self._house.typed(person) or ""
        blanks = {name.removeprefix("blank_"): value for name, value in asked.items() if name.startswith("blank_")}
        language = asked.get("language", "")
        if template is not None and language not in template.texts:
            language = next(iter(template.texts))
        return Draft(way, "" if way is Way.POST else person, asked.get("text", ""), template, language, blanks)

    def _form(
        self, asked: Mapping[str, str], *, found: Found | None = None, preview: Mapping[str, Any] | None = None, trouble: str = ""
    ) -> str:
        known = self._house.name_of(self._house.typed(asked.get("to", "")) or "")
        return self._page("new", asked=asked, found=found, known=known, preview=preview, trouble=trouble, **self._choices(asked))

    def _thread(
        self, thread: Thread, asked: Mapping[str, str] = NOTHING, *, preview: Mapping[str, Any] | None = None, trouble: str = ""
    ) -> str:
        return self._page(
            "thread", thread=thread, told=self._told(thread), asked=asked, preview=preview, trouble=trouble,
            mine=thread.taken_by == signed_in().person.id, agents=self._house.agents, **self._choices(asked),
        )  # fmt: skip

    def _choices(self, asked: Mapping[str, str]) -> dict[str, Any]:
        plan = self._house.plan
        template = plan.template(asked.get("template", ""))
        language = asked.get("language", "")
        if template is not None and language not in template.texts:
            language = next(iter(template.texts))
        return {
            "ways": {one.value: WORDS[one] for one in plan.senders if one is not Way.MESSENGER}, "templates": plan.templates,
            "languages": {one: LANGUAGE_WORDS[one] for one in (template.texts if template else LANGUAGES)}, "language": language,
            "template": template, "blanks": template.blanks(language) if template else (), "by": self._house.looked_up_by,
        }  # fmt: skip

    def _page(self, name: str, **shown: Any) -> str:
        return render_template(f"messages/{name}.html", local=self._local, **shown)

    def _shown(self, preview: Preview) -> dict[str, Any]:
        later = preview.due_at > self._house.now()
        due = preview.due_at if later else None
        return {"text": preview.text, "length": preview.length, "against": preview.against, "due": due}

    def _told(self, thread: Thread) -> dict[str, Any]:
        taken = self._house.agents.get(thread.taken_by, thread.taken_by)
        way = WAYS.get(thread.channel, Way.POST)
        name = self._house.name_of(thread.person) if way is not Way.POST else "Public posts"
        last = thread.messages[-1]
        said = json.loads(last.text)["text"] if way is Way.POST and last.text else last.text
        return {"thread": thread, "name": name, "way": WORDS[way], "taken": taken, "last": last, "said": said}

    def _known(self, number: int) -> Thread:
        thread = self._house.correspondence.thread(number)
        if thread is None or thread.channel not in WAYS:
            abort(404)
        return thread

    def _settled(self, number: int, settle: Callable[[int, str, datetime], bool]) -> Response:
        settle(number, signed_in().person.id, self._house.now())
        self._house.told()
        return redirect(url_for("messages.thread", number=number))

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"
