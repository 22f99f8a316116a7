"""Another system takes the call, with what is known; a SIP peer may give it back."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ACCOUNT, BILLING, KNOWN_NUMBER, PEER, PIN_KEYED, WEB, Conversation
from voicebot.dialogue.actions import HandOver, OfferToFloor, Say, StopListening
from voicebot.dialogue.call import Stage
from voicebot.dialogue.context import Context
from voicebot.dialogue.events import AgentLeft, EntryKeyed, RoomLeft
from voicebot.dialogue.forms import DialTarget
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Assurance, Ending, Proof, Reason, Secret, SecretVerdict

LINES = pytest.mark.parametrize("line", [WEB, PEER], ids=["web", "peer"])


@LINES
def test_a_verified_caller_is_handed_over_with_all_that_is_known(line: object) -> None:
    talk = Conversation(line).is_verified()  # type: ignore[arg-type]
    assert talk.hears == ["verified", "transfer.connecting"]
    leaves = talk.leaves_for
    assert leaves.target == talk.call.line.hand_over
    assert leaves.context == Context(
        call="call-1", line=talk.call.line.name, audience=leaves.target.audience, issued_at=talk.now,
        assurance=Assurance.VERIFIED, customer="ref-1", evidence=talk.call.evidence,
    )  # fmt: skip
    assert [one.proof for one in leaves.context.evidence] == [Proof.IDENTIFIER, Proof.SECRET]
    assert talk.stage is Stage.HANDED_OVER
    assert not talk.does(OfferToFloor)


def test_the_identifier_goes_along_only_where_the_line_wants_it() -> None:
    assert Conversation(WEB).is_verified().leaves_for.context.identifier == ""
    assert Conversation(replace(WEB, hand_over_identifier=True)).is_verified().leaves_for.context.identifier == ACCOUNT


def test_a_line_without_secrets_hands_over_an_identified_caller() -> None:
    talk = Conversation(replace(WEB, secrets=()), KNOWN_NUMBER)
    talk.back_end.finds()
    assert talk.leaves_for.context.assurance is Assurance.IDENTIFIED


@pytest.mark.parametrize(
    ("address", "audience", "is_sip"),
    [
        ("https://flows.example.com/voice?flow=7", "https://flows.example.com/voice", False),
        ("sip:service@pbx.example.com;transport=tls", "sip:service@pbx.example.com", True),
        ("sips:service@pbx.example.com", "sips:service@pbx.example.com", True),
    ],
)
def test_the_audience_is_the_address_without_what_is_added_to_it(address: str, audience: str, is_sip: bool) -> None:
    target = DialTarget(address)
    assert (target.audience, target.is_sip) == (audience, is_sip)


@LINES
def test_who_is_not_verified_goes_to_an_agent_of_ours(line: object) -> None:
    talk = Conversation(line).is_identified()  # type: ignore[arg-type]
    for _ in range(3):
        talk.caller.keys("111111")
        talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.WRONG_SECRET)


def test_the_journal_tells_where_the_call_went() -> None:
    talk = Conversation(PEER).is_verified()
    assert talk.facts(Noted.HANDED_OVER) == {"to": "sip:service@pbx.example.com", "assurance": "verified"}


def test_a_caller_whom_the_peer_does_not_take_waits_for_an_agent_with_all_that_is_proven() -> None:
    talk = Conversation(PEER).is_verified()
    talk.elsewhere.gives_back(connected=False)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.TROUBLE, Assurance.VERIFIED)
    assert talk.hears == ["unauthenticated.trouble", "waiting.first"]
    assert talk.does(OfferToFloor)


def test_a_call_that_the_peer_is_through_with_ends() -> None:
    talk = Conversation(PEER).is_verified()
    talk.elsewhere.gives_back(connected=True)
    assert (talk.stage, talk.call.ending, talk.hears) == (Stage.ENDED, Ending.HANDED_OVER, ["goodbye"])
    assert talk.facts(Noted.GIVEN_BACK) == {"connected": True}


@LINES
def test_a_caller_who_hangs_up_elsewhere_was_handed_over(line: object) -> None:
    talk = Conversation(line).is_verified()  # type: ignore[arg-type]
    talk.caller.hangs_up()
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.HANDED_OVER)


def test_trouble_on_the_way_back_leads_to_an_agent() -> None:
    talk = Conversation(PEER).is_verified()
    talk.meets_trouble()
    assert talk.stage is Stage.WAIT


def test_what_comes_while_another_system_has_the_call_changes_nothing() -> None:
    talk = Conversation(WEB).is_verified()
    before = talk.call
    talk.time_comes("bot_time_is_up")
    talk.happens(EntryKeyed(talk.now, talk.call.turn, Secret(PIN_KEYED)))
    talk.happens(RoomLeft(talk.now))
    talk.happens(AgentLeft(talk.now, "call-1.1"))
    assert talk.call == before
    assert talk.count(Noted.TOO_LATE) == 3


def test_a_hand_over_is_the_last_thing_in_its_document() -> None:
    talk = Conversation(WEB, keypad=True).is_verified()
    assert [type(verb) for verb in talk.call.verbs] == [Say, Say, HandOver]


def test_we_stop_listening_before_another_system_has_the_call() -> None:
    talk = Conversation(WEB).is_verified()
    assert [type(verb) for verb in talk.call.verbs] == [StopListening, Say, Say, HandOver]


def test_other_lines_hand_nothing_over() -> None:
    talk = Conversation(BILLING).is_verified()
    assert talk.stage is Stage.WAIT
