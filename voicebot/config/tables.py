"""Reads one TOML table key by key and collects everything that is wrong, so that an operator mends a file in one go.

Must not know what the keys mean.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from voicebot.errors import ConfigError

REQUIRED: Any = object()  # stands for "there is no default"
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass
class Complaints:
    """What is wrong with one file, in the order in which it was found."""

    file: str
    found: list[str] = field(default_factory=list)

    def add(self, key: str, text: str) -> None:
        """One more: `key` is dotted (`lines.billing.limits.max_attempts`), `text` says what is allowed."""
        self.found.append(f"{self.file}: {key}: {text}" if key else f"{self.file}: {text}")

    def raise_if_any(self) -> None:
        """ConfigError with all of them, one a line."""
        if self.found:
            raise ConfigError("\n".join(self.found))


def nearest(name: str, known: Iterable[str]) -> str:
    """`, did you mean x?` if something known is like this name, else the known names."""
    known = sorted(known)
    if close := difflib.get_close_matches(name, known, n=1, cutoff=0.6):
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(known)}" if known else "nothing is known here"


class Table:
    """One table of a file. Each method reads one key, notes a complaint if it is wrong, and gives its default then.

    `close` complains about every key that nobody asked for.
    """

    def __init__(self, plain: dict[str, Any], path: str, complaints: Complaints) -> None:
        self._plain, self._path, self._complaints = plain, path, complaints
        self._known: list[str] = []

    @classmethod
    def of_file(cls, path: Path, complaints: Complaints) -> "Table":
        """A whole file. Raises ConfigError where it is missing or not TOML: nothing else can be said then."""
        try:
            return cls(tomllib.loads(path.read_text("utf-8")), "", complaints)
        except FileNotFoundError:
            raise ConfigError(f"{path}: this file is missing") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{complaints.file}: must be UTF-8 text") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{complaints.file}: is not TOML: {error}") from None
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None

    def __contains__(self, key: str) -> bool:
        return key in self._plain

    def wrong(self, key: str, text: str) -> None:
        """Complain about a key of this table; about the table itself where `key` is empty."""
        self._complaints.add(f"{self._path}{key}".rstrip("."), text)

    def names(self) -> Sequence[str]:
        """The keys that are there."""
        return list(self._plain)

    def raw(self, key: str, default: Any = REQUIRED) -> Any:
        """The value as TOML has it."""
        self._known.append(key)
        if key in self._plain:
            return self._plain[key]
        if default is REQUIRED:
            self.wrong(key, "is missing")
        return default

    def text(self, key: str, default: str = REQUIRED, *, like: str = "", what: str = "") -> str:
        """Text, not empty; `like` is a regular expression and `what` says it in words."""
        value = self.raw(key, default)
        if value is REQUIRED or value is default:
            return "" if value is REQUIRED else default
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, f"must be {what or 'text'}, not {_shown(value)}")
        elif like and not re.fullmatch(like, value):
            self.wrong(key, f"must be {what}, not {_shown(value)}")
        else:
            return value
        return "" if default is REQUIRED else default

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number within these."""
        value = self.raw(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.wrong(key, f"must be {low} to {high}, not {_shown(value)}")
        return default

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.raw(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, f"must be true or false, not {_shown(value)}")
        return default

    def choice(self, key: str, default: Choice, *, among: Sequence[Choice] | None = None) -> Choice:
        """One word of an enumeration."""
        words = list(among or type(default))
        value = self.raw(key, default)
        if isinstance(value, str) and value in words:
            return type(default)(value)
        self.wrong(key, f"must be one of {', '.join(words)}, not {_shown(value)}")
        return default

    def one_of(self, key: str, known: Iterable[str], default: str = REQUIRED) -> str:
        """The name of something that stands elsewhere; empty where it is wrong."""
        value = self.text(key, default)
        known = list(known)
        if value and value not in known and not (default is not REQUIRED and value == default):
            self.wrong(key, f"names {_shown(value)}, which is not there: {nearest(value, known)}")
            return ""
        return value

    def texts(self, key: str, default: Sequence[str] = REQUIRED) -> tuple[str, ...]:
        """A list of texts, each once."""
        value = self.raw(key, default)
        if value is REQUIRED:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item.strip() for item in value):
            self.wrong(key, f'must be a list of texts like ["a", "b"], not {_shown(value)}')
            return ()
        if twice := {item for item in value if list(value).count(item) > 1}:
            self.wrong(key, f"names {', '.join(sorted(twice))} twice")
        return tuple(dict.fromkeys(value))

    def some_of(self, key: str, known: Iterable[str], default: Sequence[str] = REQUIRED) -> tuple[str, ...]:
        """A list of names of things that stand elsewhere; wrong ones are left out."""
        known = list(known)
        names = self.texts(key, default)
        for name in names:
            if name not in known:
                self.wrong(key, f"names {_shown(name)}, which is not there: {nearest(name, known)}")
        return tuple(name for name in names if name in known)

    def table(self, key: str) -> "Table":
        """A table within this one; an empty one where it is missing."""
        value = self.raw(key, {})
        if not isinstance(value, dict):
            self.wrong(key, f"must be a table ([{self._path}{key}]), not {_shown(value)}")
            value = {}
        return Table(value, f"{self._path}{key}.", self._complaints)

    def tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """Named tables within a table (`[lines.billing]`), in the order of the file. Names are plain words."""
        outer = self.table(key)
        for name in outer.codes():
            yield name, outer.table(name)

    def codes(self) -> Iterator[str]:
        """The keys that an operator named, in the order of the file: plain words; others are complained about."""
        for name in self.names():
            if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
                yield name
            else:
                self.wrong(name, "a name here is a word of a to z, 0 to 9 and _, and begins with a letter")

    def close(self) -> None:
        """Complain about keys that nobody knows, with the nearest that is known."""
        for key in self._plain:
            if key not in self._known:
                self.wrong(key, f"is not known; {nearest(key, set(self._known))}")


def _shown(value: Any) -> str:
    """A value as a person wrote it, shortened."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{value}"'
        case dict():
            text = "a table"
        case list():
            text = "a list"
        case _:
            text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
