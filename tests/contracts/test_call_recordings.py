"""Which recordings there are (`Ledger`), on every database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from voicebot.dialogue.call import Call
from voicebot.ports.call_recordings import CallRecording
from voicebot.ports.store import EffectKind
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
IN_90_DAYS = NOON + timedelta(days=90)
Begun = Callable[[str], Call]


def kept(store: SqlStore, call: str, sid: str = "RE1") -> CallRecording:
    recording = CallRecording(sid, call, NOON, IN_90_DAYS)
    with store.transaction() as ledger:
        assert ledger.keep_recording(recording)
    return recording


def due(store: SqlStore, at: datetime) -> list[str]:
    """Recordings whose deletion is due then."""
    with store.transaction() as ledger:
        found = ledger.lease_effects(None, "boot-1", at, at)
    return [effect.about["sid"] for effect in found if effect.kind is EffectKind.DELETE_RECORDING]


def test_a_recording_is_kept_once_and_its_deletion_is_due_when_its_time_is_over(store: SqlStore, begun: Begun) -> None:
    recording = kept(store, begun("c1").id)
    with store.transaction() as ledger:
        assert not ledger.keep_recording(recording)
    with store.reading() as ledger:
        assert ledger.recording("RE1") == recording
        assert ledger.recording("RE2") is None
        assert ledger.recordings("c1") == [recording]
        assert ledger.recordings("c2") == []
    assert due(store, IN_90_DAYS - timedelta(seconds=1)) == []
    assert due(store, IN_90_DAYS) == ["RE1"]


def test_a_recording_ends_and_is_deleted_and_that_there_was_one_stays(store: SqlStore, begun: Begun) -> None:
    kept(store, begun("c1").id)
    with store.transaction() as ledger:
        ledger.recording_ended("RE1", 61)
        ledger.recording_deleted("RE1", NOON)
        ledger.recording_deleted("RE1", IN_90_DAYS)
    with store.reading() as ledger:
        assert ledger.recording("RE1") == CallRecording("RE1", "c1", NOON, IN_90_DAYS, 61, NOON)


def test_a_recording_of_no_conversation_is_deleted_when_asked_and_is_no_row(store: SqlStore) -> None:
    with store.transaction() as ledger:
        ledger.delete_recording_at("RE9", NOON)
    with store.reading() as ledger:
        assert ledger.recording("RE9") is None
    assert due(store, NOON) == ["RE9"]


def test_who_erases_a_call_has_its_recordings_deleted_at_once_and_only_those(store: SqlStore, begun: Begun) -> None:
    kept(store, begun("c1").id)
    kept(store, "c1", "RE2")
    kept(store, begun("c2").id, "RE3")
    with store.transaction() as ledger:
        ledger.recording_deleted("RE2", NOON)
    assert store.erase_call("c1")
    assert due(store, NOON) == ["RE1"]
    with store.reading() as ledger:
        assert [one.sid for one in ledger.recordings("c1")] == ["RE1", "RE2"]
