import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.config.speaking import LONGEST_WORDS, Voice, as_words, spoken
from voicebot.dialogue.values import Amount, Day, Digits, Sounded, Spoken, Words

ENGLISH = Voice("en_US", "en-US")
FRENCH = Voice("fr_FR", "fr-FR")
DANISH = Voice("da_DK", "da-DK", digit_separator=" ")


@pytest.mark.parametrize(
    ("value", "voice", "words"),
    [
        (Digits("0420"), ENGLISH, "0, 4, 2, 0"),
        (Digits("0420"), DANISH, "0 4 2 0"),
        (Amount("1284.2", "USD"), ENGLISH, "$1,284.20"),
        (Amount("1284.2", "EUR"), FRENCH, "1 284,20 €"),
        (Amount("-15", "DKK"), DANISH, "-15,00 kr."),
        (Day("2026-12-01"), ENGLISH, "December 1, 2026"),
        (Day("2026-12-01"), FRENCH, "1 décembre 2026"),
        (Words("Ada  Marsh"), ENGLISH, "Ada Marsh"),
        (Sounded("queue.billing"), ENGLISH, "<queue.billing>"),
    ],
)
def test_a_value_is_said_as_the_language_says_it(value: Spoken, voice: Voice, words: str) -> None:
    assert spoken(value, voice, lambda prompt_id: f"<{prompt_id}>") == words


@pytest.mark.parametrize("value", [Amount("much", "USD"), Amount("NaN", "USD"), Day("tomorrow")])
def test_a_value_that_is_not_what_it_should_be_is_spoken_as_it_stands(value: Spoken) -> None:
    assert spoken(value, ENGLISH, str) in {"much", "NaN", "tomorrow"}


@given(st.text())
def test_peoples_own_data_come_out_speakable_short_and_on_one_line(text: str) -> None:
    words = as_words(text)
    assert len(words) <= LONGEST_WORDS
    assert words == " ".join(words.split())
    assert all(char.isprintable() for char in words)
