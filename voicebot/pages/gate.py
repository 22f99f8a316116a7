"""Who gets in where: host, sign-in, role, and for whatever changes something, origin and token. Stands before every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlsplit

import structlog
from flask import Blueprint, Response, abort, g, redirect, request
from werkzeug.exceptions import MisdirectedRequest
from werkzeug.wrappers import Response as AnyResponse

from voicebot.bodies import LONGEST_BODY, LONGEST_UPLOAD
from voicebot.pages.cookies import Cookies
from voicebot.pages.headers import Reach, secure
from voicebot.pages.roles import Access, admits
from voicebot.pages.room import Matrix
from voicebot.pages.sign_ins import Present, SignIns

SAFE = ("GET", "HEAD", "OPTIONS")
CSRF = "pages csrf"
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"

log = structlog.get_logger(__name__)


class TokenKeys(Protocol):
    """A keyring, as far as pages need it."""

    def token(self, purpose: str, *parts: str) -> str:
        """Signs."""
        ...

    def token_fits(self, token: str, purpose: str, *parts: str) -> bool:
        """Checks what was signed."""
        ...

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash, the same for ever."""
        ...


@dataclass(frozen=True)
class Site:
    """Where the pages are: the one address that browsers may reach them by. `proxies` are believed about whom they bring."""

    url: str
    proxies: Sequence[str] = ()

    @property
    def origin(self) -> str:
        """Scheme and host, as a browser says it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """As a browser says it in `Host`."""
        return urlsplit(self.url).netloc

    @property
    def tls(self) -> bool:
        """Whether it is https; without, it is this machine's own."""
        return self.url.startswith("https://")


class Gate:
    """Stands before the views of the rooms' blueprints, and sees their answers out."""

    def __init__(self, site: Site, matrix: Matrix, sign_ins: SignIns, cookies: Cookies, keys: TokenKeys) -> None:
        self._site, self._matrix, self._sign_ins, self._cookies, self._keys = site, matrix, sign_ins, cookies, keys

    def guard(self, blueprint: Blueprint) -> None:
        """Stand before all of a blueprint's views."""
        blueprint.before_request(self._admit)
        blueprint.after_request(self.see_out)

    def see_out(self, response: Response) -> Response:
        """The same for every answer, whatever it is."""
        secure(response.headers, tls=self._site.tls, reach=g.get("reach", Reach()))
        return response

    def csrf(self) -> str:
        """The token that this sign-in's forms and scripts bring along."""
        return self._keys.token(CSRF, signed_in().sign_in.id)

    def _admit(self) -> AnyResponse | None:
        if request.host != self._site.host:
            return self._elsewhere()
        endpoint = request.endpoint or ""
        access = self._matrix.access.get(endpoint)
        if access is None:
            log.error("page without a role", endpoint=endpoint)
            abort(404)
        request.max_content_length = LONGEST_UPLOAD if endpoint in self._matrix.uploads else LONGEST_BODY
        present = self._sign_ins.present(self._cookies.sign_in.of(request.headers.get("Cookie", "")))
        g.present = present
        if request.method not in SAFE:
            self._from_our_own_page()
        if not admits(access, present.person.roles if present else None):
            return _refuse(present)
        if present is not None and access is not Access.ANYBODY:
            if request.method not in SAFE:
                self._with_our_token(present)
            self._sign_ins.active(present)
        return None

    def _elsewhere(self) -> AnyResponse:
        """By another name for this machine: to the right one, so that cookies and origins are one browser's."""
        if request.method in SAFE:
            return redirect(self._site.origin + request.full_path.rstrip("?"))
        raise MisdirectedRequest

    def _from_our_own_page(self) -> None:
        if request.headers.get("Origin") != self._site.origin:
            log.warning("request refused", why="origin", endpoint=request.endpoint)
            abort(403)

    def _with_our_token(self, present: Present) -> None:
        token = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
        if not self._keys.token_fits(token, CSRF, present.sign_in.id):
            log.warning("request refused", why="csrf", endpoint=request.endpoint)
            abort(403)


def _refuse(present: Present | None) -> AnyResponse:
    """Who is not signed in is asked to; who is, may not."""
    if present is not None:
        abort(403)
    wants_page = request.method == "GET" and request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html"
    if not wants_page:
        abort(401)
    return redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'), safe='')}")


def signed_in() -> Present:
    """Whoever opened this page. Only in a page that is for those who are signed in."""
    present: Present | None = g.get("present")
    if present is None:
        raise LookupError("nobody is signed in here")
    return present


def anybody_signed_in() -> Present | None:
    """The same where perhaps nobody is."""
    present: Present | None = g.get("present")
    return present


def reaches(connects: Sequence[str], media: Sequence[str]) -> None:
    """Let the page that is being made speak to these as well, and play what comes from those."""
    g.reach = Reach(tuple(connects), tuple(media))


def own_path(target: str) -> str:
    """Where to go after signing in: a path of ours, never another site's; home for anything else."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and "\\" not in target
    return target if plain and not parts.scheme and not parts.netloc else "/"
