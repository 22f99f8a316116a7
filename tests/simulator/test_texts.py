"""Messages over the twin's REST API: checked strictly, kept, listed, and their fate told; what people write comes in signed."""

from typing import Any

import pytest

from voicebot.simulator.mishaps import RestFate

TO, FROM = "+12025550190", "+12025550100"
FORM = {"To": TO, "From": FROM, "Body": "Pay here: https://pay.example.com"}
TEMPLATE = {"To": f"whatsapp:{TO}", "From": f"whatsapp:{FROM}", "Body": "", "ContentSid": "HX" + "0" * 32}


def send(kit: Any, **change: str) -> tuple[int, list[str]]:
    async def run() -> tuple[int, list[str]]:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            answer = await product.rest("POST", "/Messages.json", FORM | change)
            return answer.status_code, [text.body for text in twin.texts]

    sent: tuple[int, list[str]] = kit.run(run())
    return sent


def test_a_message_is_kept(kit: Any) -> None:
    assert send(kit) == (201, [FORM["Body"]])
    assert send(kit, **TEMPLATE, ContentVariables='{"1": "noon"}')[0] == 201
    assert send(kit, To="messenger:1234", From="messenger:99")[0] == 201


@pytest.mark.parametrize(
    "change",
    [
        {"To": "anonymous"}, {"From": "0"}, {"Body": ""}, {"Body": "x" * 1601}, {"To": f"whatsapp:{TO}"}, {"To": "telegram:1"},
        TEMPLATE | {"ContentSid": "HX1"}, TEMPLATE | {"ContentVariables": "[1]"}, TEMPLATE | {"ContentVariables": '{"1": 2}'},
        TEMPLATE | {"ContentVariables": "{"}, {"StatusCallback": "here"},
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused(kit: Any, change: dict[str, str]) -> None:
    assert send(kit, **change) == (400, [])


def fate(kit: Any, form: dict[str, str], *states: str, mishaps: tuple[RestFate, ...] = ()) -> tuple[int, list[tuple[str, str]]]:
    """(status of the request, what its callbacks said in order)."""

    async def run() -> tuple[int, list[tuple[str, str]]]:
        product = kit.Product({"/m": ""})
        async with kit.twin(product) as twin:
            if states:
                twin.text_world.fates[form["To"]] = states
            twin.text_world.mishaps += mishaps
            answer = await product.rest("POST", "/Messages.json", form | {"StatusCallback": f"{twin.settings.public_url}/m"})
            while answer.status_code == 201 and len(product.forms("/m")) < max(1, len(states)):
                await twin._exchange.pause(1)
            assert product.forged == []
            return answer.status_code, [(one["MessageStatus"], one.get("ErrorCode", "")) for one in product.forms("/m")]

    found: tuple[int, list[tuple[str, str]]] = kit.run(run())
    return found


def test_its_fate_is_told_as_it_was_to_happen(kit: Any) -> None:
    told = ["delivered", "sent", "sent", "undelivered:30003"]
    assert fate(kit, FORM, *told) == (201, [("delivered", ""), ("sent", ""), ("sent", ""), ("undelivered", "30003")])


def test_whatsapp_takes_text_of_ones_own_only_after_the_person_has_written(kit: Any) -> None:
    assert fate(kit, TEMPLATE | {"ContentSid": "", "Body": "Hello"}) == (201, [("failed", "63016")])
    assert fate(kit, TEMPLATE, "read") == (201, [("read", "")])


def test_a_request_can_meet_with_a_busy_carrier(kit: Any) -> None:
    assert fate(kit, FORM, mishaps=(RestFate.BUSY,)) == (429, [])
    assert fate(kit, FORM, mishaps=(RestFate.FAILED,)) == (500, [])


def test_who_has_written_stop_is_sent_nothing_until_they_write_start(kit: Any) -> None:
    async def run() -> list[int]:
        product = kit.Product({"/voice/message": ""})
        async with kit.twin(product) as twin:
            statuses = []
            for word in ("stop ", "Hello", "START"):
                assert await twin.write(TO, FROM, word) == 200
                answer = await product.rest("POST", "/Messages.json", FORM)
                statuses.append(answer.status_code)
            assert product.forged == []
            forms = product.forms("/voice/message")
            assert [one.get("OptOutType", "") for one in forms] == ["STOP", "", "START"]
            assert {one["From"] for one in forms} == {TO}
            return statuses

    assert kit.run(run()) == [400, 400, 201]


def test_messages_are_found_by_whom_they_were_for(kit: Any) -> None:
    async def run() -> None:
        product = kit.Product({})
        async with kit.twin(product):
            sids = [(await product.rest("POST", "/Messages.json", FORM | {"Body": body})).json()["sid"] for body in "ab"]
            await product.rest("POST", "/Messages.json", FORM | {"To": "+12025550191"})
            listed = (await product.rest("GET", "/Messages.json", {"To": TO, "From": FROM, "PageSize": "1"})).json()
            assert ([one["sid"] for one in listed["messages"]], listed["next_page_uri"] is not None) == ([sids[1]], True)
            one = (await product.rest("GET", f"/Messages/{sids[0]}.json")).json()
            assert (one["body"], one["direction"]) == ("a", "outbound-api")
            assert (await product.rest("GET", "/Messages/SM1.json")).status_code == 404

    kit.run(run())
