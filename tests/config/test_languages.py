"""Every shipped language says everything, in as many wordings, with the same places; and a voice says it."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.config.lint import check_prompts
from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompts import PLACE, Catalogue, LanguagePrompts
from voicebot.config.settings import Settings, load_settings

LANGUAGES = ("en", "fr", "ko", "da")
OTHERS = LANGUAGES[1:]


@pytest.fixture(scope="module")
def shipped(project: Path) -> Catalogue:
    return load_catalogue(project / "prompts")


@pytest.fixture(scope="module")
def settings(project: Path) -> Settings:
    return load_settings(project / "voicebot.toml", {})


def places(prompts: LanguagePrompts) -> dict[str, set[str]]:
    found = {key: " ".join(variant.text for variant in variants) for key, variants in prompts.variants.items()}
    return {key: set(PLACE.findall(text)) for key, text in found.items()}


def test_these_are_the_languages_that_are_shipped(shipped: Catalogue) -> None:
    assert set(shipped.languages) == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_prompt_with_its_places(shipped: Catalogue, language: str) -> None:
    assert places(shipped.languages[language]) == places(shipped.languages["en"])


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_as_many_wordings_of_a_prompt(shipped: Catalogue, language: str) -> None:
    counted = {key: len(variants) for key, variants in shipped.languages[language].variants.items()}
    assert counted == {key: len(variants) for key, variants in shipped.languages["en"].variants.items()}


@pytest.mark.parametrize("language", OTHERS)
def test_no_wording_was_left_in_english(shipped: Catalogue, language: str) -> None:
    english = {variant.text for variants in shipped.languages["en"].variants.values() for variant in variants}
    for key, variants in shipped.languages[language].variants.items():
        assert not english & {variant.text for variant in variants}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_voice_and_speaks_with_its_own_numbers(shipped: Catalogue, language: str) -> None:
    voice = shipped.languages[language].voice
    assert voice.voice.startswith("Polly.")
    assert voice.language.startswith(f"{language}-")
    assert voice.locale == voice.language.replace("-", "_")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_company_could_answer_in_every_language(settings: Settings, language: str) -> None:
    lines = {
        name: replace(line, plan=replace(line.plan, language=language, queue=replace(line.plan.queue, agent_language=language)))
        for name, line in settings.company.lines.items()
    }
    assert check_prompts(replace(settings.company, lines=lines), settings.prompts) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_hold_music_plays_in_every_language(shipped: Catalogue, language: str) -> None:
    assert all(variant.recording for variant in shipped.languages[language].variants["hold"])
