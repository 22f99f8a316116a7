"""An agent takes the call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import ADA, BILLING, Conversation
from voicebot.dialogue.actions import (
    AskAgent,
    CloseRoom,
    Hangup,
    Join,
    OfferToFloor,
    Say,
    StopListening,
    Wait,
    WakeAt,
    WithdrawFromFloor,
)
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import RoomLeft
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.journeys import transfer
from voicebot.dialogue.journeys.room import is_in_room, room_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.spoken import Digits, Sounded, Words
from voicebot.dialogue.values import (
    Assurance,
    Customer,
    Ending,
    Party,
    Proof,
    SecretVerdict,
)
from voicebot.errors import ImpossibleEvent

ROOM = "room-call-1-1"


def whispered(talk: Conversation) -> list[str]:
    return [say.prompt_id for say in transfer.whisper(talk.call)]


# ---- what the agent hears ----------------------------------------------------------------------------------------


def test_before_a_key_the_agents_phone_hears_the_queues_name_and_nothing_else() -> None:
    invitation = transfer.invitation("billing")
    assert invitation[0] == AskAgent((Say("agent.invitation", args=(("queue", Sounded("queue.billing")),)),), timeout=8)
    assert invitation[1:] == (Hangup(),)


def test_the_whisper_says_the_status_first() -> None:
    assert whispered(Conversation().waits())[0] == "whisper.not_identified"
    assert whispered(Conversation().is_identified().waits())[0] == "whisper.identified"
    assert whispered(Conversation().is_verified())[0] == "whisper.verified"


def test_of_a_verified_caller_the_agent_hears_name_and_number() -> None:
    assert transfer.whisper(Conversation().is_verified().call) == (
        Say("whisper.verified"),
        Say("whisper.name", args=(("name", Words("Ada Marsh")),)),
        Say("whisper.identifier", args=(("identifier", Digits("40719238")),)),
    )


def test_the_whisper_says_why_and_how_often_it_failed() -> None:
    talk = Conversation().is_identified()
    for _ in range(3):
        talk.caller.keys("111111")
        talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
    assert transfer.whisper(talk.call)[:3] == (
        Say("whisper.identified"),
        Say("whisper.reason.wrong_secret"),
        Say("whisper.failures", 3, (("field", Sounded("field.pin")),)),
    )


def test_a_queue_may_keep_the_name_out_of_the_whisper() -> None:
    talk = Conversation(replace(BILLING, queue=QueuePlan("billing", name_in_whisper=False))).is_verified()
    assert whispered(talk) == ["whisper.verified"]


def test_a_customer_without_a_name_is_whispered_by_number() -> None:
    talk = Conversation()
    talk.caller.keys("40719238")
    talk.back_end.finds(Customer("ref-2", "40719238"))
    talk.waits()
    assert whispered(talk) == ["whisper.identified", "whisper.reason.asked_for_agent", "whisper.identifier"]


def test_the_agent_hears_the_whisper_and_then_enters() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    verbs = transfer.accepted(talk.call)
    assert verbs == (*transfer.whisper(talk.call), Join(ROOM))


# ---- the caller's side -------------------------------------------------------------------------------------------


def test_the_caller_goes_into_the_room_at_the_claim() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    assert talk.call.verbs == (Say("transfer.connecting"), Join(ROOM))
    assert talk.facts(Noted.AGENT_ACCEPTED) == {"agent": "Mira", "waited": 12.0}
    assert talk.facts(Noted.WHISPERED)["assurance"] == "verified"


def test_nobody_is_heard_while_joined() -> None:
    talk = Conversation().is_with_agent()
    assert not talk.call.stream_open
    assert not any(isinstance(verb, StopListening) for verb in talk.call.verbs)


@pytest.mark.parametrize("first", ["agent", "caller"])
def test_both_together_are_joined_and_only_then(first: str) -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    one, other = (talk.agent, talk.caller) if first == "agent" else (talk.caller, talk.agent)
    one.enters()
    one.enters()
    assert talk.count(Noted.JOINED) == 0
    other.enters()
    assert talk.count(Noted.JOINED) == 1
    assert talk.call.serving is not None
    assert talk.call.serving.joined_at == talk.now


def test_who_has_come_into_the_room_is_in_it_until_the_call_goes_on_elsewhere() -> None:
    talk = Conversation().is_verified()
    seen = [is_in_room(talk.call, Party.CALLER)]
    talk.agent.accepts()
    seen.append(is_in_room(talk.call, Party.CALLER))
    talk.caller.enters()
    seen += [is_in_room(talk.call, Party.CALLER), is_in_room(talk.call, Party.AGENT)]
    talk.agent.leaves()
    seen.append(is_in_room(talk.call, Party.CALLER))
    assert seen == [False, False, True, False, False]


def test_being_told_twice_of_somebody_joins_nobody_twice() -> None:
    talk = Conversation().is_with_agent()
    joined = talk.call.serving
    talk.agent.enters()
    assert talk.count(Noted.JOINED) == 1
    assert talk.call.serving is not None
    assert joined is not None
    assert talk.call.serving.joined_at == joined.joined_at


@pytest.mark.parametrize("how", ["agent leaves", "caller comes out"])
def test_when_the_conversation_is_over_the_room_is_closed_and_the_caller_hung_up_on(how: str) -> None:
    talk = Conversation().is_with_agent()
    talk.agent.leaves() if how == "agent leaves" else talk.caller.leaves_room()
    assert talk.does(CloseRoom)
    assert talk.does(WithdrawFromFloor)
    assert talk.call.verbs == (Say("goodbye"), Hangup())
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.SERVED)


def test_an_agent_lost_before_the_two_were_joined_costs_the_caller_no_place() -> None:
    talk = Conversation().is_verified()
    before = talk.call.waiting
    assert before is not None
    talk.agent.accepts()
    talk.caller.enters()
    talk.agent.leaves()
    assert (talk.stage, talk.call.serving) == (Stage.WAIT, None)
    assert talk.call.waiting is not None
    assert talk.call.waiting.since == before.since
    assert [type(action) for action in talk.actions[:4]] == [Note, CloseRoom, WithdrawFromFloor, OfferToFloor]
    assert talk.hears == ["transfer.agent_lost"]
    assert isinstance(talk.call.verbs[-1], Wait)


def test_an_agent_who_stays_longer_than_any_whisper_has_met_the_caller_even_if_no_news_of_the_room_came() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    talk.agent.leaves(after=45)
    assert (talk.stage, talk.call.ending, talk.hears) == (Stage.ENDED, Ending.SERVED, ["goodbye"])


def test_a_call_from_before_that_was_known_goes_back_in_line() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    assert talk.call.serving is not None
    talk.call = replace(talk.call, serving=replace(talk.call.serving, accepted_at=None))
    talk.agent.leaves()
    assert talk.stage is Stage.WAIT


def test_after_a_lost_agent_another_can_take_the_call() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    talk.agent.leaves_during_the_whisper()
    talk.agent.accepts("call-1.2")
    assert talk.stage is Stage.TRANSFER


def test_after_a_lost_agent_the_wait_still_has_its_end() -> None:
    talk = Conversation().is_verified()
    assert talk.call.waiting is not None
    end = talk.call.waiting.since + timedelta(seconds=900)
    talk.agent.accepts()
    talk.agent.leaves_during_the_whisper()
    assert WakeAt(end, "waited_too_long") in talk.actions


def test_who_loses_an_agent_at_the_end_of_the_wait_is_not_sent_away_at_once() -> None:
    talk = Conversation().is_verified()
    talk.passes(895)
    talk.agent.accepts()
    assert talk.time_comes("waited_too_long") == []
    talk.agent.leaves_during_the_whisper()
    assert WakeAt(talk.now + timedelta(seconds=60), "waited_too_long") in talk.actions


def test_the_leaving_of_an_earlier_agent_is_late() -> None:
    talk = Conversation().is_with_agent()
    before = talk.call
    talk.agent.leaves("call-1.0")
    assert talk.call == before
    assert talk.count(Noted.TOO_LATE) == 1


@pytest.mark.parametrize("deed", ["leaves_room", "is_silent", "keys"])
def test_a_caller_who_asks_what_to_do_goes_into_the_room(deed: str) -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    talk.caller.keys("5") if deed == "keys" else getattr(talk.caller, deed)()
    assert talk.call.verbs == (Join(ROOM),)
    assert talk.stage is Stage.TRANSFER


def test_a_second_agent_changes_nothing() -> None:
    talk = Conversation().is_with_agent()
    before = talk.call
    talk.agent.accepts("call-1.9")
    assert talk.call == before
    assert talk.count(Noted.TOO_LATE) == 1


def test_a_room_is_named_after_its_conversation_and_nobody_in_it() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    assert room_of(talk.call) == ROOM
    talk.agent.leaves_during_the_whisper()
    talk.agent.accepts("call-1.2")
    assert room_of(talk.call) == "room-call-1-2"


def test_coming_out_of_an_earlier_room_is_no_news() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    talk.agent.leaves_during_the_whisper()
    talk.agent.accepts("call-1.2")
    before = talk.call
    assert talk.happens(RoomLeft(talk.passes(1), ROOM)) == []
    assert talk.call == before


# ---- who the agent knows -----------------------------------------------------------------------------------------


def test_an_agent_can_say_who_an_unknown_caller_is() -> None:
    talk = Conversation().waits()
    talk.agent.accepts()
    talk.agent.links(ADA)
    assert (talk.call.assurance, talk.call.customer) == (Assurance.IDENTIFIED, ADA)
    assert (talk.call.evidence[-1].proof, talk.call.evidence[-1].field) == (Proof.AGENT, "account_number")
    assert talk.call.stage is Stage.TRANSFER
    assert talk.facts(Noted.LINKED) == {"agent": "Mira", "by": "account_number", "assurance": "identified"}


def test_an_agent_can_make_nobody_of_a_known_caller() -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    before = talk.call
    with pytest.raises(ImpossibleEvent, match="identified already"):
        talk.agent.links(Customer("ref-9", "1"))
    assert talk.call == before
