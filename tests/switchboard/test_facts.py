"""Facts of calls whose journal is in a real database, encrypted and read back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.switchboard.house import RUTH, House
from tests.switchboard.test_desk import connected
from voicebot.dialogue.forms import QueuePlan
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import Facts, Known, Outcome
from voicebot.switchboard.answers import DONE


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house(agents=(RUTH,), queues={"billing": QueuePlan("billing")})


def facts(house: House, call_id: str) -> Facts | None:
    with house.store.reading() as ledger:
        return facts_of(Known(call_id), ledger.journal(call_id))


def test_a_call_that_an_agent_held_ended_and_filed(house: House) -> None:
    turned = connected(house)
    desk, call_id = house.switchboard.desk, turned.call_id
    house.clock.pass_seconds(30)
    assert desk.hold("ruth", call_id) == DONE
    house.clock.pass_seconds(20)
    assert desk.resume("ruth", call_id) == DONE
    assert facts(house, call_id) is None
    house.clock.pass_seconds(10)
    assert desk.end("ruth", call_id) == DONE
    house.clock.pass_seconds(15)
    assert desk.wrap_up("ruth", call_id, "refund") == DONE
    found = facts(house, call_id)
    assert found is not None
    (spell,), (stay,) = found.spells, found.stays
    assert (spell.talk, spell.hold, spell.wrap_up) == (timedelta(seconds=40), timedelta(seconds=20), timedelta(seconds=15))
    assert (spell.agent, stay.outcome, stay.queue, found.code) == ("Ruth", Outcome.ANSWERED, "billing", "refund")
