"""By which ways agents write, and the templates they choose from."""

from typing import Any

import pytest

from voicebot.config.messages import MessagesPlan, Template, Way, missing_for_posts, read_messages
from voicebot.config.tables import Complaints, Table

CONTENT = "HX" + "a" * 32
REMINDER: dict[str, Any] = {"words": "Reminder", "en": "See you on {day} at {time}, {day}!", "da": "Vi ses {day}."}


def read(**keys: Any) -> tuple[MessagesPlan, list[str]]:
    complaints = Complaints("t")
    return read_messages(Table(keys, "messages.", complaints), ["phone"], ["billing"]), complaints.found


def test_it_is_off_unless_it_says_so() -> None:
    assert read() == (MessagesPlan(), [])


def test_it_is_read() -> None:
    plan, wrong = read(
        on=True, sms="+12025550109", whatsapp="+12025550108", messenger="4711", posts="https://x.example/in", number="phone",
        templates={"reminder": REMINDER, "late": {"words": "Late", "way": "whatsapp", "content": CONTENT, "en": "Sorry"}},
    )  # fmt: skip
    assert wrong == []
    assert plan.senders == {
        Way.SMS: "+12025550109", Way.WHATSAPP: "+12025550108", Way.MESSENGER: "4711", Way.POST: "https://x.example/in",
    }  # fmt: skip
    assert (plan.on, plan.number, [one.name for one in plan.templates]) == (True, "phone", ["reminder", "late"])
    reminder = plan.template("reminder")
    assert reminder == Template("reminder", "Reminder", Way.SMS, {"en": REMINDER["en"], "da": REMINDER["da"]})
    assert reminder.blanks("en") == ("day", "time")
    assert plan.template("other") is None


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"sms": "12025550109"}, "sms"), ({"messenger": "a b"}, "messenger"), ({"posts": "http://x.example"}, "posts"),
        ({"number": "fax"}, "number"), ({"fax": "1"}, "fax"),
        ({"templates": {"a": {"en": "Hello"}}}, "templates.a.words"),
        ({"templates": {"a": {"words": "A"}}}, "templates.a.en"),
        ({"templates": {"a": REMINDER | {"way": "messenger"}}}, "templates.a.way"),
        ({"templates": {"a": REMINDER | {"way": "whatsapp"}}}, "templates.a.content"),
        ({"templates": {"a": REMINDER | {"content": CONTENT}}}, "templates.a.content"),
        ({"templates": {"a": REMINDER | {"content": "HX1", "way": "whatsapp"}}}, "templates.a.content"),
        ({"templates": {"a": REMINDER | {"da": "{day.year}"}}}, "templates.a.da"),
        ({"templates": {"a": REMINDER | {"da": "{day!r}"}}}, "templates.a.da"),
        ({"templates": {"a": REMINDER | {"da": "{day"}}}, "templates.a.da"),
        ({"templates": {"a": REMINDER | {"da": "{}"}}}, "templates.a.da"),
        ({"templates": {"a": REMINDER | {"da": "x" * 1601}}}, "templates.a.da"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(keys: dict[str, Any], complaint: str) -> None:
    _, wrong = read(**keys)
    assert wrong
    assert wrong[0].startswith(f"t: messages.{complaint}: ")


def test_public_posts_need_a_secret() -> None:
    plan = MessagesPlan(senders={Way.POST: "https://x.example"})
    assert "messages.posts" in missing_for_posts(plan, "")[0]
    assert missing_for_posts(plan, "s") == missing_for_posts(MessagesPlan(), "") == []
