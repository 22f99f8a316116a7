"""What customers are told, and by which texts: read with complaints that name file and key."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from voicebot.config.mail import MailServer, Security
from voicebot.config.notices import (
    SECTIONS,
    NoticesPlan,
    load_notice_texts,
    missing_for_notices,
    read_notices,
)
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue.calling_back import WishStatus
from voicebot.errors import ConfigError

LANGUAGES = ("da", "en", "fr", "ko")


def read(**keys: Any) -> tuple[NoticesPlan, list[str]]:
    complaints = Complaints("t")
    return read_notices(Table(keys, "notices.", complaints), ["email"]), complaints.found


def test_nobody_is_told_anything_unless_it_says_so() -> None:
    plan, wrong = read()
    assert (bool(plan), wrong) == (False, [])
    assert plan.quiet == (time(21), time(8))


def test_it_is_read() -> None:
    url, told = "https://x.example/in", (WishStatus.BOOKED, WishStatus.MISSED)
    plan, wrong = read(sms=["booked", "missed"], mail=["booked"], address="email", webhook=url, quiet="22:00-07:30")
    assert (plan, wrong) == (NoticesPlan(told, told[:1], "email", url, (time(22), time(7, 30))), [])
    assert read(quiet="never")[0].quiet == (time(0), time(0))


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"sms": ["bookd"]}, "sms"), ({"mail": ["booked"]}, "address"), ({"address": "phone"}, "address"),
        ({"webhook": "http://x.example"}, "webhook"), ({"quiet": "22-7"}, "quiet"), ({"quiet": "24:00-08:00"}, "quiet"),
        ({"fax": ["booked"]}, "fax"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(keys: dict[str, Any], complaint: str) -> None:
    _, wrong = read(**keys)
    assert len(wrong) == 1
    assert wrong[0].startswith(f"t: notices.{complaint}: ")


def test_what_the_environment_lacks_is_named() -> None:
    plan = NoticesPlan(mail=(WishStatus.BOOKED,), address="email", webhook="https://x.example")
    lacks = missing_for_notices(plan, None, "")
    assert ["VOICEBOT_SMTP_HOST" in lacks[0], "VOICEBOT_NOTICES_SECRET" in lacks[1]] == [True, True]
    assert missing_for_notices(plan, MailServer("mail", 25, Security.NONE, "a@example.com"), "s") == []
    assert missing_for_notices(NoticesPlan(), None, "") == []


# ---- texts -----------------------------------------------------------------------------------------------------------


def test_the_shipped_texts_are_whole_in_all_languages(project: Path) -> None:
    found = load_notice_texts(project / "notices", LANGUAGES)
    assert set(found) == set(LANGUAGES)
    for texts in found.values():
        known = {"company": "Ærø & Søn", "when": "noon", "agent": "Ada", "again": "noon"}
        for section in SECTIONS:
            for kind in ("sms", "subject", "mail"):
                said = texts.filled(section, kind, known)
                assert "{" not in said
                assert "Ærø & Søn" in said


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("for talking to us. Your", "for {talking}. Your", "{talking}; known here are {company}, {when}"),
        ('{agent} is about to call you."', '{agent.__class__} calls"', "assigned.sms: has the placeholder {agent.__class__}"),
        ('again {again}."', 'again {again!r}."', "en.toml: missed.sms: has the placeholder {again}"),
        ('again {again}."', 'again {when}."', "en.toml: missed.sms: has the placeholder {when}"),
        ("on {day} at", "on {phrase} at", "en.toml: when.moment: has the placeholder {phrase}"),
        ("You can book", "{You can book", "en.toml: missed_closed.sms: has a brace without its other half"),
        ("[done]", "[doone]", "en.toml: doone: is not known"),
        ('subject = "{company}: your callback is done"', "", "en.toml: done.subject: is missing"),
        ('Your callback is done."', "x" * 500 + '"', "en.toml: done.sms: must be one line of at most 480 characters"),
        ('your callback is done"', 'done\\nBcc: eve@example.com"', "en.toml: done.subject: must be one line of"),
        ("en_US", "English", "en.toml: locale: must be a locale like en_US"),
    ],
)  # fmt: skip
def test_a_text_that_is_wrong_is_named_with_file_and_key(
    project: Path, tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    text = (project / "notices" / "en.toml").read_text("utf-8")
    assert before in text
    (tmp_path / "en.toml").write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_notice_texts(tmp_path, ["en"])
    assert complaint in str(refused.value)


def test_a_language_without_its_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"de\.toml: this file is missing"):
        load_notice_texts(tmp_path, ["de"])
