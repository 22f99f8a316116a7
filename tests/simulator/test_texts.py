"""Short messages over the twin's REST API: kept as they were to be sent, or refused."""

from typing import Any

import pytest

FORM = {"To": "+12025550190", "From": "+12025550100", "Body": "Pay here: https://pay.example.com"}


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


@pytest.mark.parametrize("change", [{"To": "anonymous"}, {"From": "0"}, {"Body": ""}, {"Body": "x" * 1601}])
def test_what_cannot_be_sent_is_refused(kit: Any, change: dict[str, str]) -> None:
    assert send(kit, **change) == (400, [])
