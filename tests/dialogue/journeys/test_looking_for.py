"""A doubtful number is looked for among the few that may have been said, so that the caller need not be asked."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ACCOUNT, ACCOUNT_NUMBER, BILLING, CUSTOMER_ID, METER, PHONE_NUMBER, PIN, Conversation
from voicebot.dialogue.actions import CheckSecret, FindExisting, IdentifyCaller
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import ExistingFound
from voicebot.dialogue.forms import CheckDigit, Limits, LinePlan, Verification
from voicebot.dialogue.journeys.again import query_again
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.policy import how_many_to_look_for, may_hear_among
from voicebot.dialogue.spoken import Digits
from voicebot.dialogue.values import Hearing, Modality
from voicebot.errors import ImpossibleEvent

SPREAD = replace(ACCOUNT_NUMBER, customers=10_000)
LINE = replace(BILLING, identifiers=(SPREAD,), limits=Limits(no_match=9, speech_failures=9))
SAID = "four oh seven one nine two three nine"  # the ear's best; the caller's is the next one
RIVALS = ("four oh seven one nine two three eight", "three oh seven one nine two three nine")
HEARD = ("40719239", "40719238", "30719239")


def doubtful(line: LinePlan = LINE) -> Conversation:
    talk = Conversation(line)
    talk.caller.says(SAID, Hearing.CONFIRM, rivals=RIVALS)
    return talk


def offered(talk: Conversation) -> str:
    value = dict(talk.says[-1].args)["value"]
    assert isinstance(value, Digits)
    return value.digits


def test_what_may_have_been_said_is_looked_for_before_anybody_is_asked() -> None:
    talk = doubtful()
    assert talk.errand == FindExisting(1, "account_number", HEARD, 10_000)
    assert talk.errand == query_again(talk.call)  # by a process that finds it open
    talk.caller.says("yes")
    talk.caller.keys("1")
    assert talk.count(Noted.DROPPED) == 2


def test_the_only_one_that_exists_is_taken_without_a_question_and_then_looked_up_like_any_other() -> None:
    talk = doubtful()
    talk.back_end.knows(ACCOUNT)
    assert talk.errand == IdentifyCaller(2, "account_number", ACCOUNT)
    assert talk.facts(Noted.ENTERED)["verdict"] == "complete"
    talk.back_end.finds()
    (evidence,) = talk.call.evidence
    assert (evidence.modality, evidence.attempts) == (Modality.SPEECH, 1)
    assert talk.ask.secret


def test_a_customers_number_that_was_heard_among_customers_only_is_read_back_though_it_exists() -> None:
    talk = Conversation(LINE)
    talk.caller.says(SAID, Hearing.CONFIRM, among_customers=True)
    assert talk.hears == ["account_number.confirm"]
    talk.caller.says("yes")
    assert talk.errand == IdentifyCaller(1, "account_number", HEARD[0])


def test_of_several_that_exist_only_those_are_offered() -> None:
    talk = doubtful()
    talk.back_end.knows(HEARD[1], HEARD[2])
    assert offered(talk) == HEARD[1]
    talk.caller.says("no")
    assert offered(talk) == HEARD[2]
    talk.caller.says("no")
    assert talk.hears == ["account_number.no_match"]


def test_where_the_best_exists_among_several_it_is_read_back_in_the_callers_parts() -> None:
    talk = Conversation(replace(LINE, grammar=replace(LINE.grammar, breaks=("dash",))))
    talk.caller.says("four oh seven one dash nine two three nine", Hearing.CONFIRM, rivals=RIVALS)
    talk.back_end.knows(*HEARD)
    assert dict(talk.says[-1].args)["value"] == Digits(HEARD[0], (4, 4))


@pytest.mark.parametrize("outcome", ["none", "cannot", "lost"])
def test_where_none_exists_or_nobody_could_look_the_caller_is_asked_as_ever(outcome: str) -> None:
    talk = doubtful()
    match outcome:
        case "none":
            talk.back_end.knows()
        case "cannot":
            talk.back_end.cannot_look()
        case "lost":
            talk.back_end.is_lost()
    assert offered(talk) == HEARD[0]
    assert talk.call.authenticating.tally.rejected == talk.call.authenticating.tally.back_end_down == 0
    talk.caller.says("no")
    assert offered(talk) == HEARD[1]


def test_what_was_denied_is_not_looked_for() -> None:
    talk = doubtful()
    talk.back_end.knows()
    talk.caller.says("no")
    talk.caller.says("start again")
    talk.caller.says(SAID, Hearing.CONFIRM, rivals=RIVALS)
    assert talk.errand == FindExisting(2, "account_number", HEARD[1:], 10_000)


def test_of_what_the_ear_would_not_stand_for_nothing_is_offered() -> None:
    talk = Conversation(LINE)
    talk.caller.says(SAID, Hearing.REJECTED, rivals=RIVALS)
    assert talk.hears == ["account_number.no_match"]


@pytest.mark.parametrize(
    "line",
    [
        BILLING,  # nobody says how many customers there are
        replace(LINE, identifiers=(replace(SPREAD, customers=10_000_000),)),  # one would too often be found by chance
        replace(LINE, identifiers=(replace(SPREAD, always_read_back=True),)),
        replace(LINE, secrets=()),
        replace(LINE, verification=Verification.JOINT, ani_identification=False),
    ],
    ids=["unknown", "too many", "always read back", "no secret", "joint"],
)
def test_nothing_is_looked_for(line: LinePlan) -> None:
    talk = doubtful(line)
    assert not talk.does(FindExisting)
    assert talk.hears[-1] == "account_number.confirm"


@pytest.mark.parametrize(("customers", "looked_for"), [(10_000, 6), (250_000, 4), (400_000, 2), (1_000_000, 1)])
def test_as_many_are_looked_for_as_chance_allows_the_likeliest_first(customers: int, looked_for: int) -> None:
    talk = Conversation(replace(LINE, identifiers=(replace(SPREAD, customers=customers),)))
    more = tuple(f"four oh seven one nine two three {digit}" for digit in ("six", "five", "four"))
    talk.caller.says(SAID, Hearing.CONFIRM, rivals=(*RIVALS, *more))
    assert isinstance(talk.errand, FindExisting)
    assert talk.errand.values == (*HEARD, "40719236", "40719235", "40719234")[:looked_for]


def test_one_far_down_that_exists_is_taken_but_only_the_likeliest_are_offered_after_a_no() -> None:
    talk = Conversation(LINE)
    far = ("nine nine nine nine nine nine nine nine", "four oh seven one nine two three one")
    talk.caller.says(SAID, Hearing.CONFIRM, rivals=(*RIVALS, *far))
    talk.back_end.knows("40719231")
    assert talk.errand == IdentifyCaller(2, "account_number", "40719231")
    talk = Conversation(LINE)
    talk.caller.says(SAID, Hearing.CONFIRM, rivals=(*RIVALS, *far))
    talk.back_end.knows()
    assert talk.call.authenticating.heard is not None
    assert talk.call.authenticating.heard.others == HEARD[1:]


def test_a_secret_is_never_looked_for() -> None:
    talk = Conversation(replace(LINE, secrets=(replace(PIN, customers=1),))).is_identified()
    talk.caller.says("four nine three eight one seven", Hearing.CONFIRM, rivals=("four nine three eight one six",))
    assert not talk.does(FindExisting)
    assert not talk.does(CheckSecret)
    assert talk.hears == ["pin.no_match"]


def test_nothing_is_looked_for_where_several_customers_are_told_apart() -> None:
    talk = Conversation(replace(LINE, identifiers=(SPREAD, PHONE_NUMBER), separators=(replace(CUSTOMER_ID, customers=1),)))
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds_several("customer_id")
    talk.caller.says("one two three four five", Hearing.CONFIRM)
    assert not talk.does(FindExisting)


def test_a_number_whose_check_digit_vouches_for_it_is_looked_up_at_once() -> None:
    talk = Conversation(replace(LINE, identifiers=(replace(METER, customers=10, check=CheckDigit.LUHN),)))
    talk.caller.says("one two three four five six seven four", Hearing.CONFIRM)
    assert isinstance(talk.errand, IdentifyCaller)


def test_an_outcome_that_fits_no_open_errand_is_impossible() -> None:
    talk = doubtful()
    with pytest.raises(ImpossibleEvent):
        talk.back_end.finds()
    talk = Conversation(LINE)
    talk.caller.keys(ACCOUNT)
    with pytest.raises(ImpossibleEvent):
        talk.back_end.knows(ACCOUNT)
    assert talk.stage is Stage.AUTHENTICATE
    with pytest.raises(ImpossibleEvent):
        talk.happens(ExistingFound(talk.now, 9, True))


@pytest.mark.parametrize(
    ("customers", "digits", "most"),
    [(1, 2, 1), (2, 2, 0), (333_333, 8, 3), (333_334, 8, 2), (10, 8, 20), (0, 8, 20)],
)
def test_the_chance_to_find_what_was_never_said_is_one_in_a_hundred_at_most(customers: int, digits: int, most: int) -> None:
    assert how_many_to_look_for(customers, digits) == most


@pytest.mark.parametrize(
    ("customers", "digits", "check", "may"),
    [
        (1000, 5, CheckDigit.NONE, True),
        (1001, 5, CheckDigit.NONE, False),
        (1000, 6, CheckDigit.LUHN, True),
        (1001, 6, CheckDigit.LUHN, False),
        (1000, 6, CheckDigit.MOD97, False),
    ],
)
def test_a_number_is_heard_among_customers_where_one_in_a_hundred_that_can_be_is_theirs_at_most(
    customers: int, digits: int, check: CheckDigit, may: bool
) -> None:
    assert may_hear_among(customers, digits, check) is may
