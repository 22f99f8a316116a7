"""What the REST API answers with: calls, conferences, participants and errors, in Twilio's shapes. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from voicebot.simulator.party import FINAL

if TYPE_CHECKING:
    from voicebot.simulator.leg import Leg
    from voicebot.simulator.rooms import Participant, Room

Json: TypeAlias = dict[str, Any]
VERSION = "2010-04-01"


class ApiError(Exception):
    """An error answer: HTTP status, Twilio's code and its words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> Json:
        """The error as JSON."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}


def _account(account_sid: str) -> str:
    return f"/{VERSION}/Accounts/{account_sid}"


def _date(when: datetime) -> str:
    return format_datetime(when)


def call_resource(leg: "Leg", account_sid: str) -> Json:
    """A call as the API shows it."""
    ended = leg.status in FINAL
    uri = f"{_account(account_sid)}/Calls/{leg.sid}"
    seconds = (leg.record.ended_at or 0.0) - (leg.record.answered_at or leg.record.ended_at or 0.0)
    return {
        "sid": leg.sid,
        "account_sid": account_sid,
        "parent_call_sid": dict(leg.party.extra).get("ParentCallSid"),
        "to": leg.party.to,
        "to_formatted": leg.party.to,
        "from": leg.party.from_,
        "from_formatted": leg.party.from_,
        "phone_number_sid": None,
        "status": leg.status,
        "direction": leg.party.direction,
        "date_created": _date(leg.created),
        "date_updated": _date(datetime.now(UTC)),
        "start_time": _date(leg.created) if leg.record.answered_at is not None else None,
        "end_time": _date(datetime.now(UTC)) if ended else None,
        "duration": str(round(seconds)) if ended else None,
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "api_version": VERSION,
        "forwarded_from": dict(leg.party.extra).get("ForwardedFrom"),
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json", "streams": f"{uri}/Streams.json"},
    }


def conference_resource(room: "Room", account_sid: str) -> Json:
    """A conference as the API shows it."""
    uri = f"{_account(account_sid)}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": account_sid,
        "friendly_name": room.name,
        "status": room.status,
        "region": "us1",
        "date_created": _date(room.created),
        "date_updated": _date(datetime.now(UTC)),
        "api_version": VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
        "reason_conference_ended": room.why_ended,
        "call_sid_ending_conference": room.ended_by,
    }


def participant_resource(room: "Room", participant: "Participant", account_sid: str) -> Json:
    """A participant as the API shows it."""
    sid = participant.leg.sid
    return {
        "account_sid": account_sid,
        "call_sid": sid,
        "label": participant.label,
        "conference_sid": room.sid,
        "date_created": _date(participant.created),
        "date_updated": _date(datetime.now(UTC)),
        "end_conference_on_exit": participant.ends,
        "muted": participant.muted,
        "hold": participant.held,
        "start_conference_on_enter": participant.starts,
        "status": "connected",
        "coaching": participant.coached is not None,
        "call_sid_to_coach": participant.coached.sid if participant.coached is not None else None,
        "queue_time": None,
        "uri": f"{_account(account_sid)}/Conferences/{room.sid}/Participants/{sid}.json",
    }


def stream_resource(call_sid: str, stream_sid: str, name: str, account_sid: str) -> Json:
    """A stream that was stopped, as the API shows it."""
    return {
        "sid": stream_sid,
        "account_sid": account_sid,
        "call_sid": call_sid,
        "name": name,
        "status": "stopped",
        "date_updated": _date(datetime.now(UTC)),
        "uri": f"{_account(account_sid)}/Calls/{call_sid}/Streams/{stream_sid}.json",
    }


def page_of(kind: str, items: Sequence[Json], path: str, page: int, size: int) -> Json:
    """One page of a list."""
    start = page * size
    shown = list(items[start : start + size])

    def uri(number: int) -> str:
        return f"{path}?PageSize={size}&Page={number}"

    return {
        kind: shown,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(0, len(shown) - 1),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if start + size < len(items) else None,
        "previous_page_uri": uri(page - 1) if page else None,
    }
