"""A model is brought whole or not at all; what breaks off goes on; every failure says what to do."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.cli import cli
from voicebot.commands.model_fetch import FetchRefused, Offer, bring, offer
from voicebot.speech.models import NEEDED

NAME = "vosk-model-small-xx-0.1"


def archive(without: str = "", stray: str = "") -> bytes:
    """A model's zip, with something in it that takes a while."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for needed in set(NEEDED) - {without}:
            file.writestr(f"{NAME}/{needed}", bytes(40_000))
        if stray:
            file.writestr(stray, b"stray")
    return made.getvalue()


@dataclass
class Site:
    """A server on loopback. `breaks_after`: bytes of one answer before it hangs up; `ranges`: whether it can go on."""

    content: bytes
    md5: str = ""
    breaks_after: int | None = None
    ranges: bool = True
    asked: list[str | None] = field(default_factory=list)
    address: str = ""

    def offer(self) -> Offer:
        return offer(self.address, NAME)


@pytest.fixture
def site() -> Iterator[Site]:
    state = Site(archive())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/model-list.json":
                md5 = state.md5 or hashlib.md5(state.content, usedforsecurity=False).hexdigest()
                entry = {"name": NAME, "url": f"{state.address}/model.zip", "size": len(state.content), "md5": md5}
                self.answer(200, json.dumps([entry]).encode())
            elif self.path == "/model.zip":
                self.model()
            else:
                self.answer(404, b"")

        def model(self) -> None:
            wanted = self.headers["Range"]
            state.asked.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            content, cut = state.content[start:], state.breaks_after
            state.breaks_after = None
            self.answer(206 if start else 200, content, cut)

        def answer(self, status: int, content: bytes, cut: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:cut])

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def left_over(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_model_is_brought_and_nothing_else_is_left(site: Site, tmp_path: Path) -> None:
    place = bring(site.offer(), tmp_path)
    assert all((place / needed).is_file() for needed in NEEDED)
    assert left_over(tmp_path) == [NAME]


def test_what_broke_off_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    site.breaks_after = 70_000
    with pytest.raises(FetchRefused, match=r"broke off after 0\.1 of 0\.2 MB; the same command goes on"):
        bring(site.offer(), tmp_path)
    assert left_over(tmp_path) == [f".{NAME}.zip.part"]
    bring(site.offer(), tmp_path)
    assert site.asked == [None, "bytes=70000-"]
    assert left_over(tmp_path) == [NAME]


def test_a_server_that_cannot_go_on_is_heard_from_the_beginning(site: Site, tmp_path: Path) -> None:
    site.breaks_after, site.ranges = 70_000, False
    with pytest.raises(FetchRefused):
        bring(site.offer(), tmp_path)
    bring(site.offer(), tmp_path)
    assert left_over(tmp_path) == [NAME]


def test_a_wrong_checksum_leaves_nothing(site: Site, tmp_path: Path) -> None:
    site.md5 = "0" * 32
    with pytest.raises(FetchRefused, match=r"is not .* as Vosk lists it .* thrown away"):
        bring(site.offer(), tmp_path)
    assert left_over(tmp_path) == []


def test_a_model_that_takes_no_grammar_leaves_nothing(site: Site, tmp_path: Path) -> None:
    site.content = archive(without="graph/HCLr.fst")
    with pytest.raises(FetchRefused, match=r"lacks graph/HCLr\.fst"):
        bring(site.offer(), tmp_path)
    assert left_over(tmp_path) == []


def test_an_archive_cannot_write_beside_its_place(site: Site, tmp_path: Path) -> None:
    site.content = archive(stray="../../stray")
    bring(site.offer(), tmp_path / "models")
    assert left_over(tmp_path) == ["models"]
    assert left_over(tmp_path / "models") == [NAME]


def test_what_is_no_archive_is_said_so(site: Site, tmp_path: Path) -> None:
    site.content = b"no archive"
    with pytest.raises(FetchRefused, match="is no zip archive"):
        bring(site.offer(), tmp_path)
    assert left_over(tmp_path) == []


def test_a_missing_file_is_named(site: Site, tmp_path: Path) -> None:
    with pytest.raises(FetchRefused, match=r"/gone\.zip answers 404"):
        bring(Offer(NAME, f"{site.address}/gone.zip", 10, ""), tmp_path)


def test_a_missing_list_is_named(site: Site) -> None:
    with pytest.raises(FetchRefused, match=r"answers 404: there is no list"):
        offer(f"{site.address}/elsewhere", NAME)


def test_a_model_that_is_not_listed_is_named(site: Site) -> None:
    with pytest.raises(FetchRefused, match="vosk-model-other is not on the list"):
        offer(site.address, "vosk-model-other")


def test_offline_it_is_said_how_to_bring_it_by_hand(site: Site, tmp_path: Path) -> None:
    del site
    with pytest.raises(FetchRefused, match=rf"cannot be reached.*fetch {NAME}\.zip elsewhere and unpack it into"):
        offer("http://127.0.0.1:9", NAME)
    with pytest.raises(FetchRefused, match="cannot be reached"):
        bring(Offer(NAME, "http://127.0.0.1:9/model.zip", 10, ""), tmp_path)


def test_a_language_that_vosk_has_no_model_of_is_said_so() -> None:
    done = CliRunner().invoke(cli, ["model", "fetch", "da"])
    assert done.exit_code == 2
    assert "no model for 'da'" in done.output
