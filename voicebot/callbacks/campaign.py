"""A list of customers to be asked for a conversation, from a CSV file: read strictly, each line's fault by its number."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from voicebot.callbacks.problems import TOLD
from voicebot.dialogue.values import Customer
from voicebot.errors import ImportRefused
from voicebot.switchboard.invitations import Invitations
from voicebot.switchboard.inviting import Invite, Invited
from voicebot.switchboard.wanted import Faults, Limited, Why

NUMBER = "number"
COLUMNS = (NUMBER, "reason", "language", "customer", "name")
MOST_LINES = 100_000


@dataclass(frozen=True)
class Line:
    """One of the list. `number` of the line in the file, from 1, the head being the first."""

    number: int
    invite: Invite = field(repr=False)


@dataclass(frozen=True)
class Paced:
    """So many an hour, from a time on."""

    an_hour: int
    begin: datetime

    @property
    def gap(self) -> timedelta:
        """From one to the next."""
        return timedelta(seconds=3600 / self.an_hour)

    def at(self, number: int) -> datetime:
        """When the one of this number, from 0, is sent."""
        return self.begin + number * self.gap


@dataclass
class Done:
    """What became of a list."""

    asked: int = 0
    again: int = 0  # asked by this campaign before, or to be called already
    limited: int = 0  # asked already today
    opted_out: int = 0
    last: datetime | None = None


def read_list(path: Path, subject: str, reason: str) -> list[Line]:
    """All lines. Raises ImportRefused for a file that cannot be read, and for columns that nobody knows."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_lines(csv.DictReader(file, strict=True), path.name, subject, reason))
    except OSError as error:
        raise ImportRefused(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, csv.Error):
        raise ImportRefused(f"{path.name}: must be CSV in UTF-8, with commas and a first line of column names") from None


def _lines(rows: "csv.DictReader[str]", name: str, subject: str, reason: str) -> Iterator[Line]:
    columns = list(rows.fieldnames or ())
    if NUMBER not in columns or (strange := sorted(set(columns) - set(COLUMNS))):
        told = f"does not know {', '.join(strange)}" if NUMBER in columns else f"has no column {NUMBER}"
        raise ImportRefused(f"{name}: {told}; its columns are {', '.join(COLUMNS)}, and only {NUMBER} is needed")
    for row in rows:
        if rows.line_num > MOST_LINES + 1:
            raise ImportRefused(f"{name}: has more than {MOST_LINES} lines; make several campaigns of it")
        if None in row or None in row.values():
            raise ImportRefused(f"{name}: line {rows.line_num} has not as many columns as the first line")
        ref = row.get("customer", "").strip()
        customer = Customer(ref, ref, row.get("name", "").strip() or None) if ref else None
        own = row.get("reason", "").strip() or reason
        yield Line(rows.line_num, Invite(subject, row[NUMBER].strip(), own, row.get("language", "").strip(), customer))


def faults(lines: Sequence[Line], invitations: Invitations) -> list[str]:
    """What is wrong, a line each; nothing of the list itself stands in it. A number may be there once."""
    found, seen = [], set[str]()
    for line in lines:
        wrong = invitations.look(lambda desk, one=line: desk.faults(one.invite))  # type: ignore[misc]  # a default has no type
        found += [f"line {line.number}, {one.field}: {TOLD[one.why]}" for one in wrong]
        digits = "".join(filter(str.isdigit, line.invite.number))
        if digits and digits in seen:
            found.append(f"line {line.number}, number: This number stands further above, too.")
        seen.add(digits)
    return found


def run(lines: Sequence[Line], invitations: Invitations, campaign: str, paced: Paced) -> Done:
    """Ask all of them, each in a transaction of its own: whoever runs it again goes on where it was broken off."""
    done = Done()
    for line in lines:
        at = paced.at(done.asked)
        outcome = invitations.do(lambda desk, one=line, when=at: desk.invite(one.invite, f"campaign:{campaign}", campaign, when))  # type: ignore[misc]
        match outcome:
            case Faults(found) if any(one.why is Why.OPTED_OUT for one in found):
                done.opted_out += 1
            case Limited():
                done.limited += 1
            case Invited(merged=False):
                done.asked, done.last = done.asked + 1, at
            case _:
                done.again += 1
    return done
