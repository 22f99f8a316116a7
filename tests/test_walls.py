"""The walls between the rooms: who may use which package. The layers themselves are import-linter's (pyproject.toml)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "voicebot"
MODULES = sorted(PACKAGE.rglob("*.py"))

# package -> the only parts of voicebot that may import it
ALLOWED = {
    "twilio": {"telephony"},
    "vosk": {"speech"},
    "sqlalchemy": {"records"},
    "alembic": {"records"},
    "sqlite_utils": {"records"},
    "psycopg": {"records"},
    "flask": {
        "telephony", "pages", "desk", "back_office", "callbacks", "messages", "reports", "telemetry",
        "app", "telephone", "watched",
    },
    "dotenv": {"config"},
    "soundfile": {"config"},
    "soxr": {"config"},
    "holidays": {"config"},
    "babel": {"config", "pages", "desk", "callbacks", "messages", "reports"},
    "argon2": {"identity"},
    "zxcvbn": {"pages"},
    "werkzeug": {"telephony", "pages", "desk", "back_office", "callbacks", "messages", "reports"},
    "xlsxwriter": {"reports"},
    "fpdf": {"reports"},
    "smtplib": {"mail"},
    "prometheus_client": {"telemetry"},
    "opentelemetry": {"telemetry"},
    "click": {"cli", "commands"},
}
PURE = {"dialogue": {"phonenumbers"}, "floor": set[str](), "facts": set[str]()}
BENEATH = {"facts": ("voicebot.dialogue.notes", "voicebot.dialogue.values")}  # the words of the journal
# What a wall of the pure rooms keeps out although it is standard library: anything that looks at the world.
WORLDLY = {
    "asyncio", "http", "io", "logging", "os", "random", "secrets", "socket", "sqlite3", "subprocess", "threading", "time",
    "urllib",
}  # fmt: skip
TWIN_MAY_USE = {"voicebot.simulator", "voicebot.errors", "voicebot.dialogue.values"}


def part_of(module: Path) -> str:
    """`voicebot/records/due.py` -> `records`, `voicebot/cli.py` -> `cli`."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(source: str) -> Iterator[str]:
    """Every absolute module name that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node.func) and node.args and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def _is_import_call(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def trespasses(part: str, source: str) -> list[str]:
    """What this part of voicebot imports although it may not."""
    found = []
    for name in imports_of(source):
        root = name.partition(".")[0]
        if root in ALLOWED and part not in ALLOWED[root]:
            found.append(name)
        if part in PURE:
            allowed = ("voicebot.errors", f"voicebot.{part}", *BENEATH.get(part, ()))
            foreign = root not in sys.stdlib_module_names and root not in PURE[part] and root != "voicebot"
            ours = root == "voicebot" and name != "voicebot" and not name.startswith(allowed)
            if foreign or ours or root in WORLDLY:
                found.append(name)
        if part == "simulator" and root == "voicebot" and not _twin_may_use(name):
            found.append(name)
    return found


def _twin_may_use(name: str) -> bool:
    """Allowed modules, what is in them, and the packages they lie in."""
    return any(f"{name}.".startswith(f"{may}.") or f"{may}.".startswith(f"{name}.") for may in TWIN_MAY_USE)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_imports_only_what_its_room_may_use(module: Path) -> None:
    assert trespasses(part_of(module), module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("dialogue", "import flask"),
        ("dialogue", "from voicebot.ports import crm"),
        ("dialogue", "import time"),
        ("floor", "from voicebot.dialogue.values import Secret"),
        ("floor", "import phonenumbers"),
        ("facts", "from voicebot.dialogue.engine import step"),
        ("facts", "from voicebot.ports.store import JournalEntry"),
        ("speech", "def later():\n    import twilio.rest"),
        ("records", "import importlib\nimportlib.import_module('vosk')"),
        ("simulator", "from voicebot.telephony import twiml"),
        ("simulator", "from twilio.request_validator import RequestValidator"),
        ("simulator", "from voicebot.dialogue.engine import step"),
        ("identity", "from sqlalchemy import text"),
    ],
)
def test_the_guard_sees_a_trespass(part: str, source: str) -> None:
    assert trespasses(part, source) != []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("dialogue", "import phonenumbers\nfrom voicebot.errors import ImpossibleEvent"),
        ("floor", "import dataclasses\nfrom voicebot.floor.values import Floor"),
        ("telephony", "from twilio.rest import Client\nimport flask"),
        ("simulator", "from voicebot.dialogue.values import Secret\nfrom voicebot.errors import AudioRefused\nimport lxml.etree"),
    ],
)
def test_the_guard_lets_through_what_is_allowed(part: str, source: str) -> None:
    assert trespasses(part, source) == []


# ---- nobody's own machine stands in a file ------------------------------------------------------------------------------

PLACES_OF_ONE_MACHINE = re.compile(r"(?<![\w.\-/])/(?:home/\w+|root|Users/\w+|tmp/\w+)/[\w.-]+")
TEXT_FILES = {".py", ".toml", ".md", ".txt", ".csv", ".json", ".yml", ".yaml", ".cfg", ".ini", ".sh", ".example", ""}


def project_files() -> list[Path]:
    """Every text file that belongs to the project."""
    ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(ask, cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git here to say which files belong to the project")
    paths = [PROJECT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file() and path.suffix in TEXT_FILES and path != Path(__file__).resolve()]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    offenders = {
        f"{path.relative_to(PROJECT)}: {found[0]}"
        for path in project_files()
        if (found := PLACES_OF_ONE_MACHINE.search(path.read_text("utf-8", errors="ignore")))
    }
    assert offenders == set()


@pytest.mark.parametrize("text", ["/root/x", "see /home/ada/voicebot", '"/Users/ada/x"', "/tmp/ada/x.md"])
def test_the_guard_sees_a_place_on_somebodys_machine(text: str) -> None:
    assert PLACES_OF_ONE_MACHINE.search(text)


@pytest.mark.parametrize("text", ["../shared", "/voice/incoming", "https://example.com/root/x", "docs/root/x"])
def test_the_guard_lets_other_paths_be(text: str) -> None:
    assert not PLACES_OF_ONE_MACHINE.search(text)
