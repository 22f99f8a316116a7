"""The port `Ledger` as one face over the topic modules. Each method's words and errors are those of `ports/store.py`."""

# ruff: noqa: D102 - the port has the words, and a second wording would drift from them
from collections.abc import Sequence
from datetime import datetime

from voicebot.dialogue.actions import SettleWish, Verb
from voicebot.dialogue.call import Call
from voicebot.dialogue.lockout import Standing
from voicebot.dialogue.notes import Note
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.floor.values import Floor
from voicebot.ports.accounts import TryLimit
from voicebot.ports.answered import AnsweredRequest
from voicebot.ports.approvals import KeptApproval
from voicebot.ports.call_recordings import CallRecording
from voicebot.ports.callback_news import CallbackNews
from voicebot.ports.callback_wishes import CallbackWish, PhraseState
from voicebot.ports.invitations import Invitation, InvitationState
from voicebot.ports.store import DueRow, Effect, JournalEntry, KeptCall, Leg, RequestClaim
from voicebot.records import (
    answered,
    approvals,
    call_recordings,
    calls,
    claims,
    due,
    invitation_rows,
    journal,
    news_rows,
    outbox,
    phrase_rows,
    snapshots,
    standings,
    wish_rows,
)
from voicebot.records import floor as _floor
from voicebot.records.books import Books


