"""Callbacks are promised within limits, and a number once: whatever a caller does, we are not sent to call the world."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.switchboard.house import LINE, OMAR, RUTH, WITHHELD, House, open_house
from voicebot.dialogue.actions import Ask, BookCallback, Wait
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.outbound import BookingResult, CallbackRules
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Secret
from voicebot.floor.values import AgentState
from voicebot.ports.store import Leg, LegRole
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.switchboard.booking import book

NUMBER = "+12025550123"
CALLING = Ani(AniStanding.USABLE, "+12025550177")
USUAL = CallbackRules()
PROMISED, MERGED, LIMITED = BookingResult.PROMISED, BookingResult.MERGED, BookingResult.LIMITED


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path, agents=(RUTH, OMAR))
    yield opened
    opened.switchboard.close()
    opened.store.close()


class Callers:
    """Calls, each of which wants to be called back."""

    def __init__(self, house: House) -> None:
        self.house, self.made = house, 0

    def books(
        self, number: str = NUMBER, ani: Ani = CALLING, *, verified: bool = False, queue: str = "billing",
        rules: CallbackRules = USUAL,
    ) -> BookingResult:
        self.made += 1
        assurance = Assurance.VERIFIED if verified else Assurance.NONE
        call = Call(f"call-{self.made}", replace(LINE, callbacks=rules), ani=ani, assurance=assurance)
        with self.house.store.transaction() as ledger:
            ledger.open_call(call, Leg(f"CA{self.made}", call.id, LegRole.CALLER), "", self.house.clock.now())
            wanted = BookCallback(queue, number)
            return book(ledger, self.house.keyring, call, wanted, self.house.clock.now()).result

    def open(self) -> int:
        return len(SqlCallbackWishes(self.house.store).open_wishes(limit=5000))


@pytest.fixture
def callers(house: House) -> Callers:
    return Callers(house)


def numbers(count: int) -> list[str]:
    return [f"+1202555{number:04d}" for number in range(count)]


def test_a_number_is_to_be_called_once_by_a_queue_whoever_asks(callers: Callers) -> None:
    assert [callers.books(), callers.books(ani=WITHHELD), callers.books(queue="delivery")] == [PROMISED, MERGED, PROMISED]
    assert callers.open() == 2


def test_the_earlier_place_is_kept(callers: Callers, house: House) -> None:
    began = house.clock.now()
    callers.books()
    house.clock.pass_seconds(600)
    callers.books()
    [wish] = SqlCallbackWishes(house.store).open_wishes()
    assert (wish.since, wish.call_id) == (began, "call-1")


def test_a_number_is_called_so_often_a_day(callers: Callers, house: House) -> None:
    wishes, results = SqlCallbackWishes(house.store), []
    for _ in range(3):
        results.append(callers.books(verified=True))
        wishes.done(f"call-{callers.made}", "ruth", house.clock.now())
    assert results == [PROMISED, PROMISED, LIMITED]
    house.clock.pass_seconds(86_400)
    assert callers.books(verified=True) is PROMISED


def test_who_is_not_verified_may_book_a_few_and_who_is_more(callers: Callers) -> None:
    assert [callers.books(number) for number in numbers(3)] == [PROMISED, PROMISED, LIMITED]
    assert callers.books("+12025550199", verified=True) is PROMISED


def test_all_withheld_numbers_together_have_one_agents_share(callers: Callers) -> None:
    results = [callers.books(number, WITHHELD) for number in numbers(8)]
    assert results == [PROMISED] * 6 + [LIMITED] * 2


def test_a_thousand_wishes_of_one_attacker_lead_to_a_few_calls(callers: Callers) -> None:
    for count, number in enumerate(numbers(1000)):
        callers.books(number, WITHHELD if count % 2 else Ani(AniStanding.USABLE, f"+1312555{count:04d}"))
    assert callers.open() == CallbackRules().an_hour_an_agent * 2  # two agents work in the queue


def test_the_staff_at_work_is_the_limit(callers: Callers, house: House) -> None:
    house.switchboard.desk.set_state("omar", AgentState.OFFLINE)
    results = [callers.books(number, verified=True) for number in numbers(7)]
    assert results == [PROMISED] * 6 + [LIMITED]


def test_a_queue_has_a_share_of_its_own(callers: Callers) -> None:
    rules = CallbackRules(an_hour_an_agent=1)
    first = [callers.books(number, verified=True, rules=rules) for number in numbers(3)]
    assert first == [PROMISED, PROMISED, LIMITED]
    assert callers.books(verified=True, queue="delivery", rules=rules) is PROMISED


def test_a_call_ends_with_the_promise_or_stays_in_line(tmp_path: Path) -> None:
    queue, rules = QueuePlan("billing", offer_callback=True), CallbackRules(choose_time=False, phrase=False)
    line = replace(LINE, identifiers=(), secrets=(), queue=queue, callbacks=rules)
    house = open_house(tmp_path, line=line, agents=())
    kept = [_asks_back(house, f"CA{number}", digits) for number, digits in enumerate(("2025550101", "2025550102", "2025550103"))]
    assert kept == [Stage.ENDED, Stage.ENDED, Stage.WAIT]
    assert len(SqlCallbackWishes(house.store).open_wishes()) == 2
    house.switchboard.close()
    house.store.close()


def _asks_back(house: House, leg: str, digits: str) -> Stage:
    """A caller in line: 1 for a callback, 2 for another number, the number, 1 for yes."""
    turned = house.switchboard.arrive(leg, LINE.dnis, CALLING)
    for keys in ("1", "2", digits, "1"):
        turn = next(verb for verb in turned.verbs if isinstance(verb, Ask | Wait)).turn
        house.clock.pass_seconds(5)
        event = EntryKeyed(house.clock.now(), turn, Secret(keys))
        turned = house.switchboard.handle(turned.call_id, event, key=f"{leg}:{turn}")
    with house.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    return kept.call.stage
