"""Errands: run outside any lock, at most so many at once, taken once, never found open and run by nobody."""

import threading
from collections.abc import Callable

import pytest

from tests.switchboard.house import ADA, LINE, WITHHELD, House, question
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.values import Assurance, Ending, Secret
from voicebot.switchboard import Turned
from voicebot.switchboard.errand_desk import AT_ONCE


def arrive(house: House, leg: str = "CA1") -> Turned:
    return house.switchboard.arrive(leg, LINE.dnis, WITHHELD)


def noted(house: House, call_id: str) -> list[str]:
    return [what for what, _ in house.journal(call_id)]


def test_an_open_errand_is_known_to_be_run_before_its_commit(house: House) -> None:
    """A request that comes in right after the commit must not take the errand for lost."""
    arrived = arrive(house)
    seen: list[bool] = []
    transaction = house.store.transaction

    class Watched:
        def __init__(self) -> None:
            self.inner = transaction()

        def __enter__(self) -> object:
            return self.inner.__enter__()

        def __exit__(self, *about: object) -> None:
            self.inner.__exit__(*about)  # type: ignore[arg-type]
            with house.store.reading() as ledger:
                kept = ledger.load_call(arrived.call_id)
            if kept is not None and kept.call.open_errand is not None:
                seen.append(house.switchboard._work.errands.out(arrived.call_id) is not None)

    house.store.transaction = Watched  # type: ignore[method-assign, assignment]
    asked = house.enters(arrived, ADA.identifier)
    assert seen
    assert all(seen)
    assert question(asked).field == "pin"


def test_a_repeat_that_comes_while_the_first_one_waits_gets_the_same_answer_and_one_look_is_made(house: House) -> None:
    arrived = arrive(house)
    house.crm.gate.clear()
    entry = EntryKeyed(house.clock.pass_seconds(5), question(arrived).turn, Secret(ADA.identifier))
    answers: list[Turned] = []

    def post() -> None:
        answers.append(house.switchboard.handle(arrived.call_id, entry, key="k"))

    posts = [threading.Thread(target=post) for _ in range(8)]
    for one in posts:
        one.start()
    house.crm.gate.set()
    for one in posts:
        one.join(10)
    assert len(answers) == 8
    assert {(turned.seq, turned.pending) for turned in answers} == {(2, False)}
    assert house.crm.looks == 1


def test_repeats_do_not_use_up_the_callers_patience(make_house: Callable[..., House]) -> None:
    house = make_house(request_waits=0.01)
    arrived = arrive(house)
    house.crm.gate.clear()
    entry = EntryKeyed(house.clock.pass_seconds(5), question(arrived).turn, Secret(ADA.identifier))
    for _ in range(5):
        assert house.switchboard.handle(arrived.call_id, entry, key="k").pending
    assert house.switchboard.document(arrived.call_id).pending
    assert not house.switchboard.document(arrived.call_id).pending


