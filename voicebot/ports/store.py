"""The database as the switchboard needs it: everything in one transaction, nothing across I/O.

Personal data and state are encrypted by the implementation, per call. Raises StoreUnavailable and VersionConflict.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from voicebot.dialogue.actions import Verb
from voicebot.dialogue.call import Call
from voicebot.dialogue.lockout import Standing
from voicebot.dialogue.notes import Note
from voicebot.floor.values import Floor
from voicebot.ports.accounts import TryLimit
from voicebot.ports.answered import AnsweredRequest
from voicebot.ports.approvals import ApprovalRows
from voicebot.ports.call_recordings import RecordingRows
from voicebot.ports.callback_news import NewsRows
from voicebot.ports.callback_wishes import WishRows
from voicebot.ports.invitations import InvitationRows


class LegRole(StrEnum):
    """Whose leg it is."""

    CALLER = "caller"
    AGENT = "agent"  # who has the call, or is asked for help
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Leg:
    """One party's connection, by the carrier's id. `reservation` is our name for any leg but the caller's."""

    id: str
    call_id: str
    role: LegRole
    reservation: str = ""


@dataclass(frozen=True)
class KeptCall:
    """A call as it was read. `version` is for the next save, `seq` numbers its newest document, `prompts` is its catalogue."""

    call: Call
    version: int
    seq: int
    prompts: str


class ClaimState(StrEnum):
    """What became of a request's key."""

    MINE = "mine"  # nobody had it, or its owner died: go on
    BUSY = "busy"  # somebody is at it now
    DONE = "done"  # answered: `answer` says with what


@dataclass(frozen=True)
class RequestClaim:
    """One webhook's key. `taken_over`: an earlier owner reserved and died, so do not reserve again."""

    state: ClaimState
    answer: str = ""
    taken_over: bool = False


class EffectKind(StrEnum):
    """What is done to the outside world."""

    PUSH = "push"
    PUSH_AGENT = "push_agent"
    ARRANGE = "arrange"
    RECORD = "record"
    DELETE_RECORDING = "delete_recording"
    RING = "ring"
    DIAL = "dial"
    END_LEG = "end_leg"
    CLOSE_ROOM = "close_room"
    PAY = "pay"
    SEND_PAYMENT_LINK = "send_payment_link"
    APPROVE = "approve"


@dataclass(frozen=True)
class Effect:
    """An outbox row. `about` holds plain values (leg, seq, phone, reservation, room), encrypted where stored."""

    kind: EffectKind
    call_id: str
    about: dict[str, Any] = field(default_factory=dict, repr=False)
    id: int = 0
    tries: int = 0


@dataclass(frozen=True)
class DueRow:
    """A time that came. `call_id` empty: the floor's."""

    id: int
    call_id: str
    name: str
    due_at: datetime


@dataclass(frozen=True)
class JournalEntry:
    """What happened, as it is read back. Facts are decrypted."""

    at: datetime
    call_id: str
    number: int
    what: str
    facts: dict[str, Any] = field(repr=False)


