"""The worker process: it serves, it survives what is wrong with one line, and it ends when nobody talks to it any more."""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from voicebot.dialogue.codec import to_plain
from voicebot.dialogue.forms import Grammar
from voicebot.speech import worker
from voicebot.speech.wire import LENGTHS, read_frame, write_frame

PATIENCE = 20


class Talk:
    """One worker to talk to."""

    def __init__(self, cache: Path, grammar: Grammar, model: Path) -> None:
        self.question = {"shape": "digits:8", "grammar": to_plain(grammar), "model": str(model), "turn": 1, "gain": 0.0}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "voicebot.speech.worker", str(cache)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.hear() == {"is": "ready"}

    def tell(self, do: str, line: int = 1, body: bytes = b"", **more: Any) -> None:
        write_frame(self.process.stdin, {"do": do, "line": line} | more, body)

    def hear(self) -> dict[str, Any] | None:
        frame = read_frame(self.process.stdout)
        return frame[0] if frame else None

    def until(self, what: str) -> dict[str, Any]:
        while (header := self.hear()) is not None:
            if header["is"] == what:
                return header
        raise AssertionError("the worker has ended")


@pytest.fixture
def talk(tmp_path: Path, grammar: Grammar, english: Path) -> Iterator[Talk]:
    talk = Talk(tmp_path / "cache", grammar, english)
    yield talk
    talk.process.stdin.close()
    talk.process.wait(PATIENCE)
    talk.process.stdout.close()


def test_a_number_is_heard(talk: Talk, recording: Callable[[str], bytes]) -> None:
    talk.tell("attend", **talk.question)
    talk.tell("hear", body=recording("account-40719238"))
    decided = talk.until("decided")
    assert ("four oh seven one nine two three eight", "accepted", 1) == (decided["words"], decided["hearing"], decided["turn"])
    assert -12 < decided["peak"] < -4
    assert decided["delay"] > 0


def test_what_is_only_made_ready_waits_for_whoever_speaks(talk: Talk, recording: Callable[[str], bytes]) -> None:
    frames = [({"do": "warm", "line": 0} | talk.question | {"shape": f"digits:{size}"}, b"") for size in range(5, 20)]
    frames.append(({"do": "warm", "line": 0, "model": "/nowhere"}, b""))
    frames += [({"do": "attend", "line": 1} | talk.question, b""), ({"do": "hear", "line": 1}, recording("account-40719238"))]
    pipe = io.BytesIO()
    for frame in frames:
        write_frame(pipe, *frame)
    talk.process.stdin.write(pipe.getvalue())
    talk.process.stdin.flush()
    heard = [header["is"] for header in iter(talk.hear, {"is": "failed", "line": 0, "turn": 0})]
    assert heard == ["decided", "heard"]  # and after them the last that was to be made ready, which cannot be


def test_a_doubtful_number_is_heard_among_customers_until_their_list_is_forgotten(
    talk: Talk, tmp_path: Path, noisy: bytes
) -> None:
    asked = talk.question | {"shape": "digits:9"}
    learning = {key: asked[key] for key in ("shape", "grammar", "model")} | {"among": "account"}
    talk.tell("learn", line=0, body=b"582640417407192380", **learning)
    assert talk.until("learned") == {"is": "learned", "line": 0, "among": "account", "built": True}
    assert not list((tmp_path / "cache").glob("in-memory*"))
    found = []
    for line, among in ((1, "account"), (2, ""), (3, "account")):
        if line == 3:
            talk.tell("forget", line=0, among="account")
        talk.tell("attend", line=line, **(asked | {"among": among}))
        talk.tell("hear", line=line, body=noisy)
        decided = talk.until("decided")
        found.append((decided["words"], decided["hearing"], decided["among_customers"]))
    assert found[0] == ("five eight two six four oh four one seven", "confirm", True)
    assert found[1] == found[2] == ("five eight two six four one seven", "accepted", False)


@pytest.mark.parametrize(("shape", "secret", "networks"), [("digits:8", False, 2), ("digits:8", True, 1), ("yesno", False, 1)])
def test_a_number_has_a_second_opinion_and_a_secret_or_a_yes_none(
    tmp_path: Path, grammar: Grammar, english: Path, monkeypatch: pytest.MonkeyPatch, *, shape: str, secret: bool, networks: int
) -> None:
    given: list[tuple[Any, ...]] = []

    class Heedless:
        def __init__(self, *what: Any) -> None:
            given.append(what)

        def recall(self, block: Any) -> None:
            """There was nothing before."""

    monkeypatch.setattr(worker, "Attention", Heedless)
    asked = {"shape": shape, "grammar": to_plain(grammar), "model": str(english), "turn": 1, "gain": 0.0, "secret": secret}
    worker.Worker(io.BytesIO(), tmp_path)._attend(asked, 1)
    ((*_, second),) = given
    assert 1 + (second is not None) == networks


