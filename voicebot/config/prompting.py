"""Prompts are changed while the house is open: the files, and over them what was changed since, each change a new version.

A call keeps the catalogue that it began with; one that begins after a change hears it. Nothing is changed by halves: what a
line would miss then, or what could not be said, is refused in words.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from voicebot.config.company import Company
from voicebot.config.lint import check_prompts, fills
from voicebot.config.prompts import Catalogue, Shelf, Variant
from voicebot.config.transcoding import for_telephone
from voicebot.config.wording import MOST_VARIANTS, PLACE, fault_of_text
from voicebot.errors import ConfigError
from voicebot.ports.prompt_edits import PromptEdit, PromptEdits

CHANGED_MEANWHILE = "Somebody else has changed this prompt meanwhile. What they wrote stands below; yours was not kept."
NO_SUCH_PROMPT = "There is no such prompt."
NO_SUCH_RECORDING = "There is no such recording. Reload the page and send it again."

RECORDING = re.compile(r"[0-9a-f]{32}\.wav")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Wording:
    """One attempt's text, and what it is said with: a new recording, the name of one that there is, or the voice."""

    text: str
    recording: str = ""
    upload: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class PromptsPlan:
    """`files`: the catalogue as it was read. `keep` stores one for the calls that begin with it."""

    files: Catalogue
    company: Company
    edits: PromptEdits
    shelf: Shelf
    keep: Callable[[Catalogue], None]
    now: Callable[[], datetime]


class Prompting:
    """What the prompt page asks and does."""

    def __init__(self, plan: PromptsPlan) -> None:
        self._plan = plan
        self._seen = 0

    def refresh(self) -> None:
        """Take up what was changed since, in this process or in another one. Cheap where nothing was."""
        count = self._plan.edits.count()
        if count != self._seen:
            self._take_up(edited(self._plan.files, self._plan.edits.newest(), self._plan.edits.audio))
            self._seen = count

    def catalogue(self) -> Catalogue:
        """As a call that begins now hears it."""
        return self._plan.shelf.current()

    def complaints(self) -> list[str]:
        """What some line would miss, a sentence each."""
        return check_prompts(self._plan.company, self.catalogue())

    def versions(self, language: str, prompt_id: str) -> tuple[PromptEdit, ...]:
        """All of one prompt, the newest first, down to its file (number 0, by nobody). Nothing where there is no such prompt."""
        if not self._is_known(language, prompt_id):
            return ()
        variants = self._plan.files.languages[language].variants.get(prompt_id, ())
        file = _edit(language, prompt_id, 0, "", self._plan.now(), variants)
        return (*reversed(self._plan.edits.of_prompt(language, prompt_id)), file)

    def change(self, by: str, language: str, prompt_id: str, number: int, wordings: Sequence[Wording]) -> str:
        """A new version after `number`, the one that the page had shown. Gives what is against it, in words, or nothing."""
        if not self._is_known(language, prompt_id):
            return NO_SUCH_PROMPT
        if any(wording.recording and self.audio(wording.recording) is None for wording in wordings):
            return NO_SUCH_RECORDING
        try:
            variants, audio = _taken(wordings)
        except ConfigError as wrong:
            return str(wrong)
        edit = _edit(language, prompt_id, number + 1, by, self._plan.now(), variants)
        return self._would_miss(edit, audio) or self._kept(edit, audio)

    def restore(self, by: str, language: str, prompt_id: str, number: int, version: int) -> str:
        """An older version again, as a new one."""
        old = next((one for one in self.versions(language, prompt_id) if one.number == version), None)
        if old is None:
            return NO_SUCH_PROMPT
        variants = () if version == 0 else tuple(map(Variant, old.texts, old.recordings))
        edit = _edit(language, prompt_id, number + 1, by, self._plan.now(), variants)
        return self._would_miss(edit, {}) or self._kept(edit, {})

    def changed(self) -> frozenset[tuple[str, str]]:
        """Language and id of the prompts that do not say what their files say."""
        return frozenset((one.language, one.prompt_id) for one in self._plan.edits.newest() if one.texts)

    def places(self, prompt_id: str) -> tuple[str, ...]:
        """What may be filled into this prompt's text."""
        return tuple(sorted(fills(prompt_id)))

    def audio(self, name: str) -> bytes | None:
        """A recording of any version. Other things are kept under other names, and are nobody's to hear."""
        if not RECORDING.fullmatch(name):
            return None
        return self._plan.files.audio(name) or self._plan.edits.audio(name)

    def _is_known(self, language: str, prompt_id: str) -> bool:
        languages = self._plan.files.languages
        return language in languages and any(prompt_id in prompts.variants for prompts in languages.values())

    def _would_miss(self, edit: PromptEdit, audio: dict[str, bytes]) -> str:
        """What would be wrong with the prompts then that is not wrong with them now."""
        kept = self._plan.edits.audio
        after = edited(self._plan.files, [*self._others(edit), edit], lambda name: audio.get(name) or kept(name))
        new = set(check_prompts(self._plan.company, after)) - set(self.complaints())
        return " ".join(sorted(new))

    def _others(self, edit: PromptEdit) -> list[PromptEdit]:
        mine = (edit.language, edit.prompt_id)
        return [one for one in self._plan.edits.newest() if (one.language, one.prompt_id) != mine]

    def _kept(self, edit: PromptEdit, audio: dict[str, bytes]) -> str:
        if not self._plan.edits.keep(edit, audio):
            return CHANGED_MEANWHILE
        log.info("prompt changed", language=edit.language, prompt=edit.prompt_id, number=edit.number)
        self.refresh()
        return ""

    def _take_up(self, catalogue: Catalogue) -> None:
        self._plan.keep(catalogue)
        self._plan.shelf.renew(catalogue)


