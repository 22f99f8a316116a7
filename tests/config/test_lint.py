"""Every prompt that a shipped line can come to is there; and the lint sees what is not."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from voicebot.config.lint import (
    AGENT,
    ANSWER_RECORDED,
    APPROVAL,
    APPROVAL_TOLD,
    CALLBACK,
    CALLBACK_AGENT,
    CALLBACK_KEPT,
    CALLBACK_PHRASE,
    CALLBACK_TIME,
    CALLER,
    FIELD,
    IDENTIFIER,
    IN_APP,
    IN_LINE,
    LISTENING,
    PAYING_PROVEN,
    PAYMENT,
    RECORDING,
    SELF_SERVICE,
    STEP_UP,
    SURVEY,
    check_prompts,
)
from voicebot.config.prompts import Catalogue, LanguagePrompts, Variant
from voicebot.config.settings import Settings, load_settings
from voicebot.dialogue.forms import Door, FieldPlan, StepUpPlan
from voicebot.dialogue.values import Reason, Shape


@pytest.fixture(scope="module")
def shipped(project: Path) -> Settings:
    return load_settings(project / "voicebot.toml", {})


def changed(catalogue: Catalogue, *, without: str = "", **texts: str) -> Catalogue:
    english = catalogue.languages["en"]
    variants = {key: value for key, value in english.variants.items() if key != without}
    variants |= {key.replace("__", "."): (Variant(text),) for key, text in texts.items()}
    return Catalogue({"en": LanguagePrompts(english.voice, variants)}, catalogue.recordings)


def test_every_shipped_line_has_all_its_prompts(shipped: Settings) -> None:
    assert check_prompts(shipped.company, shipped.prompts) == []


NAMED = (*CALLER, *SELF_SERVICE, *AGENT, *LISTENING, "verified_by_name", "queue.delivery", "field.pin")


@pytest.mark.parametrize("prompt_id", NAMED)
def test_a_prompt_that_is_taken_away_is_missed(shipped: Settings, prompt_id: str) -> None:
    wrong = check_prompts(shipped.company, changed(shipped.prompts, without=prompt_id))
    assert any(f": {prompt_id}: is missing" in line for line in wrong)


@pytest.mark.parametrize("change", [{"door": Door.RECORD}, {"record_when_lost": True}])
def test_who_records_answers_says_so(shipped: Settings, change: dict[str, Any]) -> None:
    without = changed(shipped.prompts, without="record.how")
    assert check_prompts(shipped.company, without) == []
    line = shipped.company.lines["support"]
    lines = {**shipped.company.lines, "support": replace(line, plan=replace(line.plan, **change))}
    wrong = check_prompts(replace(shipped.company, lines=lines), without)
    assert [line for line in wrong if "record.how: is missing (lines.support needs it)" in line]


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words_for_caller_and_agent(shipped: Settings, reason: Reason) -> None:
    for prompt_id in (f"unauthenticated.{reason.value}", f"whisper.reason.{reason.value}"):
        assert check_prompts(shipped.company, changed(shipped.prompts, without=prompt_id)) != []


@pytest.mark.parametrize("what", [*FIELD, *IDENTIFIER])
def test_a_field_without_words_of_its_own_has_the_general_ones(shipped: Settings, what: str) -> None:
    assert check_prompts(shipped.company, changed(shipped.prompts, without=f"account_number.{what}")) == []
    general_too = changed(changed(shipped.prompts, without=f"account_number.{what}"), without=what)
    wrong = check_prompts(shipped.company, general_too)
    assert any(f": account_number.{what}: is missing (lines.billing needs it)" in line for line in wrong)


def test_a_place_that_nothing_fills_is_seen(shipped: Settings) -> None:
    wrong = check_prompts(shipped.company, changed(shipped.prompts, greeting="Hello {name}"))
    assert wrong == ["prompts/en: greeting: has a place {name}, which nothing fills; allowed: none"]


def test_a_language_without_prompts_is_said_once_per_line(shipped: Settings) -> None:
    line = shipped.company.lines["billing"]
    swedish = replace(line, plan=replace(line.plan, language="sv"))
    wrong = check_prompts(replace(shipped.company, lines={"billing": swedish}), shipped.prompts)
    assert wrong == ["prompts/sv: there are no prompts in this language (lines.billing needs it)"]


def test_a_fresh_proof_that_may_be_said_has_the_words_for_it(shipped: Settings) -> None:
    line = shipped.company.lines["parcels"]
    code = FieldPlan("code", Shape.parse("digits:6"), secret=True)

    def missing(**policy: bool) -> list[str]:
        plan = replace(line.plan, listen=policy["listens"], step_ups=(StepUpPlan("payout", (code,), speech=policy["speech"]),))
        only = replace(shipped.company, lines={"parcels": replace(line, plan=plan)})
        return [one.split(": ")[1] for one in check_prompts(only, changed(shipped.prompts, without="no_match")) if "code" in one]

    assert "code.no_match" in missing(listens=True, speech=True)
    assert "code.no_match" not in missing(listens=True, speech=False)
    assert "code.no_match" not in missing(listens=False, speech=True)


def prompt_ids_in(source: str) -> set[str]:
    """Prompt ids that are written out in a `Say("…")`."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    said = [call.args[0] for call in calls if getattr(call.func, "id", "") == "Say" and call.args]
    return {str(arg.value) for arg in said if isinstance(arg, ast.Constant)}


def test_every_prompt_that_the_code_names_is_one_that_is_checked(project: Path) -> None:
    known = {*CALLER, *IN_LINE, *CALLBACK, *RECORDING, *STEP_UP, *SURVEY, *PAYMENT, *SELF_SERVICE, *AGENT, "verified_by_name"}
    known |= {*PAYING_PROVEN, *APPROVAL, *APPROVAL_TOLD, *(f"approval.{what}" for what in IN_APP)}
    known |= {*CALLBACK_AGENT, *CALLBACK_TIME, *CALLBACK_PHRASE, *CALLBACK_KEPT, *LISTENING, *ANSWER_RECORDED}
    named = set[str]()
    for room in ("dialogue", "switchboard", "telephony"):
        for module in (project / "voicebot" / room).rglob("*.py"):
            named |= prompt_ids_in(module.read_text("utf-8"))
    assert "greeting" in named
    assert named - known == set()
