"""The customers' own pages: book a callback, and by a signed link see, move, change and cancel it. No script, no sign-in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from voicebot.callbacks.door import Door
from voicebot.callbacks.form import FIELDS, SOON, Choice, Day, Form, days, example_of, start_of, told, value_of
from voicebot.callbacks.links import PATH as OWN
from voicebot.callbacks.links import Links, Opened
from voicebot.callbacks.words import Words
from voicebot.config.booking import LANGUAGE_NAMES
from voicebot.dialogue.calling_back import BookedBy
from voicebot.errors import StoreError
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.switchboard.booking import Origin
from voicebot.switchboard.booking_desk import BookingDesk
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.slots import Slot
from voicebot.switchboard.wanted import Booked, Changes, Fault, Faults, Late, Limited, Shown, Subject, Wanted, Why

PATH = "/callback"
STYLE = f"{PATH}/style.css"
SHEETS = (Path(__file__).parents[1] / "pages" / "assets" / "pages.css", Path(__file__).parent / "assets" / "callbacks.css")
A_DAY = "public, max-age=86400"
NO_SLOT = Fault("start", Why.NO_SLOT)
SHOWN_DIGITS = 3  # of a number, to whoever has the link

Answer = AnyResponse | str | tuple[str, int]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PageHouse:
    """`words`: by language, the usual one first."""

    company: str
    bookings: Bookings
    door: Door
    links: Links
    words: Mapping[str, Words]


class CustomerPages:
    """The views."""

    def __init__(self, house: PageHouse) -> None:
        self._house, self._bookings, self._door = house, house.bookings, house.door
        self._style = b"\n".join(sheet.read_bytes() for sheet in SHEETS)

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        room.add_url_rule(PATH, "page", self.page)
        room.add_url_rule(PATH, "book", self.book, methods=["POST"])
        room.add_url_rule(STYLE, "style", self.style)
        room.add_url_rule(f"{OWN}/<link>", "own", self.own)
        room.add_url_rule(f"{OWN}/<link>", "change", self.change, methods=["POST"])
        room.add_url_rule(f"{OWN}/<link>/cancel", "ask_cancel", self.ask_cancel)
        room.add_url_rule(f"{OWN}/<link>/cancel", "cancel", self.cancel, methods=["POST"])
        room.register_error_handler(Exception, self._failed)
        room.context_processor(self._for_templates)
        self._door.guard(room)

    def _failed(self, error: Exception) -> Answer:
        """Whatever goes wrong, in the customer's language and without what it was."""
        if isinstance(error, HTTPException) and error.response is not None:
            return make_response(error.get_response())  # made here
        status = (error.code or 500) if isinstance(error, HTTPException) else 503 if isinstance(error, StoreError) else 500
        if not isinstance(error, HTTPException):
            log.error("page failed", endpoint=request.endpoint, trouble=type(error).__name__)
        return render_template("callbacks/failed.html"), status

    # ---- booking -----------------------------------------------------------------------------------------------------

    def page(self) -> str:
        """The form."""
        return self._booking(Form())

    def book(self) -> Answer:
        """Take it on, or say beside each field what is wrong."""
        words, sent = self._words(), request.form
        start, is_start = start_of(sent.get("start", SOON))
        form = Form({name: sent.get(name, "")[:300] for name in FIELDS})
        if trouble := self._trouble():
            return self._booking(_with(form, trouble=trouble)), 400
        if wait := self._door.waits():
            return _limited(self._booking(_with(form, trouble=self._later(wait))), wait)
        wanted = Wanted(
            form.values["subject"], form.values["number"], start, sent.get("phrase", "")[:300], form.values["note"],
            form.values["medium"] or self._bookings.plan.media[0], words.language,
        )  # fmt: skip
        origin = Origin(BookedBy.PAGE, counted=f"page {address}" if (address := self._door.address()) else "")
        subject = self._subjects().get(wanted.subject)
        if not is_start:
            return self._booking(_with(form, wrong=told([NO_SLOT], words, _region(subject)))), 422
        match outcome := self._bookings.do(lambda desk: desk.book(wanted, origin)):
            case Faults(found):
                return self._booking(_with(form, wrong=told(found, words, _region(subject)))), 422
            case Limited(wait):
                return _limited(self._booking(_with(form, trouble=self._later(wait))), wait)
            case Booked(merged=True):
                return render_template("callbacks/merged.html")
        return redirect(f"{self._house.links.path(outcome.wish.call_id)}?booked=1&lang={words.language}", 303)

    def _booking(self, form: Form) -> str:
        words, subjects = self._words(), self._subjects()
        chosen = subjects.get(form.values.get("subject", ""))
        subject = chosen or next(iter(subjects.values()))
        found = self._days([chosen] if chosen else subjects.values())
        return render_template(
            "callbacks/book.html", form=form, token=self._door.form_token(), days=found,
            subjects=[Choice(name, one.words(words.language)) for name, one in subjects.items()], media=self._media(),
            example=example_of(subject.line.region),
        )  # fmt: skip

    # ---- one's own ---------------------------------------------------------------------------------------------------

    def own(self, link: str) -> Answer:
        """What has become of it, and a form to change it."""
        opened, shown = self._opened(link)
        said = next((word for word in ("booked", "saved", "nothing", "cancelled", "under_way") if word in request.args), "")
        return self._own(link, opened, shown, Form(), said)

    def change(self, link: str) -> Answer:
        """Another number, time, medium or secret word. What is left empty stays."""
        opened, shown = self._opened(link)
        sent, words, wish = request.form, self._words(), shown.wish
        form = Form({name: sent.get(name, "")[:300] for name in ("number", "start", "medium")})
        if trouble := self._trouble():
            return self._own(link, opened, shown, _with(form, trouble=trouble)), 400
        if wait := self._door.waits():
            return _limited(self._own(link, opened, shown, _with(form, trouble=self._later(wait))), wait)
        start, is_start = start_of(sent.get("start", SOON))
        subject = self._subject(shown)
        if not is_start:
            wrong = told([NO_SLOT], words, _region(subject))
            return self._own(link, opened, shown, _with(form, wrong=wrong)), 422
        changes = Changes(
            number=form.values["number"] if form.values["number"].strip() else None,
            phrase=phrase if (phrase := sent.get("phrase", "")[:300]).strip() else None,
            medium=medium if (medium := form.values["medium"]) and medium != wish.medium else None,
            moved=start != (wish.window.start if wish.window else None), start=start,
        )  # fmt: skip
        if changes == Changes(start=start):
            return self._back(link, "nothing")
        origin = Origin(BookedBy.PAGE, counted=f"link {wish.call_id}")
        match self._bookings.do(lambda desk: desk.change(wish.call_id, changes, origin)):
            case Faults(found):
                wrong = told(found, words, _region(subject))
                return self._own(link, opened, shown, _with(form, wrong=wrong)), 422
            case Limited(wait):
                return _limited(self._own(link, opened, shown, _with(form, trouble=self._later(wait))), wait)
            case Late.UNDER_WAY:
                return self._back(link, "under_way")
            case Late():
                return self._back(link, "nothing")
        return self._back(link, "saved")

    def ask_cancel(self, link: str) -> Answer:
        """Whether it is meant."""
        _, shown = self._opened(link)
        if not shown.is_open:
            return self._back(link, "nothing")
        return render_template("callbacks/cancel.html", link=link, token=self._door.form_token(), shown=shown)

    def cancel(self, link: str) -> Answer:
        """Not wanted any more; also while the telephone rings."""
        _, shown = self._opened(link)
        if not self._door.is_ours(request.form.get("token", "")):
            return redirect(f"{OWN}/{link}/cancel", 303)
        late = self._bookings.cancel(shown.wish.call_id, BookedBy.PAGE)
        return self._back(link, {None: "cancelled", Late.UNDER_WAY: "under_way"}.get(late, "nothing"))

    def _own(self, link: str, opened: Opened, shown: Shown, form: Form, said: str = "") -> str:
        words, wish, subject = self._words(), shown.wish, self._subject(shown)
        own = Choice(value_of(wish.window.start if wish.window else None), _when(wish, words))
        found = self._days([subject], wish)
        offered = {choice.value for day in found for choice in day.choices} | {SOON}
        return render_template(
            "callbacks/own.html", link=link, shown=shown, wish=wish, form=form, said=said, token=self._door.form_token(),
            days=found, chosen=form.values.get("start", own.value), kept=None if own.value in offered else own,
            media=self._media(), until=words.moment(opened.until), digits=wish.number[-SHOWN_DIGITS:], when=own.text,
            example=example_of(subject.line.region),
        )  # fmt: skip

    def _opened(self, link: str) -> tuple[Opened, Shown]:
        """The link and its callback. Ends the request for one that is over: everybody reads the same."""
        opened = self._house.links.opened(link)
        shown = self._bookings.look(lambda desk: desk.shown(opened.wish)) if opened else None
        if opened is None or shown is None:
            abort(Response(render_template("callbacks/gone.html"), 404))
        return opened, shown

    def _back(self, link: str, said: str) -> AnyResponse:
        return redirect(f"{OWN}/{link}?{said}=1&lang={self._words().language}", 303)

    # ---- what both have ----------------------------------------------------------------------------------------------

    def _trouble(self) -> str:
        """Why a form is not looked at, in words for its top; empty where it is."""
        if not self._door.is_ours(request.form.get("token", "")):
            return self._words()("wrong.form")
        if request.form.get("website", ""):
            log.info("form refused", why="filled in by a program")
            return self._words()("wrong.robot")
        return ""

    def _later(self, wait: int) -> str:
        at = self._house.door.now() + timedelta(seconds=wait)
        return self._words()("wrong.limited", time=self._words().moment(at))

    def _subjects(self) -> dict[str, Subject]:
        """Those that have words in the page's language."""
        language = self._words().language
        return {name: one for name, one in self._bookings.plan.subjects.items() if language in one.texts}

    def _subject(self, shown: Shown) -> Subject:
        return self._bookings.look(lambda desk: desk.subject_of(shown.wish))

    def _days(self, subjects: Iterable[Subject], wish: CallbackWish | None = None) -> list[Day]:
        """The choices of any of these; one's own slot is among them, whether it is full or not."""
        own = wish.window if wish else None

        def look(desk: BookingDesk) -> list[Slot]:
            of_each = {(one.line.name, one.queue.name): one for one in subjects}
            by_start = {slot.window.start: slot for one in of_each.values() for slot in desk.slots(one, own)}
            return [by_start[start] for start in sorted(by_start)]

        return days(self._bookings.look(look), self._words())

    def _media(self) -> list[Choice]:
        return [Choice(one, self._words()(one)) for one in self._bookings.plan.media]

    def _words(self) -> Words:
        """The language that was chosen, else the one that the browser asks for, else the usual one."""
        if "callback_words" not in g:
            known = self._house.words
            asked = _sent_language() or request.args.get("lang", "")
            best = request.accept_languages.best_match(list(known))
            g.callback_words = known.get(asked) or known.get(best or "") or next(iter(known.values()))
        words: Words = g.callback_words
        return words

    def style(self) -> Response:
        """One sheet for all of these pages."""
        return Response(self._style, content_type="text/css; charset=utf-8", headers={"Cache-Control": A_DAY})

    def _for_templates(self) -> dict[str, object]:
        others = [(one, LANGUAGE_NAMES[one]) for one in self._house.words if one != self._words().language]
        return {"t": self._words(), "company_name": self._house.company, "languages": others, "style": STYLE}


def _with(form: Form, *, wrong: Mapping[str, str] | None = None, trouble: str = "") -> Form:
    return Form(form.values, wrong or {}, trouble)


def _sent_language() -> str:
    """That of a form; none where the form is what is wrong."""
    try:
        return request.form.get("lang", "")
    except HTTPException:
        return ""


def _limited(page: str, wait: int) -> Response:
    return Response(page, 429, {"Retry-After": str(wait)}, content_type="text/html; charset=utf-8")


def _region(subject: Subject | None) -> str:
    return subject.line.region if subject else "US"


def _when(wish: CallbackWish, words: Words) -> str:
    if wish.window is None:
        return words("soon")
    times = words("slot", start=words.time(wish.window.start), until=words.time(wish.window.until))
    return f"{words.day(wish.window.start)}, {times}"
