"""What all of the customers' pages do alike: language, choices, why a form is not looked at, and what is said of a failure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from voicebot.callbacks.door import Door
from voicebot.callbacks.form import Choice, Day, Form, days, example_of, told
from voicebot.callbacks.words import Words
from voicebot.config.booking import LANGUAGE_NAMES
from voicebot.dialogue.calling_back import Window
from voicebot.errors import StoreError
from voicebot.switchboard.booking_desk import BookingDesk
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.slots import Slot
from voicebot.switchboard.wanted import Fault, Subject, Why

NO_SLOT = Fault("start", Why.NO_SLOT)
STYLE = "/callback/style.css"
Answer = AnyResponse | str | tuple[str, int]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Counter:
    """`words`: by language, the usual one first."""

    company: str
    bookings: Bookings
    door: Door
    words_by_language: Mapping[str, Words]

    def guard(self, room: Blueprint) -> None:
        """Stand behind all of a blueprint's views."""
        room.register_error_handler(Exception, self._failed)
        room.context_processor(self._for_templates)
        self.door.guard(room)

    def words(self) -> Words:
        """The language that was chosen, else the one that the browser asks for, else the usual one."""
        if "callback_words" not in g:
            known = self.words_by_language
            asked = _sent_language() or request.args.get("lang", "")
            best = request.accept_languages.best_match(list(known))
            g.callback_words = known.get(asked) or known.get(best or "") or next(iter(known.values()))
        words: Words = g.callback_words
        return words

    def speak(self, language: str) -> None:
        """This one, if there is it: whoever was written to in a language reads on in it."""
        if (words := self.words_by_language.get(language)) is not None:
            g.callback_words = words

    # ---- forms -------------------------------------------------------------------------------------------------------

    def trouble(self) -> str:
        """Why a form is not looked at, in words for its top; empty where it is."""
        if not self.door.is_ours(request.form.get("token", "")):
            return self.words()("wrong.form")
        if request.form.get("website", ""):
            log.info("form refused", why="filled in by a program")
            return self.words()("wrong.robot")
        return ""

    def wrong(self, form: Form, found: Iterable[Fault], subject: Subject) -> Form:
        """The form again, with words beside its fields."""
        return replace(form, wrong=told(list(found), self.words(), subject.line.region), trouble="")

    def later(self, form: Form, wait: int) -> Form:
        """The form again, with words at its top for when there is room."""
        words = self.words()
        return replace(form, trouble=words("wrong.limited", time=words.moment(self.door.now() + timedelta(seconds=wait))))

    def limited(self, page: str, wait: int) -> Response:
        """A page for who has to wait."""
        return Response(page, 429, {"Retry-After": str(wait)}, content_type="text/html; charset=utf-8")

    # ---- choices -----------------------------------------------------------------------------------------------------

    def days(self, subjects: Iterable[Subject], own: Window | None = None) -> list[Day]:
        """Slots of any of these; one's own is among them, whether it is full or not."""

        def look(desk: BookingDesk) -> list[Slot]:
            of_each = {(one.line.name, one.queue.name): one for one in subjects}
            by_start = {slot.window.start: slot for one in of_each.values() for slot in desk.slots(one, own)}
            return [by_start[start] for start in sorted(by_start)]

        return days(self.bookings.look(look), self.words())

    def media(self) -> list[Choice]:
        """How one can be met."""
        return [Choice(one, self.words()(one)) for one in self.bookings.plan.media]

    def common(self, form: Form, subject: Subject) -> dict[str, object]:
        """What every template with a form is given."""
        return {
            "form": form, "token": self.door.form_token(), "media": self.media(), "example": example_of(subject.line.region),
        }  # fmt: skip

    # ---- the rest ----------------------------------------------------------------------------------------------------

    def _failed(self, error: Exception) -> Answer:
        """Whatever goes wrong, in the customer's language and without what it was."""
        if isinstance(error, HTTPException) and error.response is not None:
            return make_response(error.get_response())  # made here
        status = (error.code or 500) if isinstance(error, HTTPException) else 503 if isinstance(error, StoreError) else 500
        if not isinstance(error, HTTPException):
            log.error("page failed", endpoint=request.endpoint, trouble=type(error).__name__)
        return render_template("callbacks/failed.html"), status

    def _for_templates(self) -> dict[str, object]:
        words = self.words()
        others = [(one, LANGUAGE_NAMES[one]) for one in self.words_by_language if one != words.language]
        return {"t": words, "company_name": self.company, "languages": others, "style": STYLE}


def _sent_language() -> str:
    """That of a form; none where the form is what is wrong."""
    try:
        return request.form.get("lang", "")
    except HTTPException:
        return ""
