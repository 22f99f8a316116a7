"""Calls, their legs and documents. State and verbs lie here as ciphertext under the call's own key."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import insert, select, update

from voicebot.dialogue.actions import Verb
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.codec import from_plain, to_plain
from voicebot.dialogue.forms import LinePlan
from voicebot.errors import StoreError, VersionConflict
from voicebot.ports.store import KeptCall, Leg, LegRole
from voicebot.records import interaction_rows, snapshots
from voicebot.records.books import Books, as_json, key_about
from voicebot.records.schema import calls, documents, legs

_PLANS_KEPT = 256


def open_call(books: Books, call: Call, leg: Leg | None, prompts: str, at: datetime) -> None:
    """A new call with its first leg, if it has one yet. VersionConflict if its id is taken."""
    plan = keep_plan(books, call.line)
    data_key = books.keyring.new_data_key()
    books.data_keys[call.id] = data_key
    row = {
        "id": call.id,
        "version": 1,
        "seq": 0,
        "stage": call.stage.value,
        "prompts": prompts,
        "plan": plan,
        "started_at": at,
        "wrapped_key": books.keyring.wrap(data_key, key_about(call.id)),
        "sealed": books.seal_for_call(call.id, call.to_dict(), "state:1"),
        "entries": 0,
        "head": b"",
    }
    books.write(insert(calls).values(row))
    interaction_rows.open_row(books, call, at)
    if leg is not None:
        add_leg(books, leg)


def load_call(books: Books, call_id: str) -> KeptCall | None:
    """The call as last saved; None where it is unknown or erased."""
    row = books.rows(select(calls).where(calls.c.id == call_id)).one_or_none()
    if row is None or row.wrapped_key is None:
        return None
    plain = books.open_for_call(call_id, row.sealed, f"state:{row.version}")
    call = Call.from_dict(plain, plan_of(books, row.plan))
    return KeptCall(call, row.version, row.seq, row.prompts)


def open_calls(books: Books, since: datetime) -> list[str]:
    """Those that began since then and have not ended, oldest first."""
    chosen = select(calls.c.id).where(calls.c.started_at >= since, calls.c.stage != Stage.ENDED.value)
    return [row.id for row in books.rows(chosen.order_by(calls.c.started_at))]


def save_call(books: Books, kept: KeptCall, call: Call) -> KeptCall:
    """Compare and set by version."""
    if call.id != kept.call.id:
        raise StoreError("a call cannot be saved in another one's place")
    version = kept.version + 1
    sealed = books.seal_for_call(call.id, call.to_dict(), f"state:{version}")
    changed = books.write(
        update(calls)
        .where(calls.c.id == call.id, calls.c.version == kept.version)
        .values(version=version, stage=call.stage.value, sealed=sealed)
    )
    if changed.rowcount != 1:
        raise VersionConflict("the call has moved on since it was read")
    if interaction_rows.tells_of(call) != interaction_rows.tells_of(kept.call):
        interaction_rows.keep(books, call)
    return replace(kept, call=call, version=version)


def next_document(books: Books, kept: KeptCall, verbs: Sequence[Verb]) -> KeptCall:
    """Verbs as document `seq + 1`. VersionConflict where that is taken."""
    seq = kept.seq + 1
    changed = books.write(update(calls).where(calls.c.id == kept.call.id, calls.c.seq == kept.seq).values(seq=seq))
    if changed.rowcount != 1:
        raise VersionConflict("the call has a newer document")
    sealed = books.seal_for_call(kept.call.id, to_plain(tuple(verbs)), f"document:{seq}")
    books.write(insert(documents).values(call_id=kept.call.id, seq=seq, sealed=sealed))
    return replace(kept, seq=seq)


def document(books: Books, call_id: str, seq: int) -> tuple[Verb, ...] | None:
    """A document's verbs."""
    chosen = select(documents.c.sealed).where(documents.c.call_id == call_id, documents.c.seq == seq)
    sealed = books.connection.scalar(chosen)
    plain = books.open_for_call(call_id, sealed, f"document:{seq}") if sealed else None
    if plain is None:
        return None
    verbs: tuple[Verb, ...] = from_plain(plain, tuple[Verb, ...])
    return verbs


# ---- legs ------------------------------------------------------------------------------------------------------------


def add_leg(books: Books, leg: Leg) -> None:
    """Another leg. The same again is no error; one of another call is."""
    row = {"id": leg.id, "call_id": leg.call_id, "role": leg.role.value, "reservation": leg.reservation}
    books.write(books.insert(legs).values(row).on_conflict_do_nothing(index_elements=[legs.c.id]))
    kept = leg_of(books, leg.id)
    if kept is None or kept.call_id != leg.call_id:
        raise StoreError("this leg belongs to another call")


def leg_of(books: Books, leg_id: str) -> Leg | None:
    """Whose leg this is."""
    row = books.rows(select(legs).where(legs.c.id == leg_id)).one_or_none()
    return None if row is None else Leg(row.id, row.call_id, LegRole(row.role), row.reservation)


def legs_of(books: Books, call_id: str) -> list[Leg]:
    """A call's legs, oldest first."""
    found = books.rows(select(legs).where(legs.c.call_id == call_id).order_by(legs.c.number))
    return [Leg(row.id, row.call_id, LegRole(row.role), row.reservation) for row in found]


# ---- line plans ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _written(plan: LinePlan) -> tuple[str, bytes]:
    content = as_json(to_plain(plan))
    return hashlib.sha256(content).hexdigest(), content


def keep_plan(books: Books, plan: LinePlan) -> str:
    """Store a line plan once per content; gives its digest."""
    digest, content = _written(plan)
    snapshots.put(books, digest, content)
    return digest


def plan_of(books: Books, digest: str) -> LinePlan:
    """A line plan by digest, parsed once."""
    if (known := books.plans.get(digest)) is not None:
        return known
    content = snapshots.get(books, digest)
    if content is None:
        raise StoreError("a call's line plan is not kept any more")
    plan: LinePlan = snapshots.parsed(content, LinePlan)
    if len(books.plans) >= _PLANS_KEPT:
        books.plans.clear()
    books.plans[digest] = plan
    return plan
