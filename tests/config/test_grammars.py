"""A grammar file is read once and whole; whatever is wrong in it is named by file and key."""

from pathlib import Path

import pytest

from voicebot.config.grammars import load_grammar
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Command
from voicebot.errors import ConfigError

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = "\n".join(f'{word} = "{digit}"' for digit, word in enumerate(WORDS))
COMMANDS = "\n".join(f'{name} = ["{name.replace("_", " ")}"]' for name in Command)
GOOD = f'language = "en"\nfillers = ["um"]\n[digits]\n{DIGITS}\n[multipliers]\ndouble = 2\n[commands]\n{COMMANDS}\n'


def load(tmp_path: Path, text: str) -> Grammar:
    path = tmp_path / "en.toml"
    path.write_text(text, encoding="utf-8")
    return load_grammar(path)


def test_a_good_file_becomes_the_dialogues_grammar(tmp_path: Path) -> None:
    grammar = load(tmp_path, GOOD)
    assert dict(grammar.digits)["seven"] == "7"
    assert (("double", 2),) == grammar.multipliers
    assert dict(grammar.commands)["start_over"] == ("start over",)
    assert ("um",) == grammar.fillers


def test_the_shipped_english_grammar_knows_every_digit_and_command(project: Path) -> None:
    grammar = load_grammar(project / "grammars" / "en.toml")
    assert "en" == grammar.language
    assert set("0123456789") == {digits for _, digits in grammar.digits}
    assert {"oh", "zero", "nought"} <= {word for word, digits in grammar.digits if digits == "0"}
    assert set(Command) == {Command(name) for name, _ in grammar.commands}


def test_every_word_of_the_shipped_grammar_is_known_to_the_shipped_model(project: Path) -> None:
    grammar = load_grammar(project / "grammars" / "en.toml")
    lines = (project / "models" / "en-telephone" / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
    known = {line.split()[0] for line in lines}
    words = {word for word, _ in (*grammar.digits, *grammar.multipliers)} | set(grammar.fillers)
    words |= {word for _, phrases in grammar.commands for phrase in phrases for word in phrase.split()}
    assert words
    assert not words - known, f"the model does not know {sorted(words - known)}; see models/README.md"


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('language = "en"', 'language = "fr"', "language: must be 'en'"),
        ('language = "en"', 'language = "en"\nfiller = []', "filler: not a key here; did you mean fillers?"),
        ('language = "en"', 'language = "en"\nxyz = []', "xyz: not a key here; allowed are language"),
        ('nine = "9"', 'nine = "99x"', "digits.nine: must be digits in quotes"),
        ('nine = "9"', "nine = 9", "digits.nine: must be digits in quotes"),
        ('nine = "9"', 'eleven = "11"', "digits: no word for 9"),
        ('nine = "9"', '"Nine" = "9"', "digits.Nine: must be one word in small letters"),
        ("double = 2", "double = 1", "multipliers.double: must be 2 to 4"),
        ("double = 2", "double = true", "multipliers.double: must be 2 to 4"),
        ("double = 2", '"a b" = 2', "multipliers.a b: must be one word"),
        ('help = ["help"]', "help = []", "commands.help: must be a list of phrases"),
        ('help = ["help"]', 'help = ["Help"]', "commands.help: must be a list of phrases"),
        ('help = ["help"]', "", "commands: no phrase for help"),
        ('help = ["help"]', 'help = ["help"]\nsing = ["la"]', "commands.sing: not a command; allowed are repeat"),
        ('help = ["help"]', 'help = ["agent"]', "'agent' stands more than once"),
        ('fillers = ["um"]', 'fillers = ["um", "one"]', "'one' stands more than once"),
        ('fillers = ["um"]', 'fillers = "um"', "fillers: must be a list of words"),
        ('fillers = ["um"]', 'fillers = ["[unk]"]', "fillers: must be a list of words"),
        ("[multipliers]\ndouble = 2", "", ""),
        ("[digits]", "[digits", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = GOOD.replace(before, after, 1)
    if not complaint:
        assert load(tmp_path, text).multipliers == ()
        return
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert str(raised.value).startswith("en.toml: ")
    assert complaint in str(raised.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, GOOD.replace("double = 2", "double = 9").replace('language = "en"', 'language = "da"'))
    assert 2 == len(str(raised.value).splitlines())


def test_a_file_that_is_not_there_or_not_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"en\.toml: cannot be read"):
        load_grammar(tmp_path / "en.toml")
    (tmp_path / "en.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_grammar(tmp_path / "en.toml")


def test_a_table_that_is_no_table_is_named(tmp_path: Path) -> None:
    text = GOOD.replace(f"[digits]\n{DIGITS}\n", "").replace('fillers = ["um"]', 'fillers = ["um"]\ndigits = "x"')
    with pytest.raises(ConfigError, match="digits: must be a table"):
        load(tmp_path, text)
