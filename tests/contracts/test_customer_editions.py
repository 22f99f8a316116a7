"""An import becomes visible at once and for everybody, whatever happens while it is written."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.contracts.conftest import NOON
from voicebot.dialogue.values import Shape
from voicebot.errors import ImportRefused
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.records.customer_editions import AT_ONCE, SILENT, turn_to_write
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_import import ImportSummary, ImportTools, one_by_one
from voicebot.records.customers import SqlCustomers
from voicebot.records.schema import customer_keys, customer_secrets, customers
from voicebot.records.store import SqlStore

PLAN = ImportPlan("id", "name", identifiers=(("account", Shape.parse("digits:6")),), secrets=(("pin", Shape.parse("digits:6")),))
MANY = AT_ONCE + 10


class House:
    """Imports numbered customers; `look` is called in each of the import's transactions."""

    def __init__(self, store: SqlStore, directory: Path) -> None:
        self.store, self.file = store, directory / "customers.csv"
        self.customers = SqlCustomers(store)
        self.care = SqlCustomerCare(store, ("account",))
        self.look: Callable[[], None] = lambda: None
        self.at = NOON

    def now(self) -> datetime:
        look, self.look = self.look, lambda: None
        look()
        self.look = look
        return self.at

    def bring(self, names: dict[int, str], plan: ImportPlan = PLAN, shift: int = 0) -> ImportSummary:
        lines = [f"C{n},{name},{(n + shift):06d},{n:06d}" for n, name in names.items()]
        self.file.write_text("\n".join(["id,name,account,pin", *lines]))
        tools = ImportTools(one_by_one(lambda who, *_: f"{names[int(who[1:])]}'s hash"), lambda *_: None, now=self.now)
        return self.customers.bring_in(self.file, plan, tools)

    def names(self) -> set[str]:
        return {row.columns["name"] for row in self.customers.everybody()}

    def counts(self) -> tuple[int, ...]:
        with self.store.viewing() as books:
            tables = (customers, customer_keys, customer_secrets)
            return tuple(books.connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


@pytest.fixture
def house(store: SqlStore, tmp_path: Path) -> House:
    return House(store, tmp_path)


def everybody(name: str, count: int = MANY) -> dict[int, str]:
    return dict.fromkeys(range(count), name)


def test_nobody_sees_half_an_import(house: House) -> None:
    house.bring(everybody("Old"))
    seen: list[tuple[str, str, int]] = []

    def look() -> None:
        [row] = house.customers.find("account", "000003")
        seen.append((row.columns["name"], row.secrets["pin"], len(house.customers.find("account", f"{MANY:06d}"))))

    house.look = look
    house.bring(everybody("New", MANY + 1))
    old, new = ("Old", "Old's hash", 0), ("New", "New's hash", 1)
    before = seen.count(old)
    assert before >= 4  # the beginning, two times customers, and inside the transaction that makes them count
    assert seen == [old] * before + [new] * (len(seen) - before)
    house.look = lambda: None
    assert house.names() == {"New"}
    assert len(house.customers.find("account", f"{MANY:06d}")) == 1


def test_nothing_of_older_editions_is_left(house: House) -> None:
    for name in ("One", "Two", "Three"):
        house.bring(everybody(name))
        assert house.counts() == (MANY, 2 * MANY, MANY)


def test_an_old_identifier_finds_nobody_any_more(house: House) -> None:
    house.bring(everybody("Old"))
    house.bring(everybody("New"), shift=1)
    assert house.customers.find("account", "000000") == []
    assert [row.customer_id for row in house.customers.find("account", "000001")] == ["C0"]


def test_a_shared_identifier_is_found_before_anything_counts(house: House) -> None:
    house.bring(everybody("Old"))
    with pytest.raises(ImportRefused, match=r"1 fault.*\n.*line 2, column account: another customer"):
        house.bring({5: "New"}, shift=1)
    assert house.names() == {"Old"}
    assert house.counts() == (MANY, 2 * MANY, MANY)


def test_who_is_removed_by_a_replacing_import_leaves_no_row(house: House) -> None:
    house.bring(everybody("Old"))
    summary = house.bring({1: "New", MANY: "New"}, replace(PLAN, replace=True))
    assert (summary.added, summary.updated, summary.removed) == (1, 1, MANY - 1)
    assert house.counts() == (2, 4, 2)
    house.bring({2: "Back"}, shift=0)
    assert {row.customer_id for row in house.customers.everybody()} == {"C1", f"C{MANY}", "C2"}


def test_only_one_import_writes_at_a_time(house: House) -> None:
    house.bring(everybody("Old", 3))
    with turn_to_write(house.store, lambda: NOON), pytest.raises(ImportRefused, match="another import is writing"):
        house.bring(everybody("New", 3))
    assert house.names() == {"Old"}
    assert house.bring(everybody("New", 3)).updated == 3


def test_an_import_that_was_still_for_too_long_writes_no_more(house: House) -> None:
    house.bring(everybody("Old", 3))
    ended = ExitStack()
    turn = ended.enter_context(turn_to_write(house.store, lambda: NOON))
    house.at = NOON + SILENT
    house.bring(everybody("New", 3))
    with pytest.raises(ImportRefused, match="another one took over"), turn.writing():
        pytest.fail("nothing may be written any more")
    ended.close()
    assert house.names() == {"New"}
    assert house.bring(everybody("Newer", 3)).updated == 3


def test_rows_of_a_killed_import_are_gone_after_the_next(house: House) -> None:
    class Killed(BaseException):
        pass

    house.bring(everybody("Old", 3))
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:  # the second transaction of rows
            raise Killed

    house.look = look
    with pytest.raises(Killed):
        house.bring(everybody("Never"))
    house.look = lambda: None
    assert house.names() == {"Old"}
    assert house.counts()[0] == 3 + AT_ONCE
    house.at = NOON + timedelta(minutes=2)
    house.bring({0: "New"})
    assert house.names() == {"Old", "New"}
    assert house.counts() == (3, 6, 3)


def test_secrets_stay_where_the_file_says_nothing_of_them(house: House) -> None:
    house.bring(everybody("Old", 3))
    house.customers.keep_hash("C1", "pin", "renewed")
    house.bring({0: "New", 1: "New", 7: "New"}, replace(PLAN, secrets=()))
    house.customers.keep_hash("C2", "pin", "renewed")
    secrets = {row.customer_id: row.secrets.get("pin") for row in house.customers.everybody()}
    assert secrets == {"C0": "Old's hash", "C1": "renewed", "C2": "renewed", "C7": None}


def test_a_customer_who_came_back_does_not_get_the_old_secret(house: House) -> None:
    house.bring(everybody("Old", 3))
    house.bring({0: "Old"}, replace(PLAN, replace=True))
    house.bring({1: "Back"}, replace(PLAN, secrets=()))
    row = house.customers.get("C1")
    assert row is not None
    assert row.secrets == {}
