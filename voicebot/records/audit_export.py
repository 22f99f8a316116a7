"""The audit as a file of its own, one JSON object a line, whose chain anybody can compute again; its end is signed with our keys.

Each line holds what the chain is made of (the ciphertext), and beside it what that says. It holds no secret: the audit has none.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from voicebot.errors import KeyringError, StoreError
from voicebot.records.audit import SIGNING, chain_holds, link_of
from voicebot.records.schema import audit
from voicebot.records.store import SqlStore

FORMAT = "voicebot audit 1"
NOT_ALL = "the last line is not the signed end: the file was cut off"


@dataclass(frozen=True)
class Verified:
    """`rows` that hold; `trouble` is the first thing that does not, and empty if all do. `known`: signed with our own keys."""

    rows: int
    trouble: str = ""
    known: bool = False


def exported(store: SqlStore) -> Iterator[str]:
    """The lines, oldest first, without line ends. Raises StoreError where the record itself is not whole."""
    with store.viewing() as books:
        if not chain_holds(books):
            raise StoreError("the audit is not whole: lines were changed, left out or cut off (customers audit)")
        yield _line({"format": FORMAT})
        number, last = 0, b""
        for row in books.rows(select(audit).order_by(audit.c.number)):
            says = books.open_for_house(row.sealed, f"audit:{row.number}")
            sealed = base64.b64encode(row.sealed).decode()
            number, last = row.number, row.hash
            told = {"number": number, "at": row.at.isoformat(), "what": row.what, "blind": row.customer, "sealed": sealed}
            yield _line(told | {"hash": last.hex(), "says": says})
        signature = books.keyring.token(SIGNING, str(number), last.hex())
        yield _line({"rows": number, "hash": last.hex(), "signature": signature})


def verified(lines: Iterable[str], store: SqlStore) -> Verified:
    """Whether a file holds: the chain, its signed end, and that what each line says is what is sealed in it."""
    number, last, end = 0, b"", None
    for place, text in enumerate(lines, 1):
        try:
            told = json.loads(text)
            if place == 1:
                if told.get("format") != FORMAT:
                    return Verified(0, f"this is no export of an audit: its first line does not say {FORMAT!r}")
            elif end is not None:
                return Verified(number, f"line {place} comes after the end")
            elif "signature" in told:
                end = told
            else:
                number, last = _next(store, told, number, last)
        except (ValueError, KeyError, TypeError, AttributeError, KeyringError):
            return Verified(number, f"line {place} is not what was written")
    if end is None or (end["rows"], end["hash"]) != (number, last.hex()):
        return Verified(number, NOT_ALL)
    with store.viewing() as books:
        known = books.keyring.token_fits(end["signature"], SIGNING, str(number), last.hex())
    return Verified(number, "" if known else "its end is not signed with the keys of this house", known)


def _next(store: SqlStore, told: dict[str, Any], number: int, last: bytes) -> tuple[int, bytes]:
    """The chain with one row more. Raises ValueError where the row does not fit."""
    sealed, at = base64.b64decode(told["sealed"], validate=True), datetime.fromisoformat(told["at"])
    link = link_of(last, number + 1, at, told["what"], told["blind"], sealed)
    if (told["number"], told["hash"]) != (number + 1, link.hex()):
        raise ValueError("it does not fit the row before")
    with store.viewing() as books:
        if books.open_for_house(sealed, f"audit:{number + 1}") != told["says"]:
            raise ValueError("it says something else than what is sealed")
    return number + 1, link


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True)
