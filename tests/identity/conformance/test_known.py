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


NUMBER, NAME_LIKE = "digits in quotes", "a field's name like "
EXPECTED = {
    "identifier_field": NAME_LIKE + '"account_number"',
    "known": NUMBER,
    "unknown": NUMBER,
    "ani": 'a number like "+12025550101"',
    "shared_ani": 'a number like "+12025550105"',
    "sharer": NUMBER,
    "secret_field": NAME_LIKE + '"pin"',
    "without_secret": NUMBER,
    "lockable": NUMBER,
    "public_detail": 'a detail\'s name like "delivery_status"',
    "private_detail": 'a detail\'s name like "balance"',
}
RIGHT = {
    "identifier_field": "account_number", "known": "40719238", "unknown": "11111111", "ani": "+12025550101",
    "shared_ani": "+12025550105", "sharer": "81527360", "secret_field": "pin", "without_secret": "93748205",
    "lockable": "27150948", "public_detail": "delivery_status", "private_detail": "balance",
}  # fmt: skip


def test_everything_that_can_be_known_is_read_from_a_file_or_from_options(tmp_path: Path) -> None:
    lines = "".join(f'{name} = "{value}"\n' for name, value in RIGHT.items())
    for known in (read_known(written(tmp_path, f"[check]\n{lines}"), {}, ""), read_known(None, RIGHT, "")):
        assert {name: getattr(known, name) for name in RIGHT} == RIGHT
        assert known.secret is None
        assert known.nobody == "11111111"


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_named_with_its_place_and_with_what_is_right(tmp_path: Path, name: str) -> None:
    option = f"--{name.replace('_', '-')}"
    with pytest.raises(ConfigError) as refused:
        read_known(None, RIGHT | {name: "no such thing!"}, "")
    assert str(refused.value) == f"backend check: {option}: must be {EXPECTED[name]}"
    lines = "".join(f'{one} = "{value}"\n' for one, value in (RIGHT | {name: "no such thing!"}).items())
    with pytest.raises(ConfigError) as refused:
        read_known(written(tmp_path, f"[check]\n{lines}"), {}, "")
    assert f"check.toml: check.{name}: " in str(refused.value)
    assert EXPECTED[name] in str(refused.value)


@pytest.mark.parametrize("name", ["identifier_field", "known"])
def test_what_is_needed_is_said_with_both_ways_to_give_it(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_known(None, {key: value for key, value in RIGHT.items() if key != name}, "")
    option = f"--{name.replace('_', '-')}"
    assert str(refused.value) == f"backend check: {name}: is needed: {option}, or {name} in [check] of a file (--data)"


@pytest.mark.parametrize("secret", ['"49 38"', "493817", f'"{"1" * 65}"'])
def test_a_secret_that_is_none_is_refused_unseen(tmp_path: Path, secret: str) -> None:
    file = written(tmp_path, f'[check]\nidentifier_field = "account_number"\nknown = "1"\nsecret = {secret}\n')
    with pytest.raises(ConfigError) as refused:
        read_known(file, {}, "")
    said = "check.toml: check.secret: must be text in quotes without a space (it is not shown here)"
    assert str(refused.value) == said


def test_a_secret_of_letters_has_a_wrong_one_too() -> None:
    wrong = read_known(None, RIGHT, "a9-0").wrong
    assert wrong is not None
    assert wrong.reveal() == "0001"


def test_the_longest_secret_of_a_file_is_taken(tmp_path: Path) -> None:
    file = written(tmp_path, f'[check]\nidentifier_field = "account_number"\nknown = "1"\nsecret = "{"7" * 64}"\n')
    secret = read_known(file, {}, "").secret
    assert secret is not None
    assert secret.reveal() == "7" * 64
