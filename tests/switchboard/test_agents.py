"""The agent's leg: invited, accepting or declining, joined, gone."""

from collections.abc import Callable

import pytest

from tests.switchboard.house import ADA, GONE, LINE, NO_ANSWER, NOT_THERE, OMAR, REFUSED, RUTH, WITHHELD, House, kinds
from voicebot.dialogue.actions import AskAgent, Join, Say, Wait
from voicebot.dialogue.values import Assurance, Ending
from voicebot.errors import ImpossibleEvent
from voicebot.floor.values import TurnedDown
from voicebot.switchboard import Turned


def in_line(house: House, leg: str = "CA1") -> Turned:
    """A verified caller waiting for an agent."""
    arrived = house.switchboard.arrive(leg, LINE.dnis, WITHHELD)
    return house.enters(house.enters(arrived, ADA.identifier), "493817")


def rung(house: House, times: int = 1) -> tuple[str, str]:
    """The phone that rang last, and for which reservation."""
    _, phone, reservation = house.carrier.wait_for("ring", times)[-1]
    return phone, reservation


def says(turned: Turned) -> list[str]:
    """What a leg hears."""
    return [verb.prompt_id for verb in turned.verbs if isinstance(verb, Say)]


def ending(house: House, call_id: str) -> tuple[Ending | None, Assurance]:
    """How it ended."""
    with house.store.reading() as ledger:
        kept = ledger.load_call(call_id)
    assert kept is not None
    return kept.call.ending, kept.call.assurance


def tick_until(house: House, done: Callable[[], bool]) -> None:
    """Let time pass, two seconds at a time, until this is so."""
    for _ in range(1000):
        if done():
            return
        house.switchboard.tick(house.clock.pass_seconds(2))
        assert house.switchboard.quiet(10)
    raise AssertionError("it never came to be")


def test_before_a_key_the_agent_hears_the_queue_and_nothing_of_the_caller(house: House) -> None:
    in_line(house)
    invitation = house.switchboard.agent_answered(rung(house)[1])
    ask = next(verb for verb in invitation.verbs if isinstance(verb, AskAgent))
    assert [say.prompt_id for say in ask.say] == ["agent.invitation"]
    assert says(invitation) == []


def test_after_one_the_agent_hears_status_and_name_and_enters_and_the_caller_is_brought_in(house: House) -> None:
    turned = in_line(house)
    whisper = house.switchboard.agent_keyed(rung(house)[1], "1")
    assert says(whisper) == ["whisper.verified", "whisper.name", "whisper.identifier"]
    assert isinstance(whisper.verbs[-1], Join)
    house.carrier.wait_for("push")
    assert house.switchboard.document(turned.call_id).verbs[-1] == whisper.verbs[-1]


def test_a_repeated_acceptance_hears_the_same_whisper(house: House) -> None:
    in_line(house)
    reservation = rung(house)[1]
    assert house.switchboard.agent_keyed(reservation, "1").verbs == house.switchboard.agent_keyed(reservation, "1").verbs


@pytest.mark.parametrize(("keys", "why"), [("2", "declined"), ("", "no_key"), ("9", "no_key")])
def test_an_agent_who_does_not_accept_passes_it_to_the_next_and_the_place_is_kept(
    make_house: Callable[..., House], keys: str, why: str
) -> None:
    house = make_house(agents=(RUTH, OMAR))
    turned = in_line(house)
    first, reservation = rung(house)
    house.switchboard.agent_keyed(reservation, keys)
    second, _ = rung(house, 2)
    assert {first, second} == {RUTH.phone, OMAR.phone}
    assert isinstance(house.switchboard.document(turned.call_id).verbs[-1], Wait)
    names = {RUTH.phone: RUTH.name, OMAR.phone: OMAR.name}
    told = [(facts["agent"], facts["why"]) for what, facts in house.journal(turned.call_id) if what == "agent_turned_down"]
    assert told == [(names[first], why)]  # the name, as an acceptance has it


def test_a_voicemail_hears_no_more_than_the_invitation(house: House) -> None:
    in_line(house)
    assert kinds(house.switchboard.agent_keyed(rung(house)[1], "").verbs) == ["Hangup"]


def test_a_phone_that_is_busy_passes_it_to_the_next(make_house: Callable[..., House]) -> None:
    house = make_house(agents=(RUTH, OMAR))
    in_line(house)
    house.switchboard.agent_leg_ended(rung(house)[1], TurnedDown.BUSY)
    assert rung(house, 2)[0] in {RUTH.phone, OMAR.phone}


