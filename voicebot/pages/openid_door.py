"""In by the company's OpenID provider: there and back, and who on the roster came back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from voicebot.config.sign_in import EMAIL
from voicebot.pages import flow
from voicebot.pages.cookies import Cookies
from voicebot.pages.gate import TokenKeys, own_path
from voicebot.pages.identities import identity_key
from voicebot.pages.openid import Identity, NoIdentity, OpenIdClient
from voicebot.pages.people import Roster
from voicebot.ports.accounts import Accounts, How

BACK = "/sign-in/openid/back"
TROUBLE = {
    NoIdentity.UNAVAILABLE: "Your company's sign-in cannot be used just now. Try again in a moment.",
    NoIdentity.REFUSED: "Your company's sign-in did not let you in. Begin again.",
}
STALE = "This sign-in was begun in another browser, or took too long. Begin again."
LetIn = Callable[[str, How, str], Response]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OpenIdDoorPlan:
    """What the door stands on. `let_in(agent, how, target)` begins the sign-in."""

    client: OpenIdClient
    people: Roster
    accounts: Accounts
    keys: TokenKeys
    cookies: Cookies
    now: Callable[[], datetime]
    let_in: LetIn


class OpenIdDoor:
    """The views."""

    def __init__(self, plan: OpenIdDoorPlan) -> None:
        self._plan = plan

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        room.add_url_rule("/sign-in/openid", "openid", self.there)
        room.add_url_rule(BACK, "openid_back", self.back)

    def there(self) -> Response | tuple[str, int]:
        """To the provider."""
        begun = flow.begin(self._plan.keys, own_path(request.args.get("next", "/")), self._plan.now())
        address = self._plan.client.where_to(begun)
        if isinstance(address, NoIdentity):
            return _said(TROUBLE[address], 503)
        response = redirect(address)
        self._plan.cookies.openid.give(response, begun.held)
        return response

    def back(self) -> Response | tuple[str, int]:
        """From the provider, with a code. What the cookie holds is good for once."""
        held = self._plan.cookies.openid.of(request.headers.get("Cookie", ""))
        begun = flow.come_back(self._plan.keys, held, request.args.get("state", ""), self._plan.now())
        answer = _said(STALE, 400) if begun is None else self._answered(begun)
        response = answer if isinstance(answer, Response) else Response(*answer, content_type="text/html; charset=utf-8")
        self._plan.cookies.openid.take_back(response)
        return response

    def _answered(self, begun: flow.Flow) -> Response | tuple[str, int]:
        code = request.args.get("code", "")
        if not code:
            return _said(TROUBLE[NoIdentity.REFUSED], 401)
        identity = self._plan.client.identity(begun, code, request.args.get("iss", ""))
        if isinstance(identity, NoIdentity):
            return _said(TROUBLE[identity], 503 if identity is NoIdentity.UNAVAILABLE else 401)
        agent = self._agent(identity)
        if agent is None:
            log.warning("sign-in failed", why="not on the roster")
            return _said("", 403, subject=identity.subject)
        return self._plan.let_in(agent, How.OPENID, begun.target)

    def _agent(self, identity: Identity) -> str | None:
        """By a link that was set here, else by the configured claim. Somebody on the roster, or nobody."""
        plan, provider = self._plan, self._plan.client.plan
        linked = plan.accounts.linked(identity_key(plan.keys, provider.issuer, identity.subject))
        if linked is None:
            linked = provider.emails.get(identity.claim.casefold()) if provider.claim == EMAIL else identity.claim
        return linked if linked in plan.people else None


def _said(trouble: str, status: int, subject: str = "") -> tuple[str, int]:
    return render_template("pages/openid.html", trouble=trouble, subject=subject), status
