"""Amounts as people write them."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.amounts import coins_of
from voicebot.dialogue.forms import StepUpPlan


@given(coins=st.integers(0, 99_999_999), decimals=st.sampled_from([0, 2, 3]))
def test_what_is_told_is_read_as_the_same(coins: int, decimals: int) -> None:
    told = StepUpPlan("payout", (), currency="EUR", decimals=decimals).told(coins).removesuffix(" EUR")
    assert coins_of(told, decimals) == coins


def test_what_is_no_amount_is_none() -> None:
    assert [coins_of(text, 2) for text in ("", "1e5", "1.005", "1.2.3", "1" * 13)] == [None] * 5
