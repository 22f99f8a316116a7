"""A model's card says what was counted and measured, and what was not."""

from models.training.card import Facts, Measured, card

FACTS = Facts("mine", {"calls": "12 speech clips"}, {"calls": "Licence: LICENSE"}, 9, 36, 0, 2.26, 240, "a machine")
LINE = Measured("AN4, telephone", 121, 50, True, 0.975, 0.004, 0.008, 0.001, 0.045)


def test_what_was_not_measured_is_said_so() -> None:
    text = card(FACTS)
    assert "**Not measured.**" in text
    assert "9 speakers, 36 epochs" in text
    assert "- calls: 12 speech clips. Licence: LICENSE." in text


def test_recordings_without_a_licence_are_warned_about() -> None:
    text = card(Facts("mine", {"calls": "12 clips"}, {}, 9, 36, 0, 2.26, 240, "a machine"))
    assert "No licence lies beside it" in text


def test_figures_say_whose_they_are() -> None:
    known = Measured("FSDD, joined", 120, 4, False, None, None, 0.15, 0.07, 0.29)
    text = card(Facts("mine", {}, {}, 9, 36, 5, 2.26, 240, "a machine", (LINE, known)))
    assert "| AN4, telephone | 121 | 50 | strangers | 97.5% | 0.4% | 0.8% (0.1%–4.5%) |" in text
    assert "| FSDD, joined | 120 | 4 | trained on | – | – | 15.0% (7.0%–29.0%) |" in text
    assert "one of 5 models that were trained without them" in text


def test_figures_without_folds_say_what_they_are_worth() -> None:
    assert "too good for strangers" in card(Facts("mine", {}, {}, 9, 36, 0, 2.26, 240, "a machine", (LINE,)))
