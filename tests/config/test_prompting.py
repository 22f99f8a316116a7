"""Prompts are changed while calls are on: each change a version, none by halves, and a call keeps what it began with."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompting import (
    CHANGED_MEANWHILE,
    NO_SUCH_PROMPT,
    NO_SUCH_RECORDING,
    Prompting,
    PromptsPlan,
    Wording,
    edited,
)
from voicebot.config.prompts import Catalogue, Shelf
from voicebot.config.settings import load_company
from voicebot.dialogue.actions import Say
from voicebot.ports.prompt_edits import PromptEdit
from voicebot.ports.prompts import Recording, SpokenText

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Edits:
    """The port, in memory."""

    def __init__(self) -> None:
        self.kept: list[PromptEdit] = []
        self.sounds: dict[str, bytes] = {}
        self.looked = 0

    def count(self) -> int:
        return len(self.kept)

    def newest(self) -> tuple[PromptEdit, ...]:
        self.looked += 1
        return tuple({(one.language, one.prompt_id): one for one in self.kept}.values())

    def of_prompt(self, language: str, prompt_id: str) -> tuple[PromptEdit, ...]:
        return tuple(one for one in self.kept if (one.language, one.prompt_id) == (language, prompt_id))

    def keep(self, edit: PromptEdit, audio: Mapping[str, bytes]) -> bool:
        if len(self.of_prompt(edit.language, edit.prompt_id)) != edit.number - 1:
            return False
        self.kept.append(edit)
        self.sounds |= audio
        return True

    def audio(self, name: str) -> bytes | None:
        return self.sounds.get(name)


class Process:
    """One process that says prompts; several may share their edits and what is kept."""

    def __init__(self, project: Path, edits: Edits, kept: dict[str, bytes]) -> None:
        files = load_catalogue(project / "prompts")
        self.shelf = Shelf(files, kept.get)

        def keep(catalogue: Catalogue) -> None:
            kept[catalogue.version] = catalogue.dump()
            kept.update(catalogue.recordings)

        keep(files)
        company = load_company(project / "voicebot.toml")
        self.prompting = Prompting(PromptsPlan(files, company, edits, self.shelf, keep, lambda: NOON))
        self.prompting.refresh()

    def says(self, prompt_id: str, language: str = "en", attempt: int = 1, version: str = "") -> object:
        prompts = self.shelf.version(version) if version else self.shelf.current()
        [uttered] = prompts.utterances(Say(prompt_id, attempt), language)
        return uttered.text if isinstance(uttered, SpokenText) else uttered

    def change(self, text: str, prompt_id: str = "closed", language: str = "en", number: int = 0, **more: object) -> str:
        return self.prompting.change("Vera", language, prompt_id, number, [Wording(text, **more)])  # type: ignore[arg-type]


@pytest.fixture
def edits() -> Edits:
    return Edits()


@pytest.fixture
def kept() -> dict[str, bytes]:
    return {}


@pytest.fixture
def process(project: Path, edits: Edits, kept: dict[str, bytes]) -> Process:
    return Process(project, edits, kept)


def recording(hertz: float = 440) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.sin(np.arange(22_050) / 44_100 * 2 * np.pi * hertz) / 2, 44_100, format="WAV")
    return out.getvalue()


def test_a_change_is_heard_by_the_next_call_and_by_none_that_has_begun(process: Process) -> None:
    began = process.shelf.current().version
    before = process.says("closed")
    assert process.change("We are closed.") == ""
    assert process.says("closed") == "We are closed."
    assert process.says("closed", version=began) == before
    assert process.prompting.complaints() == []


def test_another_process_takes_it_up_and_serves_both_versions(
    process: Process, project: Path, edits: Edits, kept: dict[str, bytes]
) -> None:
    other = Process(project, edits, kept)
    process.change("We are closed.")
    changed = process.shelf.current().version
    assert other.says("closed") != "We are closed."
    assert other.says("closed", version=changed) == "We are closed."  # a call that began there
    other.prompting.refresh()
    assert other.says("closed") == "We are closed."
    looked = edits.looked
    other.prompting.refresh()
    assert edits.looked == looked  # nothing was changed, so nothing is read


def test_a_process_that_starts_later_begins_with_it(
    process: Process, project: Path, edits: Edits, kept: dict[str, bytes]
) -> None:
    process.change("We are closed.")
    assert Process(project, edits, kept).says("closed") == "We are closed."


def test_a_recording_is_played_and_stays_with_the_calls_that_began_with_it(
    process: Process, project: Path, edits: Edits, kept: dict[str, bytes]
) -> None:
    assert process.change("We are closed.", upload=recording()) == ""
    played = process.says("closed")
    assert isinstance(played, Recording)
    wav = process.shelf.current().audio(played.name)
    assert wav is not None
    assert process.prompting.audio(played.name) == wav
    version = process.shelf.current().version
    assert process.change("We are closed.", number=1, recording=played.name) == ""  # kept as it is
    assert process.change("Closed.", number=2) == ""
    assert process.says("closed") == "Closed."
    again = Process(project, edits, kept)
    assert again.says("closed", version=version) == played
    assert again.shelf.version(version).audio(played.name) == wav


def test_only_recordings_are_heard_and_played(process: Process, edits: Edits) -> None:
    plan = "0" * 64  # of a line: kept in the same place, under the hash of its content
    edits.sounds[plan] = b"{}"
    assert process.prompting.audio(plan) is None
    assert process.change("We are closed.", recording=plan) == NO_SUCH_RECORDING


def test_the_second_of_two_who_change_the_same_is_told(process: Process) -> None:
    assert process.change("First.") == ""
    assert process.change("Second.") == CHANGED_MEANWHILE
    assert process.says("closed") == "First."
    assert process.change("Another one.", prompt_id="greeting") == ""


def test_every_version_is_there_and_can_be_used_again(process: Process) -> None:
    file = process.says("closed")
    process.change("One.")
    process.change("Two.", number=1)
    assert process.prompting.restore("Vera", "en", "closed", 2, 1) == ""
    assert process.says("closed") == "One."
    assert process.prompting.restore("Vera", "en", "closed", 3, 0) == ""
    assert process.says("closed") == file
    numbers = [(one.number, one.by, one.texts) for one in process.prompting.versions("en", "closed")]
    assert numbers == [(4, "Vera", ()), (3, "Vera", ("One.",)), (2, "Vera", ("Two.",)), (1, "Vera", ("One.",)), (0, "", (file,))]
    assert process.prompting.changed() == frozenset()
    assert process.prompting.restore("Vera", "en", "closed", 1, 1) == CHANGED_MEANWHILE
    assert process.prompting.restore("Vera", "en", "closed", 4, 9) == NO_SUCH_PROMPT


def test_each_attempt_has_a_text(process: Process) -> None:
    said = [Wording("First."), Wording("Second.", upload=recording())]
    assert process.prompting.change("Vera", "en", "callback.number", 0, said) == ""
    assert process.says("callback.number", attempt=1) == "First."
    assert isinstance(process.says("callback.number", attempt=2), Recording)
    assert process.says("callback.number", attempt=3) == process.says("callback.number", attempt=2)


@pytest.mark.parametrize(
    ("prompt_id", "wordings", "told"),
    [
        ("closed", [], "1 to 10 texts"),
        ("closed", [Wording("a")] * 11, "1 to 10 texts"),
        ("closed", [Wording("x" * 1001)], "Text 1: is longer than 1000 characters"),
        ("closed", [Wording("fine"), Wording("{Value}")], "Text 2: has a brace"),
        ("closed", [Wording("Hello {name}")], "has a place {name}, which nothing fills; allowed: none"),
        ("callback.confirm", [Wording("At {value}?", upload=recording())], "Text 1: has places to fill"),
        ("closed", [Wording("a", upload=b"nonsense")], "Recording 1: is no recording"),
        ("closed", [Wording("a", "nowhere.wav")], NO_SUCH_RECORDING),
    ],
)
def test_what_could_not_be_said_is_refused_and_nothing_is_kept(
    process: Process, edits: Edits, prompt_id: str, wordings: list[Wording], told: str
) -> None:
    assert told in process.prompting.change("Vera", "en", prompt_id, 0, wordings)
    assert edits.kept == []
    assert edits.sounds == {}


@pytest.mark.parametrize(("language", "prompt_id"), [("xx", "closed"), ("en", "nothing.like.it"), ("../en", "closed")])
def test_what_is_no_prompt_is_not_made_one(process: Process, language: str, prompt_id: str) -> None:
    assert process.change("Text.", prompt_id, language) == NO_SUCH_PROMPT
    assert process.prompting.versions(language, prompt_id) == ()
    assert process.prompting.restore("Vera", language, prompt_id, 0, 0) == NO_SUCH_PROMPT


def test_a_language_that_lacks_a_prompt_can_be_given_it_and_what_is_missing_is_said(process: Process, project: Path) -> None:
    files = load_catalogue(project / "prompts")
    del files.languages["en"].variants["closed"]
    plan = process.prompting._plan
    lacking = Prompting(PromptsPlan(files, plan.company, plan.edits, Shelf(files, lambda _: None), plan.keep, plan.now))
    lacking._plan.shelf.renew(files)
    assert any("closed: is missing" in one for one in lacking.complaints())
    assert lacking.change("Vera", "en", "closed", 0, [Wording("We are closed.")]) == ""
    assert lacking.complaints() == []
    assert "closed: is missing" in lacking.restore("Vera", "en", "closed", 1, 0)


def test_a_change_of_a_language_that_is_no_more_changes_nothing(project: Path) -> None:
    files = load_catalogue(project / "prompts")
    gone = PromptEdit("xx", "closed", 1, "Vera", NOON, ("Text.",), ("",))
    assert edited(files, [gone], lambda _: None) == files


def test_places_that_may_be_filled_are_known(process: Process) -> None:
    assert process.prompting.places("callback.confirm") == ("value",)
    assert process.prompting.places("closed") == ()
