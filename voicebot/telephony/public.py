"""What anybody may fetch: recordings, and whether we are well. No caller's data."""

import re
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, abort, request

from voicebot.ports.prompts import PromptShelf

_NAME = re.compile(r"[0-9A-Za-z_-]{1,128}\.(wav|mp3|ulaw)")
_VERSION = re.compile(r"[0-9A-Za-z_-]{1,32}")
_KINDS = {"wav": "audio/wav", "mp3": "audio/mpeg", "ulaw": "audio/basic"}


class PublicPages:
    """`not_ready()` names what is missing before calls can be taken; nothing means ready, with these `remarks()`."""

    def __init__(
        self, shelf: PromptShelf, not_ready: Callable[[], Sequence[str]], remarks: Callable[[], Sequence[str]] = tuple
    ) -> None:
        self._shelf = shelf
        self._not_ready = not_ready
        self._remarks = remarks

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        room.add_url_rule("/voice/audio/<version>/<name>", view_func=self.audio)
        room.add_url_rule("/voice/audio/<name>", endpoint="newest_audio", view_func=self.audio)
        room.add_url_rule("/healthz", view_func=self.healthz)
        room.add_url_rule("/readyz", view_func=self.readyz)

    def audio(self, name: str, version: str = "") -> Response:
        """A recording, under the hash of its content: it may be kept for ever."""
        named = _NAME.fullmatch(name)
        if named is None or (version and not _VERSION.fullmatch(version)):
            abort(404)
        prompts = self._shelf.version(version) if version else self._shelf.current()
        content = prompts.audio(name)
        if content is None:
            abort(404)
        response = Response(content, content_type=_KINDS[named[1]])
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.set_etag(name)
        return response.make_conditional(request)  # type: ignore[return-value]  # it returns the response itself

    def healthz(self) -> Response:
        """This process answers."""
        return _plain("ok", 200)

    def readyz(self) -> Response:
        """Whether calls can be taken; if not, what is missing. The first line says it, others are for people."""
        try:
            missing, remarks = list(self._not_ready()), list(self._remarks())
        except Exception:  # noqa: BLE001  # not knowing is not being ready
            missing, remarks = ["unknown"], []
        return _plain("\n".join([*(missing or ["ready"]), *remarks]), 503 if missing else 200)


def _plain(text: str, status: int) -> Response:
    response = Response(text + "\n", status=status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
