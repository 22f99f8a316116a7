"""Whoever runs a command is known by account and by sudo; the data directory's owner says who may what."""

import os
import pwd
from pathlib import Path

import pytest

from voicebot.config.operators import FILE, Person, Role, Task, operator, whoever_runs
from voicebot.errors import ConfigError, NotAllowed

ME = os.geteuid()
OWNER = Person(ME, "voicebot", "voicebot")
ADA = Person(ME, "voicebot", "ada")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


def roles(data: Path, text: str, mode: int = 0o644) -> None:
    file = data / FILE
    file.write_text(text)
    file.chmod(mode)


def test_whoever_runs_is_the_account_of_the_process() -> None:
    name = pwd.getpwuid(ME).pw_name
    assert whoever_runs({}) == Person(ME, name, name)
    assert str(whoever_runs({})) == name


def test_who_came_by_sudo_is_named_with_the_account() -> None:
    there = whoever_runs({"SUDO_USER": "ada.marsh"})
    assert there.name == "ada.marsh"
    assert str(ADA) == "ada as voicebot"


@pytest.mark.parametrize("name", ["", "a\nb", "a b", "x" * 65, "\x1b[2J", "ada;rm"])
def test_a_name_that_is_none_is_not_believed(name: str) -> None:
    assert whoever_runs({"SUDO_USER": name}) == whoever_runs({})


@pytest.mark.parametrize("person", [OWNER, ADA])
def test_without_roles_whoever_is_the_owner_may_everything(data: Path, person: Person) -> None:
    assert operator(person, data).role is Role.ADMIN
    assert all(operator(person, data).may(task) for task in Task)


def test_before_the_first_start_nobody_else_owns_anything(data: Path) -> None:
    assert operator(OWNER, data / "not yet").role is Role.ADMIN


def test_another_account_is_refused_and_told_which_one_to_take(data: Path) -> None:
    name = pwd.getpwuid(ME).pw_name
    with pytest.raises(NotAllowed, match=f"belongs to {name}: run this as {name} \\(sudo -u {name} python3 run.py …"):
        operator(Person(ME + 1, "other", "other"), data)


def test_with_roles_everybody_has_what_the_file_says(data: Path) -> None:
    roles(data, '[roles]\nada = "supervisor"\nbo = "admin"\n')
    supervisor = operator(ADA, data)
    assert supervisor.role is Role.SUPERVISOR
    assert {task for task in Task if supervisor.may(task)} == {Task.SHOW, Task.LOCK, Task.UNLOCK, Task.REPORTS}
    assert operator(Person(ME, "voicebot", "bo"), data).role is Role.ADMIN
    nobody = operator(Person(ME, "voicebot", "eve"), data)
    assert nobody.role is None
    assert not any(nobody.may(task) for task in Task)
    assert operator(OWNER, data).role is Role.ADMIN


def test_a_refusal_says_which_role_is_needed(data: Path) -> None:
    roles(data, '[roles]\nada = "supervisor"\n')
    assert str(operator(ADA, data).refusal(Task.EXPORT)).startswith(
        "ada as voicebot has the role supervisor, and export needs admin"
    )
    eve = operator(Person(ME, "voicebot", "eve"), data)
    assert str(eve.refusal(Task.SHOW)).startswith("eve as voicebot has no role, and show needs supervisor or admin")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[roles]\nada = "boss"\n', "roles.ada: must be one of supervisor, admin"),
        ("[roles]\nada = 1\n", "roles.ada: must be one of supervisor, admin"),
        ('ada = "admin"\n', "ada: is not known"),
        ("roles = 1\n", "must be a table"),
        ("[roles\n", "is not TOML"),
    ],
)
def test_a_wrong_file_gives_nobody_a_role(data: Path, text: str, words: str) -> None:
    roles(data, text)
    with pytest.raises(ConfigError, match=words):
        operator(ADA, data)


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_is_refused(data: Path, mode: int) -> None:
    roles(data, '[roles]\nada = "admin"\n', mode)
    with pytest.raises(NotAllowed, match="others may write this; mend with: chmod 644"):
        operator(ADA, data)
