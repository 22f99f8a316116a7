"""JSON customers come in as a list, as a wrapped list, or one a line; digits must be texts, and every fault has its path."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.records.customer_plan import GOOD, KEPT, PLAN, Importer
from voicebot.records.store import SqlStore

SECOND = {"id": "C2", "account": "0421"}


@pytest.fixture
def importing(store: SqlStore) -> Importer:
    return Importer(store)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.json"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([GOOD]),
        json.dumps([GOOD], indent=2),
        "\ufeff" + json.dumps([GOOD]),
        json.dumps({"customers": [GOOD]}, indent=1),
        json.dumps({"made": {"at": [1, {"x": 2}]}, "customers": [GOOD], "more": [1]}),
        json.dumps(GOOD) + "\n",
        "\n" + json.dumps(GOOD) + "\r\n\r\n",
        json.dumps([{key.upper(): value for key, value in GOOD.items()}]),
        json.dumps([dict(reversed(GOOD.items()))]),
    ],
    ids=["list", "indented", "bom", "wrapped", "wrapped among others", "line", "blank lines", "upper case", "other order"],
)
def test_each_form_of_file_comes_in(importing: Importer, file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    assert importing(file).added == 1
    found = importing.customers.get("C1")
    assert found is not None
    assert (found.columns, found.secrets) == (KEPT, {"pin": "hash of C1 32"})


def test_many_lines_of_objects_come_in(importing: Importer, file: Path) -> None:
    file.write_text("\n".join(json.dumps({**GOOD, "id": f"C{n}", "account": f"{n:04d}", "parcel": ""}) for n in range(1500)))
    assert importing(file).added == 1500
    assert importing.progress[-1] == (1500, 1500)


def test_a_key_may_be_missing_here_and_null_there(importing: Importer, file: Path) -> None:
    file.write_text(json.dumps([GOOD, SECOND, {**SECOND, "id": "C3", "account": None}]))
    importing(file)
    assert {row.customer_id: row.columns for row in importing.customers.everybody()} == {
        "C1": KEPT,
        "C2": {"account": "0421"},
        "C3": {},
    }


def test_an_amount_may_be_a_number_and_stays_as_written(importing: Importer, file: Path) -> None:
    file.write_text(json.dumps([GOOD]).replace('"12.50"', "12.50"))
    importing(file)
    assert [row.columns["balance"] for row in importing.customers.everybody()] == ["12.50"]


def test_unused_keys_are_named(importing: Importer, file: Path) -> None:
    file.write_text(json.dumps([GOOD, {**SECOND, "colour": "red"}]))
    assert importing(file).warnings == ("column colour is not used",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account": 420}, "[1].account: is a JSON number: put it in quotes"),
        ({"pin": 493817}, "[1].pin: is a JSON number: put it in quotes"),
        ({"phone": 2015550123}, "[1].phone: is a JSON number: put it in quotes"),
        ({"meter": 4.2}, "[1].meter: is a JSON number"),
        ({"id": 7}, "[1].id: is a JSON number"),
        ({"due": 20260331}, "[1].due: is a JSON number"),
        ({"balance": float("nan")}, "[1].balance: must be an amount"),
        ({"status": True}, "[1].status: must be a text in quotes"),
        ({"name": ["Ada"]}, "[1].name: must be a text in quotes"),
        ({"name": {"first": "Ada"}}, "[1].name: must be a text in quotes"),
        ({"account": "42"}, "[1].account: must have 4 to 8 digits, has 2"),
        ({"account": "0420"}, "[1].account: the same value stands in [0].account"),
        ({"id": ""}, "[1].id: must not be empty"),
    ],
)
def test_a_bad_value_is_named_by_index_and_key(importing: Importer, file: Path, change: dict[str, Any], words: str) -> None:
    file.write_text(json.dumps([GOOD, {**GOOD, **SECOND, "parcel": "", **change}]))
    said = importing.refusal(file)
    assert said == f"customers.json: 1 fault, nothing was imported\n  {words}" or words in said
    file.write_text(json.dumps({"customers": json.loads(file.read_text())}))
    assert f"customers{words}".split(" stands in ")[0] in importing.refusal(file)


def test_a_bad_line_is_named_by_line_and_key(importing: Importer, file: Path) -> None:
    file.write_text(json.dumps(GOOD) + "\n\n" + json.dumps({**SECOND, "pin": 1}))
    assert "line 3, key pin: is a JSON number" in importing.refusal(file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "a heading but no customers"),
        ("[", "line 1, character 2: this is not JSON"),
        ("{", "line 1, character 2: this is not JSON"),
        ("{}", "[1]: "),
        ("[[1]]", "[0]: is not an object"),
        ('["C1"]', "[0]: is not an object"),
        ('[{"id": "C1"}', "line 1, character 14: this is not JSON"),
        ('[{"id": "C1"} {"id": "C2"}]', "line 1, character 15: this is not JSON"),
        ('[{"id": "C1"},]', "line 1, character 15: this is not JSON"),
        ('[{"id": "C1"}]]', "line 1, character 15: this is not JSON"),
        ('[{"id": "C1"}]\n[]', "line 2, character 1: this is not JSON"),
        ("{'id': 'C1'}", "line 1, character 2: this is not JSON"),
        ('{"customers": {"C1": {}}}', "this is not JSON"),
        ('{"customers": [{"id": "C1"}]', "this is not JSON"),
        ('{"customers": [{"id": "C1"}]} x', "this is not JSON"),
        ('{"id": "C1"}\n{"id": "C2"', "line 2 is not JSON: one whole object a line"),
        ('[{"id": "C1", "nummer": "1"}]', "no column name, phone, account, parcel, balance, due, status, meter"),
        ("[" * 100_000, "lists within lists"),
    ],
)
def test_what_is_no_customer_file_is_refused(importing: Importer, file: Path, text: str, words: str) -> None:
    file.write_text(text)
    said = importing.refusal(file)
    assert said.startswith("customers.json: ")
    if text != "{}":
        assert words in said


@pytest.mark.parametrize("pair", ['"pin": "493817"', '"PIN": "271604"'])
def test_a_key_that_stands_twice_is_refused(importing: Importer, file: Path, pair: str) -> None:
    file.write_text(json.dumps([GOOD])[:-2] + f", {pair}}}]")
    said = importing.refusal(file)
    assert "[0]: has pin twice" in said
    assert "493817" not in said


def test_no_refusal_quotes_a_value(importing: Importer, file: Path) -> None:
    canary = "86753091234"
    file.write_text(json.dumps([dict.fromkeys(GOOD, canary), dict.fromkeys(GOOD, int(canary))]))
    said = importing.refusal(file)
    assert said.count("\n") > 8
    assert canary not in said


def test_a_file_without_the_secret_leaves_secrets_alone(importing: Importer, file: Path) -> None:
    file.write_text(json.dumps([GOOD]))
    importing(file)
    file.write_text(json.dumps([{key: value for key, value in {**GOOD, "balance": "1.00"}.items() if key != "pin"}]))
    assert importing(file).warnings == ("there is no column pin: who has one keeps it",)
    assert [(row.columns["balance"], row.secrets) for row in importing.customers.everybody()] == [
        ("1.00", {"pin": "hash of C1 32"})
    ]
    assert importing.hashed == ["C1"]
    file.write_text(json.dumps([{**GOOD, "pin": ""}]))
    importing(file)
    assert [row.secrets for row in importing.customers.everybody()] == [{}]


def test_replacing_works_from_every_kind_of_file(importing: Importer, file: Path) -> None:
    file.write_text(json.dumps([GOOD, SECOND]))
    importing(file)
    file.write_text(json.dumps([{**GOOD, **SECOND}]))
    assert importing(file, replace(PLAN, replace=True)).removed == 1
