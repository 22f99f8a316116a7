"""No secret gets anywhere: not into the database, its journal files, a log, an exception's text or a repr."""

import asyncio
import contextlib
import copy
import json
import logging
import pickle
import shutil
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from tests.collector_stage import collecting
from tests.leaks import WORDS, forms, leaks
from voicebot.dialogue.actions import CheckSecret, Claim
from voicebot.dialogue.call import Authenticating, Call, Stage
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, Event
from voicebot.dialogue.forms import FieldPlan, Grammar, LinePlan, QueuePlan
from voicebot.dialogue.values import Customer, Hearing, Secret, Shape
from voicebot.errors import ImpossibleEvent
from voicebot.logs import set_up_logging
from voicebot.rehearsal import RehearsalPlan, rehearsal
from voicebot.retelling import CallStory
from voicebot.simulator.desk_deeds import parse_deeds
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Script, parse_turns
from voicebot.simulator.settings import Faults, StreamFault

HERE = Path(__file__).parent
COMPANY = HERE / "calls" / "canary" / "voicebot.toml"
LINE = "+12025550120"
TOKEN = "t" * 32
ACCOUNT, OTHER_ACCOUNT = "5502716384", "5550147395"
PIN, OTHER_PIN = "40719238", "58260417"  # each of them is keyed and, from a recording, spoken
KEYED_WRONG, SPOKEN_WRONG, KEYED_LATE, KEYED_TOO_EARLY = "83620571", "40771938", "61930482", "29507346"
SHORT = "9170356"
SECRETS = {
    "the PIN": forms(PIN),
    "the other PIN": forms(OTHER_PIN),
    "a wrong PIN, keyed": forms(KEYED_WRONG),
    "a wrong PIN, spoken": forms(SPOKEN_WRONG, "four oh double seven one nine three eight"),
    "a PIN keyed in line": forms(KEYED_LATE),
    "a PIN keyed where the account is asked": forms(KEYED_TOO_EARLY),
    "a short PIN": forms(SHORT),
}
IDENTIFIERS = {"the account number": forms(ACCOUNT), "the other account number": forms(OTHER_ACCOUNT)}
# The shipped recordings under names that do not tell what is said in them.
RECORDINGS = {
    "pin.wav": "account-40719238.wav",
    "other-pin.wav": "account-58260417.wav",
    "wrong-pin.wav": "double-40771938.wav",
    "account.wav": "tracking-5502716384.wav",
}
HEARD_PIN, HEARD_OTHER, HEARD_WRONG, HEARD_ACCOUNT = (f"audio:{name}" for name in RECORDINGS)


@dataclass(frozen=True)
class Placed:
    """A call: what it was to come to, and what it came to."""

    assurance: str
    record: CallRecord
    story: CallStory | None


@dataclass
class Aftermath:
    """What the calls left behind. `while_up` and `once_down`: leaks found while the server ran, and after its end."""

    calls: list[Placed] = field(default_factory=list)
    while_up: list[str] = field(default_factory=list)
    once_down: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    watched: list[tuple[str, bytes]] = field(default_factory=list)  # the figures that were fetched, the traces that were sent
    log: bytes = b""


