"""A store on SQLite and on PostgreSQL for every contract test, and the values that the tests keep in it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import FieldPlan, Grammar, LinePlan, QueuePlan
from voicebot.dialogue.values import Shape
from voicebot.keyring import Keyring
from voicebot.ports.store import Leg, LegRole
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/voicebot.db"
    found: str = request.getfixturevalue("empty_postgres")
    return found


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def store(url: str, keyring: Keyring) -> Iterator[SqlStore]:
    opened = open_store(url, keyring)
    yield opened
    opened.close()


@pytest.fixture
def line() -> LinePlan:
    grammar = Grammar("en", digits=(("oh", "0"), ("one", "1")), commands=(("yes", ("yes", "that is right")),))
    account, pin = FieldPlan("account_number", Shape.parse("digits:8")), FieldPlan("pin", Shape.parse("digits:4-6"), secret=True)
    return LinePlan("billing", "+15550100", "en", "US", QueuePlan("billing"), grammar, identifiers=(account,), secrets=(pin,))


@pytest.fixture
def begun(store: SqlStore, line: LinePlan) -> Callable[[str], Call]:
    """Opens a call of this id, with its caller's leg."""

    def begin(call_id: str) -> Call:
        call = Call(call_id, line)
        with store.transaction() as ledger:
            ledger.open_call(call, Leg(f"CA-{call_id}", call_id, LegRole.CALLER), "prompts-1", NOON)
        return call

    return begin
