"""Reads `grammars/<language>.toml` into the dialogue's Grammar. Says what is wrong by file and key; never guesses."""

import tomllib
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from voicebot.config.grammar_words import is_phrase, is_word, read_amounts, read_corrections, read_dates, read_numbers
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Command
from voicebot.errors import ConfigError

KEYS = (
    "language", "digits", "multipliers", "commands", "fillers", "breaks", "plus", "numbers", "dates", "amounts", "corrections",
)  # fmt: skip
MOST_TIMES = 4
TEN_DIGITS = "0123456789"


def load_grammar(path: Path) -> Grammar:
    """The words of one language. Raises ConfigError with file, key and what is allowed, all faults at once."""
    faults: list[str] = []
    plain = _read(path)
    for key in plain.keys() - set(KEYS):
        near = get_close_matches(key, KEYS, n=1)
        faults.append(f"{key}: not a key here" + (f"; did you mean {near[0]}?" if near else f"; allowed are {', '.join(KEYS)}"))
    grammar = Grammar(
        language=_language(plain, path, faults),
        digits=_digits(_table(plain, "digits", faults), faults),
        multipliers=_multipliers(_table(plain, "multipliers", faults), faults),
        commands=_commands(_table(plain, "commands", faults), faults),
        fillers=_word_list(plain, "fillers", faults),
        breaks=_word_list(plain, "breaks", faults),
        plus=_word_list(plain, "plus", faults),
        numbers=read_numbers(plain, faults),
        dates=read_dates(plain, faults),
        amounts=read_amounts(plain, faults),
        corrections=read_corrections(plain, faults),
    )
    _check_overlaps(grammar, faults)
    if faults:
        raise ConfigError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return grammar


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: is not TOML: {error}") from error


def _language(plain: dict[str, Any], path: Path, faults: list[str]) -> str:
    language = plain.get("language")
    if language != path.stem:
        faults.append(f"language: must be {path.stem!r}, as the file is named, not {language!r}")
    return str(language)


def _table(plain: dict[str, Any], key: str, faults: list[str]) -> dict[str, Any]:
    table = plain.get(key, {})
    if isinstance(table, dict):
        return table
    faults.append(f"{key}: must be a table")
    return {}


def _digits(table: dict[str, Any], faults: list[str]) -> tuple[tuple[str, str], ...]:
    for word, value in table.items():
        if not is_word(word):
            faults.append(f"digits.{word}: must be one word in small letters")
        if not (isinstance(value, str) and value.isascii() and value.isdigit()):
            faults.append(f'digits.{word}: must be digits in quotes, such as "7", not {value!r}')
    if missing := [digit for digit in TEN_DIGITS if digit not in table.values()]:
        faults.append(f"digits: no word for {', '.join(missing)}")
    return tuple((word, str(value)) for word, value in table.items())


def _multipliers(table: dict[str, Any], faults: list[str]) -> tuple[tuple[str, int], ...]:
    for word, times in table.items():
        if not is_word(word):
            faults.append(f"multipliers.{word}: must be one word in small letters")
        if not (type(times) is int and 2 <= times <= MOST_TIMES):
            faults.append(f"multipliers.{word}: must be 2 to {MOST_TIMES}, not {times!r}")
    return tuple((word, times) for word, times in table.items() if type(times) is int)


def _commands(table: dict[str, Any], faults: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    commands = []
    for name, phrases in table.items():
        if name not in list(Command):
            faults.append(f"commands.{name}: not a command; allowed are {', '.join(Command)}")
        if not (isinstance(phrases, list) and phrases and all(is_phrase(phrase) for phrase in phrases)):
            faults.append(f"commands.{name}: must be a list of phrases in small letters, one space between words")
            continue
        commands.append((name, tuple(phrases)))
    if missing := [name for name in Command if name not in table]:
        faults.append(f"commands: no phrase for {', '.join(missing)}")
    return tuple(commands)


def _word_list(plain: dict[str, Any], key: str, faults: list[str]) -> tuple[str, ...]:
    words = plain.get(key, [])
    if isinstance(words, list) and all(is_word(word) for word in words):
        return tuple(words)
    faults.append(f"{key}: must be a list of words in small letters")
    return ()


def _check_overlaps(grammar: Grammar, faults: list[str]) -> None:
    """One word, one meaning. Words for parts of dates and amounts may mean something else where none is asked."""
    roles = Counter(_always_meant(grammar))
    for phrase, count in roles.items():
        if count > 1:
            faults.append(f"{phrase!r} stands more than once; a word or phrase has one meaning")


def _always_meant(grammar: Grammar) -> list[str]:
    """Every phrase that means something whatever is asked, as often as it stands."""
    numbers, mending = grammar.numbers, grammar.corrections
    found = [word for word, _ in (*grammar.digits, *grammar.multipliers, *numbers.whole, *numbers.powers, *mending.places)]
    found += [ten.phrase for ten in numbers.tens]
    found += [*numbers.ones, *numbers.joins, *grammar.fillers, *grammar.breaks, *mending.instead, *mending.nots, *mending.rathers]
    return found + [phrase for _, phrases in grammar.commands for phrase in phrases]
