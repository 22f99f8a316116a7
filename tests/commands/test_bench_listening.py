"""`bench listening`: lags are counted from when sound was due, and the figures can be read and seen."""

import xml.etree.ElementTree as ET

import pytest

from voicebot.commands.bench_listening import Listened, lags_of, plot, table

ROWS = [
    Listened(10, 3.0, 9.0, 20.0, 30, 1, 0, 1.2, 0.2, 0.1),
    Listened(40, 8.0, 120.0, 400.0, 100, 5, 2, 1.3, 0.9, 0.3),
]


def test_a_lag_runs_from_when_the_last_frame_of_a_piece_was_due() -> None:
    due = {"call-0": (100.0, 101.0, 102.0)}
    notes = {"call-0": [(0, 100.0), (800, 100.1), (8800, 101.11), (9120, 101.125), (17600, 102.6)]}
    assert lags_of(due, notes) == pytest.approx([30, 5])


def test_a_call_that_nothing_was_heard_of_is_infinitely_late() -> None:
    assert lags_of({"call-0": (100.0, 101.0, 102.0)}, {}) == [float("inf")]


def test_the_table_has_a_line_for_each_number_of_calls() -> None:
    assert "| 40 | 8.0 | 120.0 | 400.0 | 100 | 5 | 2 | 1.30 | 0.90 | 0.30 |" in table(ROWS)


def test_the_plot_is_a_picture_with_a_line_for_each_share() -> None:
    picture = ET.fromstring(plot(ROWS))  # noqa: S314  our own
    assert len([one for one in picture if one.tag.endswith("polyline")]) == 3