CALLS: list[tuple[str, list[str], Faults | None]] = [
    ("verified", [f"keys:{ACCOUNT}", f"keys:{KEYED_WRONG}", f"keys:{PIN}"], None),
    ("verified", [f"keys:{ACCOUNT}", HEARD_WRONG, HEARD_PIN], None),
    ("verified", [HEARD_ACCOUNT, HEARD_PIN], None),
    ("verified", [f"keys:{OTHER_ACCOUNT}", f"keys:{SHORT}#", f"keys:*{SHORT}", f"keys:{OTHER_PIN}"], None),
    ("verified", [f"keys:{OTHER_ACCOUNT}", HEARD_OTHER], Faults(duplicate_webhooks=True)),
    ("verified", [f"keys:{ACCOUNT}", f"keys:{KEYED_WRONG}", f"keys:{PIN}"], Faults(webhooks=("entry:lost",) * 3)),
    ("verified", [f"keys:{ACCOUNT}", HEARD_WRONG, f"keys:{PIN}"], Faults(stream=StreamFault.GARBAGE, stream_after=60)),
    ("verified", [f"keys:{ACCOUNT}", HEARD_PIN, f"keys:{PIN}"], Faults(stream=StreamFault.DROPPED, stream_after=150)),
    ("identified", [f"keys:{ACCOUNT}", f"keys:{KEYED_WRONG}#", HEARD_WRONG, f"keys:{KEYED_LATE}"], None),
    ("identified", [f"keys:{OTHER_ACCOUNT}", "keys:0#", f"keys:{KEYED_LATE}@wait"], None),
    ("none", [f"keys:{KEYED_TOO_EARLY}#", "silence", HEARD_PIN, "hangup"], None),
    ("identified", [f"keys:{OTHER_ACCOUNT}", f"keys:{SHORT}", "hangup"], None),
]


# In the middle of a conversation: what is wrong and what is right, said and keyed with nobody else on the line.
PROOF = [f"keys:{ACCOUNT}", f"keys:{PIN}", HEARD_WRONG, f"keys:{KEYED_WRONG}", HEARD_PIN]
AT_THE_DESK = ["step_up:address", "until:passed", "token", "end"]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    place = tmp_path_factory.mktemp("canary")
    customers = place / "customers.csv"
    people = [f"C-1,Ada Marsh,{ACCOUNT},{PIN}", f"C-2,Ben Okafor,{OTHER_ACCOUNT},{OTHER_PIN}"]
    customers.write_text("\n".join(["customer_id,name,account_number,pin", *people]) + "\n", "utf-8")
    for name, recording in RECORDINGS.items():
        shutil.copy(HERE / "recordings" / recording, place / name)
    with collecting() as traces:
        overlay = {"VOICEBOT_METRICS_TOKEN": TOKEN, "VOICEBOT_TRACES_URL": traces.url}
        plan = RehearsalPlan(COMPANY, customers, place / "data", fast=True, log_level="DEBUG", overlay=overlay)
        found = asyncio.run(_placed(plan))
    found.watched += traces.sent
    return found


async def _placed(plan: RehearsalPlan) -> Aftermath:
    assert plan.data is not None
    found = Aftermath()
    async with rehearsal(plan) as open_now:
        for number, (assurance, turns, faults) in enumerate(CALLS):
            script = Script(LINE, f"+1202558{number:04d}", parse_turns(turns), faults=faults, folder=plan.data.parent)
            record = await open_now.place(script)
            found.calls.append(Placed(assurance, record, await open_now.ended_story(record.call_sid)))
        proof = Script(LINE, "+12025589999", parse_turns(PROOF), desk=parse_deeds(AT_THE_DESK), folder=plan.data.parent)
        record = await open_now.place(proof)
        found.calls.append(Placed("verified", record, await open_now.ended_story(record.call_sid)))
        found.while_up = leaks(plan.data, SECRETS)
        found.watched.append(("figures", await asyncio.to_thread(_figures, open_now.pages)))
        found.files = [path.name for path in plan.data.rglob("*") if path.is_file()]
    found.once_down = leaks(plan.data, SECRETS)
    found.log = b"".join(path.read_bytes() for path in plan.data.glob("*.log"))
    return found


