"""What people send as a recording becomes what the telephone plays, or is refused in words."""

import contextlib
import io
import wave

import numpy as np
import pytest
import soundfile

from voicebot.config.recordings import fault_of
from voicebot.config.transcoding import LONGEST, LOUDEST, for_telephone
from voicebot.errors import ConfigError


def tone(seconds: float, rate: int, level: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    return np.asarray(np.sin(np.arange(int(seconds * rate)) / rate * 2 * np.pi * hertz) * level, np.float32)


def sent(sound: np.ndarray, rate: int, form: str = "WAV", subtype: str | None = None) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, sound, rate, format=form, subtype=subtype)
    return out.getvalue()


def heard(wav: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize(("form", "subtype"), [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "ULAW"), ("FLAC", "PCM_16")])
def test_a_tone_of_any_form_and_rate_is_the_same_tone(rate: int, form: str, subtype: str) -> None:
    wav = for_telephone(sent(tone(0.5, rate), rate, form, subtype))
    assert fault_of(wav) == ""
    sound = heard(wav)
    assert len(sound) == pytest.approx(4000, abs=8)
    spectrum = np.abs(np.fft.rfft(sound[:4000]))
    assert int(spectrum.argmax()) * 2 == pytest.approx(440, abs=4)
    assert float(np.abs(sound[200:-200]).max()) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("form", "subtype"), [("OGG", "VORBIS"), ("MP3", None)])
def test_what_telephones_and_studios_make_is_taken(form: str, subtype: str | None) -> None:
    sound = heard(for_telephone(sent(tone(1, 44_100), 44_100, form, subtype)))
    assert 7900 <= len(sound) <= 8700


def test_what_the_telephone_cannot_carry_does_not_come_back_as_another_tone() -> None:
    mixed = for_telephone(sent(tone(1, 48_000, hertz=440) + tone(1, 48_000, 0.4, hertz=7000), 48_000, "WAV", "FLOAT"))
    spectrum = np.abs(np.fft.rfft(heard(mixed)))
    assert spectrum[900:1100].max() < spectrum[440] / 100  # 7 kHz would be heard as 1 kHz


def test_both_channels_are_heard_and_too_loud_is_made_softer() -> None:
    both = np.stack([tone(0.5, 16_000, 0.4), tone(0.5, 16_000, 0.2)], axis=1)
    assert float(np.abs(heard(for_telephone(sent(both, 16_000)))[200:-200]).max()) == pytest.approx(0.3, abs=0.02)
    loud = heard(for_telephone(sent(tone(0.5, 16_000, 1.6), 16_000, "WAV", "FLOAT")))
    assert float(np.abs(loud).max()) == pytest.approx(LOUDEST, abs=0.01)


@pytest.mark.parametrize(
    ("upload", "told"),
    [
        (b"", "is empty"),
        (b"no sound at all" * 50, "is no recording"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "is no recording"),
        (sent(np.zeros(8000, np.float32), 8000), "is silent"),
        (sent(np.zeros(0, np.float32), 8000), "is silent"),
        (sent(tone(LONGEST + 1, 8000), 8000), f"is longer than {LONGEST} seconds"),
        (sent(tone(0.1, 8000), 8000, "AU"), "is AU"),
        (sent(np.zeros((80, 9), np.float32), 8000), "has 9 channels"),
    ],
)
def test_what_cannot_be_played_is_refused_in_words(upload: bytes, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        for_telephone(upload)


def test_a_recording_that_is_cut_off_is_taken_as_far_as_it_goes_or_refused_but_never_breaks() -> None:
    whole = sent(tone(1, 16_000), 16_000, "FLAC")
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        with contextlib.suppress(ConfigError):
            assert fault_of(for_telephone(whole[:length])) == ""