class Ledger(ApprovalRows, InvitationRows, NewsRows, RecordingRows, WishRows, Protocol):
    """One open transaction."""

    def open_call(self, call: Call, leg: Leg | None, prompts: str, at: datetime) -> None:
        """A new call with its first leg, if it has one yet. The line plan is kept once per content."""
        ...

    def load_call(self, call_id: str) -> KeptCall | None:
        """The call as last saved."""
        ...

    def open_calls(self, since: datetime) -> list[str]:
        """Ids of the calls that came in since then and have not ended, oldest first."""
        ...

    def save_call(self, kept: KeptCall, call: Call) -> KeptCall:
        """Write the new state; VersionConflict if somebody was faster. Does not touch documents."""
        ...

    def next_document(self, kept: KeptCall, verbs: Sequence[Verb]) -> KeptCall:
        """Store verbs as the next document and give the call with its new `seq`."""
        ...

    def document(self, call_id: str, seq: int) -> tuple[Verb, ...] | None:
        """A document's verbs, by number."""
        ...

    def add_leg(self, leg: Leg) -> None:
        """Another leg of a call. The same leg twice is no error."""
        ...

    def leg(self, leg_id: str) -> Leg | None:
        """Whose leg this is."""
        ...

    def legs(self, call_id: str) -> list[Leg]:
        """All legs of a call, oldest first."""
        ...

    def claim(self, key: str, owner: str, now: datetime, deadline: datetime) -> RequestClaim:
        """Take a request's key; only one ever gets MINE while its owner lives and is in time."""
        ...

    def answer(self, key: str, answer: str) -> None:
        """The request was answered with this; a repeat gets the same."""
        ...

    def load_floor(self) -> tuple[Floor, int]:
        """The floor and its version, locked against other writers where the database can."""
        ...

    def save_floor(self, floor: Floor, version: int) -> None:
        """VersionConflict if somebody was faster."""
        ...

    def put_effect(self, effect: Effect, at: datetime) -> Effect:
        """An outbox row; gives it with its id. Due at once, leased to nobody."""
        ...

    def due_effects(self, now: datetime, limit: int) -> list[int]:
        """Ids of effects that could be leased now, oldest first. Only looks, so a reading view will do."""
        ...

    def lease_effects(
        self, ids: Sequence[int] | None, owner: str, now: datetime, until: datetime, limit: int = 20
    ) -> list[Effect]:
        """Take due effects that nobody holds (of these ids, or any), in order. Whoever has certainly ended holds nothing.

        A lease that ended so, or ran out, counts as a try: whoever held it may have done the effect before it died.
        """
        ...

    def finish_effect(self, effect_id: int) -> None:
        """Done, or past hope."""
        ...

    def retry_effect(self, effect_id: int, at: datetime) -> None:
        """Not done: again at this time, with one more try counted."""
        ...

    def wake_at(self, call_id: str, name: str, at: datetime) -> None:
        """A due row; a later one of the same call and name replaces it."""
        ...

    def forget_wakes(self, call_id: str) -> None:
        """The call has ended: none of its times matter."""
        ...

    def has_due(self, now: datetime) -> bool:
        """Whether there is a row to lease. Only looks, so a reading view will do."""
        ...

    def lease_due(self, owner: str, now: datetime, until: datetime, limit: int = 50) -> list[DueRow]:
        """Take rows whose time has come and that nobody holds."""
        ...

    def finish_due(self, row_id: int) -> None:
        """Delivered."""
        ...

    def note(self, call_id: str, note: Note, at: datetime) -> None:
        """Append to the journal; never changed afterwards. Chained by hash."""
        ...

    def journal(self, call_id: str) -> list[JournalEntry]:
        """A call's rows in order."""
        ...

    def standing(self, account: str) -> Standing:
        """An account's failures, locked for this transaction. `account` is a keyed hash, never the number itself."""
        ...

    def save_standing(self, account: str, standing: Standing) -> None:
        """Write it back."""
        ...

    def count(self, key: str, at: datetime, window_seconds: int) -> int:
        """How many marks this key has within the window before `at`."""
        ...

    def wait_for(self, limit: TryLimit, at: datetime) -> int:
        """Whole seconds until one more mark has room within this limit; 0: now."""
        ...

    def mark(self, key: str, at: datetime) -> None:
        """One more mark for this key (an unknown identifier from this number, say). Keys are keyed hashes."""
        ...

    def unmark(self, key: str, at: datetime) -> None:
        """Take back one mark of this key and this very time, if there is one."""
        ...

    def last_mark(self, key: str, at: datetime) -> datetime | None:
        """When this key was last marked, up to `at`; None if never."""
        ...

    def answered(self, key: str) -> AnsweredRequest | None:
        """What another system's request was answered with. `key` is a keyed hash."""
        ...

    def keep_answered(self, key: str, told: AnsweredRequest, at: datetime) -> None:
        """A repeat gets this. VersionConflict where somebody has answered meanwhile."""
        ...

    def put_snapshot(self, digest: str, content: bytes) -> None:
        """Keep configuration or prompts by content hash; the same again is no error."""
        ...

    def snapshot(self, digest: str) -> bytes | None:
        """What was kept under this hash."""
        ...


class Store(Protocol):
    """Where everything is kept."""

    def transaction(self) -> AbstractContextManager[Ledger]:
        """Commits at the end, rolls back on an exception. Short: nothing slow inside."""
        ...

    def reading(self) -> AbstractContextManager[Ledger]:
        """A consistent view that blocks no writer; writing through it raises StoreError."""
        ...
