"""The port `PromptEdits`. What is said to everybody is no secret, so it lies open; recordings lie by their content's hash."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, select

from voicebot.ports.prompt_edits import PromptEdit
from voicebot.records import snapshots
from voicebot.records.schema import prompt_edits as table
from voicebot.records.store import SqlStore


class SqlPromptEdits:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def count(self) -> int:
        """Of all prompts."""
        with self._store.viewing() as books:
            return int(books.rows(select(func.count()).select_from(table)).scalar_one())

    def newest(self) -> tuple[PromptEdit, ...]:
        """By language and id."""
        last = select(table.c.language, table.c.prompt_id, func.max(table.c.number).label("number"))
        last_of = last.group_by(table.c.language, table.c.prompt_id).subquery()
        same = [table.c[name] == last_of.c[name] for name in ("language", "prompt_id", "number")]
        chosen = select(table).join(last_of, same[0] & same[1] & same[2]).order_by(table.c.language, table.c.prompt_id)
        with self._store.viewing() as books:
            return tuple(map(_told, books.rows(chosen)))

    def of_prompt(self, language: str, prompt_id: str) -> tuple[PromptEdit, ...]:
        """Oldest first."""
        mine = table.c.language == language, table.c.prompt_id == prompt_id
        with self._store.viewing() as books:
            return tuple(map(_told, books.rows(select(table).where(*mine).order_by(table.c.number))))

    def keep(self, edit: PromptEdit, audio: Mapping[str, bytes]) -> bool:
        """All of it or nothing."""
        row = {
            "language": edit.language, "prompt_id": edit.prompt_id, "number": edit.number, "by": edit.by, "at": edit.at,
            "content": json.dumps([list(edit.texts), list(edit.recordings)], ensure_ascii=False),
        }  # fmt: skip
        with self._store.writing() as books:
            new = books.insert(table).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
            if books.write(new).rowcount != 1:
                return False
            for name, wav in audio.items():
                snapshots.put(books, name, wav)
            return True

    def audio(self, name: str) -> bytes | None:
        """By the hash of its content."""
        with self._store.viewing() as books:
            return snapshots.get(books, name)


def _told(row: Row[Any]) -> PromptEdit:
    texts, recordings = json.loads(row.content)
    return PromptEdit(row.language, row.prompt_id, row.number, row.by, row.at, tuple(texts), tuple(recordings))
