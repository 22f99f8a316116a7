"""Caller and agent are connected: what the agent may do, and every way that it ends."""

from datetime import timedelta

import pytest

from tests.dialogue.conversation import DELIVERY, OMAR, Conversation
from voicebot.dialogue.actions import (
    Action,
    Arrange,
    CloseRoom,
    EndLeg,
    Hangup,
    Join,
    OfferToFloor,
    Say,
    Wait,
    WakeAt,
    WithdrawFromFloor,
)
from voicebot.dialogue.call import Stage
from voicebot.dialogue.deeds import CallerHeld, ConsultAsked
from voicebot.dialogue.journeys import transfer
from voicebot.dialogue.journeys.room import room_of, serving_of
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.seats import CALLER, Seat, seats
from voicebot.dialogue.serving import Serving
from voicebot.dialogue.spoken import Words
from voicebot.dialogue.values import Ending, Party, Supervision

MIRA, CONSULT = "call-1.1", "call-1~1.2"


def connected() -> Conversation:
    return Conversation().is_with_agent()


def consulting(*, present: bool = True) -> Conversation:
    """Mira has asked Omar, who has accepted and (if `present`) come in; the caller is on hold."""
    talk = connected()
    talk.agent.asks()
    talk.colleague.accepts()
    if present:
        talk.colleague.enters()
    return talk


def serving(talk: Conversation) -> Serving:
    return serving_of(talk.call)


def held(talk: Conversation) -> bool | None:
    return seats(talk.call)[CALLER].held


def kinds(actions: list[Action], *wanted: type[Action]) -> list[Action]:
    return [action for action in actions if isinstance(action, wanted)]


# ---- hold and mute -----------------------------------------------------------------------------------------------


def test_a_caller_on_hold_is_arranged_so_noted_and_not_forgotten() -> None:
    talk = connected()
    actions = talk.agent.holds()
    assert Arrange(CALLER) in actions
    assert held(talk)
    assert talk.facts(Noted.HELD) == {"agent": "Mira", "agent_id": "mira"}
    assert WakeAt(talk.now - timedelta(seconds=0.2) + timedelta(minutes=10), "held_too_long") in actions


def test_off_hold_again() -> None:
    talk = connected()
    talk.agent.holds()
    assert talk.agent.resumes()[0] == Arrange(CALLER)
    assert not held(talk)
    assert talk.facts(Noted.RESUMED)["why"] == "agent"


def test_the_same_wish_again_changes_nothing() -> None:
    talk = connected()
    assert talk.agent.resumes() == []
    talk.agent.holds()
    assert talk.agent.does(lambda at: CallerHeld(at, "mira")) == []
    talk.agent.mutes()
    assert talk.agent.mutes() == []


def test_a_caller_forgotten_on_hold_comes_back_by_time() -> None:
    talk = connected()
    talk.agent.holds()
    talk.passes(599)
    assert talk.time_comes("held_too_long") == []
    talk.passes(2)
    assert Arrange(CALLER) in talk.time_comes("held_too_long")
    assert not held(talk)
    assert talk.facts(Noted.RESUMED)["why"] == "time"
    assert talk.time_comes("held_too_long") == []


def test_time_also_ends_the_asking_of_a_colleague() -> None:
    talk = consulting()
    talk.passes(600)
    talk.time_comes("held_too_long")
    assert serving(talk).consult is None
    assert talk.does(WithdrawFromFloor)
    assert not held(talk)


def test_an_agent_is_muted_and_heard_again() -> None:
    talk = connected()
    assert talk.agent.mutes()[0] == Arrange(MIRA)
    assert seats(talk.call)[MIRA].muted
    talk.agent.mutes(muted=False)
    assert not seats(talk.call)[MIRA].muted
    assert talk.facts(Noted.MUTED) == {"muted": False, "agent": "Mira", "agent_id": "mira"}


def test_whoever_comes_into_the_room_again_sits_as_before() -> None:
    talk = connected()
    assert talk.caller.enters() == []
    talk.agent.holds()
    talk.agent.mutes()
    assert talk.caller.enters() == [Arrange(CALLER)]
    assert talk.agent.enters() == [Arrange(MIRA)]


