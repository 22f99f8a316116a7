"""An exported audit holds by itself, and whoever changes a letter of it is found out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voicebot.errors import StoreError
from voicebot.keyring import Keyring
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.audit_export import NOT_ALL, Verified, exported, verified
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Told = dict[str, Any]


@pytest.fixture
def lines(store: SqlStore) -> list[str]:
    audit = SqlAudit(store)
    audit.write("ada", Deed.SHOWN, NOON, "C1", {"found": True})
    audit.write("vera", Deed.REPORTED, NOON, facts={"report": "queues"})
    audit.write("ada", Deed.LOCKED, NOON, "C1")
    return list(exported(store))


def test_an_export_holds_and_says_who_did_what(store: SqlStore, lines: list[str]) -> None:
    assert verified(lines, store) == Verified(3, "", known=True)
    second = json.loads(lines[2])
    assert (second["what"], second["says"]) == ("reported", {"who": "vera", "customer": "", "facts": {"report": "queues"}})


def test_an_empty_record_has_an_export_too(store: SqlStore) -> None:
    assert verified(list(exported(store)), store) == Verified(0, "", known=True)


def changed(name: str, value: object) -> Callable[[Told], Told]:
    return lambda told: told | {name: value}


@pytest.mark.parametrize(
    "change",
    [
        changed("at", "2026-03-02T12:00:01+00:00"), changed("what", "shown"), changed("blind", "x"), changed("sealed", "AAAA"),
        changed("hash", "00"), changed("number", 7), changed("says", {"who": "eve"}), changed("sealed", 5), changed("at", "noon"),
    ],
)  # fmt: skip
def test_a_changed_line_is_named(store: SqlStore, lines: list[str], change: Callable[[Told], Told]) -> None:
    lines[2] = json.dumps(change(json.loads(lines[2])))
    assert verified(lines, store) == Verified(1, "line 3 is not what was written")


@pytest.mark.parametrize(
    ("made", "trouble"),
    [
        (lambda lines: [*lines[:2], *lines[3:]], "line 3 is not what was written"),
        (lambda lines: lines[:-1], NOT_ALL),
        (lambda lines: [*lines[:3], lines[-1]], NOT_ALL),
        (lambda _: [], NOT_ALL),
        (lambda lines: [*lines, lines[1]], "line 6 comes after the end"),
        (lambda lines: lines[1:], "no export of an audit"),
        (lambda lines: ["nonsense", *lines], "line 1 is not what was written"),
        (lambda lines: ["[]", *lines], "line 1 is not what was written"),
    ],
)
def test_lines_that_are_missing_or_too_many_are_found(
    store: SqlStore, lines: list[str], made: Callable[[list[str]], list[str]], trouble: str
) -> None:
    assert trouble in verified(made(lines), store).trouble


def test_an_end_that_is_signed_by_others_is_not_known(store: SqlStore, lines: list[str]) -> None:
    lines[-1] = json.dumps(json.loads(lines[-1]) | {"signature": "x"})
    assert verified(lines, store) == Verified(3, "its end is not signed with the keys of this house")


def test_the_export_of_another_house_does_not_hold_here(lines: list[str], tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db", Keyring.open(tmp_path / "other-keys"))
    assert verified(lines, other).trouble
    other.close()


@pytest.mark.usefixtures("lines")
def test_a_record_that_is_not_whole_is_not_exported(store: SqlStore) -> None:
    with store.writing() as books:
        books.connection.exec_driver_sql("UPDATE audit SET what = 'shown' WHERE number = 2")
    with pytest.raises(StoreError, match="not whole"):
        list(exported(store))
