"""In and out: signing in by password or by a link for one use, signing out, a new password. Says the same to every failure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from voicebot.config.sign_in import SignInPlan
from voicebot.pages.cookies import Cookies
from voicebot.pages.gate import Site, TokenKeys, anybody_signed_in, own_path, signed_in
from voicebot.pages.passwords import FIELD, account_of, normal, objection
from voicebot.pages.people import Person, Roster
from voicebot.pages.sign_ins import SignIns, token_id
from voicebot.pages.tries import Tries, browser_address
from voicebot.ports.accounts import Accounts, How
from voicebot.ports.secrets import KeepSecrets

KNOWN_BROWSER = "pages browser"
NOT_IN = (
    "That did not open the door. Check name and password and try again. "
    "After several tries in a row it stays shut for up to 15 minutes."
)
WRONG_PRESENT = "The present password is another one. After several tries in a row you have to wait up to 15 minutes."
BUSY = "The server is busy just now. Try again in a moment."
HERE = ("127.0.0.1", "::1")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DoorPlan:
    """What the doors stand on. `look_again` is told when somebody's sign-ins have ended."""

    site: Site
    plan: SignInPlan
    company: str
    people: Roster
    accounts: Accounts
    secrets: KeepSecrets
    keys: TokenKeys
    now: Callable[[], datetime]
    look_again: Callable[[], None]


