"""The bodies of the API: read strictly by their types, and written. A phrase is read and never written."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from voicebot.dialogue.values import Customer
from voicebot.ports.invitations import Invitation
from voicebot.switchboard.inviting import Invite
from voicebot.switchboard.slots import Slot
from voicebot.switchboard.wanted import Changes, Shown, Subject, Wanted

LONGEST_BODY = 16 * 1024
USUAL_PAGE, MOST_A_PAGE = 100, 500
LONGEST_TOKEN = 200
_WHERE = re.compile(r"(?P<told>.+?)(?: - at `\$(?:\.(?P<field>[\w.]+))?.*`)?", re.DOTALL)
_FIELD = re.compile(r"field `(?P<field>[^`]{1,60})`")
_CODES = (
    ("missing required", "needed", "This is needed."),
    ("unknown field", "unknown_field", "There is no such field."),
    ("length", "length", "This is too short or too long."),
    ("Invalid RFC3339", "no_time", "A time is written as 2026-03-02T13:30:00Z."),
    ("timezone", "no_time_zone", "A time has its time zone: 2026-03-02T13:30:00Z."),
    ("Expected", "type", "This is of another type."),
)

SubjectName = Annotated[str, Meta(min_length=1, max_length=40)]
Number = Annotated[str, Meta(min_length=1, max_length=40)]
Phrase = Annotated[str, Meta(max_length=60)]
Medium = Annotated[str, Meta(max_length=20)]
Text = Annotated[str, Meta(max_length=100)]
Named = Annotated[str, Meta(min_length=1, max_length=100)]
Start = Annotated[datetime, Meta(tz=True)]
B = TypeVar("B")


class CustomerBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who it is, as far as the other system knows."""

    ref: Named
    identifier: Text = ""
    name: Text = ""

    def __repr__(self) -> str:
        return "CustomerBody(•••)"


class BookingBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A callback to be booked."""

    subject: SubjectName
    number: Number
    start: Start | None = None
    phrase: Phrase = ""
    note: Annotated[str, Meta(max_length=200)] = ""
    medium: Medium = "phone"
    customer: CustomerBody | None = None
    verified: bool = False
    origin: Text = ""

    def __repr__(self) -> str:
        return "BookingBody(•••)"

    def wanted(self) -> Wanted:
        """As the switchboard takes it."""
        who = self.customer
        customer = Customer(who.ref, who.identifier or who.ref, who.name or None) if who else None
        return Wanted(self.subject, self.number, self.start, self.phrase, self.note, self.medium, customer=customer)


class ChangesBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What of a callback is to be another."""

    number: Number | UnsetType = UNSET
    phrase: Phrase | UnsetType | None = UNSET
    medium: Medium | UnsetType = UNSET
    start: Start | UnsetType | None = UNSET

    def __repr__(self) -> str:
        return "ChangesBody(•••)"

    def changes(self) -> Changes | None:
        """As the switchboard takes them; None where there are none."""
        if all(value is UNSET for value in (self.number, self.phrase, self.medium, self.start)):
            return None
        return Changes(
            number=None if self.number is UNSET else self.number,
            phrase=None if self.phrase is UNSET else self.phrase or "",
            medium=None if self.medium is UNSET else self.medium,
            moved=self.start is not UNSET,
            start=None if self.start is UNSET else self.start,
        )


class SearchBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whose callbacks."""

    number: Number | UnsetType = UNSET
    customer: Named | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=MOST_A_PAGE)] = USUAL_PAGE
    after: Annotated[str, Meta(max_length=LONGEST_TOKEN)] = ""

    def __repr__(self) -> str:
        return "SearchBody(•••)"


class InvitationBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A customer to be asked for a conversation."""

    subject: SubjectName
    number: Number
    reason: Annotated[str, Meta(min_length=1, max_length=120)]
    language: Annotated[str, Meta(max_length=10)] = ""
    customer: CustomerBody | None = None

    def __repr__(self) -> str:
        return "InvitationBody(•••)"

    def invite(self) -> Invite:
        """As the switchboard takes it."""
        who = self.customer
        customer = Customer(who.ref, who.identifier or who.ref, who.name or None) if who else None
        return Invite(self.subject, self.number, self.reason, self.language, customer)


class NotInContract(ValueError):
    """A body that is not what the contract says; `field` is empty where it is no JSON object at all."""

    def __init__(self, field: str, code: str, told: str) -> None:
        super().__init__(code)
        self.field, self.code, self.told = field, code, told


def read(body: bytes, kind: type[B]) -> B:
    """The body. Raises NotInContract, which holds nothing of it but the name of a field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        refused = _refused(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        refused = NotInContract("", "no_json", "The body is a JSON object in UTF-8.")
    raise refused


def _refused(text: str) -> NotInContract:
    where = _WHERE.fullmatch(text)
    told, path = (where["told"], where["field"] or "") if where else (text, "")
    named = _FIELD.search(told)
    field = ".".join(part for part in (path, named["field"] if named else "") if part)
    code, words = next(((code, words) for sign, code, words in _CODES if sign in told), ("type", "This is of another type."))
    if not field:
        return NotInContract("", "no_json", "The body is a JSON object in UTF-8.")
    return NotInContract(field if field.isascii() and field.isprintable() else "", code, words)


def subject(one: Subject) -> dict[str, Any]:
    """What can be talked about."""
    return {"name": one.name, "texts": dict(one.texts)}


def slot(one: Slot) -> dict[str, Any]:
    """When there is room."""
    return {"start": _time(one.window.start), "until": _time(one.window.until), "left": one.left}


def key_of_slot(one: Slot) -> tuple[str, ...]:
    """Earliest first."""
    return (_time(one.window.start),)


def key_of_callback(shown: Shown) -> tuple[str, ...]:
    """The next one first; those that agents do by other means at the end."""
    due = shown.wish.due_at
    return ("" if due is not None else "~", _time(due) if due is not None else "", _time(shown.wish.since), shown.wish.call_id)


def callback(shown: Shown) -> dict[str, Any]:
    """As the contract has it."""
    wish = shown.wish
    return {
        "id": wish.call_id, "status": wish.status.value, "open": shown.is_open,
        "subject": shown.subject.name if shown.subject else None, "about": wish.subject, "number": wish.number,
        "medium": wish.medium,
        "window": {"start": _time(wish.window.start), "until": _time(wish.window.until)} if wish.window else None,
        "phrase_set": shown.phrase_set, "customer": wish.customer or None, "tries": wish.tries, "booked_at": _time(wish.at),
        "booked_by": wish.booked_by.value,
    }  # fmt: skip


def invitation(one: Invitation) -> dict[str, Any]:
    """As the contract has it."""
    return {
        "id": one.id, "state": one.state.value, "subject": one.subject, "reason": one.reason, "number": one.number,
        "language": one.language, "customer": one.customer or None, "asked_by": one.by, "asked_at": _time(one.at),
        "until": _time(one.until),
    }  # fmt: skip


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
