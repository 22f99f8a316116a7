"""Recordings: which there are, when they go, and who has listened to one. The sound itself is somewhere else."""

from datetime import datetime, timedelta

from voicebot.dialogue.notes import Note, Noted
from voicebot.errors import LegGone
from voicebot.ports.call_recordings import CallRecording, RecordingSounds, Sound
from voicebot.ports.clock import Clock
from voicebot.ports.store import KeptCall, Ledger, Store
from voicebot.switchboard.views import Viewer

FETCHED_WITHIN = timedelta(seconds=30)  # a spoken answer, after which it is deleted at the carrier


def keep(ledger: Ledger, kept: KeptCall, sid: str, at: datetime) -> None:
    """A recording of this call has begun; it is deleted when its queue's days are over."""
    until = at + timedelta(days=kept.call.queue.recording_days)
    ledger.keep_recording(CallRecording(sid, kept.call.id, at, until))


def ended(ledger: Ledger, call_id: str, sid: str, seconds: int, at: datetime) -> None:
    """It is complete; also one that we asked for without ever hearing of its id. Of a call that is forgotten nothing is kept."""
    if ledger.recording(sid) is None and (kept := ledger.load_call(call_id)) is not None:
        keep(ledger, kept, sid, at)
    ledger.recording_ended(sid, seconds)


def deleted(ledger: Ledger, sid: str, at: datetime) -> None:
    """The carrier has it no more."""
    known = ledger.recording(sid)
    ledger.recording_deleted(sid, at)
    if known is not None and known.deleted_at is None and ledger.load_call(known.call_id) is not None:
        why = "its time was over" if at >= known.delete_at else "asked for"
        ledger.note(known.call_id, Note(Noted.RECORDING_DELETED, (("sid", sid), ("why", why))), at)


def delete_answer(ledger: Ledger, sid: str, at: datetime) -> None:
    """It is of no call's recordings: as soon as it has been fetched, nobody needs it any more."""
    if ledger.recording(sid) is None:
        ledger.delete_recording_at(sid, at + FETCHED_WITHIN)


class TapeShelf:
    """Where supervisors listen. Each time is in the call's journal before a sound is heard."""

    def __init__(self, store: Store, clock: Clock, sounds: RecordingSounds) -> None:
        self._store, self._clock, self._sounds = store, clock, sounds

    def listen(self, viewer: Viewer, sid: str) -> Sound | None:
        """None where there is none, or it is none of the viewer's business. CarrierUnavailable where it cannot be had now."""
        if not viewer.supervises:
            return None
        with self._store.transaction() as ledger:
            known = ledger.recording(sid)
            if known is None or known.deleted_at is not None or known.seconds is None or ledger.load_call(known.call_id) is None:
                return None
            name = next((one.name for one in ledger.load_floor()[0].agents if one.id == viewer.agent), viewer.agent)
            facts = (("supervisor", name), ("supervisor_id", viewer.agent), ("sid", sid))
            ledger.note(known.call_id, Note(Noted.RECORDING_HEARD, facts), self._clock.now())
        try:
            return self._sounds.sound(sid)
        except LegGone:
            return None
