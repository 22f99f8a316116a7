"""What we do to legs and rooms: once, in time, and undone where it came too late."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.switchboard.house import (
    ADA,
    BAD_NUMBER,
    GONE,
    LINE,
    NO_ANSWER,
    NOT_THERE,
    OMAR,
    REFUSED,
    RUTH,
    WITHHELD,
    House,
    question,
)
from voicebot.dialogue.events import EntrySpoken, NoInput
from voicebot.dialogue.values import Ending, Hearing, Secret
from voicebot.floor.values import AgentState
from voicebot.ports.store import Effect, EffectKind
from voicebot.switchboard import Turned
from voicebot.switchboard.effects import LEASE, MOST_TRIES


def in_line(house: House, leg: str = "CA1") -> Turned:
    return house.enters(house.enters(house.switchboard.arrive(leg, LINE.dnis, WITHHELD), ADA.identifier), "493817")


def done(house: House, what: str) -> list[tuple[str, ...]]:
    return [one for one in house.carrier.done if one[0] == what]


def later(house: House, seconds: float = 1) -> None:
    """So much time passes, and whatever was due has been done."""
    assert house.switchboard.quiet(10)
    house.switchboard.tick(house.clock.pass_seconds(seconds))
    assert house.switchboard.quiet(10)


def left_over(house: House) -> list[int]:
    with house.store.reading() as ledger:
        return ledger.due_effects(house.clock.now() + timedelta(days=1), 100)


def heard_nothing(house: House, turned: Turned) -> None:
    """Something that pushes a document to the caller."""
    event = EntrySpoken(house.clock.pass_seconds(4), question(turned).turn, Secret(""), Hearing.REJECTED)
    house.switchboard.handle(turned.call_id, event)


def test_a_number_that_the_carrier_refuses_is_given_up_at_once_and_the_next_agent_is_rung(
    make_house: Callable[..., House],
) -> None:
    house = make_house(agents=(RUTH, OMAR))
    house.carrier.fails["ring"] = [BAD_NUMBER]
    in_line(house)
    assert len(house.carrier.wait_for("ring")) == 1
    assert house.switchboard.quiet(10)
    assert left_over(house) == []


def test_a_carrier_that_is_busy_is_asked_again(house: House) -> None:
    house.carrier.fails["push"] = [REFUSED]
    turned = house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    heard_nothing(house, turned)
    later(house)
    assert len(done(house, "push")) == 1


def test_a_push_to_a_leg_that_is_not_known_is_the_end_of_the_call_at_once(house: House) -> None:
    house.carrier.fails["push"] = [GONE]
    turned = house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    heard_nothing(house, turned)
    assert house.switchboard.quiet(10)
    assert [facts["ending"] for what, facts in house.journal(turned.call_id) if what == "ended"] == [Ending.ABANDONED.value]


def test_a_push_to_a_leg_that_is_not_there_yet_is_made_once_more(house: House) -> None:
    house.carrier.fails["push"] = [NOT_THERE]
    turned = house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    heard_nothing(house, turned)
    later(house)
    assert len(done(house, "push")) == 1
    assert "ended" not in [what for what, _ in house.journal(turned.call_id)]


def test_a_ring_without_an_answer_that_did_ring_is_found_and_not_repeated(house: House) -> None:
    house.carrier.fails["ring"] = [NO_ANSWER]
    turned = in_line(house)
    assert house.switchboard.quiet(10)
    with house.store.reading() as ledger:
        reservation = ledger.load_floor()[0].reservations[0].id
    house.carrier.legs[reservation] = "CA-rang"  # it did ring
    later(house)
    assert done(house, "find_leg") == [("find_leg", reservation, RUTH.phone)]
    assert done(house, "ring") == []
    with house.store.reading() as ledger:
        assert [leg.id for leg in ledger.legs(turned.call_id)] == ["CA1", "CA-rang"]


def test_a_ring_without_an_answer_is_ended_if_the_caller_has_left_meanwhile(house: House) -> None:
    house.carrier.fails["ring"] = [NO_ANSWER]
    in_line(house)
    assert house.switchboard.quiet(10)
    with house.store.reading() as ledger:
        reservation = ledger.load_floor()[0].reservations[0].id
    house.switchboard.caller_hung_up("CA1")
    assert house.switchboard.quiet(10)
    house.carrier.legs[reservation] = "CA-rang"  # the carrier was slow to list it
    later(house)
    assert ("end_leg", "CA-rang") in house.carrier.done


def test_a_ring_whose_process_died_is_looked_for_and_not_repeated(make_house: Callable[..., House]) -> None:
    died = make_house()
    release = threading.Event()
    ringing = threading.Event()
    ring = died.carrier.ring

    def rings_and_dies(phone: str, reservation: str, call_id: str, timeout: int) -> str:
        ring(phone, reservation, call_id, timeout)
        ringing.set()
        release.wait(10)
        raise SystemExit  # nothing is written any more

    died.carrier.ring = rings_and_dies  # type: ignore[method-assign]
    in_line(died)
    assert ringing.wait(10)
    reborn = make_house()
    reborn.carrier.legs = died.carrier.legs
    reborn.clock.at = died.clock.at
    later(reborn, LEASE.total_seconds() + 1)
    release.set()
    assert [one[2] for one in done(reborn, "find_leg")] == [RUTH.phone]  # though this process never meant to ring it
    assert done(reborn, "ring") == []


def push_and_die(house: House) -> None:
    """From now on a push is made, and its process dies before it can write so."""
    push = house.carrier.push

    def pushes_and_dies(leg: str, call_id: str, seq: int) -> None:
        push(leg, call_id, seq)
        raise SystemExit

    house.carrier.push = pushes_and_dies  # type: ignore[method-assign]


def test_a_push_whose_process_died_is_not_repeated_into_a_conversation(make_house: Callable[..., House]) -> None:
    died = make_house()
    turned = in_line(died)
    reservation = died.carrier.wait_for("ring")[0][2]
    push_and_die(died)
    died.switchboard.agent_keyed(reservation, "1")
    assert died.carrier.wait_for("push") == [("push", "CA1", "4")]
    assert died.switchboard.quiet(10)
    reborn = make_house()
    reborn.clock.at = died.clock.at
    reborn.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined="CA1")
    later(reborn, LEASE.total_seconds() + 1)
    assert left_over(reborn) == []
    assert done(reborn, "push") == []


def test_a_push_whose_process_died_is_repeated_while_nobody_knows_that_it_was_made(make_house: Callable[..., House]) -> None:
    died = make_house()
    turned = died.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    push_and_die(died)
    heard_nothing(died, turned)
    assert died.switchboard.quiet(10)
    reborn = make_house()
    reborn.clock.at = died.clock.at
    later(reborn, LEASE.total_seconds() + 1)
    assert done(reborn, "push") == [("push", "CA1", "2")]


def test_a_push_is_not_made_once_there_is_a_newer_document(make_house: Callable[..., House]) -> None:
    died = make_house()
    turned = died.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    push_and_die(died)
    heard_nothing(died, turned)
    assert died.switchboard.quiet(10)
    reborn = make_house()
    reborn.clock.at = died.clock.at
    with reborn.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    silence = NoInput(reborn.clock.pass_seconds(10), kept.call.turn)
    assert question(reborn.switchboard.handle(turned.call_id, silence, key="k")).turn == kept.call.turn + 1
    third = make_house()  # which does not remember that answer
    third.clock.at = reborn.clock.at
    later(third, LEASE.total_seconds() + 1)
    assert left_over(third) == []
    assert done(third, "push") == []


def test_a_leg_that_rang_for_somebody_else_is_not_taken_for_ours(house: House) -> None:
    first = in_line(house)
    _, _, reservation = house.carrier.wait_for("ring")[0]
    house.switchboard.agent_keyed(reservation, "2")
    house.carrier.fails["ring"] = [NO_ANSWER]
    house.switchboard.tick(house.clock.pass_seconds(31))
    assert house.switchboard.quiet(10)
    with house.store.reading() as ledger:
        second = ledger.load_floor()[0].reservations[0].id
    house.carrier.legs[second] = f"leg-{reservation}"  # to the carrier one leg to that phone is like another
    later(house)
    assert [one[2] for one in done(house, "ring")] == [reservation, second]
    assert first.call_id in second


def test_one_slow_request_to_the_carrier_holds_up_no_tick_and_no_other_effect(make_house: Callable[..., House]) -> None:
    house = make_house(agents=(RUTH, OMAR))
    release = threading.Event()
    end_leg = house.carrier.end_leg

    def slow(leg: str) -> None:
        release.wait(10)
        end_leg(leg)

    house.carrier.end_leg = slow  # type: ignore[method-assign]
    with house.store.transaction() as ledger:
        for number in range(3):
            ledger.put_effect(Effect(EffectKind.END_LEG, "", {"leg": f"CA-{number}"}), house.clock.now())
        ledger.put_effect(Effect(EffectKind.CLOSE_ROOM, "", {"room": "room-1"}), house.clock.now())
    assert house.switchboard.tick(house.clock.now()) == 4
    assert house.carrier.wait_for("close_room") == [("close_room", "room-1")]
    assert house.switchboard.tick(house.clock.pass_seconds(5)) == 0  # what is under way is not begun again
    assert not house.switchboard.quiet(0)
    release.set()
    assert house.switchboard.quiet(10)
    assert len(done(house, "end_leg")) == 3
    assert left_over(house) == []


def test_an_effect_that_ends_its_runner_each_time_is_given_up(house: House) -> None:
    house.carrier.fails["close_room"] = [SystemExit()] * (MOST_TRIES + 1)  # type: ignore[list-item]
    with house.store.transaction() as ledger:
        ledger.put_effect(Effect(EffectKind.CLOSE_ROOM, "", {"room": "room-1"}), house.clock.now())
    for _ in range(MOST_TRIES + 1):
        later(house, LEASE.total_seconds() + 1)
    assert left_over(house) == []
    assert len(house.carrier.fails["close_room"]) == 1  # tried so often and not once more


def test_effects_that_did_not_begin_before_the_end_are_left_for_the_next_process(make_house: Callable[..., House]) -> None:
    house = make_house()
    turned = house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    house.switchboard.close()
    heard_nothing(house, turned)
    assert house.carrier.done == []
    reborn = make_house()
    reborn.clock.at = house.clock.at
    reborn.switchboard.tick(reborn.clock.now())
    assert reborn.carrier.wait_for("push") == [("push", "CA1", "2")]


def test_an_agent_is_free_again_after_their_phone_could_not_be_rung(house: House) -> None:
    house.carrier.fails["ring"] = [BAD_NUMBER]
    in_line(house)
    assert house.switchboard.quiet(10)
    with house.store.reading() as ledger:
        floor = ledger.load_floor()[0]
    assert [agent.state for agent in floor.agents] == [AgentState.READY]
    assert floor.reservations == ()


@pytest.mark.parametrize("many", [5000])
def test_what_is_known_of_fetched_documents_is_bounded(many: int) -> None:
    from voicebot.switchboard.fetched import MOST_CALLS, Fetched

    fetched = Fetched()
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    for number in range(many):
        fetched.note(f"call-{number}", 3, noon)
    fetched.note("call-4999", 2, noon + timedelta(seconds=1))
    assert len(fetched) == MOST_CALLS
    assert fetched.has("call-4999", 3)
    assert not fetched.has("call-4999", 4)
    assert not fetched.has("call-0", 1)
    assert fetched.has_asked_since("call-4999", noon + timedelta(seconds=1))
    assert not fetched.has_asked_since("call-4998", noon + timedelta(seconds=1))
    assert not fetched.has_asked_since("call-0", noon)
    fetched.forget("call-4999")
    assert not fetched.has("call-4999", 1)
