"""A password that is the only lock is long and hard to guess; the sentence that refuses one does not repeat it."""

import pytest

from voicebot.pages.passwords import LONGEST, objection
from voicebot.pages.passwords import normal as password

ABOUT = ("mira", "Mira Holt", "Larkfield Energy")


@pytest.mark.parametrize(
    "typed",
    ["tulip harbour fourteen", "correct horse battery staple", "kq7mz-9wd2x-p4hre-b8tcn", "æøå ring på torsdag efter tre"],
)
def test_several_unrelated_words_or_letters_by_chance_are_taken(typed: str) -> None:
    assert objection(password(typed), ABOUT) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "15 characters or more"),
        ("tulip harbour", "15 characters or more"),
        ("aaaaaaaaaaaaaaaaaaaa", "easy to guess"),
        ("123456789012345678", "easy to guess"),
        ("qwertyuiopasdfghjkl", "easy to guess"),
        ("passwordpassword1", "easy to guess"),
        ("Mira Holt Mira Holt", "easy to guess"),
        ("larkfieldenergy1", "easy to guess"),
        ("tulip harbour\x00fourteen", "characters that can be seen"),
        ("x" * (LONGEST + 1), "at most 256"),
    ],
)
def test_what_is_short_or_easy_is_refused_in_a_sentence(typed: str, said: str) -> None:
    refused = objection(password(typed), ABOUT)
    assert refused is not None
    assert said in refused
    assert not typed or typed not in refused


def test_the_longest_is_weighed_as_well() -> None:
    assert objection(password("tulip harbour fourteen " * 11), ABOUT) is None
