"""Scenario files: a call and what is to come of it, as TOML. Reads, checks and runs them; decides nothing about the product.

line = "+15550100"              the number that is called
from = "+15550199"              the number that calls
turns = ["keys:40719238", "keys:493817#"]
agents = ["decline", "accept"]  in order of ringing, or a table of such lists by number
stir = "TN-Validation-Passed-A"
patience = 60                   seconds of call time
hangs_up = "agent"              or "caller"
desk = ["step_up:payout 250.00", "until:passed", "token"]  what the agent does at the desk
elsewhere = "takes"             another system takes a call that is handed over to it; or "gives_back", "fails"

[faults]
duplicate_webhooks = true
stream = "dropped"

[expect]
assurance = "verified"
heard_contains = ["Thank you"]
failures = []
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from voicebot.simulator.desk_deeds import parse_deeds
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Connector, Elsewhere, Habits, Moment, Script, parse_habits, parse_turns
from voicebot.simulator.settings import Faults, StreamFault
from voicebot.simulator.twin import Twin

T = TypeVar("T")


@dataclass(frozen=True)
class Expect:
    """What a call must come to. None is not looked at. `failures`: each entry must be in one failure's text, none left over."""

    assurance: str | None = None
    identifier: str | None = None
    customer: str | None = None
    outcome: str | None = None
    agent_verdict: str | None = None
    rung: int | None = None
    ended_by: str | None = None
    handed_over: str | None = None
    proof: str | None = None
    payment: str | None = None
    whisper_contains: tuple[str, ...] = ()
    whisper_not_contains: tuple[str, ...] = ()
    agents_heard_contains: tuple[str, ...] = ()
    agents_heard_not_contains: tuple[str, ...] = ()
    heard_contains: tuple[str, ...] = ()
    heard_not_contains: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    not_noted: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A named script and what is to come of it."""

    name: str
    script: Script
    expect: Expect = field(default_factory=Expect)


_KEYS = (
    "line", "from", "turns", "agents", "stir", "forwarded_from", "patience", "talk", "hangs_up", "leaves_when", "elsewhere",
    "app", "desk", "longest", "pays", "connector", "faults", "expect",
)  # fmt: skip


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises ValueError naming the file and the key."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ValueError(f"{path.name}: {wrong}") from None
    reader = _Reader(path.name, found)
    reader.only(*_KEYS)
    try:
        script = Script(
            line=reader.need("line"),
            from_=reader.need("from"),
            turns=reader.tried("turns", lambda: parse_turns(reader.words("turns"))),
            agents=reader.tried("agents", lambda: _habits(reader)),
            stir=reader.word("stir"),
            forwarded_from=reader.word("forwarded_from"),
            patience=reader.number("patience", 120.0),
            talk=reader.number("talk", 3.0),
            pays=reader.words("pays"),
            connector=Connector(reader.one_of("connector", tuple(Connector)) or Connector.APPROVES),
            app=reader.word("app") or "",
            desk=reader.tried("desk", lambda: parse_deeds(reader.words("desk"))),
            longest=reader.number("longest", 3600.0),
            hangs_up=reader.word("hangs_up") or "agent",
            leaves_when=Moment(word) if (word := reader.one_of("leaves_when", tuple(Moment))) else None,
            elsewhere=Elsewhere(word) if (word := reader.one_of("elsewhere", tuple(Elsewhere))) else None,
            faults=reader.tried("faults", lambda: _faults(reader.table("faults"))) if "faults" in found else None,
            folder=path.parent,
        )
    except ValueError as wrong:
        raise ValueError(str(wrong) if str(wrong).startswith(path.name) else f"{path.name}: {wrong}") from None
    return Scenario(path.stem, script, _expect(reader.table("expect")))


def _habits(reader: "_Reader") -> Habits:
    given = reader.found.get("agents", ["accept"])
    if isinstance(given, Mapping):
        return {phone: parse_habits(reader.table("agents").words(phone)) for phone in given}
    return parse_habits(reader.words("agents") or ("accept",))


def _faults(reader: "_Reader") -> Faults:
    reader.only(*(one.name for one in fields(Faults)))
    return Faults(
        duplicate_webhooks=reader.flag("duplicate_webhooks"),
        delay=reader.number("delay", 0.0),
        reorder_callbacks=reader.flag("reorder_callbacks"),
        duplicate_callbacks=reader.flag("duplicate_callbacks"),
        lose_callbacks=frozenset(reader.words("lose_callbacks")),
        late_callbacks=frozenset(reader.words("late_callbacks")),
        late_by=reader.number("late_by", Faults.late_by),
        stream=StreamFault(word) if (word := reader.one_of("stream", tuple(StreamFault))) else None,
        stream_after=int(reader.number("stream_after", 0)),
        stream_times=int(reader.number("stream_times", 0)) if "stream_times" in reader.found else None,
        webhooks=reader.words("webhooks"),
        rest=reader.words("rest"),
    )


def _expect(reader: "_Reader") -> Expect:
    reader.only(*(one.name for one in fields(Expect)))
    words = ("assurance", "identifier", "customer", "outcome", "agent_verdict", "ended_by", "handed_over", "proof", "payment")
    texts = tuple(one.name for one in fields(Expect) if one.name not in (*words, "rung"))
    rung = int(reader.number("rung", 0)) if "rung" in reader.found else None
    found = {name: reader.word(name) for name in words}
    return Expect(**found, rung=rung, **{name: reader.words(name) for name in texts})  # type: ignore[arg-type]


class _Reader:
    """Reads one table and names what is wrong by file and key."""

    def __init__(self, where: str, found: Mapping[str, Any]) -> None:
        self.where = where
        self.found = found

    def wrong(self, key: str, what: str) -> ValueError:
        """An error about a key."""
        return ValueError(f"{self.where}: {key}: {what}")

    def only(self, *names: str) -> None:
        """Refuse keys that are not among these."""
        for key in self.found:
            if key not in names:
                raise self.wrong(key, f"there is no such key; known are {', '.join(names)}")

    def need(self, key: str) -> str:
        """A text that must be there."""
        text = self.word(key)
        if not text:
            raise self.wrong(key, "must be given")
        return text

    def word(self, key: str) -> str | None:
        """A text, or None."""
        value = self.found.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "must be a text in quotes")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text stands for itself."""
        value = self.found.get(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(key, "must be a list of texts")
        return tuple(value)

    def number(self, key: str, otherwise: float) -> float:
        """A number that is not negative."""
        value = self.found.get(key, otherwise)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise self.wrong(key, "must be a number that is not negative")
        return float(value)

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.found.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def one_of(self, key: str, words: tuple[str, ...]) -> str | None:
        """One of these words, or None."""
        value = self.word(key)
        if value is not None and value not in words:
            raise self.wrong(key, f"must be one of {', '.join(words)}")
        return value

    def table(self, key: str) -> "_Reader":
        """A table inside this one."""
        value = self.found.get(key, {})
        if not isinstance(value, Mapping):
            raise self.wrong(key, "must be a table")
        return _Reader(f"{self.where}: {key}", value)

    def tried(self, key: str, read: Callable[[], T]) -> T:
        """What `read` gives; its ValueError gets this key's name."""
        try:
            return read()
        except ValueError as wrong:
            raise wrong if str(wrong).startswith(self.where) else self.wrong(key, str(wrong)) from None


async def run_scenario(twin: Twin, scenario: Scenario) -> CallRecord:
    """Place a scenario's call and wait for its end."""
    return await twin.place_call(scenario.script)


def check(expect: Expect, record: CallRecord, journal_summary: Mapping[str, Any] | None = None) -> list[str]:
    """What is not as expected, in sentences; empty if all is well.

    `journal_summary` is what the product's own journal says of the call (`assurance`, `identifier`, `customer`, `outcome`,
    `proof`, `payment`, and as `noted` the kinds of its entries).
    """
    wrong: list[str] = []
    summary = journal_summary or {}
    for name in ("assurance", "identifier", "customer", "outcome", "proof", "payment"):
        expected = getattr(expect, name)
        if expected is not None and expected != summary.get(name):
            wrong.append(f"{name} is {summary.get(name)!r}, not {expected!r}")
    for name in ("agent_verdict", "ended_by"):
        expected = getattr(expect, name)
        if expected is not None and expected != getattr(record, name):
            wrong.append(f"{name} is {getattr(record, name)!r}, not {expected!r}")
    if expect.handed_over is not None and expect.handed_over != record.caller.handed_over.partition("?")[0]:
        wrong.append(f"handed_over is {record.caller.handed_over.partition('?')[0]!r}, not {expect.handed_over!r}")
    if expect.rung is not None and expect.rung != len(record.agents):
        wrong.append(f"agents were rung {len(record.agents)} times, not {expect.rung}")
    noted = summary.get("noted", ())
    wrong += [f"nothing was noted as {kind!r}" for kind in expect.noted if kind not in noted]
    wrong += [f"something was noted as {kind!r}" for kind in expect.not_noted if kind in noted]
    return wrong + _heard(record, expect) + _failures(record, expect)


def _heard(record: CallRecord, expect: Expect) -> list[str]:
    caller, whisper = " | ".join(one.what for one in record.caller.heard), " | ".join(record.whisper)
    agents = " | ".join(one.what for agent in record.agents for one in agent.heard)
    wanted = (
        ("the caller", caller, expect.heard_contains, expect.heard_not_contains),
        ("the agent", whisper, expect.whisper_contains, expect.whisper_not_contains),
        ("any agent", agents, expect.agents_heard_contains, expect.agents_heard_not_contains),
    )
    wrong = []
    for who, heard, there, not_there in wanted:
        wrong += [f"{who} never heard {text!r}" for text in there if text not in heard]
        wrong += [f"{who} heard {text!r}" for text in not_there if text in heard]
    return wrong


def _failures(record: CallRecord, expect: Expect) -> list[str]:
    left = [f"{one.code} {one.what}" for one in record.failures]
    wrong = []
    for text in expect.failures:
        found = next((one for one in left if text in one), None)
        if found is None:
            wrong.append(f"no failure tells of {text!r}")
        else:
            left.remove(found)
    return wrong + [f"failure {one}" for one in left]
