"""Changes of prompts are kept for good, each with its number, and recordings with them."""

from datetime import UTC, datetime

import pytest

from voicebot.ports.prompt_edits import PromptEdit, PromptEdits
from voicebot.records.prompt_edits import SqlPromptEdits
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def edits(store: SqlStore) -> PromptEdits:
    return SqlPromptEdits(store)


def edit(number: int, prompt_id: str = "closed", language: str = "en", *texts: str) -> PromptEdit:
    return PromptEdit(language, prompt_id, number, "Vera", NOON, texts or (f"{number}, æ 네 “\U0001f44b”",), ("",))


def test_of_each_prompt_the_newest_counts_and_all_are_there(edits: PromptEdits) -> None:
    assert (edits.count(), edits.newest(), edits.of_prompt("en", "closed")) == (0, (), ())
    for one in (edit(1), edit(2), edit(1, "greeting"), edit(1, "closed", "da")):
        assert edits.keep(one, {})
    assert edits.count() == 4
    assert edits.newest() == (edit(1, "closed", "da"), edit(2), edit(1, "greeting"))
    assert edits.of_prompt("en", "closed") == (edit(1), edit(2))


def test_a_number_is_taken_once_and_the_loser_leaves_nothing(edits: PromptEdits) -> None:
    assert edits.keep(edit(1), {"a.wav": b"first"})
    assert not edits.keep(PromptEdit("en", "closed", 1, "Omar", NOON), {"b.wav": b"second"})
    assert edits.of_prompt("en", "closed") == (edit(1),)
    assert (edits.audio("a.wav"), edits.audio("b.wav")) == (b"first", None)


def test_back_to_the_file_is_a_version_too(edits: PromptEdits) -> None:
    edits.keep(edit(1), {})
    back = PromptEdit("en", "closed", 2, "Vera", NOON)
    assert edits.keep(back, {})
    assert edits.newest() == (back,)
