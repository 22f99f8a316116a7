import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.config.speaking import LONGEST_WORDS, Voice, as_words, spoken
from voicebot.dialogue.spoken import (
    Amount,
    Day,
    Digits,
    Sounded,
    Spoken,
    Words,
)

ENGLISH = Voice("en_US", "en-US")
FRENCH = Voice("fr_FR", "fr-FR")
KOREAN = Voice("ko_KR", "ko-KR", digit_words=list("공일이삼사오육칠팔구"), money={"KRW": ["{whole}원"]})
WITH_MONEY = Voice("da_DK", "da-DK", money={"DKK": ["{whole} kroner", "{whole} kroner og {part} øre"]})
DANISH = Voice("da_DK", "da-DK", digit_separator=" ")


@pytest.mark.parametrize(
    ("value", "voice", "words"),
    [
        (Digits("0420"), ENGLISH, "0, 4, 2, 0"),
        (Digits("0420"), DANISH, "0 4 2 0"),
        (Digits("01012345678", (3, 4, 4)), ENGLISH, "0, 1, 0. 1, 2, 3, 4. 5, 6, 7, 8"),
        (Digits("0420", (3, 3)), ENGLISH, "0, 4, 2, 0"),
        (Digits("010", (1, 2)), KOREAN, "공. 일, 공"),
        (Digits("AB1"), KOREAN, "A, B, 1"),
        (Amount("12500", "KRW"), KOREAN, "12500원"),
        (Amount("12500.4", "KRW"), KOREAN, "12500원"),
        (Amount("12.50", "DKK"), WITH_MONEY, "12 kroner og 50 øre"),
        (Amount("12.00", "DKK"), WITH_MONEY, "12 kroner"),
        (Amount("12.05", "DKK"), WITH_MONEY, "12 kroner og 5 øre"),
        (Amount("-12.05", "DKK"), WITH_MONEY, "-12,05 kr."),
        (Amount("12.50", "SEK"), WITH_MONEY, "12,50 SEK"),
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
