"""Everything that can go wrong between a desk, three telephones and the telephone company, each once and on purpose."""

import asyncio
from dataclasses import replace
from threading import Thread

import pytest

from tests.control.stage import PATIENCE, Office, Placed
from voicebot.dialogue.call import Stage
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Ending
from voicebot.floor.values import AgentState
from voicebot.simulator.settings import Faults
from voicebot.switchboard.answers import DONE, Answer, Refused


def state_of(desks: Office, agent: str) -> AgentState:
    return next(one.state for one in desks.floor().agents if one.id == agent)


def held(desks: Office, placed: Placed) -> bool:
    serving = desks.state(placed).serving
    return serving is not None and serving.hold is not None and serving.hold.in_effect


def on_hold(desks: Office, **rest: object) -> Placed:
    placed = desks.talking(**rest)  # type: ignore[arg-type]
    desks.does(desks.desk.hold("mira", placed.id))
    desks.until(lambda: held(desks, placed))
    return placed


def consulting(desks: Office, **habits: str) -> Placed:
    """Mira has asked Jonas."""
    placed = desks.talking(**habits)  # type: ignore[arg-type]
    desks.ready("mira", "jonas")
    desks.does(desks.desk.consult("mira", placed.id, to_agent="jonas"))
    return placed


def everybody_is_down(desks: Office, placed: Placed) -> None:
    """The call has ended, and with it every leg and every reservation."""
    record = desks.ended(placed)
    assert all(leg.ended_at is not None for leg in record.legs)
    desks.until(lambda: not desks.floor().reservations and not desks.floor().items)
    assert record.failures == []


# ---- callers -----------------------------------------------------------------------------------------------------


def test_a_caller_who_hangs_up_on_hold_ends_it_for_the_agent_too(desks: Office) -> None:
    placed = on_hold(desks)
    desks.hang_up(placed.sid)
    everybody_is_down(desks, placed)
    assert desks.state(placed).ending is Ending.SERVED
    assert state_of(desks, "mira") is not AgentState.BUSY


def test_a_caller_who_hangs_up_in_the_moment_of_the_hold_leaves_nothing_behind(desks: Office) -> None:
    placed = desks.talking()
    desks.hang_up(placed.sid)
    answer: Answer = desks.desk.hold("mira", placed.id)
    assert answer in (DONE, Refused(Refusal.NOT_YOURS))
    everybody_is_down(desks, placed)
    assert desks.state(placed).ending is Ending.SERVED


@pytest.mark.parametrize("jonas", ["none", "accept"])
def test_a_caller_who_hangs_up_while_a_colleague_is_asked_frees_both(desks: Office, jonas: str) -> None:
    placed = consulting(desks, jonas=jonas)
    desks.until(lambda: desks.rang("jonas") and (jonas == "none" or desks.leg("jonas").joined_at))
    desks.hang_up(placed.sid)
    everybody_is_down(desks, placed)
    assert desks.leg("jonas").verdict in ("canceled", "accepted")


def test_a_call_passed_on_in_the_moment_in_which_the_caller_hangs_up_rings_nobody_for_long(desks: Office) -> None:
    placed = desks.talking()
    desks.ready("mira", "jonas")
    desks.hang_up(placed.sid)
    answer: Answer = desks.desk.pass_to("mira", placed.id, to_agent="jonas")
    assert answer in (DONE, Refused(Refusal.NOT_YOURS))
    everybody_is_down(desks, placed)


# ---- agents ------------------------------------------------------------------------------------------------------


def test_an_agent_who_hangs_up_while_the_caller_is_on_hold_does_not_end_the_call(desks: Office) -> None:
    placed = on_hold(desks)
    desks.ready("jonas")
    desks.hang_up(desks.leg("mira").sid)
    desks.until(lambda: desks.has(placed, "jonas"))
    said = [one.what for one in desks.caller(placed).heard]
    assert "I'm sorry, the connection to the agent was lost. You've kept your place in line." in said
    assert desks.hears_now(placed.sid, desks.leg("jonas").sid)


def test_an_agent_who_hangs_up_while_a_colleague_rings_leaves_the_caller_in_line_and_the_colleague_gets_them(
    desks: Office,
) -> None:
    placed = consulting(desks, jonas="none")
    desks.until(lambda: desks.rang("jonas"))
    desks.hang_up(desks.leg("mira").sid)
    desks.until(lambda: desks.state(placed).stage is Stage.WAIT)
    desks.until(lambda: len([leg for leg in desks.legs if leg.record.phone.startswith("sip:jonas")]) == 2)
    first = next(leg.record for leg in desks.legs if leg.record.phone.startswith("sip:jonas"))
    desks.until(lambda: first.ended_at is not None)


