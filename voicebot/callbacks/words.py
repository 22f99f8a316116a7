"""What customers read, by language: one file for each, with the same keys. Times as the language writes them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Words:
    """One language; times are shown as the clock of `zone` does."""

    language: str
    texts: Mapping[str, str]
    zone: ZoneInfo

    def __call__(self, key: str, **filled: str) -> str:
        """The text of this key."""
        return self.texts[key].format(**filled)

    def day(self, at: datetime) -> str:
        """A day with its name: Monday, 2 March."""
        return format_date(at.astimezone(self.zone).date(), "full", locale=Locale.parse(self.language))

    def short_day(self, at: datetime) -> str:
        """The same where there is little room: Mon, Mar 2."""
        return format_skeleton("MMMEd", at.astimezone(self.zone), locale=Locale.parse(self.language))

    def time(self, at: datetime) -> str:
        """A time of the day."""
        return format_time(at.astimezone(self.zone), "short", locale=Locale.parse(self.language))

    def moment(self, at: datetime) -> str:
        """Day and time."""
        local = at.astimezone(self.zone)
        return f"{format_date(local.date(), 'medium', locale=Locale.parse(self.language))}, {self.time(at)}"


def load_words(languages: Sequence[str], zone: str) -> dict[str, Words]:
    """Those of these languages, in this order."""
    local = ZoneInfo(zone)
    return {one: Words(one, tomllib.loads((FOLDER / f"{one}.toml").read_text("utf-8")), local) for one in languages}
