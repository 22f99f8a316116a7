"""No card data get anywhere: not into the database, its journal files, a log, a page or a trace, whatever becomes of a payment.

A whole server at level DEBUG, with canaries for number, expiry, code and token; it is killed in the middle of some of the calls.
"""

import asyncio
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from tests.crash.rows import CUSTOMERS
from tests.crash.stage import Ended, Stage
from tests.leaks import forms, leaks
from voicebot.dialogue.card import card, path
from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.notes import Noted
from voicebot.simulator.paid import TOKEN
from voicebot.simulator.script import Connector
from voicebot.simulator.settings import Faults

LINE, SCALE = "+12025550150", 8.0
VISA, MASTERCARD, MISTYPED, AMEX = "4929140273365019", "5425233430109903", "4929140273365091", "376449047333005"
EXPIRY, CODE, LONG_CODE = "0931", "073", "0735"  # no number of anything else has a nought in front
NUMBERS = {f"card {number[-4:]}": forms(number) | forms(number[:12]) for number in (VISA, MASTERCARD, MISTYPED, AMEX)}
NUMBERS["the token"] = {"text": TOKEN.encode()}
SHORT = {name: re.compile(rb"(?<![0-9A-Za-z_.+/-])" + text.encode() + rb"(?![0-9A-Za-z_+/-])") for name, text in
         (("expiry", EXPIRY), ("code", CODE), ("long code", LONG_CODE))}  # fmt: skip
FIELDS = ("ExpirationDate", "SecurityCode", "PaymentToken", "PaymentCardNumber")
CALLS: list[tuple[str, str, tuple[str, ...], Connector, Faults | None]] = [
    ("paid", "", (VISA, EXPIRY, CODE), Connector.APPROVES, None),
    ("paid", "", (MISTYPED, AMEX, EXPIRY, LONG_CODE), Connector.APPROVES, Faults(duplicate_callbacks=True)),
    ("declined", "", (MASTERCARD, "1331", EXPIRY, CODE), Connector.DECLINES, Faults(reorder_callbacks=True)),
    ("uncertain", "", (VISA, EXPIRY, CODE), Connector.BREAKS, Faults(rest=("pay_charge:500",))),
    ("cancelled", "", (MISTYPED,) * 3, Connector.APPROVES, None),
    ("paid", "after pay charge", (VISA, EXPIRY, CODE), Connector.APPROVES, None),
    ("paid", "3 before commit of payment", (MASTERCARD, EXPIRY, CODE), Connector.APPROVES, None),
]


@dataclass
class Aftermath:
    """What the calls left behind. `while_up`, `once_down`: leaks found while the server ran, and after its end."""

    calls: list[Ended] = field(default_factory=list)
    shown: str = ""
    while_up: list[str] = field(default_factory=list)
    once_down: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    log: bytes = b""


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    stage = Stage(tmp_path_factory.mktemp("cards"), SCALE, LOG_LEVEL="DEBUG")
    stage.open()
    found = Aftermath()
    try:
        for number, (_, point, pays, connector, faults) in enumerate(CALLS):
            one = CUSTOMERS[number % len(CUSTOMERS)]
            script = one.calls(LINE, one.account, one.pin, agents=["accept"], talk=9999.0)
            script = replace(script, pays=pays, connector=connector, faults=faults)
            found.calls.append(stage.place_call(script, point, one.ref))
        found.shown = _pages(stage)
        _strangers(stage)
        found.while_up, found.files = leaked(stage.place), {one.name for one in stage.place.rglob("*") if one.is_file()}
    finally:
        stage.close()
    found.once_down = leaked(stage.place)
    found.log = (stage.place / "server.log").read_bytes()
    return found


def _pages(stage: Stage) -> str:
    """All that any page could show of these calls."""
    with stage.store.reading() as ledger:
        kept = [ledger.load_call(ledger.leg(one).call_id) for one in stage.twin.calls_so_far() if ledger.leg(one)]  # type: ignore[union-attr]
        rows = {one.call.id: [(e.at, e.what, e.facts) for e in ledger.journal(one.call.id)] for one in kept if one}
    return json.dumps([to_plain(card(one.call, path(rows[one.call.id], whole=True))) for one in kept if one])


def _strangers(stage: Stage) -> None:
    """Requests that are refused hold card data, too."""
    async def send() -> None:
        form = {"PaymentCardNumber": VISA, "ExpirationDate": EXPIRY, "SecurityCode": CODE, "PaymentToken": TOKEN, "Sid": VISA}
        async with httpx.AsyncClient(base_url=stage.address) as client:
            for where in ("/voice/payment/some-call/1-1/token", "/voice/entry/some-call/1-0/token", f"/voice/{TOKEN[:4]}"):
                assert (await client.post(where, data=form)).status_code in (403, 404)

    asyncio.run(send())


def leaked(place: Path) -> list[str]:
    """Where which canary stands. Names of parameters too: a request's form is nowhere, whatever it held."""
    files = [(str(one.relative_to(place)), one.read_bytes()) for one in sorted(place.rglob("*")) if one.is_file()]
    files = [(name, content) for name, content in files if not name.endswith("voicebot.toml")]
    short = [f"{name}: {what}" for name, content in files for what, pattern in SHORT.items() if pattern.search(content)]
    named = [f"{name}: {word}" for name, content in files for word in FIELDS if word.encode() in content]
    return leaks(files, NUMBERS) + short + named


def test_the_calls_really_carried_the_card_data(aftermath: Aftermath) -> None:
    """Otherwise the next tests would find nothing because nothing was keyed."""
    came_to = [ended.facts(Noted.PAYMENT)[-1]["state"] for ended in aftermath.calls]
    assert came_to == [state for state, *_ in CALLS]
    for ended, (_, _, pays, _, _) in zip(aftermath.calls, CALLS, strict=True):
        assert "".join(pays) in "".join(one.key for one in ended.record.caller.keys)
        assert ended.record.failures == []
        assert ended.record.frames_after_join == 0
    assert {"voicebot.db", "voicebot.db-wal", "server.log"} <= aftermath.files
    assert b'"event": "request refused"' in aftermath.log
    assert "5019" in aftermath.shown  # the last four digits are all that is shown


def test_no_card_data_are_in_any_byte_that_the_server_wrote(aftermath: Aftermath) -> None:
    assert aftermath.while_up == []
    assert aftermath.once_down == []


def test_no_page_could_show_them(aftermath: Aftermath) -> None:
    assert leaks([("pages", aftermath.shown.encode())], NUMBERS) == []
    assert [name for name, pattern in SHORT.items() if pattern.search(aftermath.shown.encode())] == []


@pytest.mark.parametrize("planted", [VISA, AMEX[:12], "exp=0931 ", '"0735"', TOKEN, "ExpirationDate"])
def test_what_is_planted_is_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "some.log").write_text(f"before {planted} after")
    assert leaked(tmp_path)
    (tmp_path / "some.log").write_text("at 2031-09-31T01:52:36.093112, ch_0931x")
    assert leaked(tmp_path) == []
