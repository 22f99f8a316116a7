"""What needs sound on lines that are asked over two-way streams."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.config.company import Company
from voicebot.config.settings import Settings, load_settings
from voicebot.config.voiced import Voiced, voiced_prompts
from voicebot.dialogue.forms import Door


@pytest.fixture(scope="module")
def shipped(project: Path) -> Settings:
    return load_settings(project / "voicebot.toml", {})


def streamed(company: Company, name: str, door: Door = Door.STREAM, secrets: Door = Door.STREAM, **changes: object) -> Company:
    """The company with one line asked like this, and no other."""
    line = company.lines[name]
    plan = replace(line.plan, door=door, secrets_door=secrets, **changes)  # type: ignore[arg-type]
    return replace(company, lines={**company.lines, name: replace(line, plan=plan)})


def by_id(company: Company, shipped: Settings) -> dict[str, Voiced]:
    return {one.prompt_id: one for one in voiced_prompts(company, shipped.prompts)}


def test_a_company_without_streams_needs_no_sound(shipped: Settings) -> None:
    assert voiced_prompts(shipped.company, shipped.prompts) == []


def test_every_prompt_of_a_streamed_line_is_named_with_its_pieces(shipped: Settings) -> None:
    needed = by_id(streamed(shipped.company, "support"), shipped)
    assert {"greeting", "account_number.ask", "account_number.no_input", "pin.ask", "keys.no_input"} <= needed.keys()
    assert not any(prompt_id.startswith(("waiting.", "whisper.", "agent.")) for prompt_id in needed)
    read_back = needed["account_number.confirm"]
    assert not read_back.filled
    assert set("0123456789") <= set(read_back.pieces)
    assert all("{" not in piece for one in needed.values() for piece in one.pieces)
    assert {one.language for one in needed.values()} == {"en-US"}


def test_every_attempt_has_its_own_wording(shipped: Settings) -> None:
    company = streamed(shipped.company, "support")
    all_of = [one for one in voiced_prompts(company, shipped.prompts) if one.prompt_id == "account_number.no_input"]
    wordings = shipped.prompts.variants_of("account_number.no_input", "en")
    assert {piece for one in all_of for piece in one.pieces} == {variant.text for variant in wordings}


def test_secrets_that_the_carrier_asks_need_none_and_secrets_alone_may(shipped: Settings) -> None:
    without = by_id(streamed(shipped.company, "support", secrets=Door.GATHER), shipped)
    assert not any(prompt_id.startswith("pin.") for prompt_id in without)
    alone = by_id(streamed(shipped.company, "support", door=Door.GATHER), shipped)
    assert "pin.ask" in alone
    assert not any(prompt_id.startswith("account_number.") for prompt_id in alone)


def test_names_amounts_and_days_can_only_be_said_at_the_moment(shipped: Settings) -> None:
    assert by_id(streamed(shipped.company, "billing"), shipped)["verified_by_name"].filled
    balance = by_id(streamed(shipped.company, "balance"), shipped)
    assert balance["self_service.balance"].filled
    assert balance["self_service.due_date"].filled
    assert "self_service.more" in balance


def test_recordings_need_nothing_and_other_journeys_are_known(shipped: Settings) -> None:
    asked = by_id(streamed(shipped.company, "support", survey=True), shipped)
    assert "survey.ask" in asked
    languages = dict(shipped.prompts.languages)
    english = languages["en"]
    recorded = {key: tuple(replace(one, recording="a.wav") for one in found) for key, found in english.variants.items()}
    prompts = replace(shipped.prompts, languages={**languages, "en": replace(english, variants=recorded)})
    assert voiced_prompts(streamed(shipped.company, "support"), prompts) == []
    assert voiced_prompts(streamed(shipped.company, "support", language="xx"), shipped.prompts) == []
