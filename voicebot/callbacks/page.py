"""The customers' own pages: book a callback, and by a signed link see, move, change and cancel it. No script, no sign-in."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from voicebot.callbacks.calendar import KIND, as_calendar
from voicebot.callbacks.counter import NO_SLOT, STYLE, Answer, Counter
from voicebot.callbacks.form import FIELDS, SOON, Choice, Form, start_of, value_of
from voicebot.callbacks.links import OWN, Links, Opened
from voicebot.callbacks.words import Words
from voicebot.dialogue.calling_back import BookedBy
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.switchboard.booking import Origin
from voicebot.switchboard.wanted import Booked, Changes, Faults, Late, Limited, Shown, Subject, Wanted

PATH = "/callback"
SHEETS = (Path(__file__).parents[1] / "pages" / "assets" / "pages.css", Path(__file__).parent / "assets" / "callbacks.css")
A_DAY = "public, max-age=86400"
SHOWN_DIGITS = 3  # of a number, to whoever has the link
SAID = ("booked", "saved", "nothing", "cancelled", "under_way")


@dataclass(frozen=True)
class PageHouse:
    """`links`: to one's own callback."""

    counter: Counter
    links: Links


class CustomerPages:
    """The views."""

    def __init__(self, house: PageHouse) -> None:
        self._counter, self._links = house.counter, house.links
        self._bookings, self._door = house.counter.bookings, house.counter.door
        self._style = b"\n".join(sheet.read_bytes() for sheet in SHEETS)

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        room.add_url_rule(PATH, "page", self.page)
        room.add_url_rule(PATH, "book", self.book, methods=["POST"])
        room.add_url_rule(STYLE, "style", self.style)
        room.add_url_rule(f"{OWN}/<link>", "own", self.own)
        room.add_url_rule(f"{OWN}/<link>", "change", self.change, methods=["POST"])
        room.add_url_rule(f"{OWN}/<link>/calendar.ics", "calendar", self.calendar)
        room.add_url_rule(f"{OWN}/<link>/cancel", "ask_cancel", self.ask_cancel)
        room.add_url_rule(f"{OWN}/<link>/cancel", "cancel", self.cancel, methods=["POST"])

    # ---- booking -----------------------------------------------------------------------------------------------------

    def page(self) -> str:
        """The form."""
        return self._booking(Form())

    def book(self) -> Answer:
        """Take it on, or say beside each field what is wrong."""
        words, sent, subjects = self._counter.words(), request.form, self._subjects()
        form = Form({name: sent.get(name, "")[:300] for name in FIELDS})
        start, is_start = start_of(form.values["start"])
        if trouble := self._counter.trouble():
            return self._booking(Form(form.values, trouble=trouble)), 400
        if wait := self._door.waits():
            return self._counter.limited(self._booking(self._counter.later(form, wait)), wait)
        wanted = Wanted(
            form.values["subject"], form.values["number"], start, sent.get("phrase", "")[:300], form.values["note"],
            form.values["medium"] or self._bookings.plan.media[0], words.language,
        )  # fmt: skip
        origin = Origin(BookedBy.PAGE, counted=f"page {address}" if (address := self._door.address()) else "")
        subject = subjects.get(wanted.subject) or next(iter(subjects.values()))
        outcome = self._bookings.do(lambda desk: desk.book(wanted, origin)) if is_start else Faults((NO_SLOT,))
        match outcome:
            case Faults(found):
                return self._booking(self._counter.wrong(form, found, subject)), 422
            case Limited(wait):
                return self._counter.limited(self._booking(self._counter.later(form, wait)), wait)
            case Booked(merged=True):
                return render_template("callbacks/merged.html")
        return redirect(f"{self._links.to(outcome.wish.call_id)}?booked=1&lang={words.language}", 303)

    def _booking(self, form: Form) -> str:
        words, subjects = self._counter.words(), self._subjects()
        chosen = subjects.get(form.values.get("subject", ""))
        return render_template(
            "callbacks/book.html", days=self._counter.days([chosen] if chosen else subjects.values()),
            subjects=[Choice(name, one.words(words.language)) for name, one in subjects.items()],
            **self._counter.common(form, chosen or next(iter(subjects.values()))),
        )  # fmt: skip

    def _subjects(self) -> dict[str, Subject]:
        """Those that have words in the page's language."""
        language = self._counter.words().language
        return {name: one for name, one in self._bookings.plan.subjects.items() if language in one.texts}

    # ---- one's own ---------------------------------------------------------------------------------------------------

    def own(self, link: str) -> Answer:
        """What has become of it, and a form to change it."""
        opened, shown = self._opened(link)
        return self._own(link, opened, shown, Form(), next((word for word in SAID if word in request.args), ""))

    def change(self, link: str) -> Answer:
        """Another number, time, medium or secret word. What is left empty stays."""
        opened, shown = self._opened(link)
        sent, wish = request.form, shown.wish
        form = Form({name: sent.get(name, "")[:300] for name in ("number", "start", "medium")})
        start, is_start = start_of(form.values["start"])
        if trouble := self._counter.trouble():
            return self._own(link, opened, shown, Form(form.values, trouble=trouble)), 400
        if wait := self._door.waits():
            return self._counter.limited(self._own(link, opened, shown, self._counter.later(form, wait)), wait)
        changes = Changes(
            number=form.values["number"] if form.values["number"].strip() else None,
            phrase=phrase if (phrase := sent.get("phrase", "")[:300]).strip() else None,
            medium=medium if (medium := form.values["medium"]) and medium != wish.medium else None,
            moved=start != (wish.window.start if wish.window else None), start=start,
        )  # fmt: skip
        if is_start and changes == Changes(start=start):
            return self._back(link, "nothing")
        origin = Origin(BookedBy.PAGE, counted=f"link {wish.call_id}")
        match self._bookings.do(lambda desk: desk.change(wish.call_id, changes, origin)) if is_start else Faults((NO_SLOT,)):
            case Faults(found):
                return self._own(link, opened, shown, self._counter.wrong(form, found, self._subject(shown))), 422
            case Limited(wait):
                return self._counter.limited(self._own(link, opened, shown, self._counter.later(form, wait)), wait)
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

    def calendar(self, link: str) -> Answer:
        """The slot for the customer's own calendar; a later file of a moved or cancelled one takes its place there."""
        _, shown = self._opened(link)
        wish, words = shown.wish, self._counter.words()
        if wish.window is None:
            abort(404)
        summary, about = words("calendar", company=self._counter.company), wish.subject
        text = as_calendar(wish, words.zone, summary, about, self._door.site.host, self._bookings.plan.clock.now())
        return Response(text, content_type=KIND, headers={"Content-Disposition": 'attachment; filename="callback.ics"'})

    def _own(self, link: str, opened: Opened, shown: Shown, form: Form, said: str = "") -> str:
        words, wish, subject = self._counter.words(), shown.wish, self._subject(shown)
        own = Choice(value_of(wish.window.start if wish.window else None), when(wish, words))
        found = self._counter.days([subject], wish.window)
        offered = {choice.value for day in found for choice in day.choices} | {SOON}
        return render_template(
            "callbacks/own.html", link=link, shown=shown, wish=wish, said=said, days=found, when=own.text,
            chosen=form.values.get("start", own.value), kept=None if own.value in offered else own,
            until=words.moment(opened.until), digits=wish.number[-SHOWN_DIGITS:], **self._counter.common(form, subject),
        )  # fmt: skip

    def _subject(self, shown: Shown) -> Subject:
        return self._bookings.look(lambda desk: desk.subject_of(shown.wish))

    def _opened(self, link: str) -> tuple[Opened, Shown]:
        """The link and its callback. Ends the request for one that is over: everybody reads the same."""
        opened = self._links.opened(link)
        shown = self._bookings.look(lambda desk: desk.shown(opened.wish)) if opened else None
        if opened is None or shown is None:
            abort(Response(render_template("callbacks/gone.html"), 404))
        return opened, shown

    def _back(self, link: str, said: str) -> AnyResponse:
        return redirect(f"{OWN}/{link}?{said}=1&lang={self._counter.words().language}", 303)

    def style(self) -> Response:
        """One sheet for all of these pages."""
        return Response(self._style, content_type="text/css; charset=utf-8", headers={"Cache-Control": A_DAY})


def when(wish: CallbackWish, words: Words) -> str:
    """When they are called, as they read it."""
    if wish.window is None:
        return words("soon")
    times = words("slot", start=words.time(wish.window.start), until=words.time(wish.window.until))
    return f"{words.day(wish.window.start)}, {times}"
