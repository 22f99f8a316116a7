"""What happens because time has passed, and that none of it holds up the rest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.switchboard.house import ADA, LINE, NO_ANSWER, OMAR, RUTH, WITHHELD, HandClock, House, open_house
from voicebot.dialogue.actions import Wait
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Ending
from voicebot.errors import StoreUnavailable
from voicebot.floor.values import AgentState, TurnedDown
from voicebot.ports.store import Ledger
from voicebot.switchboard import Turned
from voicebot.switchboard.answers import DONE, Refused
from voicebot.switchboard.sweep import EVERY


def in_line(house: House, leg: str = "CA1") -> Turned:
    return house.enters(house.enters(house.switchboard.arrive(leg, LINE.dnis, WITHHELD), ADA.identifier), "493817")


def talking(house: House) -> tuple[Turned, str]:
    """A caller and an agent in one room."""
    turned = in_line(house)
    _, _, reservation = house.carrier.wait_for("ring")[0]
    assert house.switchboard.quiet(10)
    house.switchboard.agent_keyed(reservation, "1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined="CA1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined=f"leg-{reservation}")
    return turned, reservation


def state_of(house: House) -> AgentState:
    with house.store.reading() as ledger:
        return ledger.load_floor()[0].agents[0].state


def ending(house: House, call_id: str) -> Ending | None:
    with house.store.reading() as ledger:
        kept = ledger.load_call(call_id)
    assert kept is not None
    return kept.call.ending


def swept(house: House, seconds: float = 0) -> None:
    """So much time passes, and the sweeper has been round."""
    house.switchboard.tick(house.clock.pass_seconds(seconds))
    sweeping = house.switchboard._times._sweeping
    assert sweeping is not None
    sweeping.join(10)
    assert house.switchboard.quiet(10)


def test_an_agent_of_whose_end_nobody_told_us_is_found_and_free_again(house: House) -> None:
    turned, reservation = talking(house)
    house.carrier.ended = {f"leg-{reservation}"}
    swept(house, 61)
    assert state_of(house) is AgentState.READY
    assert ending(house, turned.call_id) is Ending.SERVED


def test_after_a_restart_both_legs_that_ended_meanwhile_are_found(make_house: Callable[..., House]) -> None:
    died = make_house()
    turned, reservation = talking(died)
    reborn = make_house()
    reborn.clock.at = died.clock.pass_seconds(90)
    reborn.carrier.ended = {"CA1", f"leg-{reservation}"}
    swept(reborn)
    assert state_of(reborn) is AgentState.READY
    assert ending(reborn, turned.call_id) is Ending.SERVED


def test_a_conversation_that_goes_on_is_left_alone(house: House) -> None:
    turned, _ = talking(house)
    swept(house, 61)
    assert state_of(house) is AgentState.BUSY
    assert ending(house, turned.call_id) is None


@pytest.mark.parametrize("keyed", [[], ["40719238"], ["40719238", "493817"]], ids=["at the number", "at the PIN", "in line"])
def test_a_caller_who_left_without_a_word_is_found_before_an_agent_gets_them(house: House, keyed: list[str]) -> None:
    turned = house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    for keys in keyed:
        turned = house.enters(turned, keys)
    assert house.switchboard.quiet(10)
    house.carrier.ended = {"CA1"}
    swept(house, 59)
    assert ending(house, turned.call_id) is None
    swept(house, 61)
    assert ending(house, turned.call_id) is Ending.ABANDONED
    assert state_of(house) is AgentState.READY


def test_a_caller_who_is_silent_and_there_is_left_alone(house: House) -> None:
    turned = in_line(house)
    swept(house, 61)
    swept(house, 61)
    assert ("has_ended", "CA1") in house.carrier.done
    assert ending(house, turned.call_id) is None


def test_a_caller_whose_leg_asks_for_its_documents_is_not_asked_about(house: House) -> None:
    turned = in_line(house)
    for _ in range(4):
        house.clock.pass_seconds(31)
        house.switchboard.document(turned.call_id)
        swept(house)
    assert ("has_ended", "CA1") not in house.carrier.done


def test_after_a_restart_callers_who_left_meanwhile_are_found_at_once(make_house: Callable[..., House]) -> None:
    turned = in_line(died := make_house())
    reborn = make_house()
    reborn.clock.at = died.clock.pass_seconds(5)
    reborn.carrier.ended = {"CA1"}
    swept(reborn)
    assert ending(reborn, turned.call_id) is Ending.ABANDONED


def test_the_carrier_is_not_asked_more_often_than_that(house: House) -> None:
    talking(house)
    swept(house, 61)
    asked = len([one for one in house.carrier.done if one[0] == "has_ended"])
    assert asked == 2
    swept(house, EVERY.total_seconds() - 1)
    assert len([one for one in house.carrier.done if one[0] == "has_ended"]) == asked
    swept(house, 2)
    assert len([one for one in house.carrier.done if one[0] == "has_ended"]) == 2 * asked


def test_whoever_came_into_the_room_unheard_is_found_there(house: House) -> None:
    turned = in_line(house)
    _, _, reservation = house.carrier.wait_for("ring")[0]
    assert house.switchboard.quiet(10)
    house.switchboard.agent_keyed(reservation, "1")
    house.carrier.inside = {"CA1", f"leg-{reservation}", "leg-of-nobody"}
    assert house.switchboard.desk.hold("ruth", turned.call_id) == Refused(Refusal.NOT_CONNECTED)
    swept(house, 61)
    assert house.switchboard.desk.hold("ruth", turned.call_id) == DONE
    swept(house, 61)
    assert len([one for one in house.carrier.done if one[0] == "who_is_in"]) == 1


def test_a_supervisor_of_whose_end_nobody_told_us_is_found(make_house: Callable[..., House]) -> None:
    house = make_house(agents=(RUTH, OMAR))
    turned, _ = talking(house)
    house.switchboard.desk.listen("ruth", turned.call_id, supervises=True)  # Omar comes first in the roster's order
    leg = house.carrier.wait_for("ring", 2)[-1][2]
    assert house.switchboard.quiet(10)
    house.carrier.ended = {f"leg-{leg}"}
    swept(house, 61)
    assert "supervision_over" in [what for what, _ in house.journal(turned.call_id)]
    assert ending(house, turned.call_id) is None


def test_a_carrier_that_cannot_say_is_asked_the_next_time(house: House) -> None:
    _, reservation = talking(house)
    house.carrier.ended = {f"leg-{reservation}"}
    house.carrier.fails["has_ended"] = [NO_ANSWER]
    swept(house, 61)
    assert state_of(house) is AgentState.BUSY
    swept(house, 61)
    assert state_of(house) is AgentState.READY


def test_a_call_whose_time_cannot_be_taken_goes_to_an_agent_and_keeps_no_other_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    sound = in_line(house, "CA2")
    transact = house.switchboard._work.transact
    failed: list[str] = []

    def failing(take: Callable[..., Any], *, answering: bool) -> Any:
        def once(ledger: Ledger, desk: Any) -> Any:
            work = take(ledger, desk)
            if work.kept.call.id == broken.call_id and not failed:
                failed.append(broken.call_id)
                raise ZeroDivisionError
            return work

        return transact(once, answering=answering)

    monkeypatch.setattr(house.switchboard._work, "transact", failing)
    house.switchboard.tick(house.clock.pass_seconds(LINE.queue.max_wait + 1))
    assert failed == [broken.call_id]
    assert isinstance(house.switchboard.document(broken.call_id).verbs[-1], Wait)
    assert "trouble" in [what for what, _ in house.journal(broken.call_id)]
    assert ending(house, sound.call_id) is Ending.WAITED_TOO_LONG
    with house.store.reading() as ledger:
        assert not ledger.has_due(house.clock.now())


def test_a_time_that_the_database_cannot_take_comes_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = in_line(house)
    transact = house.switchboard._work.transact

    def unavailable(*_: object, **__: object) -> Any:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(house.switchboard._work, "transact", unavailable)
    house.switchboard.tick(house.clock.pass_seconds(LINE.queue.max_wait + 1))
    assert ending(house, turned.call_id) is None
    monkeypatch.setattr(house.switchboard._work, "transact", transact)
    house.switchboard.tick(house.clock.pass_seconds(31))
    assert ending(house, turned.call_id) is Ending.WAITED_TOO_LONG


def test_an_idle_tick_writes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.switchboard.tick(house.clock.now())

    def writes() -> Any:
        raise AssertionError("a writer was kept waiting for nothing")

    monkeypatch.setattr(house.store, "transaction", writes)
    assert house.switchboard.tick(house.clock.pass_seconds(1)) == 0


def test_an_agent_who_keys_one_and_hangs_up_in_the_same_moment_is_not_busy_for_ever(house: House) -> None:
    in_line(house)
    _, _, reservation = house.carrier.wait_for("ring")[0]
    assert house.switchboard.quiet(10)
    taken = house.switchboard._work.transact

    def accepted_first(take: Callable[..., Any], *, answering: bool) -> Any:
        """The acceptance is written while the end of the leg is on its way to the database."""
        house.switchboard._work.transact = taken  # type: ignore[method-assign]
        house.switchboard.agent_keyed(reservation, "1")
        return taken(take, answering=answering)

    house.switchboard._work.transact = accepted_first  # type: ignore[method-assign]
    house.switchboard.agent_leg_ended(reservation, TurnedDown.NO_KEY)
    with house.store.reading() as ledger:
        floor = ledger.load_floor()[0]
    assert [held.id for held in floor.reservations if held.accepted] == []


def test_a_leg_that_answers_before_we_learnt_its_id_is_known_from_then_on(house: House) -> None:
    house.carrier.fails["ring"] = [NO_ANSWER]
    turned = in_line(house)
    assert house.switchboard.quiet(10)
    with house.store.reading() as ledger:
        reservation = ledger.load_floor()[0].reservations[0].id
    house.switchboard.agent_answered(reservation, "CA-unheard")
    house.switchboard.agent_keyed(reservation, "1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined="CA1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined="CA-unheard")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", left="CA-unheard")
    assert ending(house, turned.call_id) is Ending.SERVED
    assert [one for one in house.carrier.done if one[:2] == ("ring", RUTH.phone)] == []


def test_closing_time_ends_the_wait_after_those_in_line_could_be_served(tmp_path: Path) -> None:
    patient = replace(LINE, queue=replace(LINE.queue, max_wait=7200))
    house = open_house(tmp_path, line=patient, closes_at=HandClock().at + timedelta(minutes=2), agents=())
    turned = in_line(house)
    house.switchboard.tick(house.clock.pass_seconds(LINE.queue.serve_after_closing))
    assert ending(house, turned.call_id) is None  # closing time has passed, the time after it not yet
    house.switchboard.tick(house.clock.pass_seconds(120))
    assert ending(house, turned.call_id) is Ending.CLOSED_MEANWHILE
    with house.store.reading() as ledger:
        assert not ledger.load_floor()[0].items
    house.switchboard.close()
