"""Failed attempts and marks are counted across calls, by keyed hashes."""

from datetime import UTC, datetime, timedelta

from voicebot.dialogue.lockout import Standing
from voicebot.records.schema import claims, marks
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_an_account_without_failures_stands_clean(store: SqlStore) -> None:
    with store.reading() as ledger:
        assert ledger.standing("hash") == Standing()
    with store.transaction() as ledger:
        assert ledger.standing("hash") == Standing()


def test_a_standing_comes_back_as_it_was_saved(store: SqlStore) -> None:
    first = Standing(2, 5, (NOON, NOON + timedelta(microseconds=7)), (NOON,), NOON + timedelta(hours=1), disabled=True)
    second = Standing(3, 6, (), (), None)
    for kept in (first, second):
        with store.transaction() as ledger:
            ledger.save_standing("hash", kept)
        with store.reading() as ledger:
            assert ledger.standing("hash") == kept
            assert ledger.standing("other") == Standing()


def test_marks_count_within_their_window_and_key(store: SqlStore) -> None:
    with store.transaction() as ledger:
        for seconds in (0, 30, 60, 90):
            ledger.mark("ani-1", NOON + timedelta(seconds=seconds))
        ledger.mark("ani-2", NOON)
    at = NOON + timedelta(seconds=60)
    with store.reading() as ledger:
        assert ledger.count("ani-1", at, 60) == 2  # 30 and 60: what is exactly as old as the window is outside it
        assert ledger.count("ani-1", at, 61) == 3
        assert ledger.count("ani-2", at, 3600) == 1
        assert ledger.count("ani-3", at, 3600) == 0


def test_a_mark_can_be_taken_back_one_at_a_time(store: SqlStore) -> None:
    later = NOON + timedelta(microseconds=1)
    with store.transaction() as ledger:
        for at in (NOON, NOON, later):
            ledger.mark("ani-1", at)
        ledger.mark("ani-2", NOON)
        ledger.unmark("ani-1", NOON)
    with store.reading() as ledger:
        assert (ledger.count("ani-1", later, 60), ledger.count("ani-2", later, 60)) == (2, 1)
    with store.transaction() as ledger:
        ledger.unmark("ani-1", NOON)
        ledger.unmark("ani-1", NOON)  # there is none any more
        ledger.unmark("ani-3", NOON)
    with store.reading() as ledger:
        assert (ledger.count("ani-1", later, 60), ledger.last_mark("ani-1", later)) == (1, later)


def test_the_last_mark_is_the_newest_up_to_a_time(store: SqlStore) -> None:
    with store.transaction() as ledger:
        for seconds in (30, 0, 60):
            ledger.mark("k", NOON + timedelta(seconds=seconds))
    with store.reading() as ledger:
        assert ledger.last_mark("k", NOON + timedelta(seconds=59)) == NOON + timedelta(seconds=30)
        assert ledger.last_mark("k", NOON + timedelta(seconds=60)) == NOON + timedelta(seconds=60)
        assert ledger.last_mark("k", NOON - timedelta(seconds=1)) is None
        assert ledger.last_mark("other", NOON) is None


def test_tidying_removes_what_can_decide_nothing_any_more(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.mark("k", NOON - timedelta(days=32))
        ledger.mark("k", NOON - timedelta(days=30))
        ledger.claim("old", "boot", NOON - timedelta(days=3), NOON - timedelta(days=2))
        ledger.claim("new", "boot", NOON, NOON + timedelta(seconds=5))
    store.begin_boot("gone", NOON - timedelta(days=2))
    store.begin_boot("here", NOON)
    assert store.tidy(NOON) == 3
    with store.viewing() as books:
        assert len(books.rows(marks.select()).all()) == 1
        assert [row.key for row in books.rows(claims.select())] == ["new"]
