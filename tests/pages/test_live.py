"""Live pages over a real server: shown at once, kept alive, ended with the sign-in, and handed on when the process goes."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from tests.pages.stage import AGENTS, URL, Stage, example_room
from tests.serving_stage import Served, served
from voicebot.pages.live import MOST_OF_ONE, Rhythm
from voicebot.pages.roles import Access
from voicebot.pages.room import LiveView
from voicebot.serving import asgi_house
from voicebot.switchboard.views import Viewer

OURS = {"Host": "desk.example.com", "Sec-Fetch-Site": "same-origin"}


class Floor:
    """Something to show."""

    def __init__(self) -> None:
        self.now = 1

    def look(self, _key: str) -> int:
        """It."""
        return self.now

    @staticmethod
    def board(looked: int, _key: str, viewer: Viewer) -> Any:
        """With who looks."""
        return {"floor": looked, "for": viewer.agent}


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def stage(make_stage: Callable[..., Stage], floor: Floor) -> Stage:
    view = LiveView("board", Access.SUPERVISOR, ("floor",), floor.board, floor.look)
    made = make_stage([example_room([view])], rhythm=Rhythm(beat=0.2, looks=0.2))
    for agent in AGENTS:
        made.set_password(agent.id)
    return made


@pytest.fixture
def server(stage: Stage) -> Iterator[Served]:
    with served(asgi_house(stage.app, {}, streams={stage.shell.live_path: stage.shell.live})) as running:
        yield running


class Page:
    """An open answer."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self, but: tuple[str, ...] = ("alive",)) -> tuple[str, Any]:
        """The next event."""
        event = ""
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "data" and event not in but:
                return event, json.loads(value)
        return "closed", None


def cookie(stage: Stage, agent: str = "vera") -> dict[str, str]:
    browser = stage.browser()
    browser.sign_in(agent)
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies().items())}


@contextmanager
def page(server: Served, headers: dict[str, str], show: str = "board") -> Iterator[Page]:
    address = f"http://127.0.0.1:{server.port}/live?show={show}"
    with httpx.stream("GET", address, headers={**OURS, **headers}, timeout=10) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        yield Page(answer.iter_lines())


def status(server: Served, headers: dict[str, str], show: str = "board", method: str = "GET") -> int:
    with httpx.stream(method, f"http://127.0.0.1:{server.port}/live?show={show}", headers=headers, timeout=10) as answer:
        return answer.status_code


def test_a_page_is_shown_everything_at_once_then_told_so_and_then_what_changes(
    stage: Stage, server: Served, floor: Floor
) -> None:
    with page(server, cookie(stage)) as looking:
        assert looking.next() == ("shown", {"of": "board", "now": {"floor": 1, "for": "vera"}})
        assert looking.next() == ("whole", {})
        floor.now = 2
        stage.shell.live.changed(frozenset({"floor"}))
        assert looking.next() == ("shown", {"of": "board", "now": {"floor": 2, "for": "vera"}})


def test_whoever_comes_back_is_shown_everything_anew(stage: Stage, server: Served, floor: Floor) -> None:
    headers = cookie(stage)
    with page(server, headers) as looking:
        looking.next()
    floor.now = 7
    with page(server, {**headers, "Last-Event-ID": "abc.1"}) as looking:
        assert looking.next()[1]["now"]["floor"] == 7
        assert looking.next()[0] == "whole"


def test_a_change_that_nobody_told_us_of_is_shown_all_the_same(stage: Stage, server: Served, floor: Floor) -> None:
    with page(server, cookie(stage)) as looking:
        looking.next()
        looking.next()
        floor.now = 3
        assert looking.next()[1]["now"]["floor"] == 3


def test_a_page_on_which_nothing_happens_is_told_that_the_line_lives(stage: Stage, server: Served) -> None:
    with page(server, cookie(stage)) as looking:
        looking.next()
        looking.next()
        assert looking.next(but=()) == ("alive", 1)


# ---- who is let in -------------------------------------------------------------------------------------------------


def test_nobody_looks_without_signing_in(server: Served) -> None:
    assert status(server, OURS) == 401
    assert status(server, {**OURS, "Cookie": "__Host-voicebot=guess"}) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {**OURS, "Sec-Fetch-Site": "cross-site"},
        {**OURS, "Sec-Fetch-Site": "same-site"},
        {**OURS, "Origin": "https://evil.example"},
        {**OURS, "Host": "127.0.0.1"},
        {"Host": "desk.example.com"},
    ],
)
def test_a_page_of_another_site_is_shown_nothing(stage: Stage, server: Served, headers: dict[str, str]) -> None:
    assert status(server, {**headers, **cookie(stage)}) == 403


def test_a_browser_that_says_its_origin_only_is_let_in(stage: Stage, server: Served) -> None:
    headers = {"Host": "desk.example.com", "Origin": URL, **cookie(stage)}
    assert status(server, headers) == 200


def test_only_looking_is_possible_and_only_at_what_there_is(stage: Stage, server: Served) -> None:
    headers = {**OURS, **cookie(stage)}
    assert status(server, headers, method="POST") == 405
    assert status(server, headers, show="nothing") == 404


def test_what_is_for_another_role_is_not_shown(stage: Stage, server: Served) -> None:
    with page(server, cookie(stage, "mira")) as looking:
        assert looking.next() == ("whole", {})


def test_one_sign_in_has_only_so_many_pages(stage: Stage, server: Served) -> None:
    headers = cookie(stage)
    with ExitStack() as opened:
        pages = [opened.enter_context(page(server, headers)) for _ in range(MOST_OF_ONE)]
        assert {one.next()[0] for one in pages} == {"shown"}
        assert status(server, {**OURS, **headers}) == 429
        assert status(server, {**OURS, **cookie(stage, "jonas")}) == 200


# ---- the end -------------------------------------------------------------------------------------------------------


def ended(looking: Page) -> tuple[str, Any]:
    while (event := looking.next(but=("alive", "shown", "whole")))[0] != "closed":
        assert event[0] in ("ended", "away")
        assert looking.next() == ("closed", None)
        return event
    return event


def test_a_page_ends_with_its_sign_in_and_others_go_on(stage: Stage, server: Served, floor: Floor) -> None:
    leaving, staying = stage.browser(), cookie(stage, "jonas")
    leaving.sign_in("vera")
    mine = {"Cookie": f"__Host-voicebot={leaving.cookies()['__Host-voicebot']}"}
    with page(server, mine) as looking, page(server, staying) as other:
        looking.next()
        other.next()
        other.next()
        leaving.post("/sign-out")
        assert ended(looking) == ("ended", {"why": "signed_out"})
        floor.now = 2
        stage.shell.live.changed(frozenset({"floor"}))
        assert other.next()[1]["now"]["floor"] == 2


def test_a_page_that_is_only_open_does_not_keep_anybody_signed_in(stage: Stage, server: Served) -> None:
    with page(server, cookie(stage)) as looking:
        looking.next()
        stage.clock.pass_time(minutes=15)
        assert ended(looking) == ("ended", {"why": "signed_out"})


def test_when_the_process_goes_every_page_is_sent_to_the_next_one(stage: Stage, server: Served) -> None:
    with page(server, cookie(stage)) as looking:
        looking.next()
        stage.shell.live.drain()
        assert ended(looking) == ("away", {})
    assert status(server, {**OURS, **cookie(stage)}) == 503
    assert stage.shell.live.pages == 0
