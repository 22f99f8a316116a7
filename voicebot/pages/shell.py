"""Puts the shell together: rooms go in, blueprints for Flask and one live stream for the server come out. Decides nothing."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from voicebot.config.sign_in import SignInPlan
from voicebot.pages.cookies import Cookies
from voicebot.pages.doors import DoorPlan, Doors
from voicebot.pages.feed import Feed
from voicebot.pages.files import Files
from voicebot.pages.gate import CSRF_FIELD, Gate, Site, TokenKeys, anybody_signed_in, signed_in
from voicebot.pages.live import PATH, Live, Rhythm
from voicebot.pages.openid import OpenIdClient
from voicebot.pages.openid_door import BACK, OpenIdDoor, OpenIdDoorPlan
from voicebot.pages.people import Roster
from voicebot.pages.roles import OPENID, OWN, Access, admits
from voicebot.pages.room import Matrix, PageRoom, check_matrix, matrix
from voicebot.pages.sign_ins import SignIns
from voicebot.pages.trouble import Troubles
from voicebot.ports.accounts import Accounts
from voicebot.ports.secrets import KeepSecrets

HERE = Path(__file__).parent
LOOKERS = 4  # threads that read and draw what pages show


@dataclass(frozen=True)
class ShellPlan:
    """What the shell stands on. `now` is real time."""

    site: Site
    company: str
    plan: SignInPlan
    people: Roster
    accounts: Accounts
    secrets: KeepSecrets
    keys: TokenKeys
    now: Callable[[], datetime]
    openid_secret: str = field(default="", repr=False)
    rhythm: Rhythm = field(default_factory=Rhythm)


class Shell:
    """Pages of all rooms behind one gate. `live` is an ASGI app for `live_path`."""

    live_path = PATH

    def __init__(self, plan: ShellPlan, rooms: Sequence[PageRoom] = ()) -> None:
        self._plan = plan
        cookies = Cookies(secure=plan.site.tls)
        self.sign_ins = SignIns(plan.accounts, plan.people, plan.plan, plan.now)
        self._threads = ThreadPoolExecutor(LOOKERS, thread_name_prefix="live")
        feed = Feed([view for room in rooms for view in room.views], self._threads)
        self.live = Live(feed, self.sign_ins, plan.site, cookies, plan.rhythm)
        doors = DoorPlan(
            site=plan.site,
            plan=plan.plan,
            company=plan.company,
            people=plan.people,
            accounts=plan.accounts,
            secrets=plan.secrets,
            keys=plan.keys,
            now=plan.now,
            look_again=self.live.look_again,
        )
        self._openid = _openid(plan)
        self._own = _own_room(self._home, OWN if self._openid is None else {**OWN, **OPENID})
        doors_open = Doors(doors, self.sign_ins, cookies)
        doors_open.register(self._own.blueprint)
        if self._openid is not None:
            door = OpenIdDoorPlan(self._openid, plan.people, plan.accounts, plan.keys, cookies, plan.now, doors_open.let_in)
            OpenIdDoor(door).register(self._own.blueprint)
        self.rooms = (self._own, *rooms)
        self._entries = [entry for room in self.rooms for entry in room.entries]
        self.matrix: Matrix = matrix(self.rooms)
        self.gate = Gate(plan.site, self.matrix, self.sign_ins, cookies, plan.keys)
        self.files = Files({room.name: room.files for room in self.rooms if room.files is not None})

    def register(self, app: Flask) -> None:
        """Bring all rooms' pages into the app. Raises ConfigError for a page without a role."""
        own = self._own.blueprint
        own.add_url_rule("/files/<version>/<path:name>", "files", self.files.view)
        own.app_context_processor(self._for_templates)
        troubles = Troubles(self.matrix.rooms, self.gate.see_out)
        for room in self.rooms:
            self.gate.guard(room.blueprint)
            troubles.guard(room.blueprint)
            app.register_blueprint(room.blueprint)
        troubles.register(app)
        check_matrix(self.matrix, frozenset(rule.endpoint for rule in app.url_map.iter_rules()))

    def close(self) -> None:
        """No more is read for anybody."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._openid is not None:
            self._openid.close()

    # ---- pages of our own --------------------------------------------------------------------------------------------

    def _home(self) -> Response | str:
        """The first page that this person may open; a word where there is none yet."""
        entries = self._entries_for(signed_in().person.roles)
        return redirect(entries[0]["url"]) if entries else render_template("pages/home.html")

    def _entries_for(self, roles: frozenset[Any]) -> list[dict[str, Any]]:
        return [
            {"text": entry.text, "url": url_for(entry.endpoint), "here": request.endpoint == entry.endpoint}
            for entry in self._entries
            if admits(self.matrix.access[entry.endpoint], roles)
        ]

    def _for_templates(self) -> dict[str, Any]:
        """What every template may use."""
        present = anybody_signed_in()
        return {
            "company": self._plan.company,
            "person": present.person if present else None,
            "entries": self._entries_for(present.person.roles) if present else [],
            "csrf": self.gate.csrf() if present else "",
            "csrf_field": CSRF_FIELD,
            "file": self.files.address,
            "idle_seconds": int(self._plan.plan.idle.total_seconds()),
            "passwords": self._plan.plan.passwords,
        }


def _own_room(home: Callable[[], Response | str], access: Mapping[str, Access]) -> PageRoom:
    blueprint = Blueprint("pages", __name__, template_folder="templates")
    blueprint.add_url_rule("/", "home", home)
    return PageRoom(blueprint, access, files=HERE / "assets")


def _openid(plan: ShellPlan) -> OpenIdClient | None:
    """A client of the company's provider, if there is one."""
    provider = plan.plan.open_id
    return OpenIdClient(provider, plan.openid_secret, f"{plan.site.origin}{BACK}", plan.now) if provider else None
