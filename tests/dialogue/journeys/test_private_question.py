"""The private question of a fresh proof where it may be spoken: what is heard, in doubt, and that nothing hears the agent."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import BILLING, PIN, PIN_KEYED, PIN_SAID, Conversation
from voicebot.dialogue.actions import Ask, CheckSecret, Join, StopListening, Wait
from voicebot.dialogue.approving import APPROVAL
from voicebot.dialogue.approving import CODE as CODE_SHAPE
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import StepUpAsked, StepUpStopped
from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.journeys.private_question import Entry, Meaning
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.proving import Progress, StepUp
from voicebot.dialogue.values import Assurance, Evidence, Hearing, Modality, Proof, SecretVerdict

PAYOUT = StepUpPlan("payout", (PIN, FieldPlan(APPROVAL, CODE_SHAPE, secret=True)))
LINE = replace(BILLING, step_ups=(PAYOUT,), approvals=True)


def talking(plan: StepUpPlan = PAYOUT) -> Conversation:
    return Conversation(replace(LINE, step_ups=(plan,))).is_with_agent()


def asked(talk: Conversation | None = None, proof: str = "pin") -> Conversation:
    talk = talk or talking()
    talk.agent.does(lambda at: StepUpAsked(at, "mira", "payout", 0, proof))
    return talk


def proof(talk: Conversation) -> StepUp:
    assert talk.call.step_up is not None
    return talk.call.step_up


def nothing_listens(call: Call) -> bool:
    return not call.stream_open and not any(isinstance(verb, Ask) and verb.listen for verb in call.verbs)


def test_it_is_put_as_at_the_beginning_of_a_call_and_heard_in_a_stream_of_its_own() -> None:
    talk = talking()
    assert nothing_listens(talk.call)
    phase = talk.call.phase
    asked(talk)
    assert talk.hears == ["step_up.begins", "pin.ask"]
    assert (talk.ask.listen, talk.ask.secret, talk.ask.opens_stream, talk.ask.phase) == (True, True, True, phase + 1)


def test_what_is_said_is_checked_once_and_not_read_back() -> None:
    talk = asked()
    talk.caller.says(PIN_SAID)
    check = talk.errand
    assert isinstance(check, CheckSecret)
    assert check.secret.reveal() == PIN_KEYED
    assert proof(talk).progress is Progress.CHECKING
    talk.back_end.matches()
    assert proof(talk).progress is Progress.PASSED
    assert talk.facts(Noted.STEP_UP)["modality"] == "speech"


def test_the_stream_is_stopped_before_the_caller_is_with_the_agent_again() -> None:
    talk = asked()
    phase = talk.ask.phase
    talk.caller.says(PIN_SAID)
    talk.back_end.matches()
    assert talk.call.verbs[0] == StopListening(phase)
    assert talk.call.verbs[-1] == Join("room-call-1-1")
    assert nothing_listens(talk.call)


@pytest.mark.parametrize("end", ["keyed", "wanted back", "stopped", "agent lost", "speech lost"])
def test_however_it_ends_nothing_listens_afterwards(end: str) -> None:
    talk = asked()
    phase = talk.ask.phase
    match end:
        case "keyed":
            talk.caller.keys(PIN_KEYED)
            talk.back_end.matches()
        case "wanted back":
            talk.caller.says("agent please")
        case "stopped":
            talk.agent.does(lambda at: StepUpStopped(at, "mira"))
        case "agent lost":
            talk.agent.leaves()
        case "speech lost":
            talk.loses_speech()
            talk.caller.keys("0")
    assert not proof(talk).under_way
    assert talk.call.verbs[0] == StopListening(phase)
    assert isinstance(talk.call.verbs[-1], Join | Wait)
    assert nothing_listens(talk.call)


def test_who_proves_it_by_voice_and_was_only_identified_is_verified_by_voice() -> None:
    talk = Conversation(LINE).is_identified().waits()
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    asked(talk)
    talk.caller.says(PIN_SAID)
    talk.back_end.matches()
    assert talk.call.assurance is Assurance.VERIFIED
    assert talk.call.evidence[-1] == Evidence(Proof.SECRET, "pin", talk.now, Modality.SPEECH, 1)


@pytest.mark.parametrize(
    ("words", "hearing", "asks"),
    [
        (PIN_SAID, Hearing.CONFIRM, "pin.no_match"),
        (PIN_SAID, Hearing.REJECTED, "pin.no_match"),
        ("four nine three", Hearing.ACCEPTED, "pin.short"),
        ("what a lovely day", Hearing.ACCEPTED, "pin.no_match"),
        ("yes", Hearing.ACCEPTED, "pin.no_match"),
        ("help", Hearing.ACCEPTED, "pin.help"),
        ("please repeat", Hearing.ACCEPTED, "pin.ask"),
    ],
)
def test_in_doubt_it_is_asked_again_and_costs_no_try(words: str, hearing: Hearing, asks: str) -> None:
    talk = asked()
    talk.caller.says(words, hearing)
    assert (talk.hears, proof(talk).wrong, talk.does(CheckSecret)) == ([asks], 0, False)
    assert (talk.ask.listen, talk.ask.opens_stream) == (True, False)


def test_a_wrong_one_may_be_said_again() -> None:
    talk = asked()
    talk.caller.says(PIN_SAID)
    talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
    assert (talk.hears, proof(talk).wrong, talk.ask.listen) == (["pin.rejected"], 1, True)


@pytest.mark.parametrize("words", ["agent please", "i don't have it"])
def test_a_word_leads_back_without_it(words: str) -> None:
    talk = asked()
    talk.caller.says(words)
    assert (proof(talk).progress, proof(talk).why) == (Progress.ABANDONED, "the caller wanted back")


def test_where_speech_fails_too_often_it_goes_on_by_keys() -> None:
    talk = asked()
    limit = talk.call.line.limits.speech_failures
    for _ in range(limit):
        assert talk.ask.listen
        talk.caller.says("what a lovely day")
    assert (talk.hears, talk.ask.listen) == (["pin.keypad_only"], False)
    assert talk.call.verbs[0] == StopListening(talk.call.phase)
    talk.caller.says("too late")  # of the ear, before it is closed
    assert not talk.ask.listen
    talk.caller.is_silent()
    assert talk.hears == ["pin.ask_keys"]
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert (proof(talk).progress, proof(talk).modality) == (Progress.PASSED, Modality.KEYPAD)


def test_a_wish_is_no_failure_of_speech() -> None:
    talk = asked()
    for _ in range(talk.call.line.limits.speech_failures + 1):
        talk.caller.says("help")
    assert (proof(talk).misheard, talk.ask.listen) == (0, True)


def test_who_is_still_speaking_when_the_time_runs_out_is_heard_on() -> None:
    talk = asked()
    turn = talk.ask.turn
    for extension in (1, 2, 3):
        talk.caller.is_silent(speaking=True)
        assert (talk.ask.turn, talk.ask.extension, talk.hears, talk.ask.listen) == (turn, extension, [], True)
    talk.caller.is_silent(speaking=True)
    assert (talk.hears, proof(talk).silent) == (["pin.no_input"], 1)


def test_what_comes_while_an_answer_is_checked_is_dropped() -> None:
    talk = asked()
    talk.caller.says(PIN_SAID)
    errand = talk.call.open_errand
    talk.caller.keys(PIN_KEYED)
    talk.caller.is_silent()
    assert talk.call.open_errand == errand
    assert talk.facts(Noted.DROPPED) == {"why": "an answer is being checked", "turn": talk.call.turn}
    talk.back_end.matches()
    assert proof(talk).progress is Progress.PASSED


def test_keys_that_belong_to_a_spoken_answer_cost_nothing() -> None:
    talk = asked()
    talk.caller.says(PIN_SAID)
    talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
    talk.caller.keys("817#", after=1)
    assert talk.facts(Noted.DROPPED)["why"] == "keys for a question that speech had answered"
    assert (talk.hears, proof(talk).wrong, proof(talk).unclear) == (["pin.again"], 1, 0)
    talk.caller.keys(PIN_KEYED, after=2.1)
    assert talk.does(CheckSecret)


def test_the_code_of_an_app_is_never_listened_for() -> None:
    talk = asked(proof=APPROVAL)
    assert (talk.hears, talk.ask.listen, talk.call.stream_open) == (["step_up.begins", "approval.ask_keys"], False, False)


def test_the_policy_may_want_it_keyed() -> None:
    talk = asked(talking(replace(PAYOUT, speech=False)))
    assert (talk.hears, talk.ask.listen) == (["step_up.begins", "pin.ask_keys"], False)


def test_a_line_that_does_not_listen_does_not_listen_here() -> None:
    talk = Conversation(LINE, keypad=True).is_with_agent()
    asked(talk)
    assert (talk.hears, talk.ask.listen) == (["step_up.begins", "pin.ask_keys"], False)


def test_who_goes_on_by_keypad_since_speech_failed_before_is_not_listened_to_here() -> None:
    talk = talking()
    state = talk.call.authenticating
    talk.call = replace(talk.call, authenticating=replace(state, keypad_only=True))
    asked(talk)
    assert (talk.hears, talk.ask.listen) == (["step_up.begins", "pin.ask_keys"], False)


def test_no_digit_stands_where_an_entry_is_shown() -> None:
    assert PIN_KEYED not in repr(Entry(Meaning.ANSWER, Modality.SPEECH, PIN_KEYED))
    talk = asked()
    talk.caller.says(PIN_SAID)
    assert PIN_KEYED not in str(talk.call.to_dict())
    assert PIN_KEYED not in str([note.facts for note in talk.journal])
    assert talk.stage is Stage.TRANSFER
