"""Agents ask a customer for a conversation, and see what has become of it. For those who are signed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from voicebot.callbacks.form import example_of
from voicebot.callbacks.problems import TOLD
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.pages.room import Entry, PageRoom
from voicebot.switchboard.invitations import Invitations
from voicebot.switchboard.inviting import LONGEST_REASON, Invite
from voicebot.switchboard.wanted import Faults, Limited

PATH = "/invitations"
FIELDS = ("subject", "number", "reason", "language")
LATER = "This customer was asked already today. Try again tomorrow."
ALREADY = "This customer was asked already, or is to be called already. Nothing was sent."


@dataclass(frozen=True)
class AskingHouse:
    """`languages`: code -> name, of the customers' pages. `recorded(who, facts)` writes down that somebody asks."""

    invitations: Invitations
    languages: Mapping[str, str]
    recorded: Callable[[str, Mapping[str, str]], None]


def create_asking(house: AskingHouse) -> PageRoom:
    """The room."""
    blueprint = Blueprint("asking", __name__, template_folder="templates")
    pages = AskingPages(house)
    blueprint.add_url_rule(PATH, "asking", pages.asking)
    blueprint.add_url_rule(PATH, "ask", pages.ask, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/withdraw", "withdraw", pages.withdraw, methods=["POST"])
    access = dict.fromkeys(("asking", "ask", "withdraw"), Access.AGENT)
    return PageRoom(blueprint, access, (Entry("Invitations", "asking.asking"),))


class AskingPages:
    """The views."""

    def __init__(self, house: AskingHouse) -> None:
        self._house, self._invitations = house, house.invitations

    def asking(self) -> str:
        """The form, and the newest invitations."""
        return self._page({}, {}, "")

    def ask(self) -> Response | tuple[str, int]:
        """Send one, or say what is wrong beside its field."""
        sent = {name: request.form.get(name, "").strip()[:300] for name in FIELDS}
        invite = Invite(sent["subject"], sent["number"], sent["reason"], sent["language"])
        who = signed_in().person.id
        self._house.recorded(who, {"subject": invite.subject})
        outcome = self._invitations.do(lambda desk: desk.invite(invite, f"agent:{who}"))
        if isinstance(outcome, Faults):
            return self._page(sent, {one.field: TOLD[one.why] for one in outcome.found}, "Nothing was sent yet."), 422
        if isinstance(outcome, Limited):
            return self._page(sent, {}, LATER), 429
        if outcome.merged:
            return self._page(sent, {}, ALREADY), 409
        return redirect(f"{PATH}?sent=1")

    def withdraw(self) -> Response:
        """One that was not answered is not wanted any more."""
        who = signed_in().person.id
        self._invitations.do(lambda desk: desk.withdraw(request.form.get("invitation", ""), f"agent:{who}"))
        return redirect(PATH)

    def _page(self, sent: Mapping[str, str], wrong: Mapping[str, str], trouble: str) -> str:
        subjects = self._invitations.plan.bookings.subjects
        return render_template(
            "callbacks/asking.html", sent=sent, wrong=wrong, trouble=trouble, said="sent" in request.args,
            subjects={name: one.words() for name, one in subjects.items()}, languages=self._house.languages,
            newest=self._invitations.newest(), longest=LONGEST_REASON,
            example=example_of(next(iter(subjects.values())).line.region),
        )  # fmt: skip
