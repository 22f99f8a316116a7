"""Feeds the worker that recognises random and malformed questions and audio: `python -m tests.fuzz.worker --inputs 2000`.

It must answer every one, end at none, and hear a number rightly afterwards. Prints how its memory went. See docs/fuzzing.md.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from tests.fuzz.targets import GRAMMAR, PROJECT
from voicebot.dialogue.codec import to_plain
from voicebot.speech.codec import RATE, SILENCE, to_mulaw
from voicebot.speech.recording import read_recording
from voicebot.speech.wire import read_frame, write_frame

MODEL = PROJECT / "models" / "en-telephone"
SAID, WORDS = PROJECT / "tests" / "recordings" / "account-40719238.wav", "four oh seven one nine two three eight"
SHAPES = ("digits:8", "digits:4", "digits:3-10", "phone", "date", "amount:2", "yesno", "yesno:8", "commands")
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 10**40, 1e308, "", "\x00", "digits:0", "digits:25", "\u00e5\U0001f600", [], {}, [[]], "[unk]", " ",
)  # fmt: skip
LINES = 4
MOST_SECONDS = 2.0  # of audio in one input
MOST_PIECE = 8000  # bytes in one frame


OneInput = Callable[["Talk", random.Random], "Counter[str]"]


class Broken(AssertionError):
    """The worker broke a promise. The text says which input."""


class Talk:
    """One worker to talk to."""

    def __init__(self, cache: Path) -> None:
        self.process: subprocess.Popen[Any] = subprocess.Popen(
            [sys.executable, "-m", "voicebot.speech.worker", str(cache)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._source, self._output = cast("BinaryIO", self.process.stdin), cast("BinaryIO", self.process.stdout)
        self.hear()

    def tell(self, do: object, line: int, body: bytes = b"", **more: object) -> None:
        """One frame to it."""
        write_frame(self._source, {"do": do, "line": line} | more, body)

    def hear(self) -> dict[str, Any]:
        """What it tells next. Raises Broken if it has ended."""
        frame = read_frame(self._output)
        if frame is None:
            raise Broken(f"the worker has ended with {self.process.wait()}")
        return frame[0]

    def closed(self, line: int) -> Counter[str]:
        """Close the line; what was told until it was closed."""
        self.tell("close", line, decide=True)
        told: Counter[str] = Counter()
        while not told["closed"]:
            header = self.hear()
            told[str(header["is"])] += 1
            if header["is"] == "failed" and header.get("line") == line:
                told["failed lines"] += 1
        return told

    def megabytes(self) -> float:
        """What it holds in memory (Linux)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * 4096 / 1e6

    def end(self) -> int:
        """End its input; its exit status."""
        self._source.close()
        status = self.process.wait(60)
        self._output.close()
        return status


def one_input(talk: Talk, chance: random.Random) -> Counter[str]:
    """A question, good or broken, some audio, the end of it."""
    line = chance.randrange(LINES)
    question: dict[str, Any] = {"shape": chance.choice(SHAPES), "grammar": to_plain(GRAMMAR), "model": str(MODEL)}
    question |= {"turn": 1, "gain": chance.uniform(-60, 60)}
    kind = chance.random()
    if kind < 0.25:
        question[chance.choice(sorted(question))] = chance.choice(STRANGE)
    elif kind < 0.4:
        question["grammar"] = _spoilt(question["grammar"], chance)
    elif kind < 0.45:
        talk.tell(chance.choice(["", "sing", 7, None, [], {}]), line, chance.randbytes(40))
    talk.tell(chance.choice(["attend", "attend", "attend", "warm"]), line, **question)
    sound = _sound(chance)
    while sound:
        size = chance.randrange(1, MOST_PIECE)
        talk.tell("hear", line, sound[:size])
        sound = sound[size:]
    return talk.closed(line)


def _sound(chance: random.Random) -> bytes:
    """Random bytes, one byte for ever, nothing, a recording with bytes changed, or a piece of it."""
    size = chance.randrange(int(MOST_SECONDS * RATE))
    said = to_mulaw(read_recording(SAID))
    spoilt = np.frombuffer(said, np.uint8).copy()
    places = np.array([chance.randrange(len(spoilt)) for _ in range(500)])
    spoilt[places] = chance.randrange(256)
    start = chance.randrange(len(said))
    made = (chance.randbytes(size), bytes([chance.randrange(256)]) * size, b"")
    return chance.choice((*made, spoilt.tobytes()[:size], said[start : start + size]))


def _spoilt(plain: object, chance: random.Random) -> object:
    """The same grammar with one thing in it exchanged or left out, somewhere."""
    copied = json.loads(json.dumps(plain))
    place: Any = copied
    while True:
        keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.7:
            place = place[key]
            continue
        if chance.random() < 0.3:
            del place[key]
        else:
            place[key] = chance.choice(STRANGE)
        return copied


def hears_rightly(talk: Talk) -> bool:
    """Whether a number is still heard, and as what it is."""
    talk.tell("attend", LINES, shape="digits:8", grammar=to_plain(GRAMMAR), model=str(MODEL), turn=1, gain=0.0)
    talk.tell("hear", LINES, to_mulaw(read_recording(SAID)) + SILENCE * RATE * 3)
    talk.tell("close", LINES, decide=True)
    words = ""
    while (header := talk.hear())["is"] != "closed":
        words = header.get("words", words)
    return words == WORDS


def one_prompt(talk: Talk, chance: random.Random) -> Counter[str]:
    """A question as lines ask it, and a piece of an answer."""
    line = chance.randrange(LINES)
    question: dict[str, Any] = {"shape": chance.choice(SHAPES), "grammar": to_plain(GRAMMAR), "model": str(MODEL)}
    talk.tell("attend", line, **question, turn=1, gain=0.0, check="")
    said = to_mulaw(read_recording(SAID))
    start = chance.randrange(len(said) - RATE)
    talk.tell("hear", line, said[start : start + chance.randrange(RATE)])
    return talk.closed(line)


def run(inputs: int, seed: int, one: OneInput = one_input) -> tuple[Counter[str], list[float]]:
    """What was told in all, and the worker's megabytes at the start and after each tenth. Raises Broken."""
    chance, told = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="fuzz-worker-") as cache:
        talk = Talk(Path(cache))
        held = [talk.megabytes()]
        for number in range(inputs):
            try:
                told += one(talk, chance)
            except (Broken, OSError) as error:
                raise Broken(f"input {number} of seed {seed}: {error}") from error
            if (number + 1) % max(1, inputs // 10) == 0:
                held.append(talk.megabytes())
        if not hears_rightly(talk):
            raise Broken(f"after {inputs} inputs of seed {seed} a number is not heard any more")
        if talk.end() != 0:
            raise Broken("the worker did not end with its input")
    return told, held


def main() -> int:
    """Run, and print what came of it."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz.worker", description=__doc__)
    asked.add_argument("--inputs", type=int, default=2000, help="how many (default: 2000)")
    asked.add_argument("--seed", type=int, default=1, help="another one, other inputs (default: 1)")
    asked.add_argument("--prompts", action="store_true", help="nothing is wrong with any: only how memory goes")
    said = asked.parse_args()
    told, held = run(said.inputs, said.seed, one_prompt if said.prompts else one_input)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(told.items()))
    memory = " ".join(f"{size:.0f}" for size in held)
    sys.stdout.write(f"{said.inputs} inputs, seed {said.seed}: {counts}\nmemory in MB, start and each tenth: {memory}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
