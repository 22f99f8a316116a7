"""Reads `prompts/<language>/*.toml` and the recordings beside them into a catalogue, and names everything that is wrong there.

Must not know which prompts a company needs: that is `lint`'s.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from babel import Locale, UnknownLocaleError

from voicebot.config.prompts import Catalogue, LanguagePrompts, Variant
from voicebot.config.recordings import fault_of
from voicebot.config.speaking import Voice
from voicebot.config.tables import Complaints, Table
from voicebot.config.wording import PLACE, fault_of_text

VOICE_FILE = "voice.toml"
LANGUAGE_DIR = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
Variants: TypeAlias = dict[str, tuple[Variant, ...]]


def load_catalogue(directory: Path) -> Catalogue:
    """Every language in a directory of prompts. Raises ConfigError with everything that is wrong, by file and key."""
    wrong = Complaints(directory.name)
    recordings: dict[str, bytes] = {}
    languages = {
        place.name: _load_language(place, recordings, wrong)
        for place in sorted(directory.iterdir() if directory.is_dir() else ())
        if place.is_dir() and LANGUAGE_DIR.fullmatch(place.name)
    }
    if not languages:
        wrong.add("", f"{directory} holds no language (a directory like en with prompts in it)")
    wrong.raise_if_any()
    return Catalogue(languages, recordings)


def _load_language(place: Path, recordings: dict[str, bytes], wrong: Complaints) -> LanguagePrompts:
    variants: Variants = {}
    for path in sorted(place.glob("*.toml")):
        if path.name == VOICE_FILE:
            continue
        complaints = Complaints(f"{wrong.file}/{place.name}/{path.name}")
        for prompt_id, texts in _texts(Table.of_file(path, complaints), complaints).items():
            if prompt_id in variants:
                complaints.add(prompt_id, "stands in another file of this language already")
            variants[prompt_id] = tuple(map(Variant, texts))
        wrong.found += complaints.found
    _add_recordings(place, variants, recordings, wrong)
    return LanguagePrompts(_load_voice(place, wrong), variants)


def _load_voice(place: Path, wrong: Complaints) -> Voice:
    complaints = Complaints(f"{wrong.file}/{place.name}/{VOICE_FILE}")
    table = Table.of_file(place / VOICE_FILE, complaints)
    voice = Voice(
        locale=table.text("locale"),
        language=table.text("language", like=r"[a-z]{2,3}-[A-Z]{2}", what='like "en-US"'),
        voice=table.text("voice", ""),
        digit_separator=str(table.raw("digit_separator", ", ")),
        block_separator=str(table.raw("block_separator", ". ")),
        digit_words=list(table.texts("digit_words", ())),
        money=_money(table),
    )
    if voice.digit_words and len(voice.digit_words) != 10:
        table.wrong("digit_words", "must be ten words, for 0 to 9")
    try:
        Locale.parse(voice.locale)
    except (ValueError, UnknownLocaleError):
        table.wrong("locale", f'must be a locale like "en_US", not "{voice.locale}"')
    table.close()
    wrong.found += complaints.found
    return voice


def _money(table: Table) -> dict[str, list[str]]:
    """Wordings by currency: one for whole amounts, then one with `{part}`."""
    found: dict[str, list[str]] = {}
    plain = table.raw("money", {})
    if not isinstance(plain, dict):
        table.wrong("money", "must be a table")
        return found
    for currency, texts in plain.items():
        wordings = [texts] if isinstance(texts, str) else texts
        fit = isinstance(wordings, list) and 1 <= len(wordings) <= 2 and all(isinstance(text, str) for text in wordings)
        if not (fit and all("{whole}" in text for text in wordings) and "{part}" not in wordings[0]):
            table.wrong(f"money.{currency}", 'must be like ["{whole} kroner", "{whole} kroner og {part} øre"], then with parts')
            continue
        found[currency] = wordings
    return found


def _texts(table: Table, complaints: Complaints) -> dict[str, list[str]]:
    """Prompts of one file by id: `account_number.ask = "…"`, or a list with one wording per attempt."""
    found: dict[str, list[str]] = {}

    def walk(key: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                walk(f"{key}.{name}" if key else name, inner)
            return
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            complaints.add(key, 'must be text, or a list with a text for each attempt ["first", "second"]')
            return
        for fault in filter(None, map(fault_of_text, texts)):
            complaints.add(key, fault)
        found[key] = texts

    for name in table.names():
        walk(name, table.raw(name))
    return found


def _add_recordings(place: Path, variants: Variants, recordings: dict[str, bytes], wrong: Complaints) -> None:
    """`greeting.wav` is the recording of `greeting`, `greeting.2.wav` of its second attempt. The text stays beside it."""
    for path in sorted(place.glob("*.wav")):
        prompt_id, _, number = path.stem.rpartition(".")
        prompt_id, attempt = (prompt_id, int(number)) if number.isdecimal() else (path.stem, 1)
        wav = path.read_bytes()
        if fault := fault_of(wav) or _misplaced(prompt_id, attempt, variants.get(prompt_id)):
            wrong.found.append(f"{wrong.file}/{place.name}/{path.name}: {fault}")
            continue
        name = f"{hashlib.sha256(wav).hexdigest()[:32]}.wav"
        recordings[name] = wav
        known = variants[prompt_id]
        recorded = replace(known[min(attempt, len(known)) - 1], recording=name)
        variants[prompt_id] = (*known[: attempt - 1], recorded, *known[attempt:])


def _misplaced(prompt_id: str, attempt: int, known: tuple[Variant, ...] | None) -> str:
    """Why a recording cannot stand for this attempt of this prompt, in words; empty if it can."""
    if known is None:
        return f"belongs to no prompt: there is no text of {prompt_id}"
    if not 1 <= attempt <= len(known) + 1:
        return f"is number {attempt}, but number {len(known) + 1} is missing"
    if PLACE.search(known[min(attempt, len(known)) - 1].text):
        return f"cannot be played: the text of {prompt_id} has places to fill, which a recording has not"
    return ""
