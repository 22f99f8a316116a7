"""A grammar file is read once and whole; whatever is wrong in it is named by file and key."""

from pathlib import Path

import pytest

from voicebot.config.grammars import load_grammar
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Command
from voicebot.dialogue.words import DateOrder, Tens
from voicebot.errors import ConfigError
from voicebot.speech.listening import read_words
from voicebot.speech.models import explain, find_model

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


def test_every_word_of_the_shipped_grammar_is_known_to_the_shipped_model(project: Path) -> None:
    words = vocabulary(load_grammar(project / "grammars" / "en.toml"))
    known = read_words(project / "models" / "en-telephone" / "graph").keys()
    assert {"seven", "twenty", "hundred", "november", "dollars", "not"} <= words
    assert not words - known, f"the model does not know {sorted(words - known)}; see models/README.md"


@pytest.mark.parametrize("language", ["fr", "ko", "da"])
def test_every_word_of_another_language_is_known_to_its_model_where_one_is_installed(project: Path, language: str) -> None:
    model = find_model(language)
    if model is None:
        pytest.skip(explain(language))
    words = vocabulary(load_grammar(project / "grammars" / f"{language}.toml"))
    known = read_words(model / "graph").keys()
    assert not words - known, f"the model does not know {sorted(words - known)}"


@pytest.mark.parametrize("language", ["en", "fr", "ko", "da"])
def test_the_shipped_grammars_have_all_that_a_language_needs(project: Path, language: str) -> None:
    grammar = load_grammar(project / "grammars" / f"{language}.toml")
    assert set("0123456789") == {digits for _, digits in grammar.digits}
    assert set(Command) == {Command(name) for name, _ in grammar.commands}
    assert set(range(1, 13)) == {month for _, month in grammar.dates.months}
    assert grammar.amounts.units
    assert grammar.corrections.instead
    assert grammar.corrections.nots or grammar.corrections.rathers
    assert {-1, -2, -3, -4} <= {place for _, place in grammar.corrections.places}


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
        ('fillers = ["um"]', 'fillers = ["um"]\nbreaks = "dash"', "breaks: must be a list of words"),
        ('fillers = ["um"]', 'fillers = ["um"]\nbreaks = ["one"]', "'one' stands more than once"),
        ('fillers = ["um"]', 'fillers = ["um"]\nnumbers = 3', "numbers: must be a table"),
        ("[multipliers]", "[numbers]\njoin = []\n[multipliers]", "numbers.join: not a key here; did you mean joins?"),
        ("[multipliers]", "[numbers]\nqqq = []\n[multipliers]", "numbers.qqq: not a key here; known are bare_powers, joins"),
        ("[multipliers]", "[numbers]\njoins = 'and'\n[multipliers]", "numbers.joins: must be a list of phrases"),
        ("[multipliers]", "[numbers]\nones_first = 1\n[multipliers]", "numbers.ones_first: must be true or false"),
        ("[multipliers]", "[numbers]\nwhole = 1\n[multipliers]", "numbers.whole: must be a table"),
        ("[multipliers]", "[numbers.whole]\nten = 9\n[multipliers]", "numbers.whole.ten: must be a number from 10 to 99, not 9"),
        ("[multipliers]", "[numbers.whole]\nTen = 10\n[multipliers]", "numbers.whole.Ten: must be a phrase"),
        ("[multipliers]", "[numbers.tens]\nscore = 21\n[multipliers]", "numbers.tens.score: must be 10, 20"),
        ("[multipliers]", "[numbers.tens]\nscore = [20, 19]\n[multipliers]", "numbers.tens.score: must lead to a greater number"),
        ("[multipliers]", "[numbers.powers]\ngross = 144\n[multipliers]", "numbers.powers.gross: must be a power of ten"),
        ("[multipliers]", "[dates]\norder = 'ydm'\n[multipliers]", "dates.order: must be one of dmy, mdy, ymd"),
        ("[multipliers]", "[dates.months]\njune = 13\n[multipliers]", "dates.months.june: must be a month"),
        ("[multipliers]", "[corrections.places]\nlast = 0\n[multipliers]", "places.last: must be 1 to 9, or negative"),
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


def test_numbers_dates_and_corrections_are_read(tmp_path: Path) -> None:
    grammar = load(
        tmp_path,
        GOOD
        + "[numbers]\nbare_powers = true\n[numbers.tens]\ntwenty = 20\nsixty = [60, 79]\n"
        + "[dates]\norder = 'ymd'\n[corrections]\nnot = ['not']\n[corrections.places]\n'last two' = -2\n",
    )
    assert (Tens("twenty", 20, 29), Tens("sixty", 60, 79)) == grammar.numbers.tens
    assert grammar.numbers.bare_powers
    assert grammar.dates.order is DateOrder.YEAR_FIRST
    assert ("not",) == grammar.corrections.nots
    assert (("last two", -2),) == grammar.corrections.places


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
