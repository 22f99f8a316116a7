"""Feeds a target what a coverage-guided fuzzer thinks up: `python -m tests.fuzz stream --seconds 300`. See docs/fuzzing.md.

The corpus in `tests/fuzz/corpus` is where it begins; `--keep` puts the smallest set back that reaches as far as all it found.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
NAMES = ("stream", "entry", "numbers", "words")
# Whose ways are worth finding: ours, and those of the library that takes our forms apart. Tables of numbers are not.
WATCHED = ("voicebot.telephony", "voicebot.dialogue", "werkzeug.formparser", "phonenumbers.phonenumberutil")
FOUND = re.compile(r"[0-9a-f]{40}")  # a name that the fuzzer gave; what has one of ours broke a promise once, and stays
JSON = ("stream",)  # targets whose inputs are changed as documents
LONGEST = {"stream": 2048, "entry": 1024, "numbers": 80, "words": 200}


def main() -> int:
    """Run one target, or merge what it found into the corpus."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("target", choices=NAMES)
    asked.add_argument("--seconds", type=int, default=300, help="how long (default: 300)")
    asked.add_argument("--keep", action="store_true", help="put the smallest set that reaches as far into the corpus")
    asked.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    said = asked.parse_args()
    if said.inside is not None:
        return fuzz(said.target, said.inside)
    place = CORPUS / said.target
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{said.target}-") as found:
        options = [f"-max_total_time={said.seconds}", f"-max_len={LONGEST[said.target]}", "-print_final_stats=1", "-timeout=10"]
        status = run(said.target, [*options, f"-artifact_prefix={Path.cwd()}/fuzz-{said.target}-", found, str(place)])
        if said.keep and status == 0:
            with tempfile.TemporaryDirectory(prefix=f"fuzz-{said.target}-kept-") as kept:
                status = run(said.target, ["-merge=1", f"-max_len={LONGEST[said.target]}", kept, str(place), found])
                if status == 0 and any(Path(kept).iterdir()):
                    for path in place.iterdir():
                        if FOUND.fullmatch(path.name):
                            path.unlink()
                    shutil.copytree(kept, place, dirs_exist_ok=True)
    return status


def run(target: str, options: list[str]) -> int:
    """The fuzzer ends its process by itself, so it gets one of its own."""
    command = [sys.executable, "-m", "tests.fuzz", target, "--inside", *options]
    return subprocess.run(command, check=False, cwd=Path(__file__).resolve().parents[2]).returncode


def fuzz(target: str, options: list[str]) -> int:
    """In the fuzzer's own process."""
    try:
        import atheris
    except ImportError:
        said = "The fuzzer is not installed: pip install -r requirements-fuzz.txt (Linux on x86-64; see docs/fuzzing.md)"
        sys.stdout.write(said + "\n")
        return 2
    with atheris.instrument_imports(include=list(WATCHED)):
        from tests.fuzz.targets import DICTIONARIES, TARGETS_BY_NAME, keep_quiet
    from tests.fuzz.mutating import mutator

    keep_quiet()
    # The library puts its real `Mutate` in place when it is set up: it is looked for at each use.
    more = {"custom_mutator": mutator(lambda fed, longest: bytes(atheris.Mutate(fed, longest)))} if target in JSON else {}
    with tempfile.NamedTemporaryFile("w", suffix=".dict", encoding="ascii") as dictionary:
        dictionary.writelines(f'"{_escaped(word)}"\n' for word in DICTIONARIES[target])
        dictionary.flush()
        # To merge, the fuzzer starts this very command again, through a shell.
        again = f"{sys.executable} -m tests.fuzz {target} --inside"
        atheris.Setup([again, f"-dict={dictionary.name}", *options], TARGETS_BY_NAME[target], **more)
        atheris.Fuzz()  # does not come back
    return 0


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word.encode())


if __name__ == "__main__":
    sys.exit(main())
