"""Finds the recognition model of a language on this machine, and says so in plain words. Never downloads anything.

The order: the directory named in `VOICEBOT_MODEL_<LANGUAGE>`, the one that `model choose` found to be the best, `models/<name>`
as the catalogue names it, Vosk's own if it was fetched, the Python package that the catalogue names. None of them: the language
is keypad only.
"""

import importlib.util
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicebot.errors import ConfigError

MODELS = Path(__file__).resolve().parents[2] / "models"
CHOSEN = "chosen.toml"  # language = "directory", beside the models
# What a model of Vosk's dynamic kind must hold; one with a fixed graph (HCLG.fst) cannot be given a grammar.
NEEDED = ("am/final.mdl", "conf/model.conf", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst")


@dataclass(frozen=True)
class CatalogueEntry:
    """What the catalogue says about a language's model. `official` is Vosk's own, which `model fetch` brings."""

    name: str
    sample_rate: int
    licence: str
    source: str
    package: str = ""
    official: str = ""


@dataclass(frozen=True)
class Search:
    """What came of looking for a model: where it is, or for each place why it is not there."""

    language: str
    path: Path | None
    found_as: str = ""
    tried: tuple[str, ...] = ()


def read_catalogue(models: Path = MODELS) -> dict[str, CatalogueEntry]:
    """The catalogue by language. Raises ConfigError where it is wrong; an absent file is an empty catalogue."""
    path = models / "catalogue.toml"
    if not path.is_file():
        return {}
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
        return {language: CatalogueEntry(**entry) for language, entry in plain.items()}
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise ConfigError(f"{path.name}: {error}") from error


def search_model(language: str, environ: Mapping[str, str] | None = None, models: Path = MODELS) -> Search:
    """Look for a language's model in every place, in order."""
    environ = os.environ if environ is None else environ
    tried: list[str] = []
    entry = read_catalogue(models).get(language)
    for place, path in _places(language, entry, environ, models):
        if path is None:
            tried.append(f"{place}: not there")
        elif missing := [needed for needed in NEEDED if not (path / needed).is_file()]:
            tried.append(f"{place}: {path} lacks {missing[0]}")
        else:
            return Search(language, path.resolve(), place, tuple(tried))
    return Search(language, None, tried=tuple(tried))


def find_model(language: str, environ: Mapping[str, str] | None = None, models: Path = MODELS) -> Path | None:
    """The model's directory, or None: that language is keypad only."""
    return search_model(language, environ, models).path


def candidates(language: str, models: Path = MODELS) -> list[Path]:
    """All models of a language that are here and whole, as the catalogue has them; the bundled one first."""
    entry = read_catalogue(models).get(language)
    names = [] if entry is None else [name for name in (entry.name, entry.official) if name]
    found = [models / name for name in dict.fromkeys(names)]
    return [path for path in found if all((path / needed).is_file() for needed in NEEDED)]


def choose(language: str, name: str, models: Path = MODELS) -> None:
    """Have this directory looked at first from now on. The file is replaced as a whole."""
    chosen = _chosen(models) | {language: name}
    lines = ["# The models that listen, by language, as `model choose` measured them. Without this file: the bundled ones."]
    lines += [f"{known} = {json.dumps(directory)}" for known, directory in sorted(chosen.items())]
    part = models / f".{CHOSEN}.part"
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(models / CHOSEN)


def _chosen(models: Path) -> dict[str, str]:
    path = models / CHOSEN
    if not path.is_file():
        return {}
    try:
        chosen = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    for language, name in chosen.items():
        if not isinstance(name, str) or not name or Path(name).name != name:
            raise ConfigError(f"{path}: {language} must be the name of a directory beside this file")
    return chosen


def explain(language: str, environ: Mapping[str, str] | None = None, models: Path = MODELS) -> str:
    """One sentence or two for the operator: whether this language can listen, with what, and how to mend it if not."""
    search = search_model(language, environ, models)
    if search.path is not None:
        return f"{language}: can listen, with the model in {search.path} ({search.found_as})"
    entry = read_catalogue(models).get(language)
    mend = f"set {variable(language)} to the directory of a Vosk model with a dynamic graph"
    if entry is not None:
        mend = f"bring {entry.name} from {entry.source}, or {mend}"
    return f"{language}: keypad only, there is no recognition model ({'; '.join(search.tried)}); to listen, {mend}"


def variable(language: str) -> str:
    """The environment variable that names a language's model."""
    return f"VOICEBOT_MODEL_{language.upper().replace('-', '_')}"


def _places(
    language: str, entry: CatalogueEntry | None, environ: Mapping[str, str], models: Path
) -> list[tuple[str, Path | None]]:
    named = environ.get(variable(language))
    places: list[tuple[str, Path | None]] = [(variable(language), Path(named))] if named else []
    if entry is None:
        return [*places, ("the catalogue", None)]
    for name in dict.fromkeys(filter(None, (_chosen(models).get(language), entry.name, entry.official))):
        directory = models / name
        places.append((f"models/{name}", directory if directory.is_dir() else None))
    if entry.package:
        places.append((f"the package {entry.package}", _package_directory(entry.package)))
    return places


def _package_directory(package: str) -> Path | None:
    """The model inside an installed package: its own directory, or the one below it that holds `am/`. Imports nothing."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    base = Path(next(iter(spec.submodule_search_locations)))
    found = sorted(path.parent.parent for path in base.glob("**/am/final.mdl"))
    return found[0] if found else base
