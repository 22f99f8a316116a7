"""What the fuzzer found worth keeping, once more: every input that reached some new place, and whatever once broke a promise."""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import CORPUS, NAMES
from tests.fuzz.targets import TARGETS_BY_NAME

FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("target", NAMES)
def test_every_target_keeps_its_promises_over_its_corpus(target: str) -> None:
    inputs = [path for path in FILES if path.parent.name == target]
    assert len(inputs) > 20
    for path in inputs:
        TARGETS_BY_NAME[target](path.read_bytes())
    TARGETS_BY_NAME[target](b"")


def test_the_corpus_is_small() -> None:
    assert {path.parent.name for path in FILES} == set(NAMES)
    assert sum(path.stat().st_size for path in FILES) < 200 * 1024


def test_a_target_is_not_content_with_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them fails where its promise is broken, so that the tests above can fail."""
    from tests.fuzz import targets

    monkeypatch.setattr(targets, "read_frame", lambda _text: "something else")
    with pytest.raises(AssertionError):
        targets.stream(b"{}")
    monkeypatch.setattr(targets, "E164", targets.re.compile("never"))
    with pytest.raises(AssertionError):
        targets.numbers(b"\x00+12025550123")


def test_it_says_what_is_missing_where_there_is_no_fuzzer(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    (tmp_path / "atheris.py").write_text("raise ImportError\n")
    here = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{CORPUS.parents[2]}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "stream", "--seconds", "1"], env=here, cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"requirements-fuzz.txt" in done.stdout
