"""The open errand, made once more by a process that finds it run by nobody."""

import pytest

from tests.dialogue.conversation import ACCOUNT, BILLING, KNOWN_NUMBER, PIN_KEYED, PIN_SAID, SELF_SERVICE, Conversation
from tests.dialogue.journeys.test_joint import JOINT, both
from tests.dialogue.journeys.test_separating import ENDING, OF_THE_NUMBER, shared_number
from voicebot.dialogue.actions import CheckSecret, Claim, FetchDetails, IdentifyCaller
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.journeys.again import errand_again, query_again
from voicebot.dialogue.values import Secret, SecretVerdict


def again(talk: Conversation, keys: str, turn: int | None = None) -> IdentifyCaller | FetchDetails | CheckSecret | None:
    return errand_again(talk.call, EntryKeyed(talk.now, talk.call.turn if turn is None else turn, Secret(keys)))


def looking_up() -> Conversation:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    return talk


def among_several() -> Conversation:
    talk = shared_number("account_ending")
    talk.caller.keys(ENDING)
    return talk


def proven() -> Conversation:
    talk = Conversation(JOINT)
    both(talk, SecretVerdict.MATCHED)
    return talk


QUERIES = {
    "the calling number": (lambda: Conversation(ani=KNOWN_NUMBER), 1, "ani"),
    "a number that was keyed": (looking_up, 1, "account_number"),
    "a number among several customers": (among_several, 2, "account_ending"),
    "a number whose secret has matched": (proven, 2, "account_number"),
}


@pytest.mark.parametrize("what", QUERIES)
def test_a_look_up_that_died_is_made_again_under_its_number_as_it_was(what: str) -> None:
    make, number, by = QUERIES[what]
    talk = make()
    errand = query_again(talk.call)
    assert isinstance(errand, IdentifyCaller)
    assert errand == talk.errand
    assert (errand.errand, errand.by) == (number, by)
    assert again(talk, PIN_KEYED) == errand  # by whatever entry: an errand is open, and it is this one


def test_a_look_up_among_several_that_died_is_made_again_among_them() -> None:
    assert query_again(among_several().call) == IdentifyCaller(2, "account_ending", ENDING, OF_THE_NUMBER)


def test_what_a_caller_wants_to_know_is_fetched_again() -> None:
    talk = Conversation(SELF_SERVICE).is_verified()
    assert query_again(talk.call) == talk.errand == FetchDetails(3, "ref-1", ("balance", "office"))


def test_a_check_that_died_is_made_again_from_the_entry_that_began_it_and_not_without_it() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED + "#")
    errand = again(talk, PIN_KEYED + "#")
    assert isinstance(errand, CheckSecret)
    assert (errand.errand, errand.claim, errand.field, errand.secret.reveal()) == (2, Claim(ref="ref-1"), "pin", PIN_KEYED)
    assert query_again(talk.call) is None


def test_a_check_under_joint_that_died_is_made_again_for_the_same_claim() -> None:
    talk = Conversation(JOINT)
    talk.caller.keys(ACCOUNT)
    talk.caller.keys(PIN_KEYED)
    errand = again(talk, PIN_KEYED)
    assert isinstance(errand, CheckSecret)
    assert (errand.errand, errand.claim) == (1, Claim(by="account_number", value=ACCOUNT))


def test_of_an_entry_into_which_the_one_before_spilled_the_same_keys_count_again() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys("49*1234")
    talk.caller.keys("99" + PIN_KEYED)
    errand = again(talk, "99" + PIN_KEYED)
    assert isinstance(errand, CheckSecret)
    assert isinstance(talk.errand, CheckSecret)
    assert errand.secret.reveal() == talk.errand.secret.reveal() == PIN_KEYED


def test_a_spoken_secret_that_was_being_checked_is_not_taken_for_keys_that_came_after_it() -> None:
    talk = Conversation().is_identified()
    talk.caller.says(PIN_SAID)
    assert isinstance(talk.errand, CheckSecret)
    assert again(talk, PIN_KEYED) is None


def test_an_entry_that_began_no_errand_makes_none_again() -> None:
    for talk in (Conversation(), Conversation().waits(), Conversation(BILLING).is_with_agent()):
        assert query_again(talk.call) is None
        assert again(talk, ACCOUNT) is None
    checking = Conversation().is_identified()
    checking.caller.keys(PIN_KEYED)
    assert again(checking, PIN_KEYED, turn=1) is None
    assert again(checking, "49") is None