def test_a_hold_that_the_line_could_not_do_is_none() -> None:
    talk = connected()
    talk.agent.does(lambda at: CallerHeld(at, "mira"))
    talk.arranged(done=False)
    assert not held(talk)
    assert talk.facts(Noted.NOT_ARRANGED) == {"what": "hold"}


def test_a_caller_who_could_not_be_taken_off_hold_comes_into_the_room_anew() -> None:
    talk = connected()
    talk.agent.holds()
    talk.agent.resumes()
    talk.arranged(done=False)
    assert talk.call.verbs == (Join(room_of(talk.call)),)
    assert Party.CALLER not in serving(talk).present  # so that the push is not taken for one that has worked
    assert talk.caller.enters() == []
    assert serving(talk).joined_at is not None


def test_a_mute_that_the_line_could_not_do_is_none() -> None:
    talk = connected()
    talk.agent.mutes()
    talk.arranged(MIRA, done=False)
    assert not serving(talk).muted
    assert talk.arranged(MIRA) == []


def test_what_was_done_already_is_no_news() -> None:
    talk = connected()
    assert talk.arranged() == []
    talk.agent.holds()
    assert talk.arranged() == []


# ---- a colleague is asked ----------------------------------------------------------------------------------------


def test_a_colleague_is_rung_only_when_the_caller_cannot_hear() -> None:
    talk = connected()
    actions = talk.agent.asks()
    assert kinds(actions, Arrange, OfferToFloor) == [Arrange(CALLER), OfferToFloor("billing", (), "omar", "call-1~1")]
    assert talk.facts(Noted.CONSULTING)["to"] == "Omar"


def test_with_the_caller_on_hold_already_the_colleague_is_rung_at_once() -> None:
    talk = connected()
    talk.agent.holds()
    assert OfferToFloor("billing", (), "omar", "call-1~1") in talk.agent.asks()


def test_a_caller_taken_off_hold_at_once_hears_the_colleague_come() -> None:
    talk = connected()
    talk.agent.holds()
    talk.agent.resumes()
    talk.agent.asks()
    talk.agent.resumes()
    assert talk.call.serving is not None
    assert not held(talk)
    assert serving(talk).consult is not None


def test_resuming_before_the_hold_took_effect_asks_the_colleague_all_the_same() -> None:
    talk = connected()
    talk.agent.does(lambda at: ConsultAsked(at, "mira", OMAR))
    talk.agent.resumes()
    assert OfferToFloor("billing", (), "omar", "call-1~1") in talk.actions


def test_if_the_caller_cannot_be_put_on_hold_nobody_is_asked() -> None:
    talk = connected()
    talk.agent.does(lambda at: ConsultAsked(at, "mira", OMAR))
    talk.arranged(done=False)
    assert serving(talk).consult is None
    assert not talk.does(OfferToFloor)
    assert talk.facts(Noted.CONSULT_OVER)["why"] == "hold"


def test_a_hold_lost_while_a_colleague_is_there_leaves_the_colleague() -> None:
    talk = connected()
    talk.agent.asks()
    talk.agent.resumes()
    talk.agent.does(lambda at: CallerHeld(at, "mira"))
    talk.arranged(done=False)
    assert serving(talk).consult is not None
    assert not held(talk)


def test_the_colleague_hears_who_asks_and_then_what_an_agent_hears() -> None:
    talk = consulting(present=False)
    verbs = transfer.consult_accepted(talk.call)
    assert verbs[0] == Say("whisper.consult", args=(("agent", Words("Mira")),))
    assert verbs[1:] == (*transfer.whisper(talk.call), Join(room_of(talk.call)))
    assert talk.facts(Noted.CONSULT_ANSWERED) == {"agent": "Omar"}


def test_the_invitations_say_nothing_of_the_caller() -> None:
    assert "Ada" not in repr((transfer.consult_invitation("Mira"), transfer.supervisor_invitation()))
    assert isinstance(transfer.consult_invitation("Mira")[-1], Hangup)
    assert isinstance(transfer.supervisor_invitation()[-1], Hangup)


def test_a_chosen_colleague_who_declines_was_that() -> None:
    talk = connected()
    talk.agent.asks()
    talk.colleague.turns_down()
    assert serving(talk).consult is None
    assert WithdrawFromFloor("call-1~1") in talk.actions
    assert held(talk)  # the agent brings the caller back


