"""The shell on a real database, with a clock moved by hand, and a browser that does what people do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from voicebot.config.sign_in import SignInPlan
from voicebot.floor.values import Agent, Role
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.pages.gate import Site, signed_in
from voicebot.pages.live import Rhythm
from voicebot.pages.passwords import FIELD, account_of, normal
from voicebot.pages.people import roster
from voicebot.pages.roles import Access
from voicebot.pages.room import Entry, LiveView, PageRoom
from voicebot.pages.shell import Shell, ShellPlan
from voicebot.records.accounts import SqlAccounts
from voicebot.records.store import SqlStore, open_store

URL = "https://desk.example.com"
PASSWORD = "tulip harbour fourteen"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PAYLOAD = "<img src=x onerror=alert(1)>"
AGENTS = (
    Agent("mira", "Mira Holt", "+12025550171", ("billing",)),
    Agent("jonas", "Jonas Bell", "+12025550172", ("billing",), roles=(Role.AGENT, Role.SUPERVISOR)),
    Agent("vera", "Vera Lind", "+12025550173", (), roles=(Role.SUPERVISOR,)),
    Agent("ada", PAYLOAD, "+12025550174", (), roles=(Role.ADMIN,)),
)


@dataclass
class HandClock:
    """Real time, as far as the pages know."""

    at: datetime = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Where it was put."""
        return self.at

    def pass_time(self, **parts: float) -> None:
        """Move on."""
        self.at += timedelta(**parts)


@dataclass
class Stage:
    """A shell that is up. Everybody's password is `PASSWORD` once `everybody_has_one` was called."""

    shell: Shell
    app: Flask
    store: SqlStore
    accounts: SqlAccounts
    keeper: SecretKeeper
    clock: HandClock

    def set_password(self, agent: str, password: str = PASSWORD) -> None:
        """As the command does."""
        hashed = self.keeper.stored(account_of(agent), FIELD, normal(password))
        self.accounts.set_password(agent, hashed, "test", self.clock.now())

    def browser(self, url: str = URL, **environ: str) -> "Browser":
        """A fresh one."""
        return Browser(self, self.app.test_client(), url, dict(environ))

    def close(self) -> None:
        """Let go."""
        self.shell.close()
        self.store.close()


@dataclass
class Browser:
    """Sends what a browser sends; `csrf` is read from the last page that had one."""

    stage: Stage
    client: FlaskClient
    url: str
    environ: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        answer = self.client.get(
            path, base_url=self.url, headers={"Accept": "text/html", **headers}, environ_overrides=self.environ
        )
        if 'name="csrf" content="' in answer.text:
            self.csrf = answer.text.partition('name="csrf" content="')[2].partition('"')[0]
        return answer

    def post(self, path: str, *, origin: str | None = URL, csrf: str | None = None, **fields: str) -> TestResponse:
        """Send a form."""
        headers = {"Accept": "text/html", **({"Origin": origin} if origin is not None else {})}
        token = self.csrf if csrf is None else csrf
        form = {**fields, **({"csrf": token} if token else {})}
        return self.client.post(path, base_url=self.url, data=form, headers=headers, environ_overrides=self.environ)

    def sign_in(self, agent: str = "mira", password: str = PASSWORD, **fields: str) -> TestResponse:
        """Name and password, and then the first page."""
        answer = self.post("/sign-in", name=agent, password=password, **fields)
        if answer.status_code == 302:
            self.get("/password")
        return answer

    def cookies(self) -> dict[str, str]:
        """Name -> value."""
        return {cookie.key: cookie.value for cookie in self.client._cookies.values()}


def example_room(views: Sequence[LiveView] = ()) -> PageRoom:
    """A room with a page for each role."""
    blueprint = Blueprint("example", __name__)
    for name in ("agent", "supervisor", "admin"):
        blueprint.add_url_rule(f"/{name}", name, lambda: f"for {signed_in().person.name}", methods=["GET", "POST"])
    blueprint.add_url_rule("/boom", "boom", _boom)
    access = {"agent": Access.AGENT, "supervisor": Access.SUPERVISOR, "admin": Access.ADMIN, "boom": Access.AGENT}
    entries = (Entry("Desk", "example.agent"), Entry("Wallboard", "example.supervisor"))
    return PageRoom(blueprint, access, entries, tuple(views))


def _boom() -> Any:
    raise RuntimeError("canary-0420")


def open_stage(
    directory: Path, rooms: Sequence[PageRoom] | None = None, *, url: str = URL, plan: SignInPlan | None = None,
    proxies: tuple[str, ...] = (), rhythm: Rhythm | None = None, openid_secret: str = "", real_time: bool = False,
) -> Stage:
    """A stage on its own database."""
    keyring = Keyring.open(directory / "keys")
    store = open_store(f"sqlite:///{directory / 'voicebot.db'}", keyring)
    accounts, keeper = SqlAccounts(store), SecretKeeper(keyring, CHEAP)
    clock = HandClock(datetime.now(UTC)) if real_time else HandClock()
    shell = Shell(
        ShellPlan(
            site=Site(url, proxies), company="Larkfield Energy", plan=plan or SignInPlan(), people=roster(AGENTS),
            accounts=accounts, secrets=keeper, keys=keyring, now=clock.now, openid_secret=openid_secret,
            rhythm=rhythm or Rhythm(),
        ),
        [example_room()] if rooms is None else rooms,
    )
    app = Flask("stage", static_folder=None)
    shell.register(app)
    return Stage(shell, app, store, accounts, keeper, clock)
