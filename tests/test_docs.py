"""The documents say what the program knows: every setting, variable, command, option, prompt, event and fault, and nothing else.

Names come from the code by asking it where it can be asked, else by reading its source.
"""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from voicebot.cli import COMMANDS
from voicebot.commands.call import as_object
from voicebot.config import lint
from voicebot.config.deployment import LEVELS, OTHERS_NAMES, OUR_NAMES, environment, read_deployment
from voicebot.config.grammar_words import read_amounts, read_corrections, read_dates, read_numbers
from voicebot.config.grammars import KEYS as GRAMMAR_KEYS
from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompts import FAMILIES
from voicebot.config.reading import read_company
from voicebot.config.tables import Complaints, Table
from voicebot.dialogue import actions, events, lockout, policy
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import Grammar, Limits
from voicebot.dialogue.values import Command, Ending, Reason
from voicebot.errors import ConfigError
from voicebot.simulator import mishaps, scenario
from voicebot.simulator.record import CallRecord, LegRecord
from voicebot.simulator.script import Habit, Moment, TurnKind
from voicebot.simulator.settings import Faults, StreamFault
from voicebot.switchboard.carry_out import UNKNOWN_A_DAY, UNKNOWN_WITHHELD_AN_HOUR
from voicebot.telephony.settings import PATIENCE

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
STRANGE = "x_9"  # like no key at all, so that the complaint names all that are known


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def without_code(text: str) -> str:
    """A comment in a block of code is no heading, and an address in one no link."""
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)


