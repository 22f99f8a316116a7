"""Damages the shipped model in random ways and tries each out: `python -m tests.fuzz.model --damages 200`.

Each trial must come to an end with a yes or a no; whatever the damage does to Vosk stays in the trial's own process. See
docs/fuzzing.md.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz.targets import GRAMMAR
from tests.fuzz.worker import MODEL
from voicebot.dialogue.codec import to_plain
from voicebot.speech.trial import can_listen_with


def damage(model: Path, chance: random.Random) -> str:
    """Do one of them harm; what was done."""
    files = sorted(path for path in model.rglob("*") if path.is_file() and path.stat().st_size)
    victim = chance.choice([path for path in files if not path.name.startswith("LICENSE")])
    content = bytearray(victim.read_bytes())
    kind = chance.choice(("gone", "empty", "cut off", "bytes changed", "something else"))
    match kind:
        case "gone":
            victim.unlink()
            return kind
        case "empty":
            content.clear()
        case "cut off":
            del content[chance.randrange(len(content)) :]
        case "bytes changed":
            for _ in range(chance.choice((1, 20, 1000))):
                content[chance.randrange(len(content))] = chance.randrange(256)
        case _:
            content[:] = chance.randbytes(chance.randrange(1, 10_000))
    victim.write_bytes(content)
    return kind


def run(damages: int, seed: int) -> Counter[str]:
    """How often which damage left a model that listens, and how often one that does not."""
    chance, found = random.Random(seed), Counter[str]()
    for _ in range(damages):
        with tempfile.TemporaryDirectory(prefix="fuzz-model-") as place:
            model = Path(place, "model")
            shutil.copytree(MODEL, model)
            kind = damage(model, chance)
            question = {"shape": "digits:8", "grammar": to_plain(GRAMMAR), "check": "", "model": str(model)}
            listens = can_listen_with(question, Path(place, "cache"))
            found[f"{kind}: {'listens' if listens else 'refused'}"] += 1
    return found


def main() -> int:
    """Run, and print what came of it."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz.model", description=__doc__)
    asked.add_argument("--damages", type=int, default=200, help="how many (default: 200)")
    asked.add_argument("--seed", type=int, default=1, help="another one, other damages (default: 1)")
    said = asked.parse_args()
    found = run(said.damages, said.seed)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(found.items()))
    sys.stdout.write(f"{said.damages} damages, seed {said.seed}: {counts}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
