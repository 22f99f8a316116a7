"""The JSON API under /api/callbacks (docs/callbacks-openapi.yaml): reads requests, asks the switchboard, writes answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, json, request

from voicebot.callbacks import paging, wire
from voicebot.callbacks.admission import Admission
from voicebot.callbacks.asked_for import Refused, body_of, own_key, wish_of_address
from voicebot.callbacks.problems import problem, too_late, too_many, wrong, wrong_field
from voicebot.dialogue.calling_back import BookedBy
from voicebot.dialogue.phone import LONGEST_E164
from voicebot.errors import StoreError
from voicebot.ports.answered import AnsweredRequest
from voicebot.ports.api_keys import ApiKey, Scope
from voicebot.ports.store import Ledger
from voicebot.switchboard.booking import Origin
from voicebot.switchboard.booking_desk import BookingDesk
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.invitations import Invitations
from voicebot.switchboard.inviting import Invited, InvitingDesk
from voicebot.switchboard.wanted import Booked, Fault, Faults, Late, Limited, Shown, Why

PATH = "/api/callbacks"
E164 = re.compile(rf"\+[1-9][0-9]{{1,{LONGEST_E164 - 1}}}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
BUSY = 2  # seconds

View: TypeAlias = Callable[[ApiKey], Response]
log = structlog.get_logger(__name__)


class Deed(StrEnum):
    """What a key is used for."""

    SHOWN = "shown"
    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    INVITED = "invited"


@dataclass(frozen=True)
class ApiHouse:
    """`recorded(who, deed, facts)` writes down what a key is used for, before it is done or shown. `blind(purpose, value)` is a
    keyed hash. `invitations` None: nobody is asked for a conversation.
    """

    bookings: Bookings
    admission: Admission
    blind: Callable[[str, str], str]
    recorded: Callable[[str, Deed, Mapping[str, str]], None]
    invitations: Invitations | None = None


class Api:
    """The views."""

    def __init__(self, house: ApiHouse) -> None:
        self._house, self._bookings = house, house.bookings

    def register(self, room: Blueprint) -> None:
        """Add the addresses; any other method of theirs, and any other address below, is a problem of ours, too."""
        views: dict[str, dict[str, tuple[Scope, View]]] = {
            "": {"POST": (Scope.WRITE, self.book)},
            "/subjects": {"GET": (Scope.READ, self.subjects)},
            "/slots": {"GET": (Scope.READ, self.slots)},
            "/search": {"POST": (Scope.READ, self.search)},
            "/invitations": {"POST": (Scope.INVITE, self.invite)},
            "/invitations/<wish>": {"GET": (Scope.INVITE, self.show_invitation)},
            "/<wish>": {
                "GET": (Scope.READ, self.show), "PATCH": (Scope.WRITE, self.change), "DELETE": (Scope.WRITE, self.cancel),
            },
        }  # fmt: skip
        for path, by_method in views.items():
            for method, (scope, view) in by_method.items():
                room.add_url_rule(
                    PATH + path, f"{method} {path}".replace(".", ""), self._guarded(scope, view), methods=[method],
                    provide_automatic_options=False, strict_slashes=False,
                )  # fmt: skip
            others = [one for one in METHODS if one not in by_method and not (one == "HEAD" and "GET" in by_method)]
            name = f"not allowed {path}"
            room.add_url_rule(
                PATH + path, name, _not_allowed(sorted(by_method)), methods=others, provide_automatic_options=False
            )
        room.add_url_rule(f"{PATH}/<path:_>", "nothing", _nothing, methods=METHODS, provide_automatic_options=False)

    def _guarded(self, scope: Scope, view: View) -> Callable[..., Response]:
        def guarded(**_: str) -> Response:
            try:
                admitted = self._house.admission.admit(scope)
                return admitted if isinstance(admitted, Response) else view(admitted)
            except Refused as refused:
                return refused.answer
            except StoreError:
                log.warning("request not served", why="database", endpoint=request.endpoint)
                return problem(503, "busy", "Not now", wait=BUSY)

        return guarded

    # ---- looking -----------------------------------------------------------------------------------------------------

    def subjects(self, _: ApiKey) -> Response:
        """What can be talked about."""
        return _answer({"subjects": [wire.subject(one) for one in self._bookings.plan.subjects.values()]})

    def slots(self, _: ApiKey) -> Response:
        """When there is room."""
        subject = self._bookings.plan.subjects.get(name := request.args.get("subject", ""))
        if subject is None:
            return wrong([Fault("subject", Why.UNKNOWN_SUBJECT if name else Why.NEEDED)])
        limit, after = paging.whole(request.args.get("limit", "")), request.args.get("after", "")
        shown, token = paging.page(self._bookings.look(lambda desk: desk.slots(subject)), wire.key_of_slot, limit, after)
        answer = _answer({"slots": [wire.slot(one) for one in shown], "next": token or None})
        if token:
            query = urlencode({"subject": name, "limit": limit, "after": token})
            answer.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
        return answer

    def search(self, key: ApiKey) -> Response:
        """Open ones, for a number or of a customer."""
        body = body_of(wire.SearchBody)
        number = body.number if isinstance(body.number, str) else ""
        customer = body.customer if isinstance(body.customer, str) else ""
        if bool(number) is bool(customer):
            return wrong_field("number", "one_of", "Either a number or a customer is given.")
        if number and not E164.fullmatch(number):
            return wrong([Fault("number", Why.NO_NUMBER)])
        self._record(key, Deed.SHOWN, by="number" if number else "customer")
        found = self._bookings.look(lambda desk: desk.of(number=number, customer=customer))
        shown, token = paging.page(found, wire.key_of_callback, body.limit, body.after)
        return _answer({"callbacks": [wire.callback(one) for one in shown], "next": token or None})

    def show(self, key: ApiKey) -> Response:
        """One of them."""
        wish = wish_of_address()
        self._record(key, Deed.SHOWN, callback=wish)
        shown = self._bookings.look(lambda desk: desk.shown(wish))
        return too_late(Late.UNKNOWN) if shown is None else _answer(wire.callback(shown))

    # ---- doing -------------------------------------------------------------------------------------------------------

    def book(self, key: ApiKey) -> Response:
        """A new one, or the one that there is for that number already; the same answer to a repeat."""
        own, body = own_key(), body_of(wire.BookingBody)
        origin = Origin(BookedBy.API, body.verified, f"api {key.id} {body.origin}" if body.origin else "")
        plan = self._bookings.plan
        return self._once(key, own, Deed.BOOKED, body, lambda ledger, at: _booked(BookingDesk(plan, ledger, at), body, origin))

    def invite(self, key: ApiKey) -> Response:
        """Ask a customer for a conversation; the same answer to a repeat."""
        own, body, invitations = own_key(), body_of(wire.InvitationBody), self._invitations()

        def act(ledger: Ledger, at: datetime) -> AnsweredRequest:
            return _invited(InvitingDesk(invitations.plan, ledger, at).invite(body.invite(), f"api:{key.name}"))

        return self._once(key, own, Deed.INVITED, body, act)

    def show_invitation(self, key: ApiKey) -> Response:
        """What has become of it; if the customer has agreed, there is a callback of the same id."""
        wish, invitations = wish_of_address(), self._invitations()
        self._record(key, Deed.SHOWN, callback=wish)
        found = invitations.look(lambda desk: desk.of(wish))
        return too_late(Late.UNKNOWN) if found is None or not found.number else _answer(wire.invitation(found))

    def _invitations(self) -> Invitations:
        if self._house.invitations is None:
            raise Refused(problem(404, "not_there", "Nobody is asked for a conversation here ([callbacks.invitations] is off)"))
        return self._house.invitations

    def _once(
        self, key: ApiKey, own: str, deed: Deed, body: wire.BookingBody | wire.InvitationBody,
        act: Callable[[Ledger, datetime], AnsweredRequest],
    ) -> Response:  # fmt: skip
        name = self._house.blind("api idempotency", f"{key.id}:{own}")
        fingerprint = self._house.blind("api request", f"{request.path}\n{request.get_data().decode('latin-1')}")
        if not self._is_known(name) and (wait := self._house.admission.number_waits(body.number)):
            return too_many(wait, "For this number.")
        self._record(key, deed, subject=body.subject)
        told = self._bookings.once(name, fingerprint, act)
        if told.fingerprint != fingerprint:
            return wrong_field("Idempotency-Key", "used", "This key came with another request before.")
        if not told.content:
            return too_late(Late.UNKNOWN)  # forgotten since
        answer = _answer(told.content, told.status)
        answer.headers["Location"] = f"{request.path.rstrip('/')}/{told.about}"
        return answer

    def change(self, key: ApiKey) -> Response:
        """Another number, time, phrase or medium."""
        wish, changes = wish_of_address(), body_of(wire.ChangesBody).changes()
        if changes is None:
            return wrong_field("", "needed", "Something is to be changed: number, phrase, medium or start.")
        if changes.number is not None and (wait := self._house.admission.number_waits(changes.number)):
            return too_many(wait, "For this number.")
        self._record(key, Deed.CHANGED, callback=wish)
        origin = Origin(BookedBy.API, verified=False, counted=f"api {key.id} {wish}")

        def act(desk: BookingDesk) -> Shown:
            outcome = desk.change(wish, changes, origin)
            return _shown(desk, outcome)

        return _answer(wire.callback(self._bookings.do(act)))

    def cancel(self, key: ApiKey) -> Response:
        """Not wanted any more."""
        wish = wish_of_address()
        self._record(key, Deed.CANCELLED, callback=wish)
        late = self._bookings.cancel(wish, BookedBy.API)
        if late is Late.OVER and self._was_cancelled(wish):
            late = None
        return Response(status=204, headers={"Cache-Control": "no-store"}) if late is None else too_late(late)

    def _was_cancelled(self, wish: str) -> bool:
        shown = self._bookings.look(lambda desk: desk.shown(wish))
        return shown is not None and shown.wish.status.value == "cancelled"

    def _is_known(self, name: str) -> bool:
        return self._bookings.look(lambda desk: desk.was_answered(name))

    def _record(self, key: ApiKey, deed: Deed, **facts: str) -> None:
        self._house.recorded(f"api:{key.name}", deed, {"key": key.id, **facts})


def _booked(desk: BookingDesk, body: wire.BookingBody, origin: Origin) -> AnsweredRequest:
    outcome = desk.book(body.wanted(), origin)
    shown = _shown(desk, outcome)
    merged = isinstance(outcome, Booked) and outcome.merged
    return AnsweredRequest("", shown.wish.call_id, 200 if merged else 201, wire.callback(shown) | {"merged": merged})


def _invited(outcome: Invited | Faults | Limited) -> AnsweredRequest:
    match outcome:
        case Faults(found):
            raise Refused(wrong(found))
        case Limited(wait):
            raise Refused(too_many(wait, "This customer was asked already."))
    if (asked := outcome.invitation) is None:
        raise Refused(problem(409, "to_be_called", "This customer is to be called already"))
    return AnsweredRequest("", asked.id, 200 if outcome.merged else 201, wire.invitation(asked) | {"merged": outcome.merged})


def _shown(desk: BookingDesk, outcome: Booked | Faults | Limited | Late) -> Shown:
    """What it is now. Raises Refused, so that nothing of the transaction stays."""
    match outcome:
        case Faults(found):
            raise Refused(wrong(found))
        case Limited(wait):
            raise Refused(too_many(wait, "For this number, for who is not verified, or for the staff at work."))
        case Late():
            raise Refused(too_late(outcome))
    shown = desk.shown(outcome.wish.call_id)
    assert shown is not None  # it was written in this transaction  # noqa: S101
    return shown


def _answer(content: dict[str, Any], status: int = 200) -> Response:
    response = Response(json.dumps(content), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _not_allowed(allowed: list[str]) -> Callable[..., Response]:
    def refuse(**_: str) -> Response:
        answer = problem(405, "method", "This address takes " + ", ".join(allowed))
        answer.headers["Allow"] = ", ".join(allowed)
        return answer

    return refuse


def _nothing(_: str) -> Response:
    return problem(404, "not_there", "There is nothing here")
