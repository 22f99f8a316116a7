"""Over the real switchboard and database: of forty who redeem a token at once one wins, and repeats are told the same."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.switchboard.conftest import make_house
from tests.switchboard.house import ADA, RUTH, House
from tests.switchboard.test_desk import connected
from tests.switchboard.test_step_up import LINE_WITH, begins, token
from voicebot.back_office.room import BackOffice
from voicebot.config.deployment import Deployment
from voicebot.front import back_office

__all__ = ["make_house"]
AT_ONCE = 40


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house(line=LINE_WITH, agents=(RUTH,))


def office_of(house: House) -> BackOffice:
    deployment = Deployment(Path("data"), proofs_secrets=("s" * 40,))
    office = back_office(deployment, house.store, house.keyring, house.switchboard)
    assert office is not None
    return office


def proven(house: House) -> str:
    turned = connected(house)
    house.enters(begins(house, turned), house.crm.pin)
    return token(house, turned)


def test_of_forty_at_once_one_is_told_that_it_is_valid(house: House) -> None:
    office, shown = office_of(house), proven(house)

    def asks(number: int) -> str | None:
        return office.once(f"key-{number}", lambda: office.redeem(shown, ADA.ref, "payout", "250.00 USD"))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = Counter(threads.map(asks, range(AT_ONCE)))
    assert answers == {"valid": 1, "invalid": AT_ONCE - 1}


def test_a_repeat_is_told_what_the_first_was_told_whatever_becomes_of_the_proof(house: House) -> None:
    office, shown = office_of(house), proven(house)

    def asks(_: int) -> str | None:
        return office.once("the-same-key", lambda: office.redeem(shown, ADA.ref, "payout", "250.00 USD"))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = Counter(threads.map(asks, range(AT_ONCE)))
    assert set(answers) <= {"valid", None}  # None: the first is still at it
    assert answers["valid"] >= 1
    assert asks(0) == "valid"


def test_a_request_id_is_new_once(house: House) -> None:
    seen = office_of(house).admission.seen
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert Counter(threads.map(lambda _: seen("an-id"), range(AT_ONCE))) == {False: 1, True: AT_ONCE - 1}
    assert not seen("another-id")


def test_without_a_secret_there_is_no_such_address(house: House) -> None:
    assert back_office(Deployment(Path("data")), house.store, house.keyring, house.switchboard) is None