class SqlLedger:
    """One open transaction."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def open_call(self, call: Call, leg: Leg | None, prompts: str, at: datetime) -> None:
        calls.open_call(self._books, call, leg, prompts, at)

    def load_call(self, call_id: str) -> KeptCall | None:
        return calls.load_call(self._books, call_id)

    def open_calls(self, since: datetime) -> list[str]:
        return calls.open_calls(self._books, since)

    def save_call(self, kept: KeptCall, call: Call) -> KeptCall:
        return calls.save_call(self._books, kept, call)

    def next_document(self, kept: KeptCall, verbs: Sequence[Verb]) -> KeptCall:
        return calls.next_document(self._books, kept, verbs)

    def document(self, call_id: str, seq: int) -> tuple[Verb, ...] | None:
        return calls.document(self._books, call_id, seq)

    def add_leg(self, leg: Leg) -> None:
        calls.add_leg(self._books, leg)

    def leg(self, leg_id: str) -> Leg | None:
        return calls.leg_of(self._books, leg_id)

    def legs(self, call_id: str) -> list[Leg]:
        return calls.legs_of(self._books, call_id)

    def claim(self, key: str, owner: str, now: datetime, deadline: datetime) -> RequestClaim:
        return claims.claim(self._books, key, owner, now, deadline)

    def answer(self, key: str, answer: str) -> None:
        claims.answer(self._books, key, answer)

    def load_floor(self) -> tuple[Floor, int]:
        return _floor.load_floor(self._books)

    def save_floor(self, floor: Floor, version: int) -> None:
        _floor.save_floor(self._books, floor, version)

    def put_effect(self, effect: Effect, at: datetime) -> Effect:
        return outbox.put_effect(self._books, effect, at)

    def due_effects(self, now: datetime, limit: int) -> list[int]:
        return outbox.due_effects(self._books, now, limit)

    def lease_effects(
        self, ids: Sequence[int] | None, owner: str, now: datetime, until: datetime, limit: int = 20
    ) -> list[Effect]:
        return outbox.lease_effects(self._books, ids, owner, now, until, limit)

    def finish_effect(self, effect_id: int) -> None:
        outbox.finish_effect(self._books, effect_id)

    def retry_effect(self, effect_id: int, at: datetime) -> None:
        outbox.retry_effect(self._books, effect_id, at)

    def wake_at(self, call_id: str, name: str, at: datetime) -> None:
        due.wake_at(self._books, call_id, name, at)

    def forget_wakes(self, call_id: str) -> None:
        due.forget_wakes(self._books, call_id)

    def has_due(self, now: datetime) -> bool:
        return due.has_due(self._books, now)

    def lease_due(self, owner: str, now: datetime, until: datetime, limit: int = 50) -> list[DueRow]:
        return due.lease_due(self._books, owner, now, until, limit)

    def finish_due(self, row_id: int) -> None:
        due.finish_due(self._books, row_id)

    def note(self, call_id: str, note: Note, at: datetime) -> None:
        journal.note(self._books, call_id, note, at)

    def journal(self, call_id: str) -> list[JournalEntry]:
        return journal.entries(self._books, call_id)

    def standing(self, account: str) -> Standing:
        return standings.standing(self._books, account)

    def save_standing(self, account: str, standing: Standing) -> None:
        standings.save_standing(self._books, account, standing)

    def count(self, key: str, at: datetime, window_seconds: int) -> int:
        return standings.count(self._books, key, at, window_seconds)

    def wait_for(self, limit: TryLimit, at: datetime) -> int:
        return standings.wait_for(self._books, limit, at)

    def mark(self, key: str, at: datetime) -> None:
        standings.mark(self._books, key, at)

    def unmark(self, key: str, at: datetime) -> None:
        standings.unmark(self._books, key, at)

    def last_mark(self, key: str, at: datetime) -> datetime | None:
        return standings.last_mark(self._books, key, at)

    def keep_wish(self, wish: CallbackWish) -> bool:
        return wish_rows.keep_wish(self._books, wish)

    def change_wish(self, wish: CallbackWish, at: datetime) -> bool:
        return wish_rows.change_wish(self._books, wish, at)

    def assign_wish(self, call_id: str, agent: str, at: datetime) -> None:
        wish_rows.assign_wish(self._books, call_id, agent, at)

    def any_wish(self, call_id: str) -> CallbackWish | None:
        return wish_rows.any_wish(self._books, call_id)

    def wishes_of(self, customer: str = "", number: str = "") -> list[CallbackWish]:
        return wish_rows.wishes_of(self._books, customer, number)

    def wished_in(self, queue: str, start: datetime, until: datetime) -> int:
        return wish_rows.wished_in(self._books, queue, start, until)

    def wished_starts(self, queue: str, start: datetime, until: datetime) -> dict[datetime, int]:
        return wish_rows.wished_starts(self._books, queue, start, until)

    def keep_phrase(self, wish: str, phrase: CallbackPhrase, wipe_at: datetime) -> None:
        phrase_rows.keep(self._books, wish, phrase, wipe_at)

    def phrase(self, wish: str, now: datetime) -> CallbackPhrase | None:
        return phrase_rows.kept(self._books, wish, now)

    def read_phrase(self, wish: str, by: str, now: datetime) -> CallbackPhrase | None:
        return phrase_rows.read(self._books, wish, by, now)

    def wipe_phrase(self, wish: str) -> bool:
        return phrase_rows.wipe(self._books, wish)

    def phrase_state(self, wish: str, now: datetime | None = None) -> PhraseState | None:
        return phrase_rows.states(self._books, [wish], now).get(wish)

    def untold_news(self, limit: int = 20, after: int = 0) -> list[CallbackNews]:
        return news_rows.untold(self._books, limit, after)

    def news_told(self, news: int) -> bool:
        return news_rows.told(self._books, news)

    def is_wished(self, queue: str, number: str) -> bool:
        return wish_rows.is_wished(self._books, queue, number)

    def wish(self, call_id: str) -> CallbackWish | None:
        return wish_rows.wish(self._books, call_id)

    def wish_for(self, queue: str, number: str) -> CallbackWish | None:
        return wish_rows.wish_for(self._books, queue, number)

    def dialled_in(self, call_id: str) -> str:
        return wish_rows.dialled_in(self._books, call_id)

    def due_wishes(self, now: datetime, limit: int = 20) -> list[str]:
        return wish_rows.due_wishes(self._books, now, limit)

    def begin_wish(self, call_id: str, dialled_in: str) -> bool:
        return wish_rows.begin_wish(self._books, call_id, dialled_in)

    def put_off_wish(self, call_id: str, until: datetime) -> None:
        wish_rows.put_off_wish(self._books, call_id, until)

    def settle_wish(self, settled: SettleWish, at: datetime, by: str) -> None:
        wish_rows.settle_wish(self._books, settled, at, by)

    def keep_recording(self, recording: CallRecording) -> bool:
        return call_recordings.keep(self._books, recording)

    def recording(self, sid: str) -> CallRecording | None:
        return call_recordings.of_sid(self._books, sid)

    def recordings(self, call_id: str) -> list[CallRecording]:
        return call_recordings.of_call(self._books, call_id)

    def recording_ended(self, sid: str, seconds: int) -> None:
        call_recordings.ended(self._books, sid, seconds)

    def delete_recording_at(self, sid: str, at: datetime) -> None:
        call_recordings.delete_at(self._books, sid, at)

    def recording_deleted(self, sid: str, at: datetime) -> None:
        call_recordings.deleted(self._books, sid, at)

    def keep_approval(self, kept: KeptApproval) -> bool:
        return approvals.keep(self._books, kept)

    def approval(self, call_id: str, number: int) -> KeptApproval | None:
        return approvals.of_call(self._books, call_id, number)

    def pinged_approval(self, ping: str) -> KeptApproval | None:
        return approvals.pinged(self._books, ping)

    def save_approval(self, kept: KeptApproval) -> None:
        approvals.save(self._books, kept)

    def drop_approval(self, call_id: str, number: int) -> bool:
        return approvals.drop(self._books, call_id, number)

    def hasten_effect(self, effect_id: int, at: datetime) -> None:
        outbox.hasten_effect(self._books, effect_id, at)

    def keep_invitation(self, invitation: Invitation) -> bool:
        return invitation_rows.keep(self._books, invitation)

    def invitation(self, invitation_id: str) -> Invitation | None:
        return invitation_rows.of_id(self._books, invitation_id)

    def open_invitation(self, queue: str, number: str) -> Invitation | None:
        return invitation_rows.open_one(self._books, queue, number)

    def was_invited(self, campaign: str, number: str) -> bool:
        return invitation_rows.was_invited(self._books, campaign, number)

    def due_invitations(self, now: datetime, limit: int = 20) -> list[Invitation]:
        return invitation_rows.due(self._books, now, limit)

    def expired_invitations(self, now: datetime, limit: int = 20) -> list[str]:
        return invitation_rows.expired(self._books, now, limit)

    def newest_invitations(self, limit: int = 50) -> list[Invitation]:
        return invitation_rows.newest(self._books, limit)

    def last_of_campaign(self, campaign: str) -> datetime | None:
        return invitation_rows.last_of_campaign(self._books, campaign)

    def missed_callbacks(self, since: datetime, limit: int = 50, seen: int = 0) -> list[CallbackWish]:
        return wish_rows.missed(self._books, since, limit, seen)

    def move_invitation(self, invitation_id: str, state: InvitationState, at: datetime) -> bool:
        return invitation_rows.move(self._books, invitation_id, state, at)

    def answered(self, key: str) -> AnsweredRequest | None:
        return answered.answered(self._books, key)

    def keep_answered(self, key: str, told: AnsweredRequest, at: datetime) -> None:
        answered.keep(self._books, key, told, at)

    def put_snapshot(self, digest: str, content: bytes) -> None:
        snapshots.put(self._books, digest, content)

    def snapshot(self, digest: str) -> bytes | None:
        return snapshots.get(self._books, digest)
