"""A customer file is taken in every form that offices make, and refused with line and column where it is wrong."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import sqlite_utils

from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Secret, Shape
from voicebot.errors import ImportRefused
from voicebot.records.customer_checks import Unfit, checked_digits
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_import import ImportSummary, ImportTools, _stage_hashes, any_will_do, one_by_one
from voicebot.records.customer_open import open_sheet
from voicebot.records.customer_staging import WeakSecrets, stage
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore

PLAN = ImportPlan(
    customer_id="id",
    name="name",
    phones=("phone",),
    identifiers=(("account", Shape.parse("digits:4-8")), ("parcel", Shape.parse("digits:10"))),
    secrets=(("pin", Shape.parse("digits:6")),),
    details=(Detail("balance", "amount"), Detail("due", "day"), Detail("status", "words"), Detail("meter", "digits")),
    region="US",
)
HEADING = "id,name,phone,account,parcel,pin,balance,due,status,meter"
GOOD = "C1,Ada Marsh,(201) 555-0123,0420,1234567890,493817,12.50,2026-03-31,on its way,0042"
HEAD = HEADING.encode() + b"\n"


class Importer:
    def __init__(self, store: SqlStore, directory: Path) -> None:
        self.customers = SqlCustomers(store)
        self.file = directory / "customers.csv"
        self.hashed: list[tuple[str, str]] = []
        self.progress: list[tuple[int, int]] = []

    def __call__(self, content: bytes | str, plan: ImportPlan = PLAN) -> ImportSummary:
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.customers.import_customers(self.file, plan, self._hash, lambda *at: self.progress.append(at))

    def _hash(self, customer_id: str, field: str, secret: Secret) -> str:
        self.hashed.append((customer_id, field))
        return f"hash{len(secret.reveal())}"

    def refusal(self, content: bytes | str, plan: ImportPlan = PLAN) -> str:
        """What the refusal says, after making sure that nothing was imported."""
        with pytest.raises(ImportRefused) as raised:
            self(content, plan)
        assert self.customers.get("C1") is None
        assert self.hashed == []  # nothing slow before everything is known to be right
        return str(raised.value)


@pytest.fixture
def importing(store: SqlStore, tmp_path: Path) -> Importer:
    return Importer(store, tmp_path)


def row(**cells: str) -> str:
    """The good line with other cells."""
    good = dict(zip(HEADING.split(","), GOOD.split(","), strict=True)) | cells
    return ",".join(good.values())


def file(*lines: str) -> str:
    return "\n".join([HEADING, *lines]) + "\n"


# ---- taken -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        file(GOOD).encode(),
        b"\xef\xbb\xbf" + file(GOOD).encode(),
        file(GOOD).replace(",", ";").encode(),
        file(GOOD).replace(",", "\t").encode(),
        file(GOOD).replace("\n", "\r\n").encode(),
        file(GOOD).rstrip("\n").encode(),
        file("", GOOD, "", ",,,,,,,,,", "   ").encode(),
        file(", ".join(f'"{cell}"' if cell else "" for cell in GOOD.split(",")).replace(", ", ",")).encode(),
        (HEADING.upper().replace(",", " , ") + "\n" + GOOD.replace(",", " , ") + "\n").encode(),
        file(GOOD + ",,").encode(),
    ],
    ids=["plain", "bom", "semicolons", "tabs", "crlf", "no last newline", "blank lines", "quoted", "spaces", "empty extra cells"],
)
def test_offices_write_their_files_in_many_ways(importing: Importer, content: bytes) -> None:
    assert importing(content).added == 1
    found = importing.customers.get("C1")
    assert found is not None
    assert found.columns == {
        "name": "Ada Marsh",
        "phone": "+12015550123",
        "account": "0420",
        "parcel": "1234567890",
        "balance": "12.50",
        "due": "2026-03-31",
        "status": "on its way",
        "meter": "0042",
    }
    assert found.secrets == {"pin": "hash6"}


def test_columns_may_stand_in_any_order_and_strangers_are_named_as_unused(importing: Importer) -> None:
    heading, line = ("extra," + HEADING).split(","), ("x," + GOOD).split(",")
    summary = importing("\n".join([",".join(reversed(heading)), ",".join(reversed(line))]))
    assert summary == ImportSummary(1, 0, 0, warnings=("column extra is not used",))


def test_a_quoted_separator_and_people_of_all_languages_are_kept(importing: Importer) -> None:
    quoted = row(name='"Marsh, Ada"', status='"says ""hello"""')
    importing(file(quoted, row(id="C2", name="김하늘 Ørsted", account="0421", parcel="")))
    first, second = importing.customers.get("C1"), importing.customers.get("C2")
    assert first is not None
    assert second is not None
    assert (first.columns["name"], first.columns["status"]) == ("Marsh, Ada", 'says "hello"')
    assert second.columns["name"] == "김하늘 Ørsted"
    assert "parcel" not in second.columns


