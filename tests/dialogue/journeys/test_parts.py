"""Only the part of a number that is in doubt is asked for again."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.dialogue.conversation import ACCOUNT, ACCOUNT_NUMBER, BILLING, METER, PHONE_NUMBER, PIN, Conversation
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.actions import FindExisting, IdentifyCaller
from voicebot.dialogue.call import Call, Heard, Part, Stage
from voicebot.dialogue.forms import CheckDigit, FieldPlan, Limits, LinePlan, Verification
from voicebot.dialogue.journeys.parts import part_at, part_in_doubt, shapes_of_parts
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.spoken import Digits
from voicebot.dialogue.values import Hearing, Modality, Reason, Shape, ShapeKind

LINE = replace(BILLING, limits=Limits(no_match=9, speech_failures=9, asks=20))
ENGLISH = load_grammar(Path(__file__).resolve().parents[3] / "grammars" / "en.toml")
READ_BACK = replace(ACCOUNT_NUMBER, always_read_back=True)
OWN_WORDS = replace(LINE, grammar=ENGLISH, identifiers=(READ_BACK,))  # with those that name a place in a number
LAST = Shape.parse("digits:4")
EIGHT, NINE = "four oh seven one nine two three eight", "four oh seven one nine two three nine"  # the caller's is the first


def at_last_part(line: LinePlan = LINE) -> Conversation:
    talk = Conversation(line)
    talk.caller.says(NINE, Hearing.CONFIRM, rivals=(EIGHT,))
    talk.caller.says("no")
    assert talk.hears == ["account_number.part_last"]
    return talk


def heard(talk: Conversation) -> Heard:
    assert talk.call.authenticating.heard is not None
    return talk.call.authenticating.heard


def looked_up(talk: Conversation) -> str:
    assert isinstance(talk.errand, IdentifyCaller)
    return talk.errand.value


# ---- which part it is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "others", "part"),
    [
        ((4, 4), ["12345679"], (4, 8)),
        ((4, 4), ["92345678", "82345678"], (0, 4)),
        ((3, 2, 3), ["12395678"], (3, 5)),
        ((), ["12345679"], (4, 8)),
        ((), ["12395678"], (0, 4)),
        ((4, 4), ["92345679"], None),
        ((), ["12945978"], None),
        ((5, 3), ["92345678"], None),  # more than half of it
        ((1, 3, 4), ["92345678"], None),
        ((4, 4), ["1234567"], None),
        ((4, 4), ["12345678"], None),
        ((4, 4), [], None),
    ],
)
def test_the_part_in_doubt_is_where_all_others_differ_and_nowhere_else(
    blocks: tuple[int, ...], others: list[str], part: tuple[int, int] | None
) -> None:
    assert part_in_doubt("12345678", blocks, others) == (None if part is None else Part(*part))


@given(st.text("0123456789", min_size=4, max_size=24), st.data())
def test_a_part_holds_all_that_differs_and_is_no_more_than_half(value: str, data: st.DataObject) -> None:
    others = data.draw(st.lists(st.text("0123456789", min_size=len(value), max_size=len(value)), max_size=3))
    part = part_in_doubt(value, (), others)
    if part is not None:
        assert 2 <= part.stop - part.start <= len(value) // 2
        assert all(other[: part.start] + other[part.stop :] == value[: part.start] + value[part.stop :] for other in others)


@pytest.mark.parametrize(
    ("blocks", "place", "part"),
    [
        ((), -2, (6, 8)),
        ((), 3, (0, 3)),
        ((3, 5), -2, (6, 8)),  # as it was named, whatever the blocks
        ((4, 4), -1, (4, 8)),
        ((3, 2, 3), 1, (0, 3)),
        ((), -1, (4, 8)),
        ((), 5, None),  # more than half of it
        ((4, 4), -9, None),
        ((1, 3, 4), 1, None),
    ],
)
def test_a_part_that_is_named_is_that_one_or_the_one_around_it(
    blocks: tuple[int, ...], place: int, part: tuple[int, int] | None
) -> None:
    assert part_at(8, blocks, place) == (None if part is None else Part(*part))


def test_a_secret_and_a_date_have_no_parts() -> None:
    assert list(shapes_of_parts(PIN)) == []
    assert list(shapes_of_parts(FieldPlan("born", Shape.parse("date:past")))) == []
    assert list(shapes_of_parts(FieldPlan("ending", Shape.parse("digits:3")))) == []
    assert [shape.longest for shape in shapes_of_parts(ACCOUNT_NUMBER)] == [2, 3, 4]
    assert [shape.kind for shape in shapes_of_parts(PHONE_NUMBER)] == [ShapeKind.DIGITS] * 3


# ---- asking for it -----------------------------------------------------------------------------------------------


def test_after_a_no_only_the_part_is_asked_for_and_what_was_thought_possible_is_taken() -> None:
    talk = at_last_part()
    assert (talk.ask.shape, talk.ask.keys.count, talk.ask.field) == (LAST, 4, "account_number")
    assert dict(talk.says[-1].args) == {"count": Digits("4")}
    talk.caller.says("nine two three eight")
    assert looked_up(talk) == ACCOUNT
    talk.back_end.finds()
    assert talk.call.evidence[0].modality is Modality.SPEECH


def test_keys_answer_it_too_and_are_no_whole_number() -> None:
    talk = at_last_part()
    talk.caller.keys("92*9238")
    assert looked_up(talk) == ACCOUNT


def test_another_number_than_was_thought_possible_is_read_back() -> None:
    talk = at_last_part()
    talk.caller.says("nine two double three")
    assert talk.hears == ["account_number.confirm"]
    assert (heard(talk).value, heard(talk).part) == ("40719233", None)
    talk.caller.says("yes")
    assert looked_up(talk) == "40719233"


def test_in_doubt_it_is_read_back_and_under_joint_always() -> None:
    talk = at_last_part()
    talk.caller.says("nine two three eight", Hearing.CONFIRM)
    assert talk.hears == ["account_number.confirm"]
    talk = at_last_part(replace(LINE, verification=Verification.JOINT, ani_identification=False))
    talk.caller.keys("9238")
    assert talk.hears == ["account_number.confirm"]


@pytest.mark.parametrize("again", ["nine two three nine", "nine two three", "yes", "no"])
def test_what_was_denied_is_no_answer_and_what_does_not_fit_is_none(again: str) -> None:
    talk = at_last_part()
    talk.caller.says(again)
    assert (talk.hears, talk.says[-1].attempt) == (["account_number.part_last"], 2)
    talk.caller.says(again)
    assert talk.hears == ["account_number.no_match"]
    assert talk.ask.shape == ACCOUNT_NUMBER.shape


@pytest.mark.parametrize("keys", ["923", "9239", "92389"])
def test_keys_that_do_not_fit_are_none_and_never_the_beginning_of_a_number(keys: str) -> None:
    talk = at_last_part()
    talk.caller.keys(keys)
    assert talk.hears == ["account_number.part_last"]
    assert talk.call.authenticating.prefix == ""


def test_who_says_the_whole_number_instead_has_it_read_back() -> None:
    talk = at_last_part()
    talk.caller.says(EIGHT, Hearing.CONFIRM)
    assert talk.hears == ["account_number.confirm"]
    assert heard(talk).value == ACCOUNT
    talk.caller.says("yes")
    assert looked_up(talk) == ACCOUNT


@pytest.mark.parametrize(("words", "hearing"), [(NINE, Hearing.CONFIRM), (EIGHT, Hearing.REJECTED)], ids=["denied", "rejected"])
def test_a_whole_number_that_was_denied_or_not_heard_well_is_no_answer(words: str, hearing: Hearing) -> None:
    talk = at_last_part()
    talk.caller.says(words, hearing)
    assert talk.hears == ["account_number.part_last"]


def test_silence_and_a_repeat_ask_for_the_same_part() -> None:
    talk = at_last_part()
    talk.caller.is_silent()
    assert talk.hears == ["account_number.part_last"]
    talk.caller.says("repeat")
    assert talk.hears == ["account_number.part_last"]
    talk.caller.says("start again")
    assert talk.hears == ["account_number.ask"]


def test_an_agent_may_be_asked_for() -> None:
    talk = at_last_part()
    talk.caller.keys("0")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.ASKED_FOR_AGENT)


def test_of_several_that_exist_the_part_in_which_they_differ_is_asked_for() -> None:
    talk = Conversation(replace(LINE, identifiers=(replace(ACCOUNT_NUMBER, customers=10_000),)))
    talk.caller.says(NINE, Hearing.CONFIRM, rivals=(EIGHT,))
    assert isinstance(talk.errand, FindExisting)
    talk.back_end.knows("40719239", "40719238")
    assert talk.hears == ["account_number.part_last"]
    talk.caller.says("nine two three nine")  # nobody has denied it
    assert looked_up(talk) == "40719239"


def test_who_only_says_where_it_is_wrong_is_asked_for_those_digits() -> None:
    talk = Conversation(OWN_WORDS)
    talk.caller.says(NINE)
    talk.caller.says("no the last two")
    assert (talk.hears, talk.ask.shape) == (["account_number.part_last"], Shape.parse("digits:2"))
    assert talk.facts(Noted.ENTERED)["verdict"] == "no"
    talk.caller.says("three nine")  # the number that was denied
    assert (talk.hears, talk.says[-1].attempt) == (["account_number.part_last"], 2)
    talk.caller.says("three eight")
    assert heard(talk).value == ACCOUNT
    talk.caller.says("yes")
    assert looked_up(talk) == ACCOUNT
    assert talk.call.authenticating.attempts == 1


def test_a_keyed_number_that_was_put_right_by_voice_was_said() -> None:
    talk = Conversation(OWN_WORDS)
    talk.caller.keys("40719239")
    talk.caller.says("the last one")
    assert (talk.hears, talk.ask.shape) == (["account_number.part_last"], LAST)
    talk.caller.keys("9238")
    assert (heard(talk).value, heard(talk).modality) == (ACCOUNT, Modality.SPEECH)


def test_a_place_that_is_no_part_of_it_is_a_mere_no() -> None:
    talk = Conversation(replace(OWN_WORDS, identifiers=(replace(ACCOUNT_NUMBER, shape=Shape.parse("digits:3")),), secrets=()))
    talk.caller.says("one two three")
    talk.caller.says("no the last two")
    assert talk.hears == ["account_number.no_match"]


@given(st.data())
def test_no_answer_for_a_part_makes_a_number_that_was_denied_or_of_another_length(data: st.DataObject) -> None:
    value = data.draw(st.text("0123456789", min_size=8, max_size=8), label="value")
    ends = st.text("0123456789", min_size=4, max_size=4)
    rival, *others = (value[:4] + end for end in data.draw(st.lists(ends, min_size=1, max_size=4), label="ends"))
    assume(rival != value)
    talk = Conversation(LINE)
    talk.caller.says(as_words(value), Hearing.CONFIRM, rivals=(as_words(rival),))
    talk.caller.keys("2")
    denied = (value, *others)
    talk.call = replace(talk.call, authenticating=replace(talk.call.authenticating, denied=denied))
    while (offered := talk.call.authenticating.heard) is not None and offered.part is not None:
        known = st.sampled_from([digits[4:] for digits in (rival, *denied)])
        end = data.draw(known | st.text("0123456789", min_size=1, max_size=9))
        hearing = data.draw(st.sampled_from(Hearing) | st.none(), label="said, or by key")
        if hearing is None:
            talk.caller.keys(end)
        else:
            talk.caller.says(as_words(end), hearing)
    if offered is not None:
        assert len(offered.value) == len(value)
        assert offered.value not in denied


def as_words(digits: str) -> str:
    names = "zero one two three four five six seven eight nine".split()
    return " ".join(names[int(digit)] for digit in digits)


def test_a_part_in_the_middle_is_named_by_what_comes_before_it() -> None:
    talk = Conversation(replace(LINE, grammar=replace(LINE.grammar, breaks=("dash",))))
    other = "one two three nine five six seven eight"
    talk.caller.says("one two three dash four five dash six seven eight", Hearing.CONFIRM, rivals=(other,))
    talk.caller.keys("2")
    assert talk.hears == ["account_number.part_after"]
    assert dict(talk.says[-1].args) == {"count": Digits("2"), "before": Digits("123")}
    talk.caller.keys("95")
    assert looked_up(talk) == "12395678"


def test_where_nobody_listens_it_is_asked_for_by_key() -> None:
    talk = at_last_part(replace(LINE, limits=Limits(no_match=9, speech_failures=1, asks=20)))
    talk.caller.says("what")
    assert talk.hears == ["account_number.part_last_keys"]


def test_missed_twice_the_whole_number_is_asked_for_by_key() -> None:
    talk = at_last_part(replace(LINE, limits=Limits()))
    talk.caller.says("what")
    talk.caller.says("what")
    assert (talk.hears, talk.ask.listen) == (["account_number.keypad_only"], False)
    assert talk.ask.shape == ACCOUNT_NUMBER.shape


def test_with_a_check_digit_only_numbers_that_fit_come_of_it() -> None:
    field = replace(METER, check=CheckDigit.LUHN)
    talk = Conversation(replace(LINE, identifiers=(field,), secrets=()))
    talk.caller.says("one two three four five six seven four", Hearing.CONFIRM, rivals=("one two three four five six six six",))
    assert talk.hears[-1].endswith(".confirm")
    talk.caller.says("no")
    assert talk.hears[-1].endswith(".part_last")
    talk.caller.keys("5675")
    assert talk.hears[-1].endswith(".part_last")


def test_a_call_at_a_part_is_read_again_as_it_was() -> None:
    talk = at_last_part()
    again = Call.from_dict(talk.call.to_dict(), talk.call.line)
    assert again == talk.call
    before = talk.call.to_dict()
    del before["authenticating"]["heard"]["part"]
    assert heard_part(Call.from_dict(before, talk.call.line)) is None


def heard_part(call: Call) -> Part | None:
    assert call.authenticating.heard is not None
    return call.authenticating.heard.part
