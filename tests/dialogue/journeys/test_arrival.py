"""The first moment of a call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING, KNOWN_NUMBER, NOON, OPEN_BOOK, WITHHELD, Conversation
from voicebot.dialogue.actions import Hangup, IdentifyCaller, Say, WakeAt
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import CallArrived
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Attestation, Ending, IdentifyResult, Reason

FORGED = Ani(AniStanding.USABLE, "+12025550199", Attestation.FAILED)


def test_a_caller_from_an_unknown_number_is_greeted_and_asked() -> None:
    assert Conversation().hears == ["greeting", "account_number.ask"]


def test_out_of_hours_the_caller_is_told_and_hung_up_on() -> None:
    talk = Conversation(ani=KNOWN_NUMBER, closed=True)
    assert talk.call.verbs == (Say("closed"), Hangup())
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.CLOSED)
    assert not talk.does(WakeAt)


def test_the_machine_keeps_a_caller_for_ten_minutes_at_most() -> None:
    talk = Conversation()
    assert WakeAt(NOON + timedelta(minutes=10), "bot_time_is_up") in talk.actions


def test_a_usable_number_is_looked_up_before_anything_is_said() -> None:
    talk = Conversation(ani=KNOWN_NUMBER)
    assert talk.errand == IdentifyCaller(1, "ani", "+12025550199")
    assert talk.call.verbs == ()


@pytest.mark.parametrize("ani", [WITHHELD, Ani(AniStanding.BOGUS), FORGED])
def test_a_number_that_is_no_evidence_is_not_looked_up(ani: Ani) -> None:
    assert not Conversation(ani=ani).does(IdentifyCaller)


def test_no_number_is_looked_up_where_the_line_does_not_want_it() -> None:
    assert not Conversation(replace(BILLING, ani_identification=False), KNOWN_NUMBER).does(IdentifyCaller)


def test_a_number_that_names_a_customer_saves_the_identifier_but_not_the_secret() -> None:
    talk = Conversation(ani=KNOWN_NUMBER)
    talk.back_end.finds()
    assert talk.hears == ["greeting", "pin.ask"]
    assert talk.call.assurance is Assurance.IDENTIFIED


def test_on_a_line_without_secrets_a_known_number_goes_straight_on() -> None:
    talk = Conversation(OPEN_BOOK, KNOWN_NUMBER)
    talk.back_end.finds()
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, None, Assurance.IDENTIFIED)
    assert talk.hears == ["greeting", "waiting.first"]


@pytest.mark.parametrize("result", [result for result in IdentifyResult if result is not IdentifyResult.FOUND])
def test_a_number_that_names_nobody_or_several_or_not_now_costs_the_caller_nothing(result: IdentifyResult) -> None:
    talk = Conversation(ani=KNOWN_NUMBER)
    talk.back_end.says_of_identifier(result)
    assert talk.hears == ["greeting", "account_number.ask"]
    assert talk.call.authenticating.tally.asks == 1
    assert talk.call.failures == ()
    assert talk.facts(Noted.IDENTIFY_RESULT) == {"by": "ani", "result": result.value}


def test_a_look_up_of_the_number_that_is_lost_costs_the_caller_nothing() -> None:
    talk = Conversation(ani=KNOWN_NUMBER)
    talk.back_end.is_lost()
    assert talk.hears == ["greeting", "account_number.ask"]
    assert talk.call.authenticating.tally.back_end_down == 0


def test_a_line_that_asks_nothing_leads_strangers_to_an_agent() -> None:
    talk = Conversation(replace(BILLING, identifiers=()))
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NO_IDENTIFIER)


def test_a_line_without_a_model_for_its_language_asks_for_keys_alone() -> None:
    talk = Conversation(keypad=True)
    assert not talk.ask.listen


def test_a_line_that_should_not_listen_does_not() -> None:
    assert not Conversation(replace(BILLING, listen=False)).ask.listen


def test_the_line_that_the_call_arrived_on_stays_with_it() -> None:
    other = replace(BILLING, name="other")
    call, _ = step(Call("call-1", BILLING), CallArrived(NOON, other, WITHHELD, True, True))
    assert call.line == other


def test_the_journal_tells_of_the_number_only_what_it_is_worth() -> None:
    talk = Conversation(ani=KNOWN_NUMBER)
    assert talk.facts(Noted.ARRIVED) == {
        "line": "billing", "language": "en", "ani": "usable", "attestation": "A", "open": True, "listening": True,
    }  # fmt: skip