def test_all_but_the_id_may_be_empty(importing: Importer) -> None:
    importing(file("C1,,,,,,,,,"))
    found = importing.customers.get("C1")
    assert found is not None
    assert (found.columns, found.secrets) == ({}, {})


def test_progress_counts_customers_to_the_last(importing: Importer) -> None:
    importing(file(GOOD, row(id="C2", account="0421", parcel="", pin="")))
    assert importing.progress == [(0, 2), (1, 2), (2, 2)]
    assert importing.hashed == [("C1", "pin")]


def test_an_identifier_may_be_the_customer_id_itself(importing: Importer) -> None:
    plan = replace(PLAN, customer_id="account")
    importing(file(GOOD), plan)
    found = importing.customers.find("account", "0420")
    assert [(row.customer_id, row.columns["account"]) for row in found] == [("0420", "0420")]


# ---- refused: the file as a whole ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (HEAD, "a heading but no customers"),
        (HEAD + b"\n,,,,,,,,,\n", "a heading but no customers"),
        (b"PK\x03\x04xlsx", "not a workbook that can be read"),
        (file(GOOD).encode("utf-16"), "UTF-16"),
        (file(GOOD).encode() + file(row(id="C2", name="Bjørn")).encode("latin-1"), "line 4 is not UTF-8"),
        (b"id,name,phone\nC1,Ada,\n", "line 1: no column account, parcel, balance, due, status, meter; the heading has id"),
        (HEADING.replace("pin", "Name").encode() + b"\n" + GOOD.encode(), "the heading names Name twice"),
        (GOOD.encode() + b"\n", "line 1: no column id, name"),
    ],
    ids=["empty", "heading", "blank lines", "workbook", "utf-16", "latin-1", "missing columns", "doubled column", "no heading"],
)
def test_a_file_that_is_no_customer_file_is_refused(importing: Importer, content: bytes, words: str) -> None:
    said = importing.refusal(content)
    assert said.startswith("customers.csv: ")
    assert words in said


def test_a_file_that_is_not_there_is_refused(importing: Importer, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"nowhere\.csv: cannot be read"):
        importing.customers.import_customers(tmp_path / "nowhere.csv", PLAN, importing._hash, lambda *_: None)


# ---- refused: lines and cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (row(id=""), "line 2, column id: must not be empty"),
        (row(id="C" * 201), "line 2, column id: must not be longer than 200 characters, has 201"),
        (row(name="Ada\x07"), "line 2, column name: holds a line break"),
        (row(name='"Ada\nMarsh"'), "line 2, column name: holds a line break"),
        (row(account="42"), "line 2, column account: must have 4 to 8 digits, has 2"),
        (row(account="123456789"), "line 2, column account: must have 4 to 8 digits, has 9"),
        (row(account="12-34"), "line 2, column account: only the digits 0 to 9"),
        (row(account="4.07E+07"), "line 2, column account: a spreadsheet has shortened"),
        (row(account="٠١٢٣"), "line 2, column account: only the digits 0 to 9"),
        (row(parcel="123456789"), "line 2, column parcel: must have 10 digits, has 9"),
        (row(pin="4938"), "line 2, column pin: must have 6 digits, has 4"),
        (row(pin="abcdef"), "line 2, column pin: only the digits 0 to 9"),
        (row(phone="12"), "line 2, column phone: this is not a telephone number that exists (region US)"),
        (row(phone="call me"), "line 2, column phone: this is not a telephone number"),
        (row(balance="1,50").replace("1,50", '"1,50"'), "line 2, column balance: must be an amount like 1234.50"),
        (row(balance="12 EUR"), "line 2, column balance: must be an amount"),
        (row(due="31.03.2026"), "line 2, column due: must be a date that exists"),
        (row(due="2026-02-30"), "line 2, column due: must be a date that exists"),
        (row(due="20260331"), "line 2, column due: must be a date that exists"),
        (row(meter="4x"), "line 2, column meter: only the digits 0 to 9"),
        (GOOD + ",more", "line 2: has 11 cells where the heading has 10"),
        ("C1,Ada", "line 2: has 2 cells where the heading has 10"),
        (row(name='"Ada'), "line 2: the quotes do not match"),
        (row(name='"Ada" Marsh'), "line 2: the quotes do not match"),
    ],
)
def test_a_bad_line_is_named_with_its_column(importing: Importer, line: str, words: str) -> None:
    said = importing.refusal(file(line))
    assert said.startswith("customers.csv: 1 fault, nothing was imported\n  ")
    assert words in said


