"""The server is killed (SIGKILL) at a named point of a call, and rises again. The carrier repeats what was not answered.

Each row says what has just happened, and the point at which the process dies. What is due does not depend on it: the call goes
on as if nothing had been, an attempt counts once, and what is done to the outside world is done once. Points of one request
are in their order; their names are explained in `points`.
"""

from collections.abc import Iterator

import pytest

from tests.crash.rows import ASKED, BALANCE, JOINT, KNOWN, LEAVES, Row, opened, rows, unharmed
from tests.crash.stage import Stage

WRONG = "keys:000000"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """For questions: time goes so fast that a process is away for a minute."""
    yield from opened(tmp_path_factory.mktemp("hurried"), 100.0)


# what has happened -> the point at which the process dies
ARRIVAL = {
    "a call has come in": "received incoming",
    "a call is being taken": "before commit of incoming",
    "a call was taken": "after commit of incoming",
    "the first question is about to be asked": "answering incoming",
}
NUMBER = {
    "a number was keyed": "received entry 1",
    "a number is being taken": "before commit of entry 1",
    "a number was taken": "after commit of entry 1",
    "the back end looks a number up": "at identify",
    "a number was found": "after identify",
    "what was found is being taken": "before commit of errand",
    "what was found was taken": "after commit of errand",
    "the second question is about to be asked": "answering entry 1",
}
SECRET = {
    "a PIN was keyed": "received entry 2",
    "a PIN is being taken and its attempt reserved": "before commit of entry 2",
    "a PIN was taken and its attempt reserved": "after commit of entry 2",
    "a PIN is about to be checked": "before check_secret",
    "the back end checks a PIN": "at validate",
    "a PIN was checked": "after check_secret",
    "a verdict is being taken and its attempt settled": "2 before commit of errand",
    "a verdict was taken and its attempt settled": "2 after commit of errand",
    "the answer to a PIN is being kept": "before commit of answer of entry 2",
    "the answer to a PIN was kept": "after commit of answer of entry 2",
    "the answer to a PIN is about to go": "answering entry 2",
}
RIGHT = {
    moment: SECRET[moment]
    for moment in (
        "a PIN was taken and its attempt reserved",
        "the back end checks a PIN",
        "a PIN was checked",
        "a verdict is being taken and its attempt settled",
        "the answer to a PIN is about to go",
    )
}
BY_NUMBER = {
    "the calling number is about to be looked up": "before identify",
    "the back end looks the calling number up": "at identify",
    "the calling number was found": "after identify",
    "what the calling number told is being taken": "before commit of errand",
    "what the calling number told was taken": "after commit of errand",
}
DETAILS = {
    "the balance is about to be asked": "before details",
    "the back end looks the balance up": "at details",
    "the balance was told": "after details",
    "the balance is being taken": "3 before commit of errand",
}
AFTER_PROOF = {
    "number and PIN were proven together": "after commit of errand",
    "a proven number is about to be looked up": "before identify",
    "a proven number was found": "after identify",
    "whose it is is being taken": "2 before commit of errand",
}


TWO_QUESTIONS = ["account_number.ask_keys", "pin.ask_keys"]


@rows(ARRIVAL | NUMBER)
def test_a_caller_is_asked_each_question_once_and_ends_verified(hurried: Stage, row: Row) -> None:
    point, one = row
    ended = hurried.place_call(one.calls(ASKED, one.account, one.pin, LEAVES), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.prompts) == ("verified", TWO_QUESTIONS)
    assert ended.asked_more_than(identify=2, validate=1) == {}


@rows(RIGHT)
def test_a_right_pin_is_taken_once_and_leaves_nothing_counted(hurried: Stage, row: Row) -> None:
    point, one = row
    ended = hurried.place_call(one.calls(ASKED, one.account, one.pin, LEAVES), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.prompts) == ("verified", TWO_QUESTIONS)
    assert ended.verdicts == ["matched"]
    assert ended.counted == (0, 0)
    assert ended.asked_more_than(identify=2, validate=2) == {}
    assert len(set(ended.keys)) == 1


@rows(SECRET)
def test_a_wrong_pin_counts_once_for_the_call_and_once_for_the_account(hurried: Stage, row: Row) -> None:
    point, one = row
    ended = hurried.place_call(one.calls(ASKED, one.account, WRONG, one.pin, LEAVES), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.prompts) == ("verified", [*TWO_QUESTIONS, "pin.rejected"])
    assert ended.verdicts == ["mismatched", "matched"]
    assert ended.story.evidence[-1]["attempts"] == 2
    assert ended.counted == (1, 0)
    assert ended.asked_more_than(identify=2, validate=3) == {}
    assert len(set(ended.keys)) == 2


@rows(BY_NUMBER)
def test_a_caller_who_is_known_by_their_number_is_not_asked_for_another(hurried: Stage, row: Row) -> None:
    point, one = row
    ended = hurried.place_call(one.calls(KNOWN, one.pin, LEAVES, from_=one.phone), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.prompts) == ("verified", ["pin.ask_keys"])
    assert ended.asked_more_than(identify=2, validate=1) == {}


@rows(AFTER_PROOF)
def test_what_was_proven_together_is_checked_once(hurried: Stage, row: Row) -> None:
    point, one = row
    ended = hurried.place_call(one.calls(JOINT, one.account, one.pin, LEAVES), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.prompts) == ("verified", TWO_QUESTIONS)
    assert ended.asked_more_than(identify=2, validate=1) == {}


@rows(DETAILS)
def test_what_a_caller_wants_to_know_is_told_without_another_question(hurried: Stage, row: Row) -> None:
    point, one = row
    ended = hurried.place_call(one.calls(BALANCE, one.account, one.pin, "hangup"), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.story.outcome) == ("verified", "contained")
    assert ended.prompts == [*TWO_QUESTIONS, "self_service.more_keys"]
    assert any("balance" in heard.what.lower() for heard in ended.record.caller.heard)
    assert ended.asked_more_than(identify=2, validate=1, details=2) == {}