def edited(files: Catalogue, edits: Iterable[PromptEdit], audio: Callable[[str], bytes | None]) -> Catalogue:
    """The files' catalogue with these changes over it. One of a language that the files have no more changes nothing."""
    languages, recordings = dict(files.languages), dict(files.recordings)
    for edit in edits:
        if edit.language not in languages or not edit.texts:
            continue
        variants = tuple(map(Variant, edit.texts, edit.recordings))
        prompts = languages[edit.language]
        languages[edit.language] = replace(prompts, variants={**prompts.variants, edit.prompt_id: variants})
        found = {name: audio(name) for name in edit.recordings if name and name not in recordings}
        recordings |= {name: wav for name, wav in found.items() if wav is not None}
    return Catalogue(languages, recordings)


def _edit(language: str, prompt_id: str, number: int, by: str, at: datetime, variants: Sequence[Variant]) -> PromptEdit:
    texts, recordings = zip(*((one.text, one.recording) for one in variants), strict=True) if variants else ((), ())
    return PromptEdit(language, prompt_id, number, by, at, texts, recordings)


def _taken(wordings: Sequence[Wording]) -> tuple[tuple[Variant, ...], dict[str, bytes]]:
    """Wordings as variants, and new recordings by name. Raises ConfigError with the attempt and what is wrong with it."""
    if not wordings or len(wordings) > MOST_VARIANTS:
        raise ConfigError(f"A prompt has 1 to {MOST_VARIANTS} texts; leave what it says empty to have it say nothing.")
    variants, audio = [], dict[str, bytes]()
    for attempt, wording in enumerate(wordings, 1):
        if fault := fault_of_text(wording.text):
            raise ConfigError(f"Text {attempt}: {fault}.")
        name = wording.recording
        if wording.upload:
            name, audio_of = _named(wording.upload, attempt)
            audio |= audio_of
        if name and PLACE.search(wording.text):
            raise ConfigError(f"Text {attempt}: has places to fill, which a recording has not.")
        variants.append(Variant(wording.text, name))
    return tuple(variants), audio


def _named(upload: bytes, attempt: int) -> tuple[str, dict[str, bytes]]:
    try:
        wav = for_telephone(upload)
    except ConfigError as wrong:
        raise ConfigError(f"Recording {attempt}: {wrong}.") from None
    name = f"{hashlib.sha256(wav).hexdigest()[:32]}.wav"
    return name, {name: wav}
