"""A callback phrase is told to nobody but by its own word, and is something that can be read out."""

import copy
import pickle

import pytest

from voicebot.dialogue.phrase import CallbackPhrase, chosen


def test_it_is_not_seen_compared_hashed_or_copied() -> None:
    phrase = CallbackPhrase("anana")
    assert "anana" not in f"{phrase} {phrase!r} {phrase!s} {[phrase]}"
    assert phrase.reveal() == "anana"
    same = CallbackPhrase("anana")
    for deed in (lambda: phrase == same, lambda: hash(phrase), lambda: pickle.dumps(phrase), lambda: copy.copy(phrase)):
        with pytest.raises(TypeError):
            deed()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("anana", "anana"), ("  blue   heron ", "blue heron"), ("Ærø-2", "Ærø-2"), ("l'été", "l'été"),
        ("바나나 우유", "바나나 우유"), ("00042", "00042"), ("e\u0301te\u0301", "été"), ("हिन्दी", "हिन्दी"),
    ],
)  # fmt: skip
def test_what_can_be_read_out_is_a_phrase(text: str, kept: str) -> None:
    phrase = chosen(text)
    assert phrase is not None
    assert phrase.reveal() == kept


@pytest.mark.parametrize(
    "text", ["", " ", "ab", "a b", "x" * 21, "0420", "04 20", "<b>anana</b>", "anana!", "an\nana?", "-anana", "anana-", "a--nana",
             "😀😀😀😀", "\u202eanana", "\u0301" + "anana!"],
)  # fmt: skip
def test_what_cannot_is_none(text: str) -> None:
    assert chosen(text) is None


def test_four_digits_are_too_like_a_pin_unless_the_company_allows_them() -> None:
    assert chosen("0420") is None
    four = chosen("0420", fewest_digits=4)
    assert four is not None
    assert four.reveal() == "0420"