def _figures(pages: str) -> bytes:
    fetched = httpx.get(f"{pages}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert fetched.status_code == 200
    return fetched.content


# ---- a whole server -------------------------------------------------------------------------------------------------


def test_the_calls_really_carried_the_secrets(aftermath: Aftermath) -> None:
    """Otherwise the next tests would find nothing because nothing was said."""
    came_to = [one.story.assurance if one.story else "" for one in aftermath.calls]
    assert [one.assurance for one in aftermath.calls] == came_to
    spoken = [turn for one in aftermath.calls if one.story for turn in one.story.turns if turn.modality == "speech"]
    assert len(spoken) >= 6
    proof = aftermath.calls[-1].story
    assert proof is not None
    checked = [entry.facts for entry in proof.journal if entry.facts.get("progress") == "checking"]
    how = [facts["modality"] for facts in checked]
    assert (proof.proof, how, aftermath.calls[-1].record.frames_after_join) == ("passed", ["speech", "keypad", "speech"], 0)
    assert {"voicebot.db", "voicebot.db-wal", "server.log", "import.log"} <= set(aftermath.files)
    assert b'"event": "stream refused"' in aftermath.log  # the log was written, and tells of what broke


def test_no_secret_is_in_any_byte_that_the_server_wrote(aftermath: Aftermath) -> None:
    assert aftermath.while_up == []
    assert aftermath.once_down == []


def test_figures_and_traces_tell_of_the_calls_and_of_nobody(aftermath: Aftermath) -> None:
    figures, *traces = [content for _, content in aftermath.watched]
    verified = sum(one.story is not None and one.story.assurance == "verified" for one in aftermath.calls)
    assert f'voicebot_journal_rows_total{{detail="verified",what="assured"}} {verified}.0'.encode() in figures
    assert b'voicebot_journal_rows_total{detail="speech complete",what="entered"}' in figures
    assert any(b"request telephony.entry" in sent for sent in traces)
    assert any(b"errand CheckSecret" in sent for sent in traces)
    numbers = {f"calling number {n}": forms(f"1202558{n:04d}") for n in range(len(CALLS))}
    names = {name: {"plain": name.encode()} for name in ("Marsh", "Okafor", "/voice/")}  # too long to come by chance
    assert leaks(aftermath.watched, SECRETS | IDENTIFIERS | numbers | names) == []


def test_no_account_number_is_in_a_log(aftermath: Aftermath) -> None:
    assert leaks([("logs", aftermath.log)], IDENTIFIERS) == []


def test_the_story_and_the_simulators_own_records_show_no_secret(aftermath: Aftermath) -> None:
    for placed in aftermath.calls:
        assert placed.story is not None
        facts = [entry.facts for entry in placed.story.journal]
        assert shows([placed.record, placed.story, placed.story.sentences, placed.story.turns, facts]) == []
    assert shows([Script(LINE, "+12025580000", parse_turns(turns)) for _, turns, _ in CALLS]) == []


@pytest.mark.parametrize("form", sorted(forms(PIN)))
def test_a_planted_secret_is_found_in_every_form(tmp_path: Path, form: str) -> None:
    (tmp_path / "below").mkdir()
    planted = tmp_path / "below" / "some.log"
    planted.write_bytes(b"\x00before " + forms(PIN)[form] + b" after\xff")
    assert f"below/some.log: the PIN, as {form}" in leaks(tmp_path, SECRETS)
    planted.write_bytes(b"nothing of it")
    assert leaks(tmp_path, SECRETS) == []


# ---- one value ------------------------------------------------------------------------------------------------------

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAID = Secret("four oh seven one nine two three eight")
CARRIERS: dict[str, Any] = {
    "a secret": Secret(PIN),
    "an entry keyed": EntryKeyed(AT, 1, Secret(PIN)),
    "an entry spoken": EntrySpoken(AT, 1, SAID, Hearing.ACCEPTED),
    "a check": CheckSecret(1, Claim(ref="C-1"), "pin", Secret(PIN)),
}
carried = pytest.mark.parametrize("value", CARRIERS.values(), ids=CARRIERS)


def shows(text: object) -> list[str]:
    """Which secrets can be read in this."""
    return leaks([("text", str(text).encode())], SECRETS)


@carried
def test_a_secret_cannot_be_read_from_what_carries_it(value: Any) -> None:
    texts = [repr(value), str(value), f"{value}", f"{value!r:>80}", "%s %r" % (value, value), repr([value]), repr({"k": value})]  # noqa: UP031
    assert shows("\n".join(texts)) == []
    assert "•••" in repr(value)


@carried
@pytest.mark.parametrize("use", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash], ids=lambda use: str(use.__name__))
def test_a_secret_is_not_stored_copied_or_hashed_and_the_refusal_keeps_it(value: Any, use: Callable[[Any], Any]) -> None:
    if use is copy.copy and not isinstance(value, Secret):
        assert copy.copy(value) is not value  # the carrier is another one; the secret in it stays the same object
        return
    with pytest.raises(TypeError) as refused:
        use(value)
    assert shows("".join(traceback.format_exception(refused.value))) == []


