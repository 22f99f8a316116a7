"""Style sheets, modules and sounds of all rooms, under an address that changes with their content: kept by browsers for ever.

`/files/<version>/<room>/<name>`, with one version over all of them, so that modules find each other by relative addresses.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from flask import Response, abort, request

from voicebot.errors import ConfigError

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


class Files:
    """Reads the folders once, at start. `folders`: by room."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._content = {
            f"{room}/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for room, folder in folders.items()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        if strange := sorted(name for name in self._content if Path(name).suffix not in KINDS):
            raise ConfigError(f"files of a kind that pages do not have: {', '.join(strange)}")
        digest = hashlib.sha256()
        for name, content in sorted(self._content.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        self.version = digest.hexdigest()[:20]

    def address(self, name: str) -> str:
        """Where `room/name` is. Raises ConfigError for a file that is not there: a page would look broken."""
        if name not in self._content:
            raise ConfigError(f"no room has the file {name}")
        return f"/files/{self.version}/{name}"

    def view(self, version: str, name: str) -> Response:
        """One file. A page of an earlier release gets today's, and is told not to keep it."""
        content = self._content.get(name)
        if content is None:
            abort(404)
        response = Response(content, content_type=KINDS[Path(name).suffix])
        response.headers["Cache-Control"] = FOR_EVER if version == self.version else ASK_AGAIN
        response.set_etag(hashlib.sha256(content).hexdigest()[:20])
        return response.make_conditional(request)  # type: ignore[return-value]  # it returns the response itself
