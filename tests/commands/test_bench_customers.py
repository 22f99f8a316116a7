"""`bench customers`: what it asks, of which tables, and how it counts what comes of an answer."""

import random

import numpy as np
import pytest

from voicebot.commands.bench_customers import Case, End, Table, cases, end_of, made_up
from voicebot.commands.bench_speech_clips import Clip
from voicebot.dialogue.values import Hearing
from voicebot.speech import Transcription

SILENCE = np.zeros(8, np.int16)
SAID = Clip("AN4, telephone", "ada", "digits:7", "4071923", SILENCE)
TABLE = {"4071923", "4071924", "5555555"}


def test_only_where_customers_are_few_for_the_length_is_a_number_asked_for() -> None:
    short, babble = Clip("AN4, telephone", "ada", "digits:5", "40719", SILENCE), Clip("babble", "1", "digits:4", "", SILENCE)
    found = [(case.clip.right, case.digits, case.table) for case in cases([SAID, short, babble], 10_000)]
    three = (Table.WITH, Table.WITHOUT, Table.NEIGHBOUR)
    assert found == [
        *(("4071923", 7, table) for table in three), ("4071923", 8, Table.LONGER), ("40719", 6, Table.LONGER),
        ("", 8, Table.NO_NUMBER),
    ]  # fmt: skip


@pytest.mark.parametrize(("table", "digits"), [(Table.WITH, 7), (Table.WITHOUT, 7), (Table.NEIGHBOUR, 7), (Table.LONGER, 8)])
def test_a_table_is_what_it_says(table: Table, digits: int) -> None:
    numbers = made_up([Case(SAID, digits, table)], 50, random.Random(1))
    assert len(numbers) == 50
    assert {len(number) for number in numbers} == {digits}
    assert (SAID.right in numbers) is (table is Table.WITH)
    if table is Table.LONGER:
        assert any(SAID.right in (number[:place] + number[place + 1 :]) for number in numbers for place in range(8))


@pytest.mark.parametrize(
    ("hearing", "value", "rivals", "among", "end"),
    [
        (Hearing.REJECTED, "", (), False, End.AGAIN),
        (Hearing.CONFIRM, "agent", (), False, End.AGAIN),
        (Hearing.ACCEPTED, "4071923", (), False, End.TAKEN),
        (Hearing.ACCEPTED, "4071924", (), False, End.TAKEN_WRONG),
        (Hearing.ACCEPTED, "9999999", (), False, End.UNKNOWN),
        (Hearing.CONFIRM, "4071923", (), False, End.TAKEN),
        (Hearing.CONFIRM, "9999999", ("4071923",), False, End.TAKEN),
        (Hearing.CONFIRM, "9999999", ("4071924",), False, End.TAKEN_WRONG),
        (Hearing.CONFIRM, "4071924", ("4071923",), False, End.SOMEBODY),
        (Hearing.CONFIRM, "4071923", (), True, End.READ_BACK),
        (Hearing.CONFIRM, "5555555", (), True, End.SOMEBODY),
        (Hearing.CONFIRM, "9999999", (), False, End.NOBODY),
    ],
)
def test_an_answer_ends_as_on_a_line_that_asks_for_a_secret(
    hearing: Hearing, value: str, rivals: tuple[str, ...], among: bool, end: End
) -> None:
    told = Transcription("", value, hearing, "", 0.0, rivals, among)
    assert end_of(told, SAID.right, TABLE) is end
