"""What was changed at the carrier is written down before it happens, and kept from others."""

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicebot.errors import ConfigError
from voicebot.telephony.numbers import OwnedNumber
from voicebot.telephony.undo import FILE, ChangeBook
from voicebot.telephony.wiring import Wiring, wanted

BASE = "https://voice.example.com"
THEIRS = Wiring(voice_url="https://ada:canary@ivr.example.org/in?key=canary")
OWNED = OwnedNumber("PN" + "0" * 32, "+12025550110", True, THEIRS)
OURS = wanted(BASE, THEIRS)
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_nothing_was_changed_at_the_beginning(tmp_path: Path) -> None:
    assert ChangeBook(tmp_path / "not-there-yet").changes() == {}


def test_what_is_written_is_read_again_and_only_by_us(tmp_path: Path) -> None:
    book = ChangeBook(tmp_path / "data")
    assert book.intend(OWNED, AT, OURS) is None
    change = ChangeBook(tmp_path / "data").changes()[OWNED.phone]
    assert (change.before, change.after, change.sid, change.at) == (THEIRS, OURS, OWNED.sid, "2026-03-01T12:00:00+00:00")
    assert stat.S_IMODE((tmp_path / "data" / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE]
    assert "canary" not in repr(change)


def test_changing_again_what_we_left_keeps_the_first_beginning(tmp_path: Path) -> None:
    book = ChangeBook(tmp_path)
    book.intend(OWNED, AT, OURS)
    again = wanted(BASE, OURS, "https://handler.twilio.com/twiml/EH0")
    book.intend(replace(OWNED, wiring=OURS), AT, again)
    assert book.changes()[OWNED.phone].before == THEIRS
    assert book.changes()[OWNED.phone].after == again


def test_what_an_earlier_release_wrote_is_read(tmp_path: Path) -> None:
    book = ChangeBook(tmp_path)
    book.intend(OWNED, AT, OURS)
    kept = tmp_path / FILE
    plain = json.loads(kept.read_text())
    for wiring in (plain["changes"][0]["before"], plain["changes"][0]["after"]):
        for name in ("sms_url", "sms_method", "sms_application_sid"):
            del wiring[name]
    kept.write_text(json.dumps(plain))
    assert book.changes()[OWNED.phone].after == OURS


def test_what_somebody_changed_in_between_is_the_new_beginning(tmp_path: Path) -> None:
    book = ChangeBook(tmp_path)
    book.intend(OWNED, AT, OURS)
    other = Wiring(voice_url="https://other.example.org/in")
    book.intend(replace(OWNED, wiring=other), AT, OURS)
    assert book.changes()[OWNED.phone].before == other


def test_how_it_came_out_is_what_counts_later(tmp_path: Path) -> None:
    book = ChangeBook(tmp_path)
    book.intend(OWNED, AT, OURS)
    book.settle(OWNED.phone, replace(OURS, status_callback=""))
    assert book.changes()[OWNED.phone].after.status_callback == ""


def test_a_change_that_did_not_happen_leaves_what_stood_before(tmp_path: Path) -> None:
    book = ChangeBook(tmp_path)
    book.put_back(OWNED.phone, book.intend(OWNED, AT, OURS))
    assert book.changes() == {}
    book.intend(OWNED, AT, OURS)
    earlier = book.intend(replace(OWNED, wiring=OURS), AT, wanted(BASE, OURS, "https://example.org/x"))
    book.put_back(OWNED.phone, earlier)
    assert book.changes()[OWNED.phone].after == OURS
    book.forget(OWNED.phone)
    assert book.changes() == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"changes": [1]}', '{"changes": [{"sid": "x"}]}',
     json.dumps({"changes": [{"sid": "x", "phone": "+1", "at": "", "before": {"voice_url": 1}, "after": {}}]})],
)  # fmt: skip
def test_a_file_that_is_not_ours_is_named_and_not_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ConfigError, match=FILE):
        ChangeBook(tmp_path).intend(OWNED, AT, OURS)
    assert (tmp_path / FILE).read_text() == text


def test_a_directory_that_cannot_be_written_stops_the_change(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the directory should be")
    with pytest.raises(ConfigError, match=r"cannot be (read|written)"):
        ChangeBook(tmp_path / "data").intend(OWNED, AT, OURS)
    assert os.listdir(tmp_path) == ["data"]  # noqa: PTH208  # names are what is asked for
