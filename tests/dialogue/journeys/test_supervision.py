"""A supervisor is in on a conversation."""

import pytest

from tests.dialogue.conversation import Conversation
from voicebot.dialogue.actions import Arrange, EndLeg, Join, RingSupervisor
from voicebot.dialogue.journeys import transfer
from voicebot.dialogue.journeys.room import room_of, serving_of
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.seats import Seat, absent, seats
from voicebot.dialogue.values import Supervision

MIRA, SOFIA = "call-1.1", "call-1~1.0"


def supervised(how: Supervision = Supervision.SILENT) -> Conversation:
    """Sofia is in on Mira's call."""
    talk = Conversation().is_with_agent()
    talk.supervisor.wants(how)
    talk.supervisor.enters()
    return talk


def test_a_supervisor_is_rung_and_comes_in_unheard() -> None:
    talk = Conversation().is_with_agent()
    assert talk.supervisor.wants() == [RingSupervisor(SOFIA, "sofia")]
    assert transfer.supervisor_accepted(talk.call) == (Join(room_of(talk.call), muted=True),)
    talk.supervisor.enters()
    assert not talk.does(Arrange)
    assert seats(talk.call)[SOFIA] == Seat(muted=True, coached="")
    assert talk.facts(Noted.SUPERVISED) == {"supervisor": "Sofia", "supervisor_id": "sofia", "how": "silent"}


@pytest.mark.parametrize(("how", "seat"), [
    (Supervision.COACHING, Seat(muted=False, coached=MIRA)), (Supervision.SPEAKING, Seat(muted=False, coached="")),
])  # fmt: skip
def test_who_wants_to_be_heard_is_so_once_in_the_room(how: Supervision, seat: Seat) -> None:
    talk = supervised(how)
    assert Arrange(SOFIA) in talk.actions
    assert seats(talk.call)[SOFIA] == seat


def test_being_told_twice_of_somebody_is_no_news() -> None:
    talk = supervised()
    assert talk.supervisor.enters() == []


def test_a_supervisor_changes_how_they_are_in() -> None:
    talk = supervised()
    assert Arrange(SOFIA) in talk.supervisor.wants(Supervision.SPEAKING)
    assert talk.facts(Noted.SUPERVISED)["how"] == "speaking"
    assert talk.supervisor.wants(Supervision.SPEAKING) == []


def test_before_they_are_in_a_change_only_waits_for_them() -> None:
    talk = Conversation().is_with_agent()
    talk.supervisor.wants()
    assert talk.supervisor.wants(Supervision.COACHING) == []
    talk.supervisor.enters()
    assert Arrange(SOFIA) in talk.actions


def test_two_supervisors_are_told_apart() -> None:
    talk = supervised()
    assert talk.supervisor.wants(by="rashid") == [RingSupervisor("call-1~2.0", "rashid")]
    talk.supervisor.wants(Supervision.SPEAKING)
    assert [one.supervision.value for one in serving_of(talk.call).supervisors] == ["speaking", "silent"]


def test_a_supervisor_stops() -> None:
    talk = supervised()
    assert EndLeg(SOFIA) in talk.supervisor.stops()
    assert serving_of(talk.call).supervisors == ()
    assert talk.count(Noted.SUPERVISION_OVER) == 1


def test_a_supervisor_whose_leg_is_lost_is_out_and_the_conversation_goes_on() -> None:
    talk = supervised()
    talk.supervisor.leaves()
    assert serving_of(talk.call).supervisors == ()
    assert not talk.does(EndLeg)
    assert serving_of(talk.call).joined_at is not None
    talk.supervisor.leaves()
    assert talk.count(Noted.TOO_LATE) == 1


def test_whoever_cannot_be_arranged_is_put_out_since_nobody_knows_who_hears_them() -> None:
    talk = supervised()
    talk.supervisor.wants(Supervision.COACHING)
    assert EndLeg(SOFIA) in talk.arranged(SOFIA, done=False)
    assert talk.arranged(SOFIA, done=False) == []


def test_a_coach_goes_on_with_whoever_takes_over() -> None:
    talk = supervised(Supervision.COACHING)
    talk.agent.asks()
    talk.colleague.accepts("call-1~2.2")
    talk.colleague.enters("call-1~2.2")
    talk.agent.completes()
    assert Arrange(SOFIA) in talk.actions
    assert seats(talk.call)[SOFIA].coached == "call-1~2.2"


@pytest.mark.parametrize("how", ["passed on", "ended", "agent lost on hold"])
def test_when_the_conversation_is_over_the_supervisor_is_out(how: str) -> None:
    talk = supervised()
    match how:
        case "passed on":
            talk.agent.passes_to()
        case "ended":
            talk.agent.ends()
        case _:
            talk.agent.holds()
            talk.agent.leaves()
    assert EndLeg(SOFIA) in talk.actions
    assert talk.call.serving is None or talk.stage.value == "ended"


def test_a_stranger_in_the_room_is_nobody() -> None:
    talk = supervised()
    before = talk.call
    talk.supervisor.enters("call-1.9")
    assert talk.call == before


def test_whoever_has_not_come_in_is_absent() -> None:
    assert absent(Conversation().call) == ()
    talk = Conversation().is_verified()
    talk.agent.accepts()
    assert absent(talk.call) == ("", MIRA)
    talk = Conversation().is_with_agent()
    talk.agent.asks()
    talk.colleague.accepts()
    talk.supervisor.wants()
    assert absent(talk.call) == ("call-1~1.2", "call-1~2.0")
    talk.colleague.enters()
    talk.supervisor.enters("call-1~2.0")
    assert absent(talk.call) == ()