@pytest.mark.parametrize("body", [b"123", b"1234567a", b"123456 8", bytes([0xB2]) * 8])
def test_a_list_that_is_none_is_told_as_failed(talk: Talk, body: bytes) -> None:
    talk.tell("learn", line=0, body=body, among="account", **{key: talk.question[key] for key in ("shape", "grammar", "model")})
    assert talk.hear() == {"is": "failed", "line": 0, "turn": 0}


def test_a_line_whose_end_fails_is_closed_all_the_same(
    tmp_path: Path, grammar: Grammar, english: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_line: object) -> None:
        raise ValueError

    monkeypatch.setattr(worker.Line, "end", fails)
    output = io.BytesIO()
    one = worker.Worker(output, tmp_path)
    asked = {"shape": "digits:8", "grammar": to_plain(grammar), "model": str(english), "turn": 1, "gain": 0.0}
    one._try({"do": "attend", "line": 1} | asked, 1, b"")
    one._try({"do": "close", "line": 1, "decide": True}, 1, b"")
    output.seek(0)
    assert [frame[0]["is"] for frame in iter(lambda: read_frame(output), None)] == ["failed", "closed"]


def test_it_ends_with_its_input(talk: Talk) -> None:
    talk.process.stdin.close()
    assert talk.process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    "garbage", [b"x" * 100, LENGTHS.pack(2**31, 0), LENGTHS.pack(2, 0) + b"[]", LENGTHS.pack(14, 0) + b'{"line":"one"}']
)
def test_it_ends_at_what_is_no_frame(tmp_path: Path, grammar: Grammar, english: Path, garbage: bytes) -> None:
    talk = Talk(tmp_path, grammar, english)
    talk.process.stdin.write(garbage)
    talk.process.stdin.close()
    assert talk.process.wait(PATIENCE) == 1
    talk.process.stdout.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "sing"},
        {"do": "attend", "turn": "one"},
        {"do": "attend", "gain": None},
        {"do": "attend", "shape": "digits:99"},
        {"do": "attend", "shape": ""},
        {"do": "attend", "model": "/nowhere/at/all"},
        {"do": "attend", "grammar": {"language": "en"}},
        {"do": "attend", "grammar": []},
        {"do": "attend", "grammar": None},
        {"do": "attend", "grammar": {"language": "en", "digits": [["xyzzy", "1"]], "commands": [["sing", ["la la"]]]}},
    ],
)
def test_a_line_with_something_wrong_fails_and_the_others_go_on(
    talk: Talk, recording: Callable[[str], bytes], wrong: dict[str, Any]
) -> None:
    talk.tell("attend", line=2, **talk.question)
    talk.tell(**{"line": 1, **talk.question, **wrong})
    talk.tell("hear", line=1, body=recording("yes"))
    talk.tell("hear", line=2, body=recording("account-40719238"))
    headers = [talk.hear() for _ in range(4 if "grammar" not in wrong or not wrong["grammar"] else 3)]
    assert talk.process.poll() is None
    told = [header for header in headers if header and header["is"] == "decided" and header["line"] == 2]
    assert told or talk.until("decided")["line"] == 2


def test_noise_and_odd_sizes_are_survived(talk: Talk, recording: Callable[[str], bytes]) -> None:
    talk.tell("attend", **talk.question)
    for size in (0, 1, 7, 159, 801, 65536):
        talk.tell("hear", body=bytes(range(256)) * (size // 256) + bytes(size % 256))
    talk.tell("close", decide=True)
    assert talk.until("closed")["line"] == 1
    talk.tell("attend", line=2, **talk.question)
    talk.tell("hear", line=2, body=recording("agent"))
    assert talk.until("decided")["words"] == "agent"


def test_words_never_reach_standard_error(
    tmp_path: Path, grammar: Grammar, english: Path, recording: Callable[[str], bytes]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "voicebot.speech.worker", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    question = {"shape": "digits:6", "grammar": to_plain(grammar), "model": str(english), "turn": 1, "gain": 0.0}
    write_frame(process.stdin, {"do": "attend", "line": 1} | question)
    write_frame(process.stdin, {"do": "hear", "line": 1}, recording("pin-493817"))
    out, errors = process.communicate(timeout=PATIENCE)
    assert b"four nine three" in out
    assert errors == b""