def test_forty_callers_at_once_on_a_hanging_back_end_all_hear_a_filler_and_only_so_many_are_asked(
    make_house: Callable[..., House],
) -> None:
    house = make_house(request_waits=0.05)
    calls = [arrive(house, f"CA{number}") for number in range(40)]
    house.crm.gate.clear()
    fillers: dict[str, Turned] = {}

    def enter(turned: Turned) -> None:
        entry = EntryKeyed(house.clock.now(), question(turned).turn, Secret(ADA.identifier))
        fillers[turned.call_id] = house.switchboard.handle(turned.call_id, entry, key=turned.call_id)

    threads = [threading.Thread(target=enter, args=(turned,)) for turned in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [turned.pending for turned in fillers.values()] == [True] * 40
    assert house.crm.looks == AT_ONCE
    house.crm.gate.set()
    house.switchboard.close()  # those that had begun come to their end
    served = [call for call in calls if "identify_result" in noted(house, call.call_id)]
    assert len(served) >= AT_ONCE


def test_a_request_repeated_after_its_claim_ran_out_gets_the_answer_and_not_the_old_question(
    make_house: Callable[..., House],
) -> None:
    house = make_house(request_waits=0.01)
    arrived = arrive(house)
    house.crm.gate.clear()
    entry = EntryKeyed(house.clock.pass_seconds(5), question(arrived).turn, Secret(ADA.identifier))
    assert house.switchboard.handle(arrived.call_id, entry, key="k").pending
    house.clock.pass_seconds(9)
    assert house.switchboard.handle(arrived.call_id, entry, key="k").pending
    pending = house.switchboard._work.errands.out(arrived.call_id)
    assert pending is not None
    house.crm.gate.set()
    assert pending.done.wait(10)
    assert question(house.switchboard.document(arrived.call_id)).field == "pin"
    assert question(house.switchboard.handle(arrived.call_id, entry, key="k")).field == "pin"
    assert house.crm.looks == 1


def test_a_check_that_was_given_up_in_the_queue_is_not_made_and_its_attempt_goes_back(make_house: Callable[..., House]) -> None:
    before = make_house()
    asked_pin = before.enters(arrive(before), ADA.identifier)
    house = make_house(request_waits=0.01)
    house.clock.at = before.clock.at
    others = [arrive(house, f"CB{number}") for number in range(AT_ONCE)]
    house.crm.gate.clear()
    for other in others:
        house.enters(other, ADA.identifier)  # every runner is taken
    filler = house.enters(asked_pin, "493817")
    second, lost = house.switchboard.document(filler.call_id), house.switchboard.document(filler.call_id)
    assert (filler.pending, second.pending, lost.pending) == (True, True, False)
    house.crm.gate.set()
    done = threading.Event()
    house.switchboard._work.errands._pool.submit(done.set)  # behind all that were in the queue
    assert done.wait(10)
    house.switchboard.close()
    assert house.crm.checks == 0
    with house.store.reading() as ledger:
        standing = ledger.standing(house.keyring.blind("account", ADA.ref))
    assert (standing.recent, standing.unknown) == ((), ())
    assert question(lost).say[0].prompt_id == "pin.back_end_down"


def test_a_restart_in_the_middle_of_a_check_asks_again_and_the_call_ends_verified(make_house: Callable[..., House]) -> None:
    before = make_house()
    asked_pin = before.enters(arrive(before), ADA.identifier)
    died = make_house(request_waits=0.01)
    died.clock.at = before.clock.at
    died.crm.gate.clear()
    assert died.enters(asked_pin, "493817").pending
    reborn = make_house()
    reborn.clock.at = died.clock.at
    again = reborn.switchboard.document(asked_pin.call_id)
    assert question(again).field == "pin"
    reborn.enters(again, "493817")
    assert "queued" in noted(reborn, asked_pin.call_id)
    with reborn.store.reading() as ledger:
        kept = ledger.load_call(asked_pin.call_id)
    assert kept is not None
    assert kept.call.assurance == "verified"


def test_an_errand_for_which_a_closing_house_has_no_room_is_lost_and_asked_again(house: House) -> None:
    arrived = arrive(house)
    house.switchboard.close()
    turned = house.enters(arrived, ADA.identifier)
    assert turned.pending
    assert question(house.switchboard.document(arrived.call_id)).say[0].prompt_id == "account_number.back_end_down"


@pytest.mark.parametrize("keyed", [[], [ADA.identifier]], ids=["a look-up", "a check"])
def test_a_caller_who_hangs_up_while_an_errand_is_out_has_left_and_its_outcome_is_only_a_note(
    make_house: Callable[..., House], keyed: list[str]
) -> None:
    house = make_house(request_waits=0.01)
    turned = arrive(house)
    for keys in keyed:
        turned = house.switchboard.document(house.enters(turned, keys).call_id)
        while turned.pending:
            turned = house.switchboard.document(turned.call_id)
    house.crm.gate.clear()
    house.enters(turned, "493817" if keyed else ADA.identifier)
    house.switchboard.caller_hung_up("CA1")
    house.crm.gate.set()
    house.switchboard.close()
    with house.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
        floor = ledger.load_floor()[0]
    assert kept is not None
    assert (kept.call.ending, kept.call.assurance) == (Ending.ABANDONED, Assurance.IDENTIFIED if keyed else Assurance.NONE)
    assert (floor.items, floor.reservations) == ((), ())
    assert "too_late" in noted(house, turned.call_id)
