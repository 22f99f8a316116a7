"""The table of threats in docs/security.md: complete, and nothing in it that is not there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
THREATS = 21
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NOT_BUILT = "Not built"


def table() -> str:
    document = (PROJECT / "docs" / "security.md").read_text("utf-8")
    return document.partition("## Threats, controls, tests\n")[2].partition("\n## ")[0]


ROWS = {int(row[1]): row for row in ROW.finditer(table())}


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a file of tests defines: functions, methods, classes."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def in_backticks(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_threat_has_a_row() -> None:
    assert list(ROWS) == list(range(1, THREATS + 1))


@pytest.mark.parametrize("number", range(1, THREATS + 1))
def test_controls_are_modules_that_there_are(number: int) -> None:
    named = [name for name in in_backticks(ROWS[number][3]) if name.endswith((".py", "/"))]
    assert named or NOT_BUILT in ROWS[number][3]
    assert [name for name in named if not (PROJECT / "voicebot" / name).exists()] == []


@pytest.mark.parametrize("number", range(1, THREATS + 1))
def test_the_tests_that_are_named_exist(number: int) -> None:
    named = in_backticks(ROWS[number][4])
    assert named or NOT_BUILT in ROWS[number][3]
    for name in named:
        file, _, test = name.partition("::")
        path = PROJECT / "tests" / file
        assert path.is_file(), name
        assert not test or test in names_in(path), name


def test_what_is_not_there_would_be_noticed() -> None:
    assert "test_every_threat_has_a_row" in names_in(Path(__file__))
    assert "test_no_such_thing" not in names_in(Path(__file__))
