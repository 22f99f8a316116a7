"""Agents write to customers and answer them: looked at first, sent once, by the ways' rules, recorded, and by agents only."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.pages.stage import AGENTS, PAYLOAD, Browser, Stage, open_stage
from voicebot.config.messages import MessagesPlan, Template, Way
from voicebot.floor.values import Role
from voicebot.messages.inbox import Inbox
from voicebot.messages.pages import Found, MessagesHouse, create_messages, open_replies
from voicebot.messages.writing import Draft, Writing, WritingHouse
from voicebot.ports.correspondence import Reply
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.records.correspondence import SqlCorrespondence
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.store import SqlStore
from voicebot.switchboard.views import Viewer

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # in New York
ADA, OURS = "+12025550123", "+12025550100"
CONTENT = "HX" + "a" * 32
PLAN = MessagesPlan(
    True, {Way.SMS: OURS, Way.WHATSAPP: OURS, Way.MESSENGER: "99", Way.POST: "https://x.example/in"}, "phone",
    (
        Template("reminder", "Reminder", Way.SMS, {"en": "See you on {day}.", "da": "Vi ses {day}."}),
        Template("late", "We are late", Way.WHATSAPP, {"en": "Sorry, {name}"}, CONTENT),
    ),
)  # fmt: skip
NAME = "out-" + "a" * 24


@dataclass
class Office:
    """The room's parts over a real database; `store` is the stage's, once it is there."""

    store: SqlStore | None = None
    at: datetime = NOON
    record: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    told: int = 0
    begun: list[tuple[int, str]] = field(default_factory=list)  # as the floor learns it

    @property
    def outgoing(self) -> SqlOutgoing:
        assert self.store is not None
        return SqlOutgoing(self.store)

    @property
    def threads(self) -> SqlCorrespondence:
        assert self.store is not None
        return SqlCorrespondence(self.store)

    def writing(self, quiet: tuple[time, time] | None = None) -> Writing:
        def recorded(agent: str, facts: Mapping[str, str | int | bool]) -> None:
            self.record.append((agent, dict(facts)))

        return Writing(
            WritingHouse(
                PLAN, self.outgoing, self.threads, lambda: self.at, quiet, "America/New_York",
                lambda number: number.startswith("+1"), recorded,
            )
        )  # fmt: skip

    def house(self) -> MessagesHouse:
        def look_up(by: str, value: str) -> Found:
            found = (by, value) == ("account_number", "40719238")
            return Found(ADA, "Ada Marsh") if found else Found(sentence="There is no one such customer.")

        return MessagesHouse(
            PLAN, self.writing(), self.threads, {agent.id: agent.name for agent in AGENTS}, {"account_number": "account number"},
            look_up, lambda person: "Ada Marsh" if person == ADA else "", lambda text: text if text.startswith("+") else None,
            lambda: self.at, "America/New_York", self.tell, lambda number, agent: self.begun.append((number, agent)),
        )  # fmt: skip

    def tell(self) -> None:
        self.told += 1

    def arrives(self, text: str, sid: str = "SM1", channel: Channel = Channel.SMS, person: str = ADA) -> int:
        sender = "99" if channel is Channel.MESSENGER else OURS
        Inbox(self.outgoing, self.threads).arrived(Reply(sid, channel, person, sender, text, self.at))
        return self.threads.threads()[0].number

    def queued(self) -> list[OutMessage]:
        return self.outgoing.lease("test", self.at + timedelta(days=2), self.at + timedelta(days=3))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    from voicebot.keyring import Keyring
    from voicebot.records.store import open_store

    store = open_store(f"sqlite:///{tmp_path}/voicebot.db", Keyring.open(tmp_path / "keys"))
    yield Office(store)
    store.close()


def at(stage: Stage, agent: str) -> Browser:
    stage.set_password(agent)
    browser = stage.browser()
    browser.sign_in(agent)
    return browser


@pytest.fixture
def stage(office: Office, tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "stage").mkdir()
    stage = open_stage(tmp_path / "stage", [create_messages(office.house())])
    yield stage
    stage.close()


def name_in(page: str) -> str:
    found = re.search(r'name="name" value="(out-[0-9a-f]{24})"', page)
    assert found is not None
    return found[1]


def test_a_message_is_looked_at_and_then_sent_once(office: Office, stage: Stage) -> None:
    mira = at(stage, "mira")
    assert "Write a message" in mira.get("/messages/new").text
    looked = mira.post("/messages/new", do="preview", way="sms", to=ADA, text="Your parcel: tomorrow 👍").text
    assert "1 part of 70" in looked
    assert "longer because of 👍" in looked
    form = {"do": "send", "way": "sms", "to": ADA, "text": "Your parcel: tomorrow 👍", "name": name_in(looked)}
    assert mira.post("/messages/new", **form).status_code == 302
    mira.post("/messages/new", **form)  # the button was pressed twice
    (message,) = office.queued()
    assert (message.to, message.sender, message.text, message.by) == (ADA, OURS, "Your parcel: tomorrow 👍", "mira")
    assert (message.channel, message.due_at) == (Channel.SMS, NOON)
    assert office.record[0] == ("mira", {"message": message.name, "way": "sms", "template": ""})
    listed = mira.get("/messages").text
    assert "Your parcel" in listed
    assert "Ada Marsh" in listed


def test_without_a_look_nothing_is_sent(office: Office, stage: Stage) -> None:
    mira = at(stage, "mira")
    mira.get("/messages/new")
    for name in ("", "out-1", NAME + "0", "notice-" + "a" * 24):
        assert mira.post("/messages/new", do="send", way="sms", to=ADA, text="Hello", name=name).status_code == 200
    assert office.queued() == []


def test_a_customer_is_looked_up_and_their_number_filled_in(stage: Stage) -> None:
    mira = at(stage, "mira")
    mira.get("/messages/new")
    found = mira.post("/messages/new", do="look_up", by="account_number", value="40719238", text="Hello").text
    assert f'value="{ADA}"' in found
    assert "Ada Marsh" in found
    assert ">Hello</textarea>" in found
    assert "no one such customer" in mira.post("/messages/new", do="look_up", by="account_number", value="1").text


def test_a_template_asks_for_its_blanks_and_is_sent_as_its_way_wants(office: Office, stage: Stage) -> None:
    mira = at(stage, "mira")
    mira.get("/messages/new")
    form = {"way": "sms", "to": ADA, "template": "reminder", "language": "da"}
    asked = mira.post("/messages/new", do="preview", **form).text
    assert 'name="blank_day"' in asked
    assert "Fill in: day." in asked
    assert ">Send<" not in asked
    looked = mira.post("/messages/new", do="preview", blank_day="fredag", **form).text
    assert "Vi ses fredag." in looked
    mira.post("/messages/new", do="send", blank_day="fredag", name=name_in(looked), **form)
    whatsapp = {"way": "whatsapp", "to": ADA, "template": "late", "blank_name": "Ada", "name": NAME}
    mira.post("/messages/new", do="send", **whatsapp)
    sms, approved = office.queued()
    assert (sms.text, sms.template) == ("Vi ses fredag.", "")
    assert (approved.channel, approved.template, approved.variables) == (Channel.WHATSAPP, CONTENT, {"name": "Ada"})
    assert "another way" in mira.post("/messages/new", do="preview", **whatsapp | {"way": "sms"}).text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"way": "sms", "to": "nobody", "text": "Hello"}, "no number that we write to"),
        ({"way": "sms", "to": "+4790123456", "text": "Hello"}, "no number that we write to"),
        ({"way": "sms", "to": ADA, "text": " "}, "nothing in it"),
        ({"way": "whatsapp", "to": ADA, "text": "Hello"}, "Choose a template"),
        ({"way": "messenger", "to": "4711", "text": "Hello"}, "answers only"),
        ({"way": "fax", "to": ADA, "text": "Hello"}, "Choose a way"),
    ],
)  # fmt: skip
def test_what_may_not_be_written_says_why(office: Office, stage: Stage, form: dict[str, str], why: str) -> None:
    mira = at(stage, "mira")
    mira.get("/messages/new")
    assert why in mira.post("/messages/new", do="send", name=NAME, **form).text
    assert (office.queued(), office.record) == ([], [])


def test_a_public_post_goes_to_the_companys_own_system(office: Office, stage: Stage) -> None:
    mira = at(stage, "mira")
    mira.get("/messages/new")
    mira.post("/messages/new", do="send", way="post", text="We are back.", name=NAME)
    (post,) = office.queued()
    told = json.loads(post.text)
    assert (post.channel, post.to, told["event"], told["text"], told["by"]) == (
        Channel.WEBHOOK, "https://x.example/in", "post", "We are back.", "mira",
    )  # fmt: skip
    listed = mira.get("/messages").text
    assert "Public posts" in listed
    assert "<td>We are back.</td>" in listed


def test_an_answer_waits_is_taken_answered_and_done(office: Office, stage: Stage) -> None:
    number = office.arrives(f"Where is my parcel? {PAYLOAD}")
    mira, jonas = at(stage, "mira"), at(stage, "jonas")
    waiting = open_replies(office.house(), Viewer("jonas", frozenset({Role.AGENT})))
    assert [(one["name"], one["way"], one["mine"], one["url"]) for one in waiting] == [
        ("Ada Marsh", "Short message", False, f"/messages/{number}"),
    ]  # fmt: skip
    page = mira.get(f"/messages/{number}").text
    assert "Where is my parcel?" in page
    assert PAYLOAD not in page
    mira.post(f"/messages/{number}/take")
    jonas.get("/messages")
    jonas.post(f"/messages/{number}/take")
    jonas.post(f"/messages/{number}/done")
    assert open_replies(office.house(), Viewer("jonas", frozenset({Role.AGENT}))) == []
    assert [one["mine"] for one in open_replies(office.house(), Viewer("mira", frozenset({Role.AGENT})))] == [True]
    looked = mira.post(f"/messages/{number}/answer", do="preview", text="Tomorrow.").text
    mira.post(f"/messages/{number}/answer", do="send", text="Tomorrow.", name=name_in(looked))
    assert [(one.to, one.text, one.by) for one in office.queued()] == [(ADA, "Tomorrow.", "mira")]
    assert office.begun == [(number, "mira")] * 2  # taken, answered; Jonas was too late
    mira.post(f"/messages/{number}/done")
    assert office.threads.open_threads() == []
    assert mira.get("/messages/4711").status_code == 404


def test_messenger_is_answered_within_a_day_and_no_longer(office: Office, stage: Stage) -> None:
    number, mira = office.arrives("Hi", channel=Channel.MESSENGER, person="4711"), at(stage, "mira")
    mira.get(f"/messages/{number}")
    mira.post(f"/messages/{number}/answer", do="send", text="Hello", name=NAME)
    assert [(one.channel, one.to, one.sender) for one in office.queued()] == [(Channel.MESSENGER, "4711", "99")]
    office.at += timedelta(hours=25)
    refused = mira.post(f"/messages/{number}/answer", do="send", text="Hello", name="out-" + "b" * 24)
    assert "within 24 hours" in refused.text


def test_who_has_written_stop_is_not_written_to(office: Office, stage: Stage) -> None:
    office.arrives("STOP")
    mira = at(stage, "mira")
    mira.get("/messages/new")
    assert "has written STOP" in mira.post("/messages/new", do="send", way="sms", to=ADA, text="Hello", name=NAME).text


def test_only_agents_write(stage: Stage) -> None:
    vera = at(stage, "vera")
    for path in ("/messages", "/messages/new", "/messages/1"):
        assert vera.get(path).status_code == 403
    assert vera.post("/messages/new", do="send").status_code == 403
    assert stage.browser().get("/messages").status_code in (302, 401)


def test_at_night_it_waits_unless_they_have_just_written(office: Office) -> None:
    night = (time(21), time(8))
    office.at = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    draft, morning = Draft(Way.SMS, ADA, "Hello"), datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
    assert office.writing(night).preview(draft).due_at == morning
    assert office.writing(None).preview(draft).due_at == office.at
    assert office.writing(night).preview(replace(draft, way=Way.POST)).due_at == office.at
    office.arrives("Are you there?")
    assert office.writing(night).preview(draft).due_at == office.at
    office.at += timedelta(hours=3)
    assert office.writing(night).preview(draft).due_at == morning


def test_a_message_is_no_longer_open_once_its_fate_is_told(office: Office) -> None:
    assert office.writing().send(NAME, Draft(Way.SMS, ADA, "Hello"), "mira") == ""
    assert office.outgoing.learned(NAME, MessageState.DELIVERED, "SM1", "", NOON)
    assert office.queued() == []
