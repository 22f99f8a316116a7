"""A phrase is sealed under a key of its own, read once, and gone from the disk after use, after its time and with its call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import PHRASE_OUTLIVES, SOON_LASTS, Window, WishResult
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.errors import KeyringError
from voicebot.ports.callback_wishes import CallbackWish, PhraseState
from voicebot.records import phrase_rows
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.schema import callback_phrases
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(hours=1)
CANARY = "Kaffeekanarie"
WISH = CallbackWish("one", "billing", "+12025550123", NOON, NOON, due_at=NOON)


@pytest.fixture
def kept(store: SqlStore, begun: Callable[[str], Call]) -> SqlStore:
    """Agreed first, then booked, as in a call."""
    begun("one")
    with store.transaction() as ledger:
        ledger.keep_phrase("one", CallbackPhrase(CANARY), SOON)
        assert ledger.keep_wish(WISH)
    return store


def state(store: SqlStore) -> PhraseState | None:
    return SqlCallbackWishes(store).phrases(["one", "nobody"]).get("one")


def read(store: SqlStore, at: datetime = NOON) -> str | None:
    with store.transaction() as ledger:
        phrase = ledger.read_phrase("one", "Mira", at)
    return None if phrase is None else phrase.reveal()


def test_it_is_read_once_and_who_read_it_when_stays(kept: SqlStore) -> None:
    assert state(kept) == PhraseState(is_set=True)
    assert read(kept) == CANARY
    assert state(kept) == PhraseState(False, "Mira", NOON)
    assert read(kept) is None
    with kept.reading() as ledger:
        assert ledger.phrase("one", NOON) is None
        assert ledger.phrase_state("one") == PhraseState(False, "Mira", NOON)
        assert ledger.phrase_state("nobody") is None


def test_one_whose_time_is_over_is_not_set_though_nobody_has_wiped_it(kept: SqlStore) -> None:
    with kept.reading() as ledger:
        assert ledger.phrase_state("one", NOON + timedelta(days=90)) == PhraseState()
        assert ledger.phrase_state("one", NOON) == PhraseState(is_set=True)


def test_it_may_be_read_back_while_it_is_agreed_and_agreed_anew(kept: SqlStore) -> None:
    with kept.transaction() as ledger:
        ledger.keep_phrase("one", CallbackPhrase("another"), SOON)
        again = ledger.phrase("one", NOON)
        assert again is not None
        assert again.reveal() == "another"
        assert ledger.phrase("nobody", NOON) is None


def test_it_lasts_as_long_as_the_window_says_and_is_not_read_after_that(kept: SqlStore) -> None:
    assert read(kept, NOON + SOON_LASTS + PHRASE_OUTLIVES) is None
    window = Window(NOON + timedelta(days=2), NOON + timedelta(days=2, hours=1))
    with kept.transaction() as ledger:
        assert ledger.change_wish(replace(WISH, window=window, due_at=window.start), NOON)
    assert kept.tidy(window.until + PHRASE_OUTLIVES - timedelta(seconds=1)) == 0
    assert state(kept) == PhraseState(is_set=True)
    assert kept.tidy(window.until + PHRASE_OUTLIVES) == 1
    assert state(kept) == PhraseState()


@pytest.mark.parametrize("result", list(WishResult))
def test_it_goes_with_its_wish_but_not_while_that_is_tried_again(kept: SqlStore, result: WishResult) -> None:
    with kept.transaction() as ledger:
        ledger.settle_wish(SettleWish("one", result, 1, SOON), NOON, "Mira")
    assert state(kept) == PhraseState(is_set=True)
    with kept.transaction() as ledger:
        ledger.settle_wish(SettleWish("one", result, 2), NOON, "Mira")
    assert state(kept) == PhraseState()


def test_it_goes_when_an_agent_has_called_by_hand_when_it_is_dropped_and_with_the_call(kept: SqlStore) -> None:
    with kept.transaction() as ledger:
        assert ledger.wipe_phrase("one")
        assert not ledger.wipe_phrase("one")
        ledger.keep_phrase("one", CallbackPhrase(CANARY), SOON)
    assert SqlCallbackWishes(kept).done("one", "Omar", NOON)
    assert state(kept) == PhraseState()
    with kept.transaction() as ledger:
        ledger.keep_phrase("one", CallbackPhrase(CANARY), SOON)
    kept.erase_call("one")
    assert state(kept) is None


def test_one_that_was_moved_to_another_wish_is_not_opened(kept: SqlStore, begun: Callable[[str], Call]) -> None:
    begun("two")
    with kept.transaction() as ledger:
        ledger.keep_phrase("two", CallbackPhrase("another"), SOON)
    with kept.writing() as books:
        books.write(callback_phrases.delete().where(callback_phrases.c.call_id == "one"))
        books.write(callback_phrases.update().values(call_id="one"))
    with kept.viewing() as books, pytest.raises(KeyringError, match="cannot be opened"):
        phrase_rows.kept(books, "one", NOON)


def test_it_is_never_on_disk_and_its_key_is_not_once_it_was_read(kept: SqlStore, url: str, tmp_path: Path) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("the bytes of SQLite's files are looked at")

    def on_disk() -> bytes:
        return b"".join(part.read_bytes() for part in tmp_path.iterdir() if part.is_file())

    with kept.viewing() as books:
        row = books.rows(callback_phrases.select()).one()
    kept.checkpoint()
    assert row.wrapped_key in on_disk()
    assert read(kept) == CANARY
    assert CANARY.encode() not in on_disk()
    kept.checkpoint()
    assert row.wrapped_key not in on_disk()
    assert row.sealed not in on_disk()