def sections(name: str) -> dict[str, str]:
    """A document's text by heading, without what stands under the headings below it."""
    parts = re.split(r"^#{1,4} (.+)$", without_code(text_of(name)), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def in_first_column(section: str) -> set[str]:
    """Everything in backticks in the first column of a section's tables."""
    rows = (line.split("|")[1] for line in section.splitlines() if line.startswith("|") and line.count("|") > 2)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


# ---- settings ----------------------------------------------------------------------------------------------------


def known_keys() -> dict[str, set[str]]:
    """Table -> its keys, as the reader itself names them when it meets a strange one."""
    one: dict[str, Any] = {STRANGE: 1}
    plain = {
        STRANGE: 1,
        "company": one,
        "back_end": one,
        "customers": one,
        "desk": one,
        "sign_in": one,
        "payments": one,
        "approvals": one,
        "notices": one,
        "messages": {STRANGE: 1, "templates": {"name": one}},
        **{
            table: {"name": one}
            for table in ("fields", "details", "hours", "queues", "agents", "evaluation", "step_up", "schedules")
        },
        "lines": {"name": {STRANGE: 1, "limits": one}},
        "callbacks": {STRANGE: 1, "subjects": {"name": one}, "page": one, "api": one, "invitations": one},
    }
    complaints = Complaints("t")
    read_company(Table(plain, "", complaints), Grammar)
    found = re.compile(rf"t: (?P<table>.*?){STRANGE}: is not known; known are (?P<keys>.+)")
    asked = [match for line in complaints.found if (match := found.fullmatch(line))]
    return {match["table"].rstrip("."): set(match["keys"].split(", ")) for match in asked}


def heading_of(table: str) -> str:
    return "Tables" if not table else f"[{table.replace('.name', '.NAME')}]"


def test_the_reader_names_every_table() -> None:
    assert len(known_keys()) == 26


@pytest.mark.parametrize("table", known_keys())
def test_every_key_of_the_settings_is_documented_and_no_other(table: str) -> None:
    documented = in_first_column(sections("docs/configuration.md")[heading_of(table)])
    assert known_keys()[table] == documented


def test_the_documented_defaults_of_limits_are_those_of_the_program() -> None:
    section = sections("docs/configuration.md")["[lines.NAME.limits]"]
    for limit in fields(Limits):
        row = next(line for line in section.splitlines() if line.startswith(f"| `{limit.name}`"))
        assert f"`{limit.default}`" in row.split("|")[3]


def test_every_command_of_a_caller_and_every_key_of_a_grammar_is_documented() -> None:
    section = sections("docs/configuration.md")["Grammars"]
    assert set(GRAMMAR_KEYS) == in_first_column(section)
    assert set(Command) <= quoted(section)


def test_every_key_of_a_grammars_tables_is_documented() -> None:
    parts = sections("docs/configuration.md")
    tables = (("Larger numbers, dates, amounts", (read_numbers, read_dates, read_amounts)), ("Corrections", (read_corrections,)))
    for heading, readers in tables:
        known = set[str]()
        for read in readers:
            faults: list[str] = []
            read({read.__name__.removeprefix("read_"): {STRANGE: 1}}, faults)
            known |= set(faults[0].partition("known are ")[2].split(", "))
        named = {key for key in in_first_column(parts[heading]) if not key.startswith("[")}
        assert known == named


def test_every_key_of_a_voice_is_documented(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "voice.toml").write_text(f"{STRANGE} = 1\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_catalogue(tmp_path)
    known = re.search(r"known are (.+)", str(refused.value))
    assert known is not None
    assert set(known[1].split(", ")) == in_first_column(sections("docs/configuration.md")["voice.toml"])


def constants(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def variables() -> set[str]:
    """Names of environment variables that our program reads: those that it knows, and those that its source spells."""
    spelt = {
        name for name in constants(ROOT / "voicebot" / "config" / "deployment.py") if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)
    }
    example = {line.partition("=")[0] for line in text_of(".env.example").splitlines() if re.match(r"[A-Z_]+=", line)}
    own = {name for name in constants(ROOT / "run.py") if name.startswith("VOICEBOT_")}
    return {*OUR_NAMES, *OTHERS_NAMES, *spelt, *example, *own} - {*LEVELS, "AC"}


def test_every_variable_of_the_environment_is_documented_and_no_other() -> None:
    documented = in_first_column(sections("docs/configuration.md")["The environment"]) - {"VOICEBOT_MODEL_DA", "…"}
    assert {"PUBLIC_BASE_URL", "DATABASE_URL", "VOICEBOT_DATA", "VOICEBOT_MODEL_EN", "VOICEBOT_PIP"} <= variables()
    assert variables() == documented


def test_the_example_of_an_environment_can_be_read_and_is_missing_only_what_is_yours() -> None:
    example = dict(line.split("=", 1) for line in text_of(".env.example").splitlines() if re.match(r"[A-Z_]+=", line))
    deployment = read_deployment(environment(ROOT / "docs", example), ROOT)
    assert [line.partition(":")[0] for line in deployment.missing()] == [
        "PUBLIC_BASE_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_CALLER_ID", "VOICEBOT_EMERGENCY_NUMBER",
    ]  # fmt: skip


# ---- prompts -----------------------------------------------------------------------------------------------------


def spelt_prompts() -> set[str]:
    """Ids that the dialogue, the switchboard and the line spell in a Say, wherever they are whole."""
    found = set()
    parts = ("dialogue", "switchboard", "telephony")
    for module in [path for part in parts for path in (ROOT / "voicebot" / part).rglob("*.py")]:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Say" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def known_prompts() -> set[str]:
    of_fields = {f"FIELD.{what}" for what in (*lint.FIELD, *lint.IDENTIFIER, lint.CHECKED, lint.JOINT)}
    families = {f"{family}.{name}" for family, name in (("queue", "QUEUE"), ("field", "FIELD"), ("line", "LINE"))}
    reasons = {"unauthenticated.REASON", "whisper.reason.REASON"}
    told = {*lint.CALLER, *lint.IN_LINE, *lint.CALLBACK, *lint.RECORDING, *lint.STEP_UP, *lint.SURVEY, *lint.APPROVAL}
    told |= {*lint.PAYMENT, lint.PAYMENT_LINK, *lint.CALLBACK_TIME, *lint.CALLBACK_PHRASE, *lint.CALLBACK_KEPT}
    told |= {*lint.PAYING_PROVEN, *lint.APPROVAL_TOLD, *(f"approval.{what}" for what in lint.IN_APP)}
    everybody = {*told, *lint.KEYS, *lint.LISTENING, *lint.ANSWER_RECORDED, f"keys.{lint.JOINT}", "verified_by_name"}
    others = {*everybody, *lint.SELF_SERVICE, *lint.AGENT, *lint.CALLBACK_AGENT, "self_service.DETAIL"}
    return of_fields | families | reasons | others


def test_every_prompt_is_documented_and_no_other() -> None:
    assert known_prompts() == in_first_column(sections("docs/configuration.md")["Prompts"])


def test_every_prompt_that_the_program_spells_is_one_that_is_looked_for() -> None:
    spelt = spelt_prompts()
    assert {"greeting", "agent.invitation", "filler"} <= spelt
    assert spelt <= known_prompts()


def test_every_reason_and_every_family_of_prompts_is_documented() -> None:
    parts = sections("docs/configuration.md")
    assert set(Reason) <= quoted(parts["Prompts"])
    assert quoted(parts["[fields.NAME]"]) >= FAMILIES


# ---- commands ----------------------------------------------------------------------------------------------------


def commands() -> dict[str, click.Command]:
    """Every command by its words, those within a group by both."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command: click.Command = importlib.import_module(f"voicebot.commands.{name}").command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": one for inner, one in command.commands.items()}
        else:
            found[name] = command
    return found


def test_every_command_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^## (.+)$", text_of("docs/commands.md"), flags=re.MULTILINE))
    assert set(commands()) == documented


@pytest.mark.parametrize("name", commands())
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    options = [parameter for parameter in commands()[name].params if isinstance(parameter, click.Option)]
    spelt = {word for option in options for word in (*option.opts, *option.secondary_opts)}
    assert spelt == in_first_column(sections("docs/commands.md")[name])


def test_every_command_stands_in_the_changelog() -> None:
    assert set(commands()) <= quoted(text_of("CHANGELOG.md"))


# ---- the core ----------------------------------------------------------------------------------------------------


def test_every_event_action_stage_and_ending_is_told() -> None:
    parts = sections("docs/how-a-call-works.md")
    tables = in_first_column(parts["Events and actions"])
    assert {one.__name__ for one in (*get_args(events.Event), *get_args(actions.Action))} == tables
    diagram = re.findall(r"\b(\w+) --> (\w+)", text_of("docs/how-a-call-works.md"))
    assert set(Stage) == {stage for pair in diagram for stage in pair}
    assert all(f"*{ending}*" in parts["Stages"] for ending in Ending)


def test_the_numbers_of_the_lock_out_are_those_of_the_program() -> None:
    rows = [line.split("|")[1:-1] for line in sections("docs/security.md")["Lock-out"].splitlines() if line.startswith("|")][2:]
    limits = [int(row[1].split()[0]) for row in rows]
    assert limits == [
        Limits().max_attempts, lockout.IN_A_ROW, lockout.A_DAY, lockout.WITHOUT_SUCCESS, UNKNOWN_A_DAY, UNKNOWN_WITHHELD_AN_HOUR,
    ]  # fmt: skip
    assert f"{int(lockout.LOCK.total_seconds() / 60)} minutes" in rows[1][2]


def test_the_numbers_of_the_limits_per_calling_number_are_those_of_the_program() -> None:
    section = sections("docs/security.md")["Per calling number, and over all accounts"]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("|")][2:]
    assert [int(row[1]) for row in rows] == [
        policy.FAILURES_AN_HOUR, policy.ACCOUNTS_A_DAY, policy.WITHHELD_FAILURES_AN_HOUR, policy.ATTACK_ACCOUNTS,
    ]  # fmt: skip
    assert f"{policy.ATTACK_WINDOW.seconds // 60} minutes" in rows[3][0]
    assert f"{policy.ATTACK_TIMES_USUAL} times" in rows[3][0]


# ---- the simulator -----------------------------------------------------------------------------------------------


def test_every_turn_habit_and_fault_is_documented() -> None:
    parts = sections("docs/testing-calls.md")
    assert set(TurnKind) == {turn.partition(":")[0] for turn in in_first_column(parts["Turns"])}
    assert set(Habit) == in_first_column(parts["Agents"])
    assert {fault.name for fault in fields(Faults)} == in_first_column(parts["[faults]"])
    assert set(Moment) == in_first_column(parts["Moments"])
    assert set(StreamFault) == in_first_column(parts["Streams that fail"])
    assert {*mishaps.DOCUMENTS, *mishaps.Fate} == in_first_column(parts["Webhooks that are struck"])
    assert {*mishaps.REQUESTS, *mishaps.RestFate} == in_first_column(parts["REST requests that are struck"])


def test_every_key_of_a_scenario_is_documented_and_no_other() -> None:
    parts = sections("docs/testing-calls.md")
    assert set(scenario._KEYS) == in_first_column(parts["Scenario files"])
    assert {key.name for key in fields(scenario.Expect)} == in_first_column(parts["[expect]"])


def test_every_field_of_a_calls_json_is_documented_and_no_other() -> None:
    printed = as_object(CallRecord(LegRecord("CA0", "+12025550177")), None)
    assert set(printed) == in_first_column(sections("docs/testing-calls.md")["JSON"])


# ---- the log -----------------------------------------------------------------------------------------------------


def test_every_documented_line_of_the_log_is_one_that_is_written() -> None:
    written = {text for module in (ROOT / "voicebot").rglob("*.py") for text in constants(module)}
    documented = in_first_column(sections("docs/operators-guide.md")["Logs"]) - {"event", "why"}
    assert documented
    assert documented <= written


# ---- the documents themselves ------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#{1,6} (.+)$", without_code(path.read_text("utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_document_is_reached_from_the_readme() -> None:
    seen, open_ones = set(), [ROOT / "README.md"]
    while open_ones:
        path = open_ones.pop()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
        targets = [(path.parent / link).resolve() for link in links]
        open_ones += [inner for target in targets for inner in (target.glob("*.md") if target.is_dir() else [target])]
    assert set(DOCUMENTS) <= seen


def test_the_readme_gives_the_webhook_with_the_overrides_that_the_program_uses() -> None:
    assert f"https://voice.example.com/voice/incoming{PATIENCE}" in text_of("README.md")


def test_the_lines_that_the_readme_names_are_those_that_are_shipped() -> None:
    shipped = {line["dnis"]: name for name, line in tomllib.loads(text_of("voicebot.toml"))["lines"].items()}
    told = dict(re.findall(r"^\| `(\+\d+)` \| (\w+) \|", text_of("README.md"), flags=re.MULTILINE))
    assert shipped == told
