"""A model is found in a fixed order, never fetched, and its absence is explained."""

from pathlib import Path

import pytest

from voicebot.errors import ConfigError
from voicebot.speech.models import CHOSEN, NEEDED, candidates, choose, explain, find_model, read_catalogue, search_model, variable


def make_model(place: Path) -> Path:
    for needed in NEEDED:
        (place / needed).parent.mkdir(parents=True, exist_ok=True)
        (place / needed).touch()
    return place


def make_shelf(place: Path, entry: str) -> Path:
    place.mkdir(exist_ok=True)
    (place / "catalogue.toml").write_text(
        f'[xx]\nname = "shipped"\nsample_rate = 8000\nlicence = "none"\nsource = "a shop"\n{entry}', encoding="utf-8"
    )
    return place


def test_english_is_found_in_a_fresh_clone() -> None:
    search = search_model("en", {})
    assert search.path is not None
    assert search.path.name == "en-telephone"
    assert "en: can listen" in explain("en", {})


def test_the_named_one_comes_before_the_shipped_one(tmp_path: Path) -> None:
    shelf = make_shelf(tmp_path / "models", "")
    shipped, named = make_model(shelf / "shipped"), make_model(tmp_path / "named")
    assert find_model("xx", {}, shelf) == shipped.resolve()
    assert find_model("xx", {variable("xx"): str(named)}, shelf) == named.resolve()


def test_the_one_that_was_measured_to_be_better_comes_first_while_it_is_there(tmp_path: Path) -> None:
    shelf = make_shelf(tmp_path / "models", 'official = "of-vosk"')
    shipped, fetched = make_model(shelf / "shipped"), make_model(shelf / "of-vosk")
    assert candidates("xx", shelf) == [shipped, fetched]
    assert find_model("xx", {}, shelf) == shipped.resolve()
    choose("xx", "of-vosk", shelf)
    choose("yy", "another", shelf)
    assert find_model("xx", {}, shelf) == fetched.resolve()
    (fetched / "am" / "final.mdl").unlink()
    assert candidates("xx", shelf) == [shipped]
    assert find_model("xx", {}, shelf) == shipped.resolve()
    assert "lacks am/final.mdl" in search_model("xx", {}, shelf).tried[0]


@pytest.mark.parametrize("text", ["xx = ", 'xx = "../elsewhere"', 'xx = ""', "xx = 7"])
def test_a_choice_that_is_none_is_told_of_with_its_file(tmp_path: Path, text: str) -> None:
    shelf = make_shelf(tmp_path / "models", "")
    make_model(shelf / "shipped")
    (shelf / CHOSEN).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=CHOSEN):
        search_model("xx", {}, shelf)


def test_a_named_one_that_is_no_model_is_passed_over_and_said_so(tmp_path: Path) -> None:
    shelf = make_shelf(tmp_path / "models", "")
    named = make_model(tmp_path / "named")
    (named / "graph" / "HCLr.fst").unlink()
    assert find_model("xx", {variable("xx"): str(named)}, shelf) is None
    text = explain("xx", {variable("xx"): str(named)}, shelf)
    assert "xx: keypad only" in text
    assert "lacks graph/HCLr.fst" in text
    assert "bring shipped from a shop" in text


def test_a_package_is_found_without_being_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "carries_a_model"
    make_model(package / "model")
    (package / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    shelf = make_shelf(tmp_path / "models", 'package = "carries_a_model"')
    assert find_model("xx", {}, shelf) == (package / "model").resolve()


def test_a_package_that_is_not_installed_leaves_the_keypad(tmp_path: Path) -> None:
    shelf = make_shelf(tmp_path / "models", 'package = "no_such_package_at_all"')
    assert find_model("xx", {}, shelf) is None


def test_a_language_that_nobody_knows_is_keypad_only_and_says_how_to_change_that(tmp_path: Path) -> None:
    assert find_model("zz", {}, tmp_path) is None
    assert "set VOICEBOT_MODEL_ZZ" in explain("zz", {}, tmp_path)


def test_a_wrong_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text('[xx]\ncolour = "red"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"catalogue\.toml"):
        read_catalogue(tmp_path)
