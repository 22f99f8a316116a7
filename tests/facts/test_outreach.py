"""What is counted of rows of their own: who was to be reached, and how conversations were judged."""

from datetime import timedelta
from typing import Any

import pytest

from voicebot.facts.outreach import Fate, evaluation_sums, outreach_sums
from voicebot.facts.tally import Tally, total

MINUTE = timedelta(minutes=1)


def tally(*those: Any) -> Tally:
    return total(Tally(**one) for one in those)


def test_the_share_reached_leaves_out_who_was_not_to_be_reached_any_more_and_who_still_is() -> None:
    sums = tally(
        *(outreach_sums(fate) for fate in Fate), outreach_sums(Fate.REACHED, dials=2, took=2 * MINUTE),
        outreach_sums(Fate.REACHED, took=MINUTE),
    )  # fmt: skip
    assert (sums.outreach, sums.reached, sums.unreached, sums.not_needed, sums.under_way, sums.dials) == (6, 3, 1, 1, 1, 2)
    assert sums.reached_share == 3 / 4
    assert sums.average_time_to_reach == 1.5 * MINUTE  # of one it is not known


@pytest.mark.parametrize(("fate", "took"), [(Fate.REACHED, -MINUTE), (Fate.UNREACHED, MINUTE), (Fate.UNDER_WAY, None)])
def test_who_was_early_took_no_time_and_who_was_not_reached_has_none(fate: Fate, took: timedelta | None) -> None:
    assert tally(outreach_sums(fate, took=took)).time_to_reach == timedelta()


def test_the_mean_score_is_over_judgements_in_which_something_applied() -> None:
    sums = tally(
        evaluation_sums(80, 0, read=True), evaluation_sums(0, 2, read=False), evaluation_sums(None, 0, read=False)
    )
    assert (sums.evaluations, sums.evaluated, sums.critical_failed, sums.evaluations_read) == (3, 2, 1, 1)
    assert sums.evaluation == 0.4
    assert Tally(marks=4, mark_points=14).mark == 3.5
