"""What every page tells the browser to keep to: nothing but our own files runs, nothing is stored, nobody frames us."""

from werkzeug.datastructures import Headers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
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


def secure(headers: Headers, *, tls: bool) -> None:
    """Add them. Something that says how long it may be kept (a style sheet) keeps saying so; all else is never kept."""
    for name, value in HEADERS.items():
        headers[name] = value
    if tls:
        headers["Strict-Transport-Security"] = A_YEAR
    headers.setdefault("Cache-Control", "no-store")