def test_secrets_are_not_compared() -> None:
    with pytest.raises(TypeError):
        assert Secret(PIN) == Secret(PIN)
    with pytest.raises(TypeError):
        assert Secret(PIN) != PIN


@pytest.fixture
def logging_undone() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@carried
@pytest.mark.usefixtures("logging_undone")
def test_a_log_that_is_given_a_secret_by_mistake_does_not_show_it(
    value: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    set_up_logging("DEBUG")
    structlog.get_logger("test").debug("by mistake", event_passed=value, several=[value], named={"keys": value})
    logging.getLogger("test").debug("by mistake %s %r", value, value)
    written = "".join(capsys.readouterr()) + caplog.text
    assert written.count("by mistake") == 2
    assert shows(written) == []


# ---- exceptions -----------------------------------------------------------------------------------------------------


@pytest.fixture
def call() -> Call:
    grammar = Grammar("en", digits=tuple((word, digit) for digit, word in WORDS.items()))
    account, pin = FieldPlan("account_number", Shape.parse("digits:10")), FieldPlan("pin", Shape.parse("digits:8"), secret=True)
    line = LinePlan("support", LINE, "en", "US", QueuePlan("billing"), grammar, identifiers=(account,), secrets=(pin,))
    ada = Customer("C-1", ACCOUNT, "Ada Marsh")
    asked = Authenticating(position=1)
    return Call(
        "call-1", line, stage=Stage.AUTHENTICATE, started_at=AT, turn=2, authenticating=asked, can_listen=True, customer=ada
    )


entries = pytest.mark.parametrize(
    "event", [EntryKeyed(AT, 2, Secret(PIN)), EntrySpoken(AT, 2, SAID, Hearing.ACCEPTED)], ids=["keyed", "spoken"]
)


@entries
def test_an_impossible_entry_is_refused_without_its_digits(call: Call, event: EntryKeyed | EntrySpoken) -> None:
    with pytest.raises(ImpossibleEvent) as refused:
        step(call, replace(event, turn=9))
    assert shows("".join(traceback.format_exception(refused.value))) == []


@entries
@pytest.mark.parametrize(
    "broken",
    [
        {"authenticating": Authenticating(position=7)},
        {"authenticating": None},
        {"authenticating": Authenticating(position=1, tally=None)},  # type: ignore[arg-type]
        {"line": None},
    ],
    ids=["no such field", "no form", "no tally", "no line"],
)
def test_what_breaks_while_a_secret_is_being_read_does_not_tell_it(call: Call, event: Event, broken: dict[str, Any]) -> None:
    told = ""
    with contextlib.suppress(Exception):
        step(replace(call, **broken), event)
    try:
        step(replace(call, **broken), event)
    except Exception as trouble:  # noqa: BLE001 - whatever it is
        told = "".join(traceback.format_exception(trouble))
    assert shows(told) == []


@entries
def test_a_step_with_a_secret_leaves_it_only_in_the_errand(call: Call, event: Event) -> None:
    after, actions = step(call, event)
    checks = [action for action in actions if isinstance(action, CheckSecret)]
    assert [check.secret.reveal() for check in checks] == [PIN]
    assert shows(repr(after) + repr(actions) + json.dumps(after.to_dict())) == []
    assert shows(repr([getattr(action, "facts", ()) for action in actions])) == []
