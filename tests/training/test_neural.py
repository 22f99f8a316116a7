"""What the neural voice is given to say: words in its alphabet, in voices that differ."""

import numpy as np
import pytest

from models.training import neural

PRONOUNCED = {
    **{digit: [["S", "IH1", "K", "S"]] for digit in (*neural.DIGITS, "oh", *neural.TEENS_AND_TENS, "double", "hundred")},
    **{letter: [["EY1"]] for letter in neural.ALPHABET},
    "help": [["HH", "EH1", "L", "P"]],
    "again": [["AH0", "G", "EH1", "N"]],
}


@pytest.fixture(autouse=True)
def voices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two voices for sayings of up to 20 letters, without the package that brings real ones."""
    made = np.random.default_rng(1).normal(0, 1, (2, 20, 256)).astype(np.float32)
    monkeypatch.setattr(neural, "_voices", lambda: made)


def test_sayings_are_the_same_for_the_same_seed_and_no_two_have_one_voice() -> None:
    first, again = (neural.sayings(40, PRONOUNCED, ["help", "again"], 3) for _ in range(2))
    assert first == again
    assert all((one.style == other.style).all() for one, other in zip(first, again, strict=True))
    assert len({one.style.tobytes() for one in first}) == 40


def test_sounds_become_letters_with_their_stress() -> None:
    assert neural._letters(["AH0", "G", "EH1", "N"]) == "əɡˈɛn"
    assert neural._letters(["S", "IH1", "K", "S"]) == "sˈɪks"


def test_every_digit_has_accents_and_every_kind_of_saying_comes() -> None:
    assert set(neural.DIGITS) | {"oh"} == set(neural.ACCENTS)
    said = neural.sayings(400, PRONOUNCED, ["help", "again"], 5)
    assert {"help", "six", "oh", "q", "twenty"} <= {word for one in said for word in one.words}
    accents = {accent for several in neural.ACCENTS.values() for accent in several}
    assert any(accents & set(one.letters.replace(",", "").split()) for one in said)
