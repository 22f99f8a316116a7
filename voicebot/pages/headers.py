"""What every page tells the browser to keep to: nothing but our own files runs, nothing is stored, nobody frames us."""

from dataclasses import dataclass

from werkzeug.datastructures import Headers

CONNECT, MEDIA = "connect-src 'self'", "media-src 'self' blob:"
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; {CONNECT}; font-src 'self'; "
    f"{MEDIA}; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# What a page may use of the machine it runs on: sound in and out, nothing else.
REFUSED = (
    "camera", "display-capture", "geolocation", "midi", "payment", "screen-wake-lock", "serial", "usb",
)  # fmt: skip
PERMISSIONS = ", ".join(("microphone=(self)", "autoplay=(self)", *(f"{name}=()" for name in REFUSED)))
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would send no origin along with a form
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
A_YEAR = "max-age=31536000"


@dataclass(frozen=True)
class Reach:
    """What one page may speak to beside us, and what it may play: sources, as a Content Security Policy writes them."""

    connects: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


def secure(headers: Headers, *, tls: bool, reach: Reach = Reach()) -> None:
    """Add them. Something that says how long it may be kept (a style sheet) keeps saying so; all else is never kept."""
    for name, value in HEADERS.items():
        headers[name] = value
    wider = POLICY.replace(CONNECT, " ".join((CONNECT, *reach.connects))).replace(MEDIA, " ".join((MEDIA, *reach.media)))
    headers["Content-Security-Policy"] = wider
    if tls:
        headers["Strict-Transport-Security"] = A_YEAR
    headers.setdefault("Cache-Control", "no-store")
