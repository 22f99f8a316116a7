"""Trains on the first seconds of nothing much, once, to see that the whole recipe works on this machine.

`python -m tests.training.smoke [AUDIO]`: AUDIO holds an index.tsv (../shared/audio/training). Makes the training's environment in
a throw-away directory, so it takes minutes and is no part of the tests.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def main(audio: Path) -> int:
    """The exit status of the training, or 1 if it left no model that listens."""
    with tempfile.TemporaryDirectory(prefix="voicebot-training-") as place:
        settings = Path(place) / "voicebot.toml"
        settings.write_text("", encoding="utf-8")
        words = ["--audio", str(audio), "--epochs", "1", "--synthetic", "20", "--neural", "4", "--name", "smoke"]
        command = [sys.executable, "-m", "voicebot.cli", "--config", str(settings), "model", "train", *words]
        done = subprocess.run(command, cwd=PROJECT, check=False)
        return done.returncode or int(not (Path(place) / "data" / "models" / "smoke" / "README.md").is_file())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else PROJECT.parent / "shared" / "audio" / "training")))
