"""What is stored reads back the same; what must not be stored is refused; what an older release wrote is understood."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    ACCOUNT_SAID,
    ADA,
    APART,
    BILLING,
    JOINT,
    KNOWN_NUMBER,
    NOON,
    PARCELS,
    SELF_SERVICE,
    WEB,
    Conversation,
)
from voicebot.dialogue.actions import (
    Among,
    AskAgent,
    HandOver,
    Hangup,
    Join,
    Say,
    StopListening,
    Verb,
    Wait,
)
from voicebot.dialogue.call import Authenticating, Call, Claimed, Heard, Stage, Tally
from voicebot.dialogue.codec import from_plain, to_plain
from voicebot.dialogue.context import Context
from voicebot.dialogue.forms import DialTarget
from voicebot.dialogue.spoken import (
    Amount,
    Day,
    Digits,
    Sounded,
    Words,
)
from voicebot.dialogue.values import (
    AniStanding,
    Assurance,
    Attestation,
    Evidence,
    Modality,
    Proof,
    Secret,
)

BY_ANI = Evidence(Proof.ANI, "ani", NOON)
FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Pair:
    one: int
    other: str = "x"


@dataclass(frozen=True)
class Mixed:
    pair: tuple[int, str] = (1, "a")
    either: int | str | None = None
    both: Pair | Secret | None = None
    share: float = 0.5


def again(value: Any, hint: Any) -> Any:
    return from_plain(json.loads(json.dumps(to_plain(value))), hint)


@pytest.mark.parametrize(
    "verb",
    [
        Say("greeting"),
        Say("a", 2, (("d", Digits("0420")), ("m", Amount("12.50", "EUR")), ("t", Day("2026-03-02")))),
        Say("b", args=(("w", Words("Ada")), ("s", Sounded("queue.billing")))),
        StopListening(3),
        Wait(4, 7, (Say("waiting.first"),)),
        Join("room-1"),
        AskAgent((Say("agent.invitation"),)),
        HandOver(DialTarget("sip:a@b"), Context("c", "l", "sip:a@b", NOON, Assurance.NONE, "r", "1", (BY_ANI,))),
        Hangup(),
    ],
)
def test_every_verb_reads_back_the_same(verb: Verb) -> None:
    assert again(verb, Verb) == verb


def test_a_question_reads_back_the_same() -> None:
    ask = Conversation().ask
    assert again(ask, Verb) == ask


@pytest.mark.parametrize(
    "value",
    [
        Mixed(),
        Mixed((7, "b"), 3, Pair(1), 2),
        Mixed((7, "b"), "three", None, 0.25),
    ],
)
def test_unions_and_pairs_read_back_the_same(value: Mixed) -> None:
    assert again(value, Mixed) == value


def test_digits_keep_their_leading_zero() -> None:
    assert again(Digits("0420"), Digits) == Digits("0420")


def test_a_time_keeps_its_zone() -> None:
    assert again(NOON, datetime) == NOON


@pytest.mark.parametrize("value", [Secret("805317"), (Secret("805317"),), Mixed(both=Secret("805317"))])
def test_a_secret_is_refused_wherever_it_sits(value: Any) -> None:
    with pytest.raises(TypeError, match="a secret is never stored") as caught:
        to_plain(value)
    assert "805317" not in str(caught.value)


@pytest.mark.parametrize("value", [{"a": 1}, [1], {1}, b"x", Pair, object()])
def test_what_is_no_value_of_ours_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="has no stored form"):
        to_plain(value)


def test_an_unknown_key_is_ignored() -> None:
    assert from_plain({"one": 1, "other": "y", "newer": 3}, Pair) == Pair(1, "y")


def test_a_missing_key_takes_its_default() -> None:
    assert from_plain({"one": 1}, Pair) == Pair(1)


def test_a_missing_key_without_default_is_named() -> None:
    with pytest.raises(ValueError, match="stored Pair lacks one"):
        from_plain({"other": "y"}, Pair)


def test_a_class_that_may_not_stand_there_is_named() -> None:
    with pytest.raises(ValueError, match="'Say' is none of Pair, Secret"):
        from_plain({"both": {"is": "Say"}}, Mixed)


@pytest.mark.parametrize(("plain", "hint"), [("1", int), (1, str), (1, str | datetime), (None, str), ({}, datetime)])
def test_a_value_of_the_wrong_kind_is_refused(plain: Any, hint: Any) -> None:
    with pytest.raises(TypeError):
        from_plain(plain, hint)


def test_a_tuple_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        from_plain([1], tuple[int, str])


def test_an_unknown_word_of_an_enumeration_is_refused() -> None:
    with pytest.raises(ValueError, match="sideways"):
        from_plain("sideways", Stage)


def at_stage(stage: str) -> Conversation:
    """A call that has come so far, with as much in its state as that stage can hold."""
    lines = {"confirming": PARCELS, "self-service": SELF_SERVICE, "telling apart": APART, "claiming": JOINT, "handed over": WEB}
    talk = Conversation(lines.get(stage, BILLING), KNOWN_NUMBER)
    match stage:
        case "telling apart":
            talk.back_end.finds_several("account_ending")
        case "claiming":
            talk.caller.keys(ACCOUNT)
        case "handed over":
            talk.back_end.finds()
            talk.caller.keys("493817")
            talk.back_end.matches()
        case "looking up the number":
            return talk
        case "confirming":
            talk.back_end.finds_nobody()
            talk.caller.says("one two three four five six seven eight nine oh")
        case "asking a secret" | "checking" | "self-service":
            talk.back_end.finds()
            if stage != "asking a secret":
                talk.caller.keys("493817")
            if stage == "self-service":
                talk.back_end.matches()
                talk.back_end.tells(("balance", "12.50"), ("office", "Elm Street"))
        case "hearing" | "continuing":
            talk.back_end.finds_nobody()
            talk.caller.says(ACCOUNT_SAID) if stage == "hearing" else talk.caller.keys("407#")
        case "waiting" | "transfer" | "joined" | "ended":
            talk.back_end.finds_nobody()
            talk.waits()
            if stage != "waiting":
                talk.agent.accepts()
            if stage in ("joined", "ended"):
                talk.agent.enters()
                talk.caller.enters()
            if stage == "ended":
                talk.caller.hangs_up()
    return talk


STAGES = [
    "looking up the number", "confirming", "asking a secret", "checking", "self-service", "hearing", "continuing",
    "waiting", "transfer", "joined", "ended", "telling apart", "claiming", "handed over",
]  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_the_state_of_every_stage_reads_back_the_same(stage: str) -> None:
    call = at_stage(stage).call
    assert Call.from_dict(json.loads(json.dumps(call.to_dict())), call.line) == call


@pytest.mark.parametrize("stage", STAGES)
def test_a_call_goes_on_from_its_stored_state_as_if_nothing_had_been(stage: str) -> None:
    kept, stored = at_stage(stage), at_stage(stage)
    stored.call = Call.from_dict(json.loads(json.dumps(stored.call.to_dict())), stored.call.line)
    assert kept.caller.is_silent() == stored.caller.is_silent()
    assert kept.call == stored.call


def test_a_new_call_reads_back_too() -> None:
    call = Call("call-1", BILLING)
    assert Call.from_dict(call.to_dict(), BILLING) == call


def test_the_line_plan_is_not_stored_with_every_call() -> None:
    assert Conversation().call.to_dict()["line"] is None


def test_the_state_as_it_is_written_today_will_still_be_read() -> None:
    """Never write this file anew: it is what a running system holds while it is brought to the next release."""
    stored = json.loads((FIXTURES / "call-1.json").read_text("utf-8"))
    call = Call.from_dict(stored, BILLING)
    assert (call.stage, call.turn, call.assurance, call.customer) == (Stage.WAIT, 4, Assurance.IDENTIFIED, ADA)
    assert call.ani == replace(KNOWN_NUMBER, standing=AniStanding.USABLE, attestation=Attestation.A)
    assert call.evidence[0] == Evidence(Proof.IDENTIFIER, "account_number", call.evidence[0].at, Modality.SPEECH, 1)
    assert call.waiting is not None
    assert isinstance(call.verbs[-1], Wait)
    assert call.failures == (("pin", 1),)
    talk = Conversation.resumed(call)
    talk.agent.accepts()
    assert talk.stage is Stage.TRANSFER


def test_the_oldest_state_with_nothing_but_its_id_is_a_new_call() -> None:
    assert Call.from_dict({"id": "call-1"}, BILLING) == Call("call-1", BILLING)


def test_all_that_authenticating_holds_reads_back() -> None:
    state = Authenticating(
        position=1, by_ani=True, tally=Tally(1, 2, 3, 4, 5, 6, 7), asked_at=NOON, prefix="04",
        heard=Heard("1", Modality.SPEECH, True), denied=("1", "2"), keypad_only=True,
        speech_won_at=NOON, speech_won="9", attempts=2, modality=Modality.KEYPAD, within=Among("ani", "+12025550199"),
        separating="ending", claimed=Claimed("a", "1", Modality.SPEECH, Evidence(Proof.SECRET, "pin", NOON)), distrusted=True,
    )  # fmt: skip
    assert again(state, Authenticating) == state