def test_a_caller_who_hangs_up_stops_the_ringing_at_once(house: House) -> None:
    turned = in_line(house)
    reservation = rung(house)[1]
    house.switchboard.caller_hung_up("CA1")
    assert house.carrier.wait_for("end_leg") == [("end_leg", f"leg-{reservation}")]
    assert says(house.switchboard.agent_answered(reservation)) == ["agent.caller_gone"]
    assert says(house.switchboard.agent_keyed(reservation, "1")) == ["agent.caller_gone"]
    assert ending(house, turned.call_id) == (Ending.ABANDONED, Assurance.VERIFIED)


def test_an_agent_who_hangs_up_ends_the_conversation_and_is_ready_again(house: House) -> None:
    turned = in_line(house)
    reservation = rung(house)[1]
    house.switchboard.agent_keyed(reservation, "1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined="CA1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined=f"leg-{reservation}")
    house.switchboard.agent_leg_ended(reservation, None)
    assert house.carrier.wait_for("close_room")
    assert ending(house, turned.call_id) == (Ending.SERVED, Assurance.VERIFIED)
    in_line(house, "CA2")
    assert rung(house, 2)[0] == RUTH.phone


def test_an_agent_lost_during_the_whisper_puts_the_caller_back_in_line(make_house: Callable[..., House]) -> None:
    house = make_house(agents=(RUTH, OMAR))
    turned = in_line(house)
    reservation = rung(house)[1]
    house.switchboard.agent_keyed(reservation, "1")
    house.switchboard.agent_leg_ended(reservation, None)
    rung(house, 2)
    waiting = house.switchboard.document(turned.call_id).verbs[-1]
    assert isinstance(waiting, Wait)
    assert [say.prompt_id for say in waiting.say] == ["transfer.agent_lost"]


def test_a_room_that_the_caller_leaves_is_over_even_if_the_last_status_is_lost(house: House) -> None:
    turned = in_line(house)
    reservation = rung(house)[1]
    house.switchboard.agent_keyed(reservation, "1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined="CA1")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined=f"leg-{reservation}")
    house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", left="CA1")
    assert house.carrier.wait_for("end_leg") == [("end_leg", f"leg-{reservation}")]
    assert ending(house, turned.call_id)[0] is Ending.SERVED


def test_a_refused_ring_is_tried_again_and_rings_once(house: House) -> None:
    house.carrier.fails["ring"] = [REFUSED]
    in_line(house)
    assert house.switchboard.quiet(10)
    tick_until(house, lambda: bool(house.carrier.done))
    assert len(house.carrier.wait_for("ring")) == 1


def test_a_caller_whose_leg_is_gone_twice_has_hung_up(house: House) -> None:
    turned = in_line(house)
    house.carrier.fails["push"] = [NOT_THERE, NOT_THERE]
    house.carrier.ended = {"CA1"}
    house.switchboard.agent_keyed(rung(house)[1], "1")
    tick_until(house, lambda: ending(house, turned.call_id)[0] is not None)
    assert ending(house, turned.call_id)[0] is Ending.ABANDONED


@pytest.mark.parametrize("asked", [[], [NO_ANSWER]])
def test_a_caller_whose_leg_only_seems_to_be_gone_is_brought_in_as_soon_as_that_works(
    house: House, asked: list[Exception]
) -> None:
    turned = in_line(house)
    house.carrier.fails["push"] = [NOT_THERE, NOT_THERE, NOT_THERE]
    house.carrier.fails["has_ended"] = asked
    house.switchboard.agent_keyed(rung(house)[1], "1")
    tick_until(house, lambda: any(one[0] == "push" for one in house.carrier.done))
    assert ending(house, turned.call_id)[0] is None


def test_an_agent_whose_phone_cannot_be_rung_passes_it_to_the_next(make_house: Callable[..., House]) -> None:
    house = make_house(agents=(RUTH, OMAR))
    house.carrier.fails["ring"] = [GONE]
    in_line(house)
    house.carrier.wait_for("ring")
    assert len([one for one in house.carrier.done if one[0] == "ring"]) == 1


def test_a_made_up_reservation_is_impossible(house: House) -> None:
    with pytest.raises(ImpossibleEvent):
        house.switchboard.agent_answered("nonsense")
