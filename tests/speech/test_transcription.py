"""Recordings are recognised as a call would recognise them."""

from pathlib import Path

import pytest

from voicebot.dialogue.values import Hearing, Shape
from voicebot.errors import AudioRefused, ModelMissing
from voicebot.speech import transcribe, transcribe_files

SHIPPED = [
    ("account-40719238", "digits:8", "40719238"),
    ("account-40719238", "digits:3-10", "40719238"),
    ("double-40771938", "digits:8", "40771938"),
    ("pin-493817", "digits:6", "493817"),
    ("tracking-5502716384", "digits:10", "5502716384"),
    ("yes", "yesno", "yes"),
    ("no", "yesno", "no"),
    ("agent", "commands", "agent"),
    ("help", "commands", "help"),
    ("repeat", "digits:8", "repeat"),
    ("dont-have-it", "digits:8", "dont_have_it"),
    ("start-again", "commands", "start_over"),
]


@pytest.mark.parametrize("shape", sorted({shape for _, shape, _ in SHIPPED}))
def test_the_shipped_recordings_are_what_their_names_say(project: Path, shape: str) -> None:
    wanted = [(project / "tests" / "recordings" / f"{name}.wav", value) for name, asked, value in SHIPPED if asked == shape]
    told = list(transcribe_files([path for path, _ in wanted], Shape.parse(shape)))
    assert [(str(path), value, Hearing.ACCEPTED) for path, value in wanted] == [(t.file, t.value, t.decision) for t in told]
    assert all(0 < t.seconds < 2 for t in told)


def test_a_number_too_short_has_no_value_and_is_not_accepted(project: Path) -> None:
    told = transcribe(project / "tests" / "recordings" / "pin-493817.wav", Shape.parse("digits:8"))
    assert ("", Hearing.REJECTED, "four nine three eight one seven") == (told.value, told.decision, told.text)


def test_a_number_too_long_is_not_accepted(project: Path) -> None:
    told = transcribe(project / "tests" / "recordings" / "account-40719238.wav", Shape.parse("digits:6"))
    assert told.decision is not Hearing.ACCEPTED


def test_a_file_that_cannot_be_heard_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no.wav"
    path.write_bytes(b"RIFFxxxxWAVE")
    with pytest.raises(AudioRefused, match=r"no\.wav"):
        transcribe(path, Shape.parse("yesno"))


def test_a_language_without_a_model_says_how_to_get_one(project: Path) -> None:
    with pytest.raises(ModelMissing, match="VOICEBOT_MODEL_XX"):
        transcribe(project / "tests" / "recordings" / "yes.wav", Shape.parse("yesno"), "xx")


def test_the_demo_speaks_numbers_that_are_understood(project: Path) -> None:
    place = project / "demo" / "recordings"
    assert transcribe(place / "account-40719238.wav", Shape.parse("digits:8")).value == "40719238"
    assert transcribe(place / "pin-493817.wav", Shape.parse("digits:6")).value == "493817"
