from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voicebot.config.prompts import Catalogue, LanguagePrompts, Shelf, Variant
from voicebot.config.speaking import Voice
from voicebot.dialogue.actions import Say
from voicebot.dialogue.spoken import Digits, Sounded, Words
from voicebot.ports.prompts import PromptShelf, Recording, SpokenText

VOICE = Voice("en_US", "en-US", "Ada")


def catalogue(**variants: list[str] | str) -> Catalogue:
    lists = {key.replace("__", "."): [texts] if isinstance(texts, str) else texts for key, texts in variants.items()}
    return Catalogue({"en": LanguagePrompts(VOICE, {key: tuple(map(Variant, texts)) for key, texts in lists.items()})})


def said(prompts: Catalogue, say: Say, language: str = "en") -> list[str]:
    return [one.text if isinstance(one, SpokenText) else one.name for one in prompts.utterances(say, language)]


def test_a_prompt_is_said_in_its_languages_voice() -> None:
    assert catalogue(greeting="Hello.").utterances(Say("greeting"), "en") == (SpokenText("Hello.", "en-US", "Ada"),)


@pytest.mark.parametrize(("attempt", "text"), [(0, "first"), (1, "first"), (2, "second"), (3, "second"), (99, "second")])
def test_each_attempt_has_its_wording_and_the_last_one_repeats(attempt: int, text: str) -> None:
    assert said(catalogue(ask=["first", "second"]), Say("ask", attempt)) == [text]


def test_a_fields_own_prompt_comes_before_the_general_one() -> None:
    prompts = catalogue(ask="Number?", pin__ask="PIN?")
    assert said(prompts, Say("pin.ask")) == ["PIN?"]
    assert said(prompts, Say("account_number.ask")) == ["Number?"]
    assert said(prompts, Say("parcels.pin.ask")) == ["PIN?"]


@pytest.mark.parametrize("prompt_id", ["whisper.verified", "unauthenticated.verified", "parcels.whisper.verified"])
def test_what_agents_hear_is_never_what_callers_hear(prompt_id: str) -> None:
    with capture_logs():
        assert said(catalogue(verified="Thank you."), Say(prompt_id)) == []


def test_places_are_filled_with_what_the_dialogue_gives() -> None:
    prompts = catalogue(confirm="I heard {digits} for {what}.", queue__sales="sales")
    say = Say("confirm", args=(("digits", Digits("042")), ("what", Sounded("queue.sales"))))
    assert said(prompts, say) == ["I heard 0, 4, 2 for sales."]


def test_peoples_data_are_never_read_as_places() -> None:
    say = Say("greeting", args=(("name", Words("{digits}")), ("digits", Digits("493817"))))
    assert said(catalogue(greeting="Hello {name}."), say) == ["Hello {digits}."]


def test_a_missing_prompt_is_silence_and_a_line_in_the_log() -> None:
    with capture_logs() as logs:
        assert said(catalogue(ask="x"), Say("greeting")) == []
        assert said(catalogue(ask="x"), Say("ask"), "da") == []
    assert [(line["prompt"], line["language"]) for line in logs] == [("greeting", "en"), ("ask", "da")]


def test_a_place_that_nothing_fills_is_left_out_and_logged_without_any_value() -> None:
    say = Say("greeting", args=(("digits", Digits("493817")),))
    with capture_logs() as logs:
        assert said(catalogue(greeting="Hello {name}"), say) == ["Hello"]
    assert "493817" not in str(logs)


def test_an_empty_wording_is_silence() -> None:
    assert said(catalogue(ask=["", "second"]), Say("ask")) == []


def test_a_version_is_the_hash_of_everything_in_it() -> None:
    assert catalogue(ask="a").version == catalogue(ask="a").version
    assert catalogue(ask="a").version != catalogue(ask="b").version
    other_voice = Catalogue({"en": LanguagePrompts(Voice("en_GB", "en-GB"), {"ask": (Variant("a"),)})})
    assert other_voice.version != catalogue(ask="a").version


def test_a_dumped_catalogue_is_the_same_when_it_comes_back() -> None:
    prompts = Catalogue({"en": LanguagePrompts(VOICE, {"hold": (Variant("è", "x.wav"), Variant("b"))})}, {"x.wav": b"\0\xff"})
    again = Catalogue.load(prompts.dump(), prompts.audio)
    assert again == prompts
    assert again.version == prompts.version
    assert again.utterances(Say("hold"), "en") == (Recording("x.wav"),)
    assert again.audio("x.wav") == b"\0\xff"
    assert again.audio("y.wav") is None


def test_the_shelf_gives_a_call_the_version_it_began_with() -> None:
    old, new = catalogue(ask="old"), catalogue(ask="new")
    asked: list[str] = []

    def kept(version: str) -> bytes | None:
        asked.append(version)
        return old.dump() if version == old.version else None

    shelf: PromptShelf = Shelf(new, kept)
    assert shelf.current() == new
    assert shelf.version(new.version) == new
    assert shelf.version(old.version) == old
    assert shelf.version(old.version) == old
    assert asked == [old.version]


def test_a_version_that_is_gone_is_the_newest_instead() -> None:
    new = catalogue(ask="new")
    with capture_logs() as logs:
        assert Shelf(new, lambda _: None).version("gone") == new
    assert logs[0]["version"] == "gone"


def test_versions_that_never_were_take_up_no_memory() -> None:
    shelf = Shelf(catalogue(ask="new"), lambda _: None)
    with capture_logs():
        for number in range(100):
            shelf.version(f"v{number}")
    assert len(shelf._known) == 1


def test_the_shipped_hold_music_goes_on_where_it_was(project: Path) -> None:
    from voicebot.config.prompt_files import load_catalogue

    prompts = load_catalogue(project / "prompts")
    pieces = [prompts.utterances(Say("hold", number), "en") for number in (1, 2, 3, 4)]
    assert len(set(pieces)) == 4
    for (piece,) in pieces:
        assert isinstance(piece, Recording)
        assert len(prompts.audio(piece.name) or b"") > 8 * 8000