class Doors:
    """The views."""

    def __init__(self, doors: DoorPlan, sign_ins: SignIns, cookies: Cookies) -> None:
        self._doors, self._sign_ins, self._cookies = doors, sign_ins, cookies
        self._tries = Tries(doors.accounts, doors.keys, doors.now)

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        room.add_url_rule("/sign-in", "sign_in", self.sign_in)
        room.add_url_rule("/sign-in", "enter", self.enter, methods=["POST"])
        room.add_url_rule("/sign-out", "sign_out", self.sign_out, methods=["POST"])
        room.add_url_rule("/sign-in/link/<token>", "link", self.link)
        room.add_url_rule("/sign-in/link/<token>", "take_link", self.take_link, methods=["POST"])
        room.add_url_rule("/password", "password", self.password)
        room.add_url_rule("/password", "new_password", self.new_password, methods=["POST"])
        room.add_url_rule("/activity", "activity", self.activity, methods=["POST"])
        room.add_url_rule("/present", "present", self.present)

    # ---- by password -------------------------------------------------------------------------------------------------

    def sign_in(self) -> Response | str:
        """The form; whoever is in already goes on."""
        target = own_path(request.args.get("next", "/"))
        return redirect(target) if anybody_signed_in() else self._form(target)

    def enter(self) -> Response | tuple[str, int]:
        """Name and password. The same work, the same count and the same words for a name that nobody has."""
        target = own_path(request.form.get("next", "/"))
        if not self._doors.plan.passwords:
            abort(404)
        name = request.form.get("name", "").strip().casefold()[:64]
        verdict = self._checked(name, request.form.get("password", ""))
        if verdict is None:
            return self._form(target, BUSY, name), 503
        if not verdict:
            log.info("sign-in failed")
            return self._form(target, NOT_IN, name), 401
        return self.let_in(name, How.PASSWORD, target)

    def let_in(self, agent: str, how: How, target: str) -> Response:
        """Begin a sign-in, in place of an earlier one of this browser."""
        if (earlier := anybody_signed_in()) is not None:
            self._sign_ins.end(earlier)
        response = redirect(target)
        self._cookies.sign_in.give(response, self._sign_ins.begin(agent, how))
        if how is How.PASSWORD:
            nonce = token_urlsafe(12)
            self._cookies.browser.give(response, f"{nonce}~{self._doors.keys.token(KNOWN_BROWSER, agent, nonce)}")
        log.info("signed in", agent=agent, how=how.value)
        return response

    def _checked(self, name: str, typed: str) -> bool | None:
        """Whether it is this name's password; None where it could not be checked in time."""
        doors = self._doors
        tried = self._tries.reserve(name, self._known_browser(name), self._address())
        if tried is None:
            return False
        known = name if name in doors.people else ""
        stored = doors.accounts.password(known)
        password = normal(typed[:1024])
        matches = doors.secrets.matches(stored, account_of(known), FIELD, password)
        if matches is False:
            doors.accounts.try_failed(known, doors.now())
        if matches:
            self._tries.was_right(tried)
            if stored and doors.secrets.is_outdated(stored):
                doors.accounts.keep_hash(known, doors.secrets.stored(account_of(known), FIELD, password), stored)
        return matches

    def _known_browser(self, name: str) -> str:
        """What tells this browser apart, if this very person has signed in with it before."""
        nonce, _, token = self._cookies.browser.of(request.headers.get("Cookie", "")).partition("~")
        return nonce if nonce and self._doors.keys.token_fits(token, KNOWN_BROWSER, name, nonce) else ""

    def _address(self) -> str:
        peer = request.remote_addr or ""
        return browser_address(peer, request.headers.get("X-Forwarded-For", ""), self._doors.site.proxies)

    def _form(self, target: str, trouble: str = "", name: str = "") -> str:
        return render_template("pages/sign_in.html", target=target, trouble=trouble, name=name, plan=self._doors.plan)

    # ---- by a link for one use, on this machine ----------------------------------------------------------------------

    def link(self, token: str) -> str:
        """Whose it is, and a button: a link that is only looked at by a program is not used up."""
        return render_template("pages/link.html", link_person=self._person_of(token), token=token)

    def take_link(self, token: str) -> Response:
        """Use it."""
        self._person_of(token)
        agent = self._doors.accounts.take_link(token_id(token), self._doors.now())
        if agent is None:
            abort(404)
        return self.let_in(agent, How.LINK, "/")

    def _person_of(self, token: str) -> Person:
        """Only under an address of this machine, for somebody who sits at it."""
        here = urlsplit(self._doors.site.url).hostname in HERE and request.remote_addr in HERE
        agent = self._doors.accounts.link(token_id(token), self._doors.now()) if here else None
        if agent is None or agent not in self._doors.people:
            abort(404)
        return self._doors.people[agent]

    # ---- out ---------------------------------------------------------------------------------------------------------

    def sign_out(self) -> Response:
        """This browser only."""
        self._sign_ins.end(signed_in())
        self._doors.look_again()
        response = redirect("/sign-in")
        self._cookies.sign_in.take_back(response)
        return response

    # ---- a new password ----------------------------------------------------------------------------------------------

    def password(self) -> str:
        """The form."""
        return self._password_form("")

    def new_password(self) -> Response | tuple[str, int]:
        """The present one once more, the new one twice. All other browsers are signed out."""
        doors, person = self._doors, signed_in().person
        if not doors.plan.passwords:
            abort(404)
        typed, again = request.form.get("new", ""), request.form.get("again", "")
        trouble = objection(normal(typed), [person.id, person.name, doors.company])
        if trouble is None and typed != again:
            trouble = "The two are not the same."
        if trouble is None:
            match self._checked(person.id, request.form.get("present", "")):
                case None:
                    trouble = BUSY
                case False:
                    trouble = (
                        "The present password is another one. After several tries in a row you have to wait up to 15 minutes."
                    )
        if trouble is not None:
            return self._password_form(trouble), 400
        hashed = doors.secrets.stored(account_of(person.id), FIELD, normal(typed))
        doors.accounts.set_password(person.id, hashed, f"{person.id} (pages)", doors.now())
        doors.look_again()
        return self.let_in(person.id, How.PASSWORD, "/")

    def _password_form(self, trouble: str) -> str:
        if not self._doors.plan.passwords:
            abort(404)
        return render_template("pages/password.html", trouble=trouble)

    # ---- for scripts -------------------------------------------------------------------------------------------------

    def activity(self) -> tuple[str, int]:
        """Somebody used the mouse or a key: the gate has noted it."""
        return "", 204

    def present(self) -> tuple[str, int]:
        """Whether this browser is signed in; being asked is no sign of life."""
        return "", 204 if anybody_signed_in() else 401