def test_two_who_say_yes_at_once_are_one_winner(desks: Office) -> None:
    placed = desks.call(mira="voicemail")
    desks.until(lambda: desks.floor().reservations)
    reservation = desks.floor().reservations[0].id
    desks.until(lambda: desks.rang("mira") and desks.leg("mira").heard)
    answers: list[Answer] = []
    threads = [Thread(target=lambda: answers.append(desks.desk.accept("mira", reservation))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [DONE] * 4
    desks.until(lambda: desks.has(placed, "mira"))
    assert desks.told(placed).count("agent_accepted") == 1


def test_a_yes_after_the_caller_has_hung_up_is_refused(desks: Office) -> None:
    placed = desks.call(mira="voicemail")
    desks.until(lambda: desks.floor().reservations)
    reservation = desks.floor().reservations[0].id
    desks.hang_up(placed.sid)
    desks.ended(placed)
    desks.until(lambda: not desks.floor().reservations)
    assert desks.desk.accept("mira", reservation) == Refused(Refusal.GONE)


# ---- colleagues --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("habit", ["decline", "voicemail", "busy", "none"])
def test_a_colleague_who_does_not_come_leaves_the_caller_with_the_agent(desks: Office, habit: str) -> None:
    placed = consulting(desks, jonas=habit)
    desks.until(lambda: "consult_over" in desks.told(placed))
    desks.until(lambda: desks.leg("jonas").ended_at is not None)
    assert held(desks, placed)
    assert not desks.caller(placed).could_hear(desks.leg("jonas").sid)
    desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: desks.hears_now(placed.sid, desks.leg("mira").sid))


def test_a_colleague_lost_in_the_middle_leaves_the_caller_with_the_agent(desks: Office) -> None:
    placed = consulting(desks)
    desks.until(lambda: desks.rang("jonas") and desks.leg("jonas").joined_at)
    desks.hang_up(desks.leg("jonas").sid)
    desks.until(lambda: "consult_over" in desks.told(placed))
    desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: desks.hears_now(placed.sid, desks.leg("mira").sid))


# ---- passing on --------------------------------------------------------------------------------------------------


def test_passed_to_a_queue_where_nobody_is_the_caller_is_told_so_and_keeps_the_place(desks: Office) -> None:
    placed = desks.talking()
    since = desks.state(placed).waiting
    desks.does(desks.desk.pass_to("mira", placed.id, to_queue="law"))
    said = "You're being passed on. All our agents there are busy at the moment, but you've kept your place in line."
    desks.until(lambda: said in [one.what for one in desks.caller(placed).heard])
    item = next(item for item in desks.floor().items if item.id == placed.id)
    assert since is not None
    assert (item.queue, item.since) == ("law", since.since)
    desks.until(lambda: desks.leg("mira").ended_at is not None)
    desks.hang_up(placed.sid)
    everybody_is_down(desks, placed)


def test_the_old_rooms_last_words_do_not_end_the_new_conversation(desks: Office) -> None:
    """A redirect during a Dial: its action and the room's leave come late, whatever the order."""
    placed = desks.talking(faults=Faults(reorder_callbacks=True, duplicate_callbacks=True))
    desks.ready("mira", "jonas")
    desks.does(desks.desk.pass_to("mira", placed.id, to_agent="jonas"))
    desks.until(lambda: desks.has(placed, "jonas"))
    rooms = [room for room in desks.twin.rooms if placed.id in room.name]
    assert [room.status for room in rooms] == ["completed", "in-progress"]
    desks.house.switchboard.room_changed(placed.id, rooms[0].name, left=placed.sid)
    assert desks.has(placed, "jonas")
    desks.does(desks.desk.end("jonas", placed.id))
    desks.ended(placed)


# ---- supervisors -------------------------------------------------------------------------------------------------


