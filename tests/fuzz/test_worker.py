"""A few of the random and malformed inputs of `python -m tests.fuzz.worker`, so that it does not rot."""

from pathlib import Path

import pytest

from tests.fuzz import worker


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="looks at memory as Linux tells it")
def test_the_worker_outlives_broken_questions_and_audio() -> None:
    told, held = worker.run(10, seed=3)
    assert told["closed"] == 10
    assert told["failed"]  # some of it was broken
    assert told["heard"]  # and some was not
    assert len(held) == 11


def test_a_worker_that_ends_is_noticed(tmp_path: Path) -> None:
    talk = worker.Talk(tmp_path)
    talk.process.kill()
    with pytest.raises(worker.Broken, match="the worker has ended with -9"):
        talk.hear()
    talk.end()
