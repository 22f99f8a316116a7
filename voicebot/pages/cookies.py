"""Our cookies: their names, and how they are set. On plain http, which is for this machine only, without what needs TLS."""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from werkzeug.wrappers import Response


class Cookie:
    """One cookie, for the whole site and no other, unreadable to scripts. `lasts`: seconds; None: as long as the browser runs."""

    def __init__(self, name: str, *, secure: bool, lasts: int | None = None) -> None:
        self.name = f"__Host-{name}" if secure else f"{name}-here"
        self._kind: dict[str, Any] = {"secure": secure, "httponly": True, "samesite": "Lax", "path": "/"}
        self._lasts = lasts

    def give(self, response: Response, value: str) -> None:
        """Set it."""
        response.set_cookie(self.name, value, max_age=self._lasts, **self._kind)

    def take_back(self, response: Response) -> None:
        """Remove it."""
        response.delete_cookie(self.name, **self._kind)

    def of(self, header: str) -> str:
        """Its value in a `Cookie` header; empty where it is not there, or the header is none."""
        try:
            found = SimpleCookie(header).get(self.name)
        except CookieError:
            return ""
        return found.value if found else ""


YEAR = 365 * 24 * 3600
A_MOMENT = 600


class Cookies:
    """All of them. Lax, not strict: whoever comes back from the provider, or follows a link here, is still signed in."""

    def __init__(self, *, secure: bool) -> None:
        self.sign_in = Cookie("voicebot", secure=secure)
        self.browser = Cookie("voicebot-browser", secure=secure, lasts=YEAR)
        self.openid = Cookie("voicebot-openid", secure=secure, lasts=A_MOMENT)