def test_of_a_queue_the_next_one_is_asked() -> None:
    talk = connected()
    talk.agent.asks(DELIVERY)
    talk.colleague.turns_down("no_answer")
    assert serving(talk).consult is not None
    assert talk.facts(Noted.AGENT_TURNED_DOWN) == {"agent": "omar", "why": "no_answer"}


@pytest.mark.parametrize("item", ["call-1~9", ""])
def test_a_no_to_something_else_changes_nothing(item: str) -> None:
    talk = consulting()
    before = talk.call
    talk.colleague.turns_down(item=item)
    assert talk.call == before


def test_back_to_the_caller_without_the_colleague() -> None:
    talk = consulting()
    actions = talk.agent.returns()
    assert kinds(actions, WithdrawFromFloor, Arrange) == [WithdrawFromFloor("call-1~1"), Arrange(CALLER)]
    assert (serving(talk).consult, held(talk)) == (None, False)


def test_a_colleague_who_hangs_up_leaves_the_caller_on_hold_for_the_agent() -> None:
    talk = consulting()
    talk.colleague.leaves()
    assert serving(talk).consult is None
    assert held(talk)
    assert talk.facts(Noted.CONSULT_OVER)["why"] == "left"


def test_the_colleague_takes_the_caller_over() -> None:
    talk = consulting()
    actions = talk.agent.completes()
    assert kinds(actions, WithdrawFromFloor, Arrange) == [WithdrawFromFloor("call-1"), Arrange(CALLER)]
    assert (serving(talk).reservation, serving(talk).agent_id, serving(talk).consult) == (CONSULT, "omar", None)
    assert not held(talk)
    assert talk.call.served_by == ("mira", "omar")
    assert talk.facts(Noted.TAKEN_OVER) == {"agent": "Omar", "before": "Mira"}


def test_off_hold_with_the_colleague_there_all_three_talk_and_the_one_who_stays_has_the_caller() -> None:
    talk = consulting()
    talk.agent.resumes()
    assert not held(talk)
    talk.agent.leaves()
    assert serving(talk).agent_id == "omar"
    assert Arrange(CALLER) not in talk.actions
    assert talk.stage is Stage.TRANSFER


def test_an_agent_lost_while_the_colleague_hears_the_whisper_leaves_the_caller_on_hold_till_they_meet() -> None:
    talk = consulting(present=False)
    talk.agent.leaves()
    assert (serving(talk).agent_id, serving(talk).joined_at) == ("omar", None)
    assert held(talk)
    talk.colleague.enters()
    assert not held(talk)
    assert Arrange(CALLER) in talk.actions
    assert talk.facts(Noted.JOINED) == {"agent": "Omar"}


def test_a_caller_who_hangs_up_between_two_agents_was_served() -> None:
    talk = consulting(present=False)
    talk.agent.leaves()
    talk.caller.hangs_up()
    assert talk.call.ending is Ending.SERVED


def test_somebody_else_who_accepts_is_too_late() -> None:
    talk = consulting()
    before = talk.call
    talk.colleague.accepts("call-1~1.3")
    talk.colleague.accepts("call-1~4.4")
    assert talk.call == before
    assert talk.count(Noted.TOO_LATE) == 2


# ---- passed on ---------------------------------------------------------------------------------------------------


def test_a_call_that_is_passed_on_is_in_line_again_with_all_that_is_known() -> None:
    talk = connected()
    since = talk.call.waiting
    assert since is not None
    talk.agent.passes_to(DELIVERY, "wants a refund")
    assert talk.stage is Stage.WAIT
    assert talk.call.queue.name == "delivery"
    assert kinds(talk.actions, CloseRoom, WithdrawFromFloor, OfferToFloor, WakeAt) == [
        CloseRoom("room-call-1-1"), WithdrawFromFloor(), OfferToFloor("delivery", ("parcels",)),
        WakeAt(talk.now + timedelta(seconds=600), "waited_too_long"),
    ]  # fmt: skip
    assert talk.call.waiting is not None
    assert (talk.call.waiting.since, talk.call.waiting.here_since) == (since.since, talk.now)
    assert talk.call.customer is not None
    assert talk.hears == ["transfer.passed_on"]
    assert isinstance(talk.call.verbs[-1], Wait)
    assert talk.facts(Noted.PASSED_ON)["to"] == "delivery"