def test_a_supervisor_lost_in_the_middle_is_out_and_the_call_goes_on(desks: Office) -> None:
    placed = desks.talking()
    desks.does(desks.desk.barge("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.rang("sofia") and desks.hears_now(placed.sid, desks.leg("sofia").sid))
    desks.hang_up(desks.leg("sofia").sid)
    desks.until(lambda: "supervision_over" in desks.told(placed))
    assert desks.has(placed, "mira")


@pytest.mark.parametrize("habit", ["decline", "voicemail", "busy", "none"])
def test_a_supervisor_who_does_not_come_was_never_in(desks: Office, habit: str) -> None:
    placed = desks.talking(sofia=habit)
    desks.does(desks.desk.listen("sofia", placed.id, supervises=True))
    desks.until(lambda: "supervision_over" in desks.told(placed))
    desks.until(lambda: desks.leg("sofia").ended_at is not None)
    assert not desks.leg("sofia").voices


def test_a_conversation_that_ends_takes_its_supervisor_along(desks: Office) -> None:
    placed = desks.talking()
    desks.does(desks.desk.listen("sofia", placed.id, supervises=True))
    desks.until(lambda: desks.rang("sofia") and desks.leg("sofia").joined_at)
    desks.does(desks.desk.end("mira", placed.id))
    everybody_is_down(desks, placed)
    desks.until(lambda: desks.leg("sofia").ended_at is not None)


# ---- the telephone company ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [
    Faults(reorder_callbacks=True), Faults(duplicate_callbacks=True, duplicate_webhooks=True),
    Faults(lose_callbacks=frozenset({"participant-leave"})), Faults(late_callbacks=frozenset({"participant-join"}), late_by=3.0),
], ids=["out of order", "twice", "leave lost", "join late"])  # fmt: skip
def test_with_callbacks_lost_doubled_or_out_of_order_it_comes_to_the_same(desks: Office, faults: Faults) -> None:
    placed = on_hold(desks, faults=replace(faults))
    desks.ready("mira", "jonas")
    desks.does(desks.desk.resume("mira", placed.id))
    desks.does(desks.desk.consult("mira", placed.id, to_agent="jonas"))
    desks.until(lambda: desks.rang("jonas") and desks.leg("jonas").joined_at)
    desks.until(lambda: desks.desk.complete("mira", placed.id) == DONE)
    desks.until(lambda: desks.hears_now(placed.sid, desks.leg("jonas").sid))
    desks.until(lambda: desks.leg("mira").ended_at is not None)
    desks.does(desks.desk.end("jonas", placed.id))
    record = desks.ended(placed)
    assert all(leg.ended_at is not None for leg in record.legs)
    desks.until(lambda: not desks.floor().reservations)


@pytest.mark.parametrize("fate", ["429", "500", "unanswered"])
def test_a_hold_that_the_telephone_company_refused_or_never_answered_comes_true_once(desks: Office, fate: str) -> None:
    placed = on_hold(desks, faults=Faults(rest=(f"arrange:{fate}",)))
    assert not desks.hears_now(placed.sid, desks.leg("mira").sid)
    desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: desks.hears_now(placed.sid, desks.leg("mira").sid))


@pytest.mark.parametrize("fate", ["429", "500", "unanswered"])
def test_a_colleague_whose_ringing_the_telephone_company_never_answered_for_is_rung_once(desks: Office, fate: str) -> None:
    placed = desks.talking(faults=Faults(rest=(f"hang_up:{fate}",)))
    desks.ready("mira", "jonas")
    desks.does(desks.desk.consult("mira", placed.id, to_agent="jonas"))
    desks.until(lambda: desks.rang("jonas") and desks.leg("jonas").joined_at)
    desks.does(desks.desk.return_to_caller("mira", placed.id))
    desks.until(lambda: desks.leg("jonas").ended_at is not None)
    assert len([leg for leg in desks.legs if leg.record.phone.startswith("sip:jonas")]) == 1


def test_hold_and_resume_many_times_over_end_at_the_last_word(desks: Office) -> None:
    placed = desks.talking()
    for _ in range(10):
        desks.does(desks.desk.hold("mira", placed.id))
        desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: desks.house.switchboard.quiet(1))
    assert desks.hears_now(placed.sid, desks.leg("mira").sid)
    desks.does(desks.desk.hold("mira", placed.id))
    desks.until(lambda: not desks.hears_now(placed.sid, desks.leg("mira").sid))


def test_a_room_that_the_telephone_company_ends_leaves_nobody_in_silence(desks: Office) -> None:
    """Which of its reports comes first decides whether the call is over or the caller is back in line; both are lawful."""
    placed = on_hold(desks)
    room = next(room for room in desks.twin.rooms if placed.id in room.name)

    async def end() -> None:
        room.end("conference-ended-via-api")

    asyncio.run_coroutine_threadsafe(end(), desks.loop).result(PATIENCE)
    desks.until(lambda: desks.state(placed).stage is Stage.ENDED or "agent_lost" in desks.told(placed))
    if not placed.outcome.done():
        desks.hang_up(placed.sid)
    desks.ended(placed)
    desks.until(lambda: desks.state(placed).stage is Stage.ENDED)
    desks.until(lambda: not desks.floor().reservations)
