"""Payments over the twin's REST API: what it refuses, that a key counts once, and that it notices card data where none may be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.simulator.test_tapes import calling
from voicebot.simulator.paid import PaySession

URL = "https://voicebot.test/pay"
WISH = {
    "IdempotencyKey": "k1", "StatusCallback": URL, "ChargeAmount": "12.50", "Currency": "EUR", "PostalCode": "false",
    "ValidCardTypes": "visa amex",
}  # fmt: skip
NUMBER = "4242424242424242"


@asynccontextmanager
async def opened(kit: Any, *entries: str, **more: str) -> AsyncIterator[tuple[Any, Any, PaySession]]:
    """A leg with a session. The caller keys these."""
    async with calling(kit) as (product, twin, leg):
        made = await product.rest("POST", f"/Calls/{leg}/Payments.json", WISH | more)
        assert made.status_code == 201, made.text
        (on,) = (one for one in twin.legs if one.sid == leg)
        on.robot._pays.extend(entries)
        yield product, twin, on.payments[0]


async def change(product: Any, session: PaySession, key: str, **what: str) -> int:
    path = f"/Calls/{session.leg.sid}/Payments/{session.sid}.json"
    status: int = (await product.rest("POST", path, {"IdempotencyKey": key, "StatusCallback": URL} | what)).status_code
    return status


async def told(product: Any, name: str, value: str) -> dict[str, str]:
    """The first callback that says this."""
    while True:
        for form in product.forms("/pay"):
            if form.get(name) == value:
                return dict(form)
        await product.rest("GET", "/Calls.json")


def test_a_card_is_keyed_charged_once_and_told_of_with_its_number_masked(kit: Any) -> None:
    async def run() -> None:
        async with opened(kit, NUMBER, "1229", "123") as (product, twin, session):
            for number, piece in enumerate(session.pieces):
                assert await change(product, session, f"c{number}", Capture=piece) == 202
                while piece not in session.entered:
                    await product.rest("GET", "/Calls.json")
            assert [await change(product, session, "done", Status="complete") for _ in range(2)] == [202, 202]
            form = await told(product, "Result", "success")
            assert (form["PaymentCardNumber"], form["PaymentCardType"], form["Required"]) == ("x" * 12 + "4242", "visa", "")
            assert (session.charged, session.open, twin.failures) == (1, False, [])
            assert await change(product, session, "again", Status="complete") == 400

    kit.run(run())


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        (["4242424242424241"], "invalid-card-number"),
        (["5555555555554444"], "invalid-card-type"),
        (["-"], "timeout"),
        ([NUMBER, "1329"], "invalid-date"),
        ([NUMBER, "1229", "1234"], "invalid-security-code"),
        (["378282246310005", "1229", "123"], "invalid-security-code"),
    ],
)
def test_what_is_wrong_is_told_by_its_word(kit: Any, entries: list[str], word: str) -> None:
    async def run() -> None:
        async with opened(kit, *entries) as (product, _, session):
            for number, piece in enumerate(session.pieces[: len(entries)]):
                await change(product, session, f"c{number}", Capture=piece)
                while session.keying is not None and not session.keying.done():
                    await product.rest("GET", "/Calls.json")
            assert (await told(product, "ErrorType", word))["Capture"] == session.pieces[len(entries) - 1]

    kit.run(run())


def test_the_same_key_opens_one_session_and_a_second_one_beside_it_is_a_failure(kit: Any) -> None:
    async def run() -> None:
        async with opened(kit) as (product, twin, session):
            path = f"/Calls/{session.leg.sid}/Payments.json"
            assert (await product.rest("POST", path, WISH)).json()["sid"] == session.sid
            assert len(session.leg.payments) == 1
            await product.rest("POST", path, WISH | {"IdempotencyKey": "k2"})
            assert [one.what for one in twin.failures] == ["a second payment is begun on a leg"]

    kit.run(run())


def test_an_incomplete_card_and_a_cancelled_session_charge_nothing(kit: Any) -> None:
    async def run() -> None:
        async with opened(kit) as (product, _, session):
            await change(product, session, "done", Status="complete")
            await told(product, "Result", "validation-error")
            assert session.charged == 0
        async with opened(kit) as (product, _, session):
            await change(product, session, "no", Status="cancel")
            assert (session.charged, session.open) == (0, False)

    kit.run(run())


def test_card_data_on_a_recording_are_a_failure(kit: Any) -> None:
    async def run() -> None:
        async with opened(kit, NUMBER) as (product, _, session):
            await product.rest("POST", f"/Calls/{session.leg.sid}/Recordings.json", {})
            await change(product, session, "c", Capture="payment-card-number")
            await told(product, "Capture", "payment-card-number")
            assert session.leg.record.failures[0].what == "card data are on a recording"

    kit.run(run())


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"IdempotencyKey": ""}, 400), ({"StatusCallback": "pay"}, 400), ({"ChargeAmount": "1000000"}, 400),
        ({"ChargeAmount": "12,50"}, 400), ({"ValidCardTypes": "dankort"}, 400), ({"PostalCode": "true"}, 400),
        ({"PaymentMethod": "ach-debit"}, 400), ({"Input": "speech"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(kit: Any, more: dict[str, str], status: int) -> None:
    async def run() -> int:
        async with calling(kit) as (product, _, leg):
            code: int = (await product.rest("POST", f"/Calls/{leg}/Payments.json", WISH | more)).status_code
            return code

    assert kit.run(run()) == status


@pytest.mark.parametrize(
    "what", [{}, {"Capture": "postal-code"}, {"Status": "refund"}, {"Capture": "security-code", "Status": "cancel"}]
)
def test_a_change_that_is_none_is_refused(kit: Any, what: dict[str, str]) -> None:
    async def run() -> int:
        async with opened(kit) as (product, _, session):
            return await change(product, session, "c", **what)

    assert kit.run(run()) == 400
