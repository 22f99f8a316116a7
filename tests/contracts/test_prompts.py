"""What is heard (`Prompts`, `PromptShelf`): the shipped catalogue as it is read, and as it is kept for the calls of its day."""

import io
import wave
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voicebot.config.prompt_files import load_catalogue
from voicebot.config.prompts import Catalogue, Shelf
from voicebot.dialogue.actions import Say
from voicebot.dialogue.spoken import (
    Amount,
    Day,
    Digits,
    Sounded,
    Words,
)
from voicebot.ports.prompts import Prompts, PromptShelf, Recording, SpokenText
from voicebot.ports.store import Store
from voicebot.records.store import SqlStore


def fresh(project: Path) -> Catalogue:
    return load_catalogue(project / "prompts")


@pytest.fixture(params=["as read", "as kept"])
def prompts(request: pytest.FixtureRequest, project: Path) -> Prompts:
    read = fresh(project)
    return read if request.param == "as read" else Catalogue.load(read.dump(), read.audio)


@pytest.fixture
def ids(project: Path) -> list[str]:
    return sorted(fresh(project).languages["en"].variants)


def texts(prompts: Prompts, say: Say, language: str = "en") -> list[str]:
    return [one.text for one in prompts.utterances(say, language) if isinstance(one, SpokenText)]


def test_the_same_content_has_the_same_version(prompts: Prompts, project: Path) -> None:
    assert prompts.version == fresh(project).version


def test_every_prompt_has_something_to_play_however_often_it_comes(prompts: Prompts, ids: list[str]) -> None:
    assert len(ids) > 50
    with capture_logs():  # places that nothing fills are not what this is about
        silent = [(name, attempt) for name in ids for attempt in (1, 2, 3, 9) if not prompts.utterances(Say(name, attempt), "en")]
    assert silent == []


def test_a_text_comes_in_the_carriers_form_of_its_language(prompts: Prompts) -> None:
    (said,) = prompts.utterances(Say("filler"), "en")
    assert isinstance(said, SpokenText)
    assert said.language.startswith("en-")


def test_the_last_wording_repeats(prompts: Prompts) -> None:
    wordings = [texts(prompts, Say("account_number.no_input", attempt)) for attempt in (1, 2, 3, 4, 99)]
    assert len({tuple(wording) for wording in wordings[:3]}) == 3
    assert wordings[2] == wordings[3] == wordings[4]


def test_a_field_without_a_wording_of_its_own_has_the_general_one(prompts: Prompts) -> None:
    assert texts(prompts, Say("membership.ask")) == texts(prompts, Say("ask")) != texts(prompts, Say("account_number.ask"))


@pytest.mark.parametrize(
    ("prompt_id", "language"), [("no_such_prompt", "en"), ("whisper.no_such", "en"), ("ask", "tlh"), ("", "en")]
)
def test_what_is_missing_is_silence_and_never_raises(prompts: Prompts, prompt_id: str, language: str) -> None:
    with capture_logs() as logs:
        assert prompts.utterances(Say(prompt_id), language) == ()
    assert [line["log_level"] for line in logs] == ["warning"]


@pytest.mark.parametrize(
    ("prompt_id", "place", "value", "said"),
    [
        ("account_number.confirm", "value", Digits("04203715"), "0, 4, 2, 0, 3, 7, 1, 5"),
        ("verified_by_name", "name", Words("Ada Marsh"), "Ada Marsh"),
        ("verified_by_name", "name", Words("{name} & <Hangup/>"), "{name} & <Hangup/>"),
        ("agent.invitation", "queue", Sounded("queue.billing"), "Call for billing."),
        ("self_service.balance", "value", Amount("1084.20", "USD"), "1,084.20"),
        ("self_service.due_date", "value", Day("2026-12-01"), "December 1"),
    ],
)
def test_places_are_filled_in_peoples_words(
    prompts: Prompts, prompt_id: str, place: str, value: Digits | Words | Sounded | Amount | Day, said: str
) -> None:
    assert said in " ".join(texts(prompts, Say(prompt_id, args=((place, value),))))


def test_a_recordings_name_brings_what_a_telephone_can_play(prompts: Prompts) -> None:
    played = [one for attempt in (1, 2, 3, 4) for one in prompts.utterances(Say("hold", attempt), "en")]
    names = {one.name for one in played if isinstance(one, Recording)}
    assert len(names) == 4
    for name in names:
        audio = prompts.audio(name)
        assert audio is not None
        assert audio[:4] == b"RIFF"
        assert _rate(audio) == 8000


def _rate(wav: bytes) -> int:
    try:
        with wave.open(io.BytesIO(wav)) as opened:
            return int(opened.getframerate())
    except wave.Error:  # µ-law, which the standard library does not read: the rate stands at the same place
        return int.from_bytes(wav[24:28], "little")


@pytest.mark.parametrize("name", ["", "hold.wav", "../voicebot.toml", "/etc/passwd", "0" * 64 + ".wav"])
def test_only_recordings_of_the_catalogue_can_be_had(prompts: Prompts, name: str) -> None:
    assert prompts.audio(name) is None


# ---- the shelf ------------------------------------------------------------------------------------------------------


def changed(project: Path, place: Path) -> Catalogue:
    """The shipped prompts with another greeting."""
    for language in (project / "prompts").iterdir():
        if language.is_dir():
            (place / language.name).mkdir(parents=True)
            for file in language.iterdir():
                (place / language.name / file.name).write_bytes(file.read_bytes())
    call = place / "en" / "call.toml"
    call.write_text(call.read_text("utf-8").replace("Thank you for calling", "Good day from"), "utf-8")
    return load_catalogue(place)


def test_a_call_keeps_the_prompts_that_it_began_with_over_a_change_and_a_restart(
    store: SqlStore, project: Path, tmp_path: Path
) -> None:
    before, after = fresh(project), changed(project, tmp_path / "prompts")
    kept_in: Store = store
    with kept_in.transaction() as ledger:
        ledger.put_snapshot(before.version, before.dump())

    def kept(version: str) -> bytes | None:
        with kept_in.reading() as ledger:
            return ledger.snapshot(version)

    shelf: PromptShelf = Shelf(after, kept)
    assert before.version != after.version
    assert shelf.current().version == after.version
    assert texts(shelf.version(after.version), Say("greeting")) == ["Good day from Larkfield Energy."]
    assert texts(shelf.version(before.version), Say("greeting")) == ["Thank you for calling Larkfield Energy."]
    assert shelf.version(before.version).version == before.version


def test_a_version_that_is_not_kept_any_more_is_the_newest(project: Path) -> None:
    newest = fresh(project)
    shelf: PromptShelf = Shelf(newest, lambda _version: None)
    with capture_logs() as logs:
        assert shelf.version("gone").version == newest.version
    assert [line["log_level"] for line in logs] == ["warning"]
