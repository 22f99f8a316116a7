"""Looking back: calls by everything but what was said, and each call's timeline with its proof."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from voicebot.dialogue.values import Assurance, Ending
from voicebot.errors import CarrierError, StoreError
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.ports.interactions import Sought, Which
from voicebot.switchboard.views import Timeline

if TYPE_CHECKING:
    from voicebot.desk.room import DeskHouse

Choice = TypeVar("Choice", bound=StrEnum)
STATES = {
    Assurance.VERIFIED: "Identified and verified",
    Assurance.IDENTIFIED: "Identified only",
    Assurance.NONE: "Not identified",
}
# How satisfied callers were, in the field's three groups; they are chosen by these names.
SCORES = {"given": (0, 10), "0 to 6": (0, 6), "7 to 8": (7, 8), "9 to 10": (9, 10)}
WHOLE_DAY = timedelta(days=1)


class History:
    """The views. Filters are posted, never in an address: an identifier is somebody's."""

    def __init__(self, house: "DeskHouse") -> None:
        self._house, self._zone = house, ZoneInfo(house.time_zone)

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may open them."""
        room.add_url_rule("/interactions", "interactions", self.interactions)
        room.add_url_rule("/interactions", "find", self.interactions, methods=["POST"])
        room.add_url_rule("/interactions/<call_id>", "interaction", self.interaction)
        room.add_url_rule("/recordings/<sid>", "recording", self.recording)
        room.add_app_template_filter(self.local, "local")
        supervisors = dict.fromkeys(("interactions", "find", "recording"), Access.SUPERVISOR)
        return {**supervisors, "interaction": Access.SIGNED_IN}

    def interactions(self) -> str | Response:
        """A page of calls, newest first."""
        asked = request.form if request.method == "POST" else MultiDict[str, str]()
        trouble, sought = "", Sought()
        try:
            sought = self._sought(asked)
            page = self._house.overview.find(signed_in().person.viewer, sought, older=asked.get("older", ""))
        except ValueError:
            trouble = "A date is written like 2026-03-31."
            page = self._house.overview.find(signed_in().person.viewer, Sought())
        except StoreError:
            return redirect(url_for("desk.interactions"))
        return render_template(
            "desk/interactions.html", page=page, asked=asked, trouble=trouble, house=self._house, which=list(Which),
            endings=list(Ending), state_words=STATES, same=_same, scores=SCORES,
        )

    def interaction(self, call_id: str) -> str:
        """One call from ring to end. Not there, and none of the viewer's business, look the same."""
        timeline = self._house.overview.timeline(signed_in().person.viewer, call_id)
        if timeline is None:
            abort(404)
        return render_template(
            "desk/interaction.html", timeline=timeline, call=timeline.interaction, house=self._house, state_words=STATES,
            judges=self._may_judge(timeline),
        )

    def _may_judge(self, timeline: Timeline) -> bool:
        served = timeline.interaction.ending is Ending.SERVED
        return served and signed_in().person.viewer.supervises and bool(self._house.evaluating.questions)

    def recording(self, sid: str) -> Response:
        """The sound of a recording, through us: the browser learns neither where it lies nor with which key."""
        try:
            sound = self._house.listen(signed_in().person.viewer, sid)
        except CarrierError:
            abort(503)
        if sound is None:
            abort(404)
        return Response(sound.pieces, content_type=sound.content_type, headers={"Content-Disposition": "inline"})

    def local(self, at: datetime | None) -> str:
        """A time as people in the company say it."""
        return "" if at is None else at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def _sought(self, asked: "MultiDict[str, str]") -> Sought:
        return Sought(
            which=_one(Which, asked.get("which", "")) or Which.ALL,
            since=self._day(asked.get("since", "")),
            until=(day + WHOLE_DAY) if (day := self._day(asked.get("until", ""))) else None,
            line=asked.get("line", ""),
            queue=asked.get("queue", ""),
            language=asked.get("language", ""),
            agent=asked.get("agent", ""),
            assurance=_one(Assurance, asked.get("assurance", "")),
            ending=_one(Ending, asked.get("ending", "")),
            wrap_up=asked.get("wrap_up", ""),
            identifier=asked.get("identifier", "").strip(),
            scores=SCORES.get(asked.get("scores", "")),
        )

    def _day(self, text: str) -> datetime | None:
        """Midnight of a day in the company's time zone. Raises ValueError."""
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=self._zone) if text else None


def _one(kind: type[Choice], word: str) -> Choice | None:
    return kind(word) if word in set(kind) else None


def _same(words: Iterable[str]) -> list[tuple[str, str]]:
    """Choices that are called what they are."""
    return [(word, word) for word in words]
