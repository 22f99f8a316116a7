"""Recordings of conversations: which there are, and their sound. The sound itself stays with the carrier until it is deleted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class CallRecording:
    """One recording, by the carrier's id. `seconds` None while it runs; `deleted_at` once the carrier has none any more."""

    sid: str
    call_id: str
    started_at: datetime
    delete_at: datetime
    seconds: int | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class Sound:
    """A recording's sound. `pieces` must be read to their end, or closed."""

    content_type: str
    pieces: Iterator[bytes] = field(repr=False)


class RecordingSounds(Protocol):
    """Where recordings are listened to."""

    def sound(self, sid: str) -> Sound:
        """LegGone where there is none (any more), CarrierUnavailable where it cannot be had; both for anything that is no id."""
        ...


class RecordingRows(Protocol):
    """Recordings of calls in the database."""

    def keep_recording(self, recording: CallRecording) -> bool:
        """Note a recording, and that it is to be deleted then; gives whether it was not known yet."""
        ...

    def recording(self, sid: str) -> CallRecording | None:
        """One of them."""
        ...

    def recordings(self, call_id: str) -> list[CallRecording]:
        """A call's, oldest first; those that were deleted too."""
        ...

    def recording_ended(self, sid: str, seconds: int) -> None:
        """It is complete."""
        ...

    def delete_recording_at(self, sid: str, at: datetime) -> None:
        """Have the carrier delete a recording that is of no conversation."""
        ...

    def recording_deleted(self, sid: str, at: datetime) -> None:
        """The carrier has it no more; that there was one stays."""
        ...