def test_lines_are_counted_as_an_editor_counts_them(importing: Importer) -> None:
    said = importing.refusal(file(row(id="C0", account="0001", parcel="", status='"a""b"'), "", "", row(account="x")))
    assert "line 5, column account" in said


def test_every_fault_is_told_in_the_order_of_lines(importing: Importer) -> None:
    said = importing.refusal(file(row(pin="1", account="x"), "C2,Bo", row(id="C3", due="soon")))
    assert [line.strip().split(":")[0] for line in said.splitlines()] == [
        "customers.csv",
        "line 2, column account",
        "line 2, column pin",
        "line 3",
        "line 4, column due",
        "line 4, column parcel",
    ]


def test_fifty_faults_are_told_in_full_and_the_rest_counted(importing: Importer) -> None:
    said = importing.refusal(file(*(row(id=f"C{n}", account="x", parcel="") for n in range(60))))
    assert said.startswith("customers.csv: 60 faults")
    assert said.count("\n  line ") == 50
    assert said.endswith("and 10 more")


def test_a_value_that_stands_twice_names_both_lines(importing: Importer) -> None:
    said = importing.refusal(file(GOOD, row(parcel=""), row(id="C3", account="0423", parcel="")))
    assert "line 3, column id: the same value stands in line 2, column id" in said
    assert "line 3, column account: the same value stands in line 2, column account" in said
    assert "line 4" not in said


def test_no_refusal_quotes_a_cell(importing: Importer) -> None:
    canary = "86753091234"
    said = importing.refusal(file(*(row(**{column: canary}) for column in HEADING.split(",") if column != "name")))
    assert said.count("line ") > 5
    assert canary not in said


def test_neither_secrets_nor_people_can_be_read_in_the_database_files(importing: Importer, store: SqlStore, path: Path) -> None:
    importing(file(row(pin="860917", name="Canary Person", account="71940263")))
    store.checkpoint()
    kept = b"".join(part.read_bytes() for part in path.parent.iterdir())
    for canary in (b"860917", b"Canary Person", b"71940263", b"2015550123"):
        assert canary not in kept


def test_secrets_never_reach_the_staging_table(tmp_path: Path) -> None:
    written = tmp_path / "customers.csv"
    written.write_text(file(row(pin="860917")))
    sheet = open_sheet(written, PLAN)
    with sqlite3.connect(":memory:") as connection:
        staged = stage(sqlite_utils.Database(connection), sheet, PLAN, any_will_do, WeakSecrets.WARN)
        _stage_hashes(staged, ImportTools(one_by_one(lambda *_: "a hash"), lambda *_: None), None)
        dumped = "\n".join(connection.iterdump())
    assert "a hash" in dumped
    assert "0420" in dumped
    assert "860917" not in dumped
    connection.close()


def test_a_number_that_begins_otherwise_than_its_field_is_refused() -> None:
    shape = Shape.parse("digits:4:44,45")
    assert checked_digits("4512", shape) == "4512"
    with pytest.raises(Unfit, match="must begin with 44 or 45"):
        checked_digits("4612", shape)