def test_to_somebody_who_is_free_the_caller_is_told_nothing_of_waiting_and_otherwise_honestly() -> None:
    talk = connected()
    talk.agent.passes_to(OMAR, free=False)
    assert talk.hears == ["transfer.passed_on_busy"]
    assert OfferToFloor("billing", (), "omar") in talk.actions


def test_the_next_agent_hears_who_passed_it_on_and_the_note() -> None:
    talk = connected()
    talk.agent.passes_to(DELIVERY, "wants a refund")
    talk.agent.accepts("call-1.2")
    told = transfer.whisper(talk.call)
    assert told[0] == Say("whisper.passed_on", args=(("agent", Words("Mira")),))
    assert told[-1] == Say("whisper.note", args=(("note", Words("wants a refund")),))
    assert "whisper.verified" in [say.prompt_id for say in told]
    assert talk.facts(Noted.AGENT_ACCEPTED)["waited"] == 12.0
    assert room_of(talk.call) == "room-call-1-2"


def test_without_a_note_none_is_spoken() -> None:
    talk = connected()
    talk.agent.passes_to()
    talk.agent.accepts("call-1.2")
    assert "whisper.note" not in [say.prompt_id for say in transfer.whisper(talk.call)]


def test_whoever_was_the_agent_hangs_up_late_and_nothing_happens() -> None:
    talk = connected()
    talk.agent.passes_to()
    talk.agent.leaves()
    assert talk.stage is Stage.WAIT
    talk.agent.accepts("call-1.2")
    talk.agent.leaves()
    assert talk.stage is Stage.TRANSFER


# ---- the end -----------------------------------------------------------------------------------------------------


def test_the_agent_ends_the_call_and_the_caller_hears_goodbye() -> None:
    talk = connected()
    talk.agent.ends()
    assert talk.call.verbs == (Say("goodbye"), Hangup())
    assert talk.call.ending is Ending.SERVED
    assert talk.count(Noted.ENDED_BY_AGENT) == 1


def test_a_caller_on_hold_whose_agent_is_lost_is_back_in_line_with_the_whole_wait_before_them() -> None:
    talk = connected()
    talk.agent.holds()
    talk.passes(100)
    talk.agent.leaves()
    assert talk.stage is Stage.WAIT
    assert talk.hears == ["transfer.agent_lost"]
    assert WakeAt(talk.now + timedelta(seconds=900), "waited_too_long") in talk.actions
    assert talk.facts(Noted.AGENT_LOST) == {"agent": "Mira"}


def test_an_agent_lost_while_a_colleague_rings_stops_the_ringing_too() -> None:
    talk = connected()
    talk.agent.asks()
    talk.agent.leaves()
    assert talk.stage is Stage.WAIT
    assert WithdrawFromFloor() in talk.actions
    assert OfferToFloor("billing", ()) in talk.actions


@pytest.mark.parametrize("at", ["talking", "held", "consulting", "supervised"])
def test_a_caller_who_hangs_up_leaves_nobody_behind(at: str) -> None:
    talk = consulting() if at == "consulting" else connected()
    if at == "held":
        talk.agent.holds()
    if at == "supervised":
        talk.supervisor.wants()
    talk.caller.hangs_up()
    assert talk.stage is Stage.ENDED
    assert talk.call.ending is Ending.SERVED
    assert CloseRoom("room-call-1-1") in talk.actions
    assert WithdrawFromFloor() in talk.actions
    assert (EndLeg("call-1~1.0") in talk.actions) is (at == "supervised")


def test_everybody_has_a_seat_and_nobody_else() -> None:
    assert seats(Conversation().call) == {}
    talk = consulting()
    talk.supervisor.wants(Supervision.COACHING)
    assert seats(talk.call) == {
        CALLER: Seat(held=True), MIRA: Seat(muted=False), CONSULT: Seat(),
        "call-1~2.0": Seat(muted=False, coached=MIRA),
    }  # fmt: skip
