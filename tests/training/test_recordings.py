"""Recordings to train on are read as their index says, and all that is wrong with them is named at once."""

import io
import wave
import zipfile
from pathlib import Path

import pytest

from models.training.recordings import Kind, RecordingsRefused, read_recordings
from models.training.sounds import read_sounds
from voicebot.speech.models import MODELS

SOUNDS = read_sounds(MODELS / "en-telephone", {"parrot": [["P", "EH1", "R", "AH0", "T"]], "yes": [["Y"]]})
HEADING = "archive\tfile\tspeaker\ttranscript\n"


def wav(rate: int = 8000, channels: int = 1, value: int = 1000) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(value.to_bytes(2, "little") * 800 * channels)
    return made.getvalue()


def shelf(place: Path, index: str, **files: bytes) -> Path:
    (place / "index.tsv").write_text(index, encoding="utf-8")
    for name, content in files.items():
        (place / f"{name}.wav").write_bytes(content)
    return place


def refusal(place: Path) -> str:
    with pytest.raises(RecordingsRefused) as refused:
        read_recordings(place, SOUNDS.is_known)
    return str(refused.value)


def test_an_index_gives_words_and_their_speakers(tmp_path: Path) -> None:
    shelf(tmp_path, "file\tspeaker\ttranscript\na.wav\tann\tOne two\nb.wav\t\t\n", a=wav(), b=wav())
    said, noise = read_recordings(tmp_path, SOUNDS.is_known)
    assert (said.kind, said.speaker, said.words, len(said.sound)) == (Kind.SPEECH, "ann", ("one", "two"), 800)
    assert (noise.kind, noise.words) == (Kind.NOISE, ())


def test_an_archive_of_single_words_is_one_of_words_spoken_alone(tmp_path: Path) -> None:
    for name in ("words", "strings"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("a.wav", wav())
            archive.writestr("b.wav", wav())
    rows = "words\ta.wav\tann\tone\nwords\tb.wav\tbob\ttwo\nstrings\ta.wav\tann\tyes\nstrings\tb.wav\tann\tone two\n"
    shelf(tmp_path, HEADING + rows)
    assert [clip.kind for clip in read_recordings(tmp_path, SOUNDS.is_known)] == [*[Kind.WORD] * 2, *[Kind.SPEECH] * 2]


def test_without_an_index_it_is_said_what_one_is(tmp_path: Path) -> None:
    assert "there is no" in refusal(tmp_path)
    assert "file, speaker, transcript" in refusal(tmp_path)


def test_a_heading_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    assert "its heading lacks speaker" in refusal(shelf(tmp_path, "file\ttranscript\n"))


def test_everything_wrong_is_named_by_line_at_once(tmp_path: Path) -> None:
    rows = ["gone.wav\tann\tone", "a.wav\tann\t123", "a.wav\tann\tqwrtz", "a.wav\t\tone"]
    rows += ["wide.wav\tann\tone", "text.wav\tann\tone"]
    shelf(tmp_path, "file\tspeaker\ttranscript\n" + "\n".join(rows), a=wav(), wide=wav(16000, 2), text=b"no sound")
    text = refusal(tmp_path)
    assert "line 2: gone.wav is not there" in text
    assert "line 3: '123' is no word" in text
    assert "line 4: nobody knows how 'qwrtz' sounds" in text
    assert "line 5: no file or no speaker is named" in text
    assert "line 6: wide.wav has 16000 Hz, 2 channel(s), 16 bits" in text
    assert "line 7: text.wav is no WAV file" in text


def test_a_clip_without_any_sound_is_refused(tmp_path: Path) -> None:
    assert "a.wav holds no sound" in refusal(shelf(tmp_path, "file\tspeaker\ttranscript\na.wav\tann\tone\n", a=wav(value=0)))


def test_a_missing_or_broken_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"no archive")
    text = refusal(shelf(tmp_path, f"{HEADING}gone\ta.wav\tann\tone\nbroken\ta.wav\tann\tone\n"))
    assert "gone/a.wav is not there" in text
    assert "broken.zip is no zip archive" in text


def test_many_complaints_are_counted_not_all_said(tmp_path: Path) -> None:
    assert "and 8 more" in refusal(shelf(tmp_path, "file\tspeaker\ttranscript\n" + "gone.wav\tann\tone\n" * 20))


def test_words_sound_as_the_lexicon_says_and_others_as_the_dictionary_does() -> None:
    assert SOUNDS.words["yes"] == (("Y", "EH", "S"),)
    assert SOUNDS.words["parrot"] == (("P", "EH", "R", "AH", "T"),)
    assert SOUNDS.words["one"] == (("W_ON0", "AH_ON1", "N_ON2"),)
    assert all(SOUNDS.numbers(one) for several in SOUNDS.words.values() for one in several)
