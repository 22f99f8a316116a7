"""Brings a customer file into the embedded table: check all, hash the secrets, then make them count. All or nothing.

The staging table is in memory and never sees a secret: secrets are read from the file only to be hashed.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from voicebot.dialogue.values import Secret
from voicebot.ports.secrets import HashSecrets, SecretOf, Strength, Weigh
from voicebot.records.customer_draft import Draft, drafting, sweep_drafts
from voicebot.records.customer_editions import turn_to_write
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_merge import merge
from voicebot.records.customer_open import open_sheet
from voicebot.records.customer_staging import Staged, WeakSecrets, stage
from voicebot.records.store import SqlStore

HashSecret = Callable[[str, str, Secret], str]  # (customer id, field, secret) -> hash
Progress = Callable[[int, int], None]  # (customers done, customers in all)


def any_will_do(secret: Secret, numbers: Sequence[str] = (), days: Sequence[str] = ()) -> Strength:
    """Weighs nothing."""
    del secret, numbers, days
    return Strength.GOOD


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ImportTools:
    """What an import needs from others. `drafts`: where hashes are kept that are made already; None: nowhere."""

    hash_secrets: HashSecrets
    progress: Progress
    weigh: Weigh = any_will_do
    weak: WeakSecrets = WeakSecrets.WARN
    drafts: Path | None = None
    who: str = "voicebot"
    now: Callable[[], datetime] = _now


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, in customers. `warnings` are sentences about the file."""

    added: int
    updated: int
    removed: int
    warnings: tuple[str, ...] = ()


def import_customers(store: SqlStore, source: Path, plan: ImportPlan, tools: ImportTools) -> ImportSummary:
    """Upsert by customer id; customers not in the file go only with `plan.replace`. Raises ImportRefused, nothing changed."""
    sheet = open_sheet(source, plan)
    database = sqlite_utils.Database(memory=True, execute_plugins=False)
    try:
        staged = stage(database, sheet, plan, tools.weigh, tools.weak)
        with _drafting(store, staged, tools) as draft:
            _stage_hashes(staged, tools, draft)
            with turn_to_write(store, tools.now) as turn:
                merged = merge(turn, staged, tools.who)
    finally:
        database.close()
    return ImportSummary(merged.added, merged.updated, merged.removed, tuple(staged.warnings()))


def one_by_one(hash_secret: HashSecret) -> HashSecrets:
    """`HashSecrets` of a function for one."""

    def hash_secrets(secrets: Iterable[SecretOf]) -> Iterator[str]:
        return (hash_secret(one.customer_id, one.field, one.secret) for one in secrets)

    return hash_secrets


@contextmanager
def _drafting(store: SqlStore, staged: Staged, tools: ImportTools) -> Iterator[Draft | None]:
    if tools.drafts is None or not staged.secret_columns:
        yield None
        return
    sweep_drafts(tools.drafts, tools.now())
    with store.viewing() as books:
        keyring, key = books.keyring, books.table_key
    with drafting(tools.drafts, keyring, key, staged.sheet.content, staged.plan) as draft:
        yield draft


def _stage_hashes(staged: Staged, tools: ImportTools, draft: Draft | None) -> None:
    """The slow part, after everything is known to be right. What a draft has is not hashed again."""
    made = draft.made if draft else {}
    total = staged.count
    on_their_way: deque[tuple[int, int, str]] = deque()  # number of the customer, line, field
    tools.progress(len({line for line, _ in made}), total)

    def missing() -> Iterator[SecretOf]:
        for number, (line, secrets) in enumerate(staged.secrets(), start=1):
            for one in secrets:
                if (line, one.field) not in made:
                    on_their_way.append((number, line, one.field))
                    yield one

    def rows() -> Iterator[dict[str, Any]]:
        yield from ({"line": line, "field": name, "hashed": hashed} for (line, name), hashed in made.items())
        for hashed in tools.hash_secrets(missing()):
            number, line, name = on_their_way.popleft()
            if draft:
                draft.add(line, name, hashed)
            tools.progress(number, total)
            yield {"line": line, "field": name, "hashed": hashed}

    staged.database.table("hashes").insert_all(rows())
    if draft:
        draft.flush()
    tools.progress(total, total)
