"""The laws of `step`: what is late, what is impossible, and that every answer goes on."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    ACCOUNT_SAID,
    ADA,
    BILLING,
    KNOWN_NUMBER,
    NOON,
    PIN_KEYED,
    SELF_SERVICE,
    WITHHELD,
    Conversation,
)
from voicebot.dialogue.actions import CloseRoom, OfferToFloor, WithdrawFromFloor
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    AgentTurnedDown,
    CallArrived,
    CallerHungUp,
    CallerIdentified,
    CustomerLinked,
    DetailsFetched,
    DoorFailed,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    Event,
    NoInput,
    PartyEntered,
    RoomLeft,
    SecretChecked,
    SpeechLost,
    TimeCame,
    TroubleMet,
)
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Assurance, Ending, Hearing, IdentifyResult, Party, Reason, Secret, SecretVerdict
from voicebot.errors import ImpossibleEvent


def every_event(call: Call) -> list[Event]:
    """One of each kind, addressed to what is open."""
    turn, errand = call.turn, call.errands
    return [
        EntryKeyed(NOON, turn, Secret("1")),
        EntrySpoken(NOON, turn, Secret("yes"), Hearing.ACCEPTED),
        NoInput(NOON, turn),
        SpeechLost(NOON, call.phase),
        DoorFailed(NOON, turn),
        CallerIdentified(NOON, errand, IdentifyResult.NOT_FOUND),
        SecretChecked(NOON, errand, SecretVerdict.MISMATCHED),
        DetailsFetched(NOON, errand, True),
        ErrandLost(NOON, errand),
        TimeCame(NOON, "bot_time_is_up"),
        AgentAccepted(NOON, "call-1.1", "Mira"),
        AgentTurnedDown(NOON, "Mira", "busy"),
        AgentLeft(NOON, "call-1.1"),
        CustomerLinked(NOON, "Mira", ADA, "account_number"),
        PartyEntered(NOON, Party.AGENT),
        RoomLeft(NOON),
        CallerHungUp(NOON),
        TroubleMet(NOON, "test"),
    ]


# ---- impossible --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", every_event(Call("call-1", BILLING)), ids=lambda event: type(event).__name__)
def test_nothing_can_happen_before_the_call_arrives(event: Event) -> None:
    with pytest.raises(ImpossibleEvent, match="before the call arrived"):
        step(Call("call-1", BILLING), event)


def test_a_call_arrives_once() -> None:
    with pytest.raises(ImpossibleEvent, match="arrived already"):
        step(Conversation().call, CallArrived(NOON, BILLING, WITHHELD, True, True))


@pytest.mark.parametrize(
    "event",
    [
        EntryKeyed(NOON, 2, Secret("1")),
        EntrySpoken(NOON, 2, Secret("yes"), Hearing.ACCEPTED),
        NoInput(NOON, 2),
        NoInput(NOON, 1, extension=1),
        SpeechLost(NOON, 2),
        DoorFailed(NOON, 2),
        CallerIdentified(NOON, 1, IdentifyResult.FOUND, ADA),
        SecretChecked(NOON, 1, SecretVerdict.MATCHED),
        DetailsFetched(NOON, 1, True),
        ErrandLost(NOON, 1),
        AgentAccepted(NOON, "call-1.1", "Mira"),
        AgentLeft(NOON, "call-1.1"),
        CustomerLinked(NOON, "Mira", ADA, "account_number"),
        PartyEntered(NOON, Party.AGENT),
        RoomLeft(NOON),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_was_never_asked_is_not_answered(event: Event) -> None:
    call = Conversation().call
    before = call.to_dict()
    with pytest.raises(ImpossibleEvent):
        step(call, event)
    assert call.to_dict() == before


def test_a_secret_is_not_checked_while_an_identifier_is_looked_up() -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    for verdict in SecretVerdict:
        with pytest.raises(ImpossibleEvent):
            talk.back_end.says_of_secret(verdict)
    with pytest.raises(ImpossibleEvent):
        talk.back_end.tells(("balance", "1"))
    assert talk.call.open_errand == 1


def test_an_identifier_is_not_looked_up_while_a_secret_is_checked() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    for result in IdentifyResult:
        with pytest.raises(ImpossibleEvent):
            talk.back_end.says_of_identifier(result, ADA)


def test_a_secret_is_not_checked_while_the_calling_number_is_looked_up() -> None:
    talk = Conversation(replace(BILLING, identifiers=()), KNOWN_NUMBER)
    with pytest.raises(ImpossibleEvent):
        talk.back_end.matches()


@pytest.mark.parametrize("by_ani", [True, False])
def test_nobody_is_found_without_a_name_for_the_books(by_ani: bool) -> None:
    talk = Conversation(BILLING, KNOWN_NUMBER if by_ani else WITHHELD)
    if not by_ani:
        talk.caller.keys(ACCOUNT)
    with pytest.raises(ImpossibleEvent, match="no customer was named"):
        talk.back_end.finds(None)


# ---- late --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        EntryKeyed(NOON, 1, Secret("1")),
        EntrySpoken(NOON, 1, Secret("yes"), Hearing.ACCEPTED),
        NoInput(NOON, 1),
        NoInput(NOON, 1, extension=7),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_answer_to_a_question_of_before_is_a_note_and_nothing_else(event: Event) -> None:
    talk = Conversation().is_identified()
    after, actions = step(talk.call, event)
    assert after == talk.call
    assert actions == [Note(Noted.TOO_LATE, (("event", type(event).__name__),))]


@pytest.mark.parametrize(
    "event",
    [
        CallerIdentified(NOON, 1, IdentifyResult.FOUND, ADA),
        SecretChecked(NOON, 1, SecretVerdict.MATCHED),
        DetailsFetched(NOON, 1, True),
        ErrandLost(NOON, 1),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_outcome_of_a_closed_errand_is_a_note_and_nothing_else(event: Event) -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds_nobody()
    after, actions = step(talk.call, event)
    assert after == talk.call
    assert actions == [Note(Noted.TOO_LATE, (("event", type(event).__name__),))]


def test_an_outcome_of_an_earlier_errand_does_not_answer_the_open_one() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_identifier(IdentifyResult.NOT_FOUND, errand=1)
    assert talk.call.open_errand == 2
    assert talk.count(Noted.TOO_LATE) == 1


def test_a_match_that_comes_after_the_caller_went_to_an_agent_verifies_nobody() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    talk.time_comes("bot_time_is_up")
    assert talk.stage is Stage.WAIT
    talk.back_end.matches()
    assert talk.call.assurance is Assurance.IDENTIFIED
    assert talk.count(Noted.TOO_LATE) == 1


def test_the_end_of_a_question_that_was_held_open_since_is_late() -> None:
    talk = Conversation()
    talk.caller.is_silent(speaking=True)
    before = talk.call
    talk.happens(NoInput(talk.now, 1, extension=0))
    assert talk.call == before
    assert talk.count(Noted.TOO_LATE) == 1


@pytest.mark.parametrize("event", every_event(replace(Conversation().call, errands=1)), ids=lambda event: type(event).__name__)
def test_after_the_end_everything_is_late(event: Event) -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    talk.caller.hangs_up()
    after, actions = step(talk.call, event)
    assert after == talk.call
    goes_out = isinstance(event, CallerHungUp | RoomLeft | AgentLeft)  # how every call ends; not worth a note
    assert [type(action) for action in actions] == ([] if goes_out else [Note])


# ---- speech lost -------------------------------------------------------------------------------------------------


def test_when_listening_fails_the_keys_go_on_and_the_next_question_listens_again() -> None:
    talk = Conversation()
    asked = talk.call.verbs
    talk.loses_speech()
    assert talk.call.verbs == asked
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds()
    assert talk.ask.opens_stream


def test_listening_that_fails_twice_at_a_question_is_not_tried_again() -> None:
    talk = Conversation()
    talk.loses_speech()
    talk.caller.is_silent()
    talk.loses_speech()
    talk.caller.is_silent()
    assert not talk.ask.listen
    assert talk.hears == ["account_number.keypad_only"]
    assert talk.count(Noted.KEYPAD_ONLY) == 1


def test_a_stream_that_fails_twice_over_is_one_failure() -> None:
    talk = Conversation()
    talk.loses_speech()
    talk.loses_speech()
    assert talk.call.authenticating.tally.speech_failures == 1
    assert talk.count(Noted.TOO_LATE) == 1


def test_a_stream_of_an_earlier_phase_that_fails_is_late() -> None:
    talk = Conversation()
    talk.loses_speech()
    talk.caller.is_silent()
    talk.happens(SpeechLost(talk.now, 1))
    assert talk.call.stream_open
    assert talk.count(Noted.TOO_LATE) == 1


# ---- trouble, and goodbye, at every stage ------------------------------------------------------------------------


def at(stage: str) -> Conversation:
    talk = Conversation(SELF_SERVICE, KNOWN_NUMBER if stage == "looking up the number" else WITHHELD)
    match stage:
        case "identifying":
            talk.caller.keys(ACCOUNT)
        case "confirming":
            talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
        case "asking a secret":
            talk.is_identified()
        case "checking a secret":
            talk.is_identified().caller.keys(PIN_KEYED)
        case "fetching details":
            talk.is_verified()
        case "self-service":
            talk.is_verified().back_end.tells(("balance", "1"))
    return talk


MACHINE = [
    "looking up the number", "asking", "identifying", "confirming", "asking a secret", "checking a secret",
    "fetching details", "self-service",
]  # fmt: skip


@pytest.mark.parametrize("stage", MACHINE)
def test_trouble_of_ours_leads_to_an_agent_with_whatever_was_proven(stage: str) -> None:
    talk = at(stage)
    proven = talk.call.assurance
    talk.meets_trouble()
    assert (talk.stage, talk.call.assurance, talk.call.reason) == (Stage.WAIT, proven, Reason.TROUBLE)
    assert talk.does(OfferToFloor)
    assert talk.call.open_errand is None
    assert "unauthenticated.trouble" in talk.hears
    assert talk.goes_on()


@pytest.mark.parametrize("joined", [False, True])
def test_trouble_of_ours_does_not_tear_an_agent_from_a_caller(joined: bool) -> None:
    talk = Conversation().waits()
    talk.agent.accepts()
    if joined:
        talk.agent.enters()
        talk.caller.enters()
    before = talk.call
    talk.meets_trouble()
    assert talk.call == before
    assert talk.count(Noted.TROUBLE) == 1


def test_trouble_of_ours_does_not_cost_the_place_in_line() -> None:
    talk = Conversation().waits()
    before = talk.call
    talk.meets_trouble()
    assert talk.call == before


@pytest.mark.parametrize("stage", MACHINE)
def test_a_caller_who_hangs_up_on_the_machine_leaves_nothing_behind(stage: str) -> None:
    talk = at(stage)
    talk.caller.hangs_up()
    assert (talk.stage, talk.call.open_errand) == (Stage.ENDED, None)
    assert not talk.does(OfferToFloor)
    assert talk.call.ending is (Ending.CONTAINED if stage == "self-service" else Ending.ABANDONED)


def test_a_caller_who_hangs_up_in_line_stops_the_ringing_at_once() -> None:
    talk = Conversation().waits()
    talk.caller.hangs_up()
    assert talk.does(WithdrawFromFloor)
    assert not talk.does(CloseRoom)
    assert talk.call.ending is Ending.ABANDONED


def test_a_caller_who_hangs_up_while_the_agent_comes_closes_the_room_too() -> None:
    talk = Conversation().waits()
    talk.agent.accepts()
    talk.caller.hangs_up()
    assert talk.does(WithdrawFromFloor)
    assert talk.does(CloseRoom)
    assert talk.call.ending is Ending.ABANDONED


def test_a_caller_who_hangs_up_on_an_agent_was_served() -> None:
    talk = Conversation().is_with_agent()
    talk.caller.hangs_up()
    assert talk.call.ending is Ending.SERVED


def test_a_caller_who_was_told_and_then_leaves_the_line_for_an_agent_has_abandoned() -> None:
    talk = at("self-service")
    talk.caller.keys("0")
    talk.caller.hangs_up()
    assert talk.call.ending is Ending.ABANDONED


@pytest.mark.parametrize("stage", MACHINE)
def test_every_stage_goes_on(stage: str) -> None:
    assert at(stage).goes_on()
