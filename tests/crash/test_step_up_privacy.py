"""No PIN and no validation token get anywhere over whole calls with a fresh proof: no database, journal file, log, page or trace.

A whole server at level DEBUG; it is killed in the middle of some of the calls. Codes of apps and their seeds: tests/control.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.crash.rows import CUSTOMERS
from tests.crash.stage import Ended, Stage
from tests.leaks import forms, leaks
from voicebot.dialogue.card import card, path
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.notes import Noted
from voicebot.switchboard.proofs import token_of

LINE, SCALE = "+12025550180", 8.0
MISTYPED = "819264"
CALLS: list[tuple[str, str, tuple[str, ...]]] = [
    ("redeemed", "", ("right",)),
    ("redeemed", "", (MISTYPED, "right")),
    ("failed", "", (MISTYPED,) * 3),
    ("redeemed", "2 after check_secret", ("right",)),
    ("redeemed", "4 before commit of clerk", ("right",)),
]
PINS = {f"PIN {number}": forms(pin) for number, pin in
        enumerate((MISTYPED, *(one.pin.removeprefix("keys:") for one in CUSTOMERS)))}  # fmt: skip


@dataclass
class Aftermath:
    """What the calls left behind. `found`: leaks while the server ran, and after its end."""

    calls: list[Ended] = field(default_factory=list)
    shown: str = ""
    secrets: dict[str, dict[str, bytes]] = field(default_factory=lambda: dict(PINS))
    found: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    stage = Stage(tmp_path_factory.mktemp("proofs"), SCALE, LOG_LEVEL="DEBUG")
    stage.open()
    left = Aftermath()
    try:
        for one, (_, point, keyed) in zip(CUSTOMERS, CALLS, strict=True):
            turns = [one.pin if keys == "right" else f"keys:{keys}" for keys in keyed]
            script = one.calls(LINE, one.account, one.pin, *turns, agents=["accept"], talk=9999.0)
            left.calls.append(stage.place_call(replace(script), point, one.ref))
        _look(stage, left)
        left.files = {one.name for one in stage.place.rglob("*") if one.is_file()}
        left.found = leaks(stage.place, left.secrets)
    finally:
        stage.close()
    left.found += leaks(stage.place, left.secrets)
    return left


def _look(stage: Stage, left: Aftermath) -> None:
    """The tokens that there were, and all that any page could show of these calls."""
    pages = []
    with stage.store.reading() as ledger:
        for sid in stage.twin.calls_so_far():
            leg = ledger.leg(sid)
            kept = ledger.load_call(leg.call_id) if leg is not None else None
            assert kept is not None
            rows = [(e.at, e.what, e.facts) for e in ledger.journal(kept.call.id)]
            pages.append(to_plain(card(kept.call, path(rows, whole=True))))
            signature = token_of(kept.call, stage.keyring).rpartition(".")[2]
            left.secrets[f"a token of {sid}"] = {"whole": signature.encode(), "half": signature[: len(signature) // 2].encode()}
    left.shown = json.dumps(pages)


def test_the_calls_really_carried_them(aftermath: Aftermath) -> None:
    """Otherwise the next tests would find nothing because nothing was keyed."""
    came_to = [ended.facts(Noted.STEP_UP)[-1]["progress"] for ended in aftermath.calls]
    assert came_to == [state for state, *_ in CALLS]
    for ended, one, (_, point, keyed) in zip(aftermath.calls, CUSTOMERS, CALLS, strict=True):
        pin = one.pin.removeprefix("keys:")
        assert "".join(pin if keys == "right" else keys for keys in keyed) in "".join(k.key for k in ended.record.caller.keys)
        assert (ended.record.failures, ended.struck) == ([], point)
    assert {"voicebot.db", "voicebot.db-wal", "server.log"} <= aftermath.files
    assert len(aftermath.secrets) == len(PINS) + len(CALLS)


def test_none_is_in_any_byte_that_the_server_wrote(aftermath: Aftermath) -> None:
    assert aftermath.found == []


def test_no_page_could_show_them(aftermath: Aftermath) -> None:
    assert "payout" in aftermath.shown
    assert leaks([("pages", aftermath.shown.encode())], aftermath.secrets) == []


def test_what_is_planted_is_found(aftermath: Aftermath, tmp_path: Path) -> None:
    token = aftermath.secrets[next(reversed(aftermath.secrets))]["whole"].decode()
    for planted in (MISTYPED, "8, 1, 9, 2, 6, 4", token):
        (tmp_path / "some.log").write_text(f"before {planted} after")
        assert leaks(tmp_path, aftermath.secrets)
