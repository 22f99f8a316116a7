from pathlib import Path

import pytest

from voicebot.errors import ConfigError
from voicebot.identity.conformance.known import Known, read_known


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "check.toml"
    path.write_text(text, "utf-8")
    return path


def test_options_go_before_the_file_and_the_environments_secret_before_the_files(tmp_path: Path) -> None:
    file = written(
        tmp_path, '[check]\nidentifier_field = "account_number"\nknown = "1111"\nsecret = "2222"\nsecret_field = "pin"\n'
    )
    known = read_known(file, {"known": "3333", "ani": "+12025550101"}, "4444")
    assert (known.identifier_field, known.known, known.ani) == ("account_number", "3333", "+12025550101")
    assert known.secret is not None
    assert known.secret.reveal() == "4444"
    in_file = read_known(file, {}, "").secret
    assert in_file is not None
    assert in_file.reveal() == "2222"


def test_options_alone_are_enough() -> None:
    known = read_known(None, {"identifier_field": "account_number", "known": "0420"}, "")
    assert known == Known("account_number", "0420")
    assert known.nobody == "0000"


def test_the_wrong_secret_differs_in_every_digit() -> None:
    known = read_known(None, {"identifier_field": "account_number", "known": "1"}, "493810")
    assert known.wrong is not None
    assert known.wrong.reveal() == "504921"


def test_everything_that_is_wrong_is_said_at_once_and_the_secret_is_not_shown(tmp_path: Path) -> None:
    file = written(tmp_path, '[check]\nknown = 40719238\nani = "555"\npn = "1"\nsecret = "49 38"\n')
    with pytest.raises(ConfigError) as refused:
        read_known(file, {}, "")
    said = str(refused.value)
    assert [line.split(": ")[1] for line in said.splitlines()] == [
        "check.secret", "check.known", "check.ani", "check.pn", "identifier_field", "known",
    ]  # fmt: skip
    assert "49 38" not in said


def test_options_are_looked_at_too() -> None:
    with pytest.raises(ConfigError, match="--shared-ani: must be a number like"):
        read_known(None, {"identifier_field": "account_number", "known": "1", "shared_ani": "555"}, "")


def test_neither_numbers_nor_secrets_are_shown() -> None:
    assert "40719238" not in repr(read_known(None, {"identifier_field": "account_number", "known": "40719238"}, "493817"))
    assert "493817" not in repr(read_known(None, {"identifier_field": "account_number", "known": "1"}, "493817"))
