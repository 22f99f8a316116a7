"""The page on which prompts are read, heard and changed. Supervisors look; who looks after the house changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from voicebot.config.prompting import NO_SUCH_PROMPT, Prompting, Wording
from voicebot.config.prompts import Variant
from voicebot.config.wording import MOST_VARIANTS
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access, admits
from voicebot.ports.prompt_edits import PromptEdit

if TYPE_CHECKING:
    from voicebot.desk.room import DeskHouse

UPLOADS = "/prompts/"  # the path below which recordings are sent
A_YEAR = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Row:
    """One prompt in the list: what it says in each language, and where that is not what its file says."""

    prompt_id: str
    said: Mapping[str, tuple[Variant, ...]]
    changed: frozenset[str]


class PromptPages:
    """The views."""

    def __init__(self, house: "DeskHouse") -> None:
        self._prompting = house.prompting

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may open them."""
        one = f"{UPLOADS}<language>/<prompt_id>"
        room.add_url_rule("/prompts", "prompts", self.overall)
        room.add_url_rule(one, "prompt", self.one)
        room.add_url_rule(one, "change_prompt", self.change, methods=["POST"])
        room.add_url_rule(f"{one}/restore", "restore_prompt", self.restore, methods=["POST"])
        room.add_url_rule("/prompts/audio/<name>", "prompt_audio", self.audio)
        supervisors = dict.fromkeys(("prompts", "prompt", "prompt_audio"), Access.SUPERVISOR)
        return {**supervisors, **dict.fromkeys(("change_prompt", "restore_prompt"), Access.ADMIN)}

    def overall(self) -> str:
        """All prompts by id, and what some line would miss."""
        asked = request.args
        sought, missing = asked.get("sought", "").strip().lower(), "missing" in asked
        prompting = self._prompting
        languages = tuple(prompting.catalogue().languages)
        rows = [row for row in _rows(prompting) if _is_sought(row, sought) and not (missing and len(row.said) == len(languages))]
        return render_template(
            "desk/prompts.html", rows=rows, languages=languages, complaints=prompting.complaints(), sought=sought, missing=missing
        )

    def one(self, language: str, prompt_id: str) -> str:
        """What it says, what it said, and a form for who may change it."""
        return self._page(language, prompt_id)

    def change(self, language: str, prompt_id: str) -> tuple[str, int] | AnyResponse:
        """A new version, or what is against it; nothing that was typed is lost."""
        wordings = list(_wordings())
        by = signed_in().person.name
        against = self._prompting.change(by, language, prompt_id, _number("number"), wordings)
        if against == NO_SUCH_PROMPT:
            abort(404)
        if against:
            typed = [Variant(wording.text, wording.recording) for wording in wordings]
            return self._page(language, prompt_id, against, typed), 409
        return redirect(url_for("desk.prompt", language=language, prompt_id=prompt_id), 303)

    def restore(self, language: str, prompt_id: str) -> tuple[str, int] | AnyResponse:
        """An older version again."""
        by = signed_in().person.name
        against = self._prompting.restore(by, language, prompt_id, _number("number"), _number("version"))
        if against == NO_SUCH_PROMPT:
            abort(404)
        if against:
            return self._page(language, prompt_id, against), 409
        return redirect(url_for("desk.prompt", language=language, prompt_id=prompt_id), 303)

    def audio(self, name: str) -> Response:
        """A recording, under the hash of its content."""
        wav = self._prompting.audio(name)
        if wav is None:
            abort(404)
        response = Response(wav, content_type="audio/wav")
        response.headers["Cache-Control"] = A_YEAR
        return response

    def _page(self, language: str, prompt_id: str, trouble: str = "", typed: list[Variant] | None = None) -> str:
        versions = self._prompting.versions(language, prompt_id)
        if not versions:
            abort(404)
        prompts = self._prompting.catalogue().languages[language]
        variants = typed if typed is not None else list(prompts.variants.get(prompt_id, ()))
        return render_template(
            "desk/prompt.html", language=language, prompt_id=prompt_id, versions=[_shown(one, versions[-1]) for one in versions],
            number=versions[0].number, variants=variants or [Variant("")], room_for_more=len(variants) < MOST_VARIANTS,
            trouble=trouble, places=self._prompting.places(prompt_id), speaks=prompts.voice.language,
            may_change=admits(Access.ADMIN, signed_in().person.roles),
        )  # fmt: skip


def _shown(edit: PromptEdit, file: PromptEdit) -> tuple[PromptEdit, tuple[tuple[str, str], ...]]:
    """A version with what it says: text and recording of each attempt. One without any says what the file says."""
    told = edit if edit.texts or edit.number == 0 else file
    return edit, tuple(zip(told.texts, told.recordings, strict=True))


def _rows(prompting: Prompting) -> Iterator[Row]:
    languages = prompting.catalogue().languages
    changed = prompting.changed()
    for prompt_id in sorted({prompt_id for prompts in languages.values() for prompt_id in prompts.variants}):
        said = {name: found for name, prompts in languages.items() if (found := prompts.variants.get(prompt_id))}
        yield Row(prompt_id, said, frozenset(name for name in languages if (name, prompt_id) in changed))


def _is_sought(row: Row, sought: str) -> bool:
    texts = (variant.text.lower() for variants in row.said.values() for variant in variants)
    return sought in row.prompt_id or any(sought in text for text in texts)


def _wordings() -> Iterator[Wording]:
    """What was typed, attempt by attempt; one that was left empty altogether is none, unless it is the only one."""
    form, files = request.form, request.files
    texts = form.getlist("text")[: MOST_VARIANTS + 1]
    for index, text in enumerate(texts):
        upload = _sent(files.get(f"upload_{index}"))
        recording = "" if form.get(f"drop_{index}") else form.get(f"recording_{index}", "")
        plain = " ".join(text.split())
        if plain or recording or upload or len(texts) == 1:
            yield Wording(plain, recording, upload)


def _sent(file: FileStorage | None) -> bytes:
    if file is None:
        return b""
    with file.stream as content:
        return content.read()


def _number(name: str) -> int:
    number = request.form.get(name, "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        abort(400)
    return int(number)
