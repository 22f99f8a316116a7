"""Commands from the desk, over a real database: who may give them, what they do to the line, and what the journal says."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.switchboard.house import OMAR, REFUSED, RUTH, House, kinds
from tests.switchboard.test_agents import in_line, rung, says
from voicebot.dialogue.actions import AskAgent, Join, Say
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Ending
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.floor.values import Agent, AgentState, Floor, Role, TurnedDown
from voicebot.switchboard import Turned
from voicebot.switchboard.agents import WILLING_FOR
from voicebot.switchboard.answers import DONE, SENTENCES, Done, Refused

SOFIA = Agent("sofia", "Sofia", "+12025550139", (), state=AgentState.OFFLINE, roles=(Role.SUPERVISOR,))
DOWN = CarrierUnavailable("down")
Make = Callable[..., House]


def floor(house: House) -> Floor:
    with house.store.reading() as ledger:
        return ledger.load_floor()[0]


def state(house: House, agent: str) -> AgentState:
    return next(one.state for one in floor(house).agents if one.id == agent)


def call_of(house: House, turned: Turned) -> Call:
    with house.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    return kept.call


def enters(house: House, turned: Turned, leg: str) -> None:
    call = call_of(house, turned)
    house.switchboard.room_changed(turned.call_id, f"room-{call.id}-{call.rooms}", joined=leg)


def connected(house: House) -> Turned:
    """Ruth talks with the caller."""
    turned = in_line(house)
    _, reservation = rung(house)
    assert house.switchboard.quiet(10)
    house.switchboard.agent_answered(reservation)
    house.switchboard.agent_keyed(reservation, "1")
    enters(house, turned, "CA1")
    enters(house, turned, f"leg-{reservation}")
    assert house.switchboard.quiet(10)
    return turned


def done(house: House, what: str) -> list[tuple[str, ...]]:
    assert house.switchboard.quiet(10)
    return [one for one in house.carrier.done if one[0] == what]


@pytest.fixture
def both(make_house: Make) -> House:
    """Ruth, and Omar who is on a break; Sofia supervises."""
    house = make_house(agents=(RUTH, OMAR, SOFIA), queues={"billing": QueuePlan("billing"), "law": QueuePlan("law")})
    house.switchboard.desk.set_state("omar", AgentState.BREAK)
    return house


# ---- the agent's own place ---------------------------------------------------------------------------------------


def test_an_agent_chooses_the_phone_that_rings(make_house: Make) -> None:
    house = make_house(agents=(replace(RUTH, phones=(("home", "sip:ruth@home.example"),)),))
    desk = house.switchboard.desk
    assert desk.choose_phone("ruth", "car") == Refused(Refusal.UNKNOWN_PHONE)
    assert desk.choose_phone("nobody", "home") == Refused(Refusal.UNKNOWN_AGENT)
    assert desk.choose_phone("ruth", "home") == DONE
    in_line(house)
    assert done(house, "ring")[-1][1] == "sip:ruth@home.example"
    assert desk.choose_phone("ruth", "") == DONE
    assert floor(house).agents[0].rings_at == RUTH.phone


def test_an_agent_is_spoken_to_in_their_own_language(make_house: Make) -> None:
    house = make_house(agents=(replace(RUTH, language="fr"), SOFIA))
    in_line(house)
    _, reservation = rung(house)
    assert house.switchboard.agent_answered(reservation).language == "fr"
    assert house.switchboard.agent_keyed(reservation, "1").language == "fr"


def test_whose_language_nobody_knows_is_spoken_to_in_the_queue_s(house: House) -> None:
    in_line(house)
    _, reservation = rung(house)
    assert house.switchboard.agent_answered(reservation).language == "en"
    assert house.switchboard.agent_answered(f"{reservation}9").language == "en"


def test_an_agent_sets_a_state_and_work_comes_or_stays_away(both: House) -> None:
    desk = both.switchboard.desk
    assert desk.set_state("ruth", AgentState.OFFLINE) == DONE
    in_line(both)
    assert done(both, "ring") == []
    assert desk.set_state("ruth", AgentState.READY) == DONE
    assert rung(both)[0] == RUTH.phone


def test_who_is_at_work_is_not_ready_by_saying_so(both: House) -> None:
    connected(both)
    both.switchboard.desk.set_state("ruth", AgentState.BREAK)
    assert state(both, "ruth") is AgentState.BREAK
    both.switchboard.desk.set_state("ruth", AgentState.READY)
    assert state(both, "ruth") is AgentState.BUSY


def test_whose_phone_rings_is_not_ready_by_saying_so(both: House) -> None:
    in_line(both)
    rung(both)
    both.switchboard.desk.set_state("ruth", AgentState.READY)
    assert state(both, "ruth") is AgentState.RESERVED


def test_a_stranger_has_no_state(both: House) -> None:
    assert both.switchboard.desk.set_state("nobody", AgentState.READY) == Refused(Refusal.UNKNOWN_AGENT)


# ---- a call that rings -------------------------------------------------------------------------------------------


def test_a_yes_on_the_page_is_key_1_on_a_phone_that_was_picked_up(both: House) -> None:
    turned = in_line(both)
    _, reservation = rung(both)
    assert both.switchboard.quiet(10)
    both.switchboard.agent_answered(reservation)
    assert both.switchboard.desk.accept("ruth", reservation) == DONE
    assert done(both, "push_agent") == [("push_agent", f"leg-{reservation}", reservation)]
    document = both.switchboard.agent_document(reservation)
    assert (says(document)[0], kinds(document.verbs)[-1]) == ("whisper.verified", "Join")
    assert call_of(both, turned).stage is Stage.TRANSFER


def test_while_it_rings_a_yes_on_the_page_makes_picking_it_up_the_acceptance(both: House) -> None:
    in_line(both)
    _, reservation = rung(both)
    assert both.switchboard.desk.accept("ruth", reservation) == Done(pick_up=True)
    both.clock.pass_seconds(5)
    assert kinds(both.switchboard.agent_answered(reservation).verbs)[-1] == "Join"


def test_whoever_picks_up_much_later_may_be_a_voicemail_and_needs_the_key(both: House) -> None:
    in_line(both)
    _, reservation = rung(both)
    both.switchboard.desk.accept("ruth", reservation)
    both.clock.pass_seconds(WILLING_FOR.total_seconds() + 1)
    assert any(isinstance(verb, AskAgent) for verb in both.switchboard.agent_answered(reservation).verbs)


def test_nobody_accepts_or_declines_what_rings_for_another(both: House) -> None:
    in_line(both)
    _, reservation = rung(both)
    assert both.switchboard.desk.accept("omar", reservation) == Refused(Refusal.NOT_YOURS)
    assert both.switchboard.desk.decline("omar", reservation) == Refused(Refusal.NOT_YOURS)
    assert both.switchboard.desk.accept("ruth", "nothing.7") == Refused(Refusal.GONE)
    assert both.switchboard.desk.decline("ruth", "nothing.7") == Refused(Refusal.GONE)


def test_a_no_on_the_page_stops_the_ringing_and_says_why(both: House) -> None:
    turned = in_line(both)
    _, reservation = rung(both)
    assert both.switchboard.quiet(10)  # a ring that ends only after the no would be hung up once more
    both.switchboard.desk.set_state("omar", AgentState.READY)
    assert both.switchboard.desk.decline("ruth", reservation, "on another line") == DONE
    assert rung(both, 2)[0] == OMAR.phone
    assert done(both, "end_leg") == [("end_leg", f"leg-{reservation}")]
    assert dict(both.journal(turned.call_id))["agent_turned_down"]["why"] == "declined: on another line"


def test_a_no_needs_no_reason(both: House) -> None:
    turned = in_line(both)
    both.switchboard.desk.decline("ruth", rung(both)[1])
    assert dict(both.journal(turned.call_id))["agent_turned_down"]["why"] == "declined"


# ---- hold and mute -----------------------------------------------------------------------------------------------


def test_hold_and_resume_reach_the_callers_leg_and_mute_the_agents(both: House) -> None:
    turned = connected(both)
    desk, room = both.switchboard.desk, f"room-{turned.call_id}-1"
    for command in (desk.hold, desk.resume, desk.mute, desk.unmute):
        assert command("ruth", turned.call_id) == DONE
        assert both.switchboard.quiet(10)
    agent = done(both, "arrange")[2][2]
    assert done(both, "arrange") == [
        ("arrange", room, "CA1", "held=True"), ("arrange", room, "CA1", "held=False"),
        ("arrange", room, agent, "muted=True"), ("arrange", room, agent, "muted=False"),
    ]  # fmt: skip
    assert agent.startswith("leg-")
    told = [what for what, _ in both.journal(turned.call_id)]
    assert told[-4:] == ["held", "resumed", "muted", "muted"]


def test_only_who_has_the_call_controls_it(both: House) -> None:
    turned = connected(both)
    assert both.switchboard.desk.hold("omar", turned.call_id) == Refused(Refusal.NOT_YOURS)
    assert done(both, "arrange") == []
    assert call_of(both, turned).serving is not None


def test_a_carrier_that_may_have_done_it_is_asked_again_since_the_same_again_does_no_harm(both: House) -> None:
    turned = connected(both)
    both.carrier.fails["arrange"] = [DOWN, REFUSED]
    both.switchboard.desk.hold("ruth", turned.call_id)
    for _ in range(4):
        assert both.switchboard.quiet(10)
        both.switchboard.tick(both.clock.pass_seconds(2))
    assert [one[3] for one in done(both, "arrange")] == ["held=True"]
    call = call_of(both, turned)
    assert call.serving is not None
    assert call.serving.hold is not None
    assert call.serving.hold.in_effect


@pytest.mark.parametrize("trouble", [[LegGone("gone")], [DOWN] * 9])
def test_a_hold_that_cannot_be_done_is_none(both: House, trouble: list[Exception]) -> None:
    turned = connected(both)
    both.carrier.fails["arrange"] = trouble
    both.switchboard.desk.hold("ruth", turned.call_id)
    for _ in range(12):
        assert both.switchboard.quiet(10)
        both.switchboard.tick(both.clock.pass_seconds(10))
    call = call_of(both, turned)
    assert call.serving is not None
    assert call.serving.hold is None
    assert ("not_arranged", {"what": "hold"}) in both.journal(turned.call_id)


# ---- a colleague -------------------------------------------------------------------------------------------------


def consulting(house: House) -> tuple[Turned, str]:
    """Ruth has asked Omar, whose phone rings."""
    turned = connected(house)
    house.switchboard.desk.set_state("omar", AgentState.READY)
    assert house.switchboard.desk.consult("ruth", turned.call_id, to_agent="omar") == DONE
    phone, reservation = rung(house, 2)
    assert phone == OMAR.phone
    assert house.switchboard.quiet(10)
    return turned, reservation


def test_a_colleague_is_invited_by_name_and_told_of_the_caller_after_the_key(both: House) -> None:
    turned, reservation = consulting(both)
    invitation = both.switchboard.agent_answered(reservation).verbs[0]
    assert isinstance(invitation, AskAgent)
    assert [say.prompt_id for say in invitation.say] == ["agent.consult_invitation"]
    accepted = both.switchboard.agent_keyed(reservation, "1")
    assert says(accepted)[:2] == ["whisper.consult", "whisper.verified"]
    assert accepted.verbs[-1] == Join(f"room-{turned.call_id}-1")


def test_the_colleague_takes_over_and_the_first_agent_is_free(both: House) -> None:
    turned, reservation = consulting(both)
    both.switchboard.agent_keyed(reservation, "1")
    assert both.switchboard.desk.complete("ruth", turned.call_id) == Refused(Refusal.NOBODY_ANSWERED_YET)
    enters(both, turned, f"leg-{reservation}")
    assert both.switchboard.desk.complete("ruth", turned.call_id) == DONE
    assert done(both, "arrange")[-1][3] == "held=False"
    assert [leg for _, leg in done(both, "end_leg")] == [next(iter(both.carrier.legs.values()))]
    assert (state(both, "ruth"), state(both, "omar")) == (AgentState.READY, AgentState.BUSY)
    assert both.switchboard.desk.hold("omar", turned.call_id) == DONE
    assert both.switchboard.desk.hold("ruth", turned.call_id) == Refused(Refusal.NOT_YOURS)


def test_back_to_the_caller_the_colleagues_phone_stops(both: House) -> None:
    turned, reservation = consulting(both)
    assert both.switchboard.desk.return_to_caller("ruth", turned.call_id) == DONE
    assert done(both, "end_leg") == [("end_leg", f"leg-{reservation}")]
    assert state(both, "omar") is AgentState.READY


@pytest.mark.parametrize("how", ["keys", "busy"])
def test_a_colleague_who_does_not_come_leaves_the_caller_on_hold_with_their_agent(both: House, how: str) -> None:
    turned, reservation = consulting(both)
    if how == "keys":
        both.switchboard.agent_keyed(reservation, "2")
    else:
        both.switchboard.agent_leg_ended(reservation, TurnedDown.BUSY)
    call = call_of(both, turned)
    assert call.serving is not None
    assert (call.serving.consult, call.serving.hold is not None) == (None, True)
    assert both.switchboard.quiet(10)
    assert not floor(both).items


def test_a_caller_who_hangs_up_frees_both_agents(both: House) -> None:
    turned, reservation = consulting(both)
    both.switchboard.agent_keyed(reservation, "1")
    both.switchboard.caller_hung_up("CA1")
    assert {leg for _, leg in done(both, "end_leg")} == set(both.carrier.legs.values())
    assert (state(both, "ruth"), state(both, "omar")) == (AgentState.READY, AgentState.READY)
    assert call_of(both, turned).ending is Ending.SERVED


def test_an_agent_lost_leaves_the_caller_with_the_colleague_who_has_accepted(both: House) -> None:
    turned, reservation = consulting(both)
    both.switchboard.agent_keyed(reservation, "1")
    first = next(iter(both.carrier.legs))
    both.switchboard.agent_leg_ended(first, None)
    call = call_of(both, turned)
    assert call.serving is not None
    assert (call.serving.agent_id, call.stage) == ("omar", Stage.TRANSFER)
    assert both.switchboard.agent_document(reservation).verbs[-1] == Join(f"room-{turned.call_id}-1")


def test_who_is_not_ready_is_not_asked(both: House) -> None:
    turned = connected(both)
    desk = both.switchboard.desk
    assert desk.consult("ruth", turned.call_id, to_agent="omar") == Refused(Refusal.AGENT_NOT_READY)
    assert desk.consult("ruth", turned.call_id, to_agent="nobody") == Refused(Refusal.UNKNOWN_AGENT)
    assert desk.consult("ruth", turned.call_id, to_queue="nowhere") == Refused(Refusal.UNKNOWN_QUEUE)
    assert desk.pass_to("ruth", turned.call_id, to_agent="omar") == Refused(Refusal.AGENT_NOT_READY)
    both.switchboard.desk.set_state("omar", AgentState.READY)
    assert desk.consult("ruth", turned.call_id, to_queue="billing") == DONE
    assert rung(both, 2)[0] == OMAR.phone


# ---- passed on ---------------------------------------------------------------------------------------------------


def test_passed_to_an_agent_the_phone_rings_and_the_whisper_says_by_whom(both: House) -> None:
    turned = connected(both)
    both.switchboard.desk.set_state("omar", AgentState.READY)
    assert both.switchboard.desk.pass_to("ruth", turned.call_id, to_agent="omar", note="wants\na  refund\x07") == DONE
    phone, reservation = rung(both, 2)
    assert phone == OMAR.phone
    both.switchboard.agent_answered(reservation)
    whisper = both.switchboard.agent_keyed(reservation, "1")
    assert (says(whisper)[0], says(whisper)[-1]) == ("whisper.passed_on", "whisper.note")
    note = [verb for verb in whisper.verbs if isinstance(verb, Say)][-1].args[0][1]
    assert getattr(note, "text", "") == "wants a refund"
    assert both.switchboard.document(turned.call_id).verbs[-1] == Join(f"room-{turned.call_id}-2")


def test_passed_to_a_queue_where_nobody_is_the_caller_hears_so_and_keeps_the_place(both: House) -> None:
    turned = connected(both)
    before = call_of(both, turned).waiting
    assert both.switchboard.desk.pass_to("ruth", turned.call_id, to_queue="law") == DONE
    assert done(both, "push")[-1][1] == "CA1"
    document = both.switchboard.document(turned.call_id)
    assert [say.prompt_id for say in document.verbs[0].say] == ["transfer.passed_on_busy"]  # type: ignore[union-attr]
    item = next(item for item in floor(both).items if item.id == turned.call_id)
    assert before is not None
    assert (item.queue, item.since) == ("law", before.since)
    assert [what for what, _ in both.journal(turned.call_id)][-1] == "passed_on"


def test_an_agent_of_another_queue_takes_the_call_to_it(make_house: Make) -> None:
    omar = replace(OMAR, queues=("law",))
    house = make_house(agents=(RUTH, omar), queues={"law": QueuePlan("law", skills=("jurist",))})
    turned = connected(house)
    assert house.switchboard.desk.pass_to("ruth", turned.call_id, to_agent="omar") == DONE
    assert rung(house, 2)[0] == OMAR.phone
    assert call_of(house, turned).queue.name == "law"


def test_an_agent_of_no_queue_that_we_know_cannot_have_it(make_house: Make) -> None:
    house = make_house(agents=(RUTH, replace(OMAR, queues=("chess",))))
    turned = connected(house)
    answer = house.switchboard.desk.pass_to("ruth", turned.call_id, to_agent="omar")
    assert answer == Refused(Refusal.AGENT_NOT_READY)


def test_the_agent_ends_the_call(both: House) -> None:
    turned = connected(both)
    assert both.switchboard.desk.end("ruth", turned.call_id) == DONE
    assert says(both.switchboard.document(turned.call_id)) == ["goodbye"]
    assert len(done(both, "end_leg")) == len(done(both, "close_room")) == 1


# ---- afterwards --------------------------------------------------------------------------------------------------


def test_notes_and_the_wrap_up_are_for_whoever_has_or_had_the_call(both: House) -> None:
    turned = connected(both)
    desk = both.switchboard.desk
    assert desk.note("ruth", turned.call_id, " rang about\tthe bill ") == DONE
    desk.end("ruth", turned.call_id)
    assert desk.wrap_up("ruth", turned.call_id, "refund") == DONE
    assert desk.note("omar", turned.call_id, "me too") == Refused(Refusal.NOT_YOURS)
    assert desk.wrap_up("omar", turned.call_id, "refund") == Refused(Refusal.NOT_YOURS)
    assert desk.note("ruth", turned.call_id, " \n ") == Refused(Refusal.NOTHING_SAID)
    assert desk.wrap_up("ruth", turned.call_id, "nonsense") == Refused(Refusal.UNKNOWN_CODE)
    rows = dict(both.journal(turned.call_id))
    assert rows["noted"] == {"agent": "Ruth", "agent_id": "ruth", "text": "rang about the bill"}
    assert rows["wrapped_up"]["code"] == "refund"
    assert both.filed == [(turned.call_id, "refund")]


def test_filing_a_call_ends_the_wrap_up(both: House) -> None:
    turned = connected(both)
    desk = both.switchboard.desk
    desk.end("ruth", turned.call_id)
    desk.set_state("ruth", AgentState.WRAP_UP)
    desk.wrap_up("ruth", turned.call_id, "refund")
    assert state(both, "ruth") is AgentState.READY


# ---- supervisors -------------------------------------------------------------------------------------------------


def test_a_supervisor_is_rung_presses_1_and_listens_then_coaches_then_speaks(both: House) -> None:
    turned = connected(both)
    desk = both.switchboard.desk
    assert desk.listen("sofia", turned.call_id, supervises=True) == DONE
    phone, leg = rung(both, 2)
    assert (phone, leg) == (SOFIA.phone, f"{turned.call_id}~1.0")
    invitation = both.switchboard.agent_answered(leg).verbs[0]
    assert isinstance(invitation, AskAgent)
    assert [say.prompt_id for say in invitation.say] == ["agent.supervisor_invitation"]
    assert both.switchboard.agent_keyed(leg, "1").verbs == (Join(f"room-{turned.call_id}-1", muted=True),)
    enters(both, turned, f"leg-{leg}")
    assert desk.whisper("sofia", turned.call_id, supervises=True) == DONE
    agent = both.carrier.legs[next(iter(both.carrier.legs))]
    assert done(both, "arrange")[-1][2:] == (f"leg-{leg}", f"muted=False coached={agent}")
    assert desk.barge("sofia", turned.call_id, supervises=True) == DONE
    assert done(both, "arrange")[-1][2:] == (f"leg-{leg}", "muted=False")
    assert desk.stop("sofia", turned.call_id) == DONE
    assert done(both, "end_leg") == [("end_leg", f"leg-{leg}")]
    assert desk.stop("sofia", turned.call_id) == Refused(Refusal.NOT_SUPERVISING)


@pytest.mark.parametrize("how", ["2", "", "busy"])
def test_a_supervisor_who_does_not_come_is_not_in(both: House, how: str) -> None:
    turned = connected(both)
    both.switchboard.desk.listen("sofia", turned.call_id, supervises=True)
    leg = rung(both, 2)[1]
    if how == "busy":
        both.switchboard.agent_leg_ended(leg, TurnedDown.BUSY)
    else:
        both.switchboard.agent_answered(leg)
        both.switchboard.agent_keyed(leg, how)
    call = call_of(both, turned)
    assert call.serving is not None
    assert call.serving.supervisors == ()
    assert call.serving.joined_at is not None
    assert says(both.switchboard.agent_keyed(leg, "1")) == ["agent.caller_gone"]


def test_a_supervisor_who_could_not_be_rung_is_not_in(both: House) -> None:
    turned = connected(both)
    both.carrier.fails["ring"] = [LegGone("no such number")]
    both.switchboard.desk.listen("sofia", turned.call_id, supervises=True)
    assert both.switchboard.quiet(10)
    call = call_of(both, turned)
    assert call.serving is not None
    assert call.serving.supervisors == ()


def test_a_conversation_that_is_over_while_a_supervisor_is_rung_stops_that(both: House) -> None:
    turned = connected(both)
    both.switchboard.desk.listen("sofia", turned.call_id, supervises=True)
    leg = rung(both, 2)[1]
    assert both.switchboard.quiet(10)
    both.switchboard.caller_hung_up("CA1")
    assert ("end_leg", f"leg-{leg}") in done(both, "end_leg")


def test_listening_takes_the_role_a_phone_and_free_hands(both: House) -> None:
    turned = connected(both)
    desk = both.switchboard.desk
    assert desk.listen("sofia", turned.call_id, supervises=False) == Refused(Refusal.SUPERVISORS_ONLY)
    assert desk.listen("nobody", turned.call_id, supervises=True) == Refused(Refusal.NO_PHONE)
    assert desk.listen("ruth", turned.call_id, supervises=True) == Refused(Refusal.BUSY)
    desk.set_state("omar", AgentState.READY)
    assert desk.listen("omar", turned.call_id, supervises=True) == DONE
    assert state(both, "omar") is AgentState.BREAK


def test_every_refusal_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Refusal)
    assert all(Refused(why).sentence.endswith(".") for why in Refusal)
