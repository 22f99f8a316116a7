"""What a request was answered with is kept for its repeat, sealed with the call that it tells of, and gone with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.dialogue.call import Call
from voicebot.errors import VersionConflict
from voicebot.ports.answered import AnsweredRequest
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANSWER = AnsweredRequest("asked", "call-1", 201, {"id": "call-1", "number": "+12025550123"})
REFUSAL = AnsweredRequest("asked", "", 422, {"title": "No"})


def test_the_first_answer_stays(store: SqlStore, begun: Callable[[str], Call]) -> None:
    begun("call-1")
    with store.transaction() as ledger:
        assert ledger.answered("key") is None
        ledger.keep_answered("key", ANSWER, NOON)
        ledger.keep_answered("other", REFUSAL, NOON)
    with pytest.raises(VersionConflict), store.transaction() as ledger:
        ledger.keep_answered("key", REFUSAL, NOON)
    with store.reading() as ledger:
        assert (ledger.answered("key"), ledger.answered("other")) == (ANSWER, REFUSAL)


def test_it_is_forgotten_with_the_call_and_after_a_day(store: SqlStore, begun: Callable[[str], Call]) -> None:
    begun("call-1")
    with store.transaction() as ledger:
        ledger.keep_answered("key", ANSWER, NOON)
        ledger.keep_answered("other", REFUSAL, NOON)
    store.erase_call("call-1")
    store.tidy(NOON + timedelta(hours=24))
    with store.reading() as ledger:
        assert (ledger.answered("key"), ledger.answered("other")) == (None, REFUSAL)
    store.tidy(NOON + timedelta(hours=25))
    with store.reading() as ledger:
        assert ledger.answered("other") is None


def test_nothing_of_an_answer_stands_in_its_repr() -> None:
    assert "+12025550123" not in repr(ANSWER)
