"""Whom we have asked for a conversation chooses when, by a signed link; or does not want to. No script, no sign-in."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request

from voicebot.callbacks.counter import NO_SLOT, Answer, Counter
from voicebot.callbacks.form import FIELDS, Form, start_of
from voicebot.callbacks.links import INVITED, Links
from voicebot.callbacks.page import SHOWN_DIGITS
from voicebot.ports.invitations import Invitation, InvitationState
from voicebot.switchboard.invitations import Invitations
from voicebot.switchboard.wanted import Booked, Faults, Late, Limited, Subject, Wanted


@dataclass(frozen=True)
class InvitedHouse:
    """`links`: to invitations; `own`: to callbacks."""

    counter: Counter
    invitations: Invitations
    links: Links
    own: Links


class InvitedPages:
    """The views."""

    def __init__(self, house: InvitedHouse) -> None:
        self._house, self._counter, self._invitations = house, house.counter, house.invitations

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        room.add_url_rule(f"{INVITED}/<link>", "invited", self.invited)
        room.add_url_rule(f"{INVITED}/<link>", "agree", self.agree, methods=["POST"])
        room.add_url_rule(f"{INVITED}/<link>/decline", "decline", self.decline, methods=["POST"])

    def invited(self, link: str) -> Answer:
        """Why we ask, and when it may be; whoever has chosen already is led to their callback."""
        found = self._opened(link)
        if found.state is InvitationState.AGREED:
            return redirect(self._house.own.to(found.id), 303)
        return self._page(link, found, Form())

    def agree(self, link: str) -> Answer:
        """Take it on, or say beside each field what is wrong."""
        found, sent = self._opened(link), request.form
        form = Form({name: sent.get(name, "")[:300] for name in FIELDS if name != "subject"})
        start, is_start = start_of(form.values["start"])
        if trouble := self._counter.trouble():
            return self._page(link, found, Form(form.values, trouble=trouble)), 400
        if wait := self._counter.door.waits():
            return self._counter.limited(self._page(link, found, self._counter.later(form, wait)), wait)
        wanted = Wanted(
            found.subject, form.values["number"], start, sent.get("phrase", "")[:300], form.values["note"],
            form.values["medium"] or self._counter.bookings.plan.media[0],
        )  # fmt: skip
        outcome = self._invitations.do(lambda desk: desk.agree(found.id, wanted)) if is_start else Faults((NO_SLOT,))
        match outcome:
            case Faults(faults):
                return self._page(link, found, self._counter.wrong(form, faults, self._subject(found))), 422
            case Limited(wait):
                return self._counter.limited(self._page(link, found, self._counter.later(form, wait)), wait)
            case Late():
                return redirect(f"{INVITED}/{link}", 303)
            case Booked(merged=True):
                return render_template("callbacks/merged.html")
        return redirect(f"{self._house.own.to(outcome.wish.call_id)}?booked=1&lang={self._counter.words().language}", 303)

    def decline(self, link: str) -> Answer:
        """They do not want to."""
        found = self._opened(link)
        if self._counter.door.is_ours(request.form.get("token", "")):
            self._invitations.do(lambda desk: desk.decline(found.id))
        return redirect(f"{INVITED}/{link}?lang={self._counter.words().language}", 303)

    def _page(self, link: str, found: Invitation, form: Form) -> str:
        is_open = self._invitations.look(lambda desk: desk.open(found.id)) is not None
        subject = self._subject(found)
        return render_template(
            "callbacks/invited.html", link=link, invitation=found, is_open=is_open, digits=found.number[-SHOWN_DIGITS:],
            days=self._counter.days([subject]) if is_open else [], about=subject.words(self._counter.words().language),
            **self._counter.common(form, subject),
        )  # fmt: skip

    def _subject(self, found: Invitation) -> Subject:
        return self._counter.bookings.plan.subjects[found.subject]

    def _opened(self, link: str) -> Invitation:
        """Ends the request for one that is over, was forgotten, or whose subject is offered no more."""
        opened = self._house.links.opened(link)
        found = self._invitations.look(lambda desk: desk.of(opened.wish)) if opened else None
        if found is None or not found.number or found.subject not in self._counter.bookings.plan.subjects:
            abort(Response(render_template("callbacks/gone.html"), 404))
        if "lang" not in request.args and "lang" not in request.form:
            self._counter.speak(found.language)
        return found
