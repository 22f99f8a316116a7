"""The server is killed at a named point of a card payment, and rises again: the card is charged once, and the card says so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.crash.rows import Row, opened, rows, unharmed
from tests.crash.stage import Stage
from voicebot.dialogue.notes import Noted

SCALE = 5.0  # so that a server that is away for seconds is not away for longer than a payment waits
LINE, CARD = "+12025550150", ("4242424242424242", "1229", "123")

POINTS = {
    "a payment is being begun": "before commit of clerk",
    "a payment was begun": "after commit of clerk",
    "opening a session is about to be asked for": "before pay open",
    "a session is open, and nobody knows": "after pay open",
    "a piece is about to be asked for": "before pay ask",
    "a piece has been asked for": "3 after pay ask",
    "news of a piece have come": "received payment",
    "news of a piece are being taken": "3 before commit of payment",
    "the charge is wanted": "2 after commit of clerk",
    "the charge is about to be asked for": "before pay charge",
    "the charge has been asked for, and nobody knows": "after pay charge",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from opened(tmp_path_factory.mktemp("paying"), SCALE)


@rows(POINTS)
def test_a_card_is_charged_once(stage: Stage, row: Row) -> None:
    point, one = row
    script = replace(one.calls(LINE, one.account, one.pin, agents=["accept"], talk=9999.0), pays=CARD * 2)
    ended = stage.place_call(script, point, one.ref)
    unharmed(ended, point)
    (session,) = next(leg.payments for leg in stage.twin.legs if leg.sid == ended.record.call_sid)
    assert (session.charged, session.amount) == (1, "12.50")
    assert ended.facts(Noted.PAYMENT)[-1]["state"] == "paid"
    assert ended.story.outcome == "served"
