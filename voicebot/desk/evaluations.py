"""Pages on which conversations are judged, and on which agents read what was said of theirs."""

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from voicebot.errors import StoreError
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.ports.evaluations import HIGHEST
from voicebot.switchboard.evaluating import NO_SUCH_CALL, NOT_APPLICABLE, averages, by_question

if TYPE_CHECKING:
    from voicebot.desk.room import DeskHouse


class EvaluationPages:
    """The views. A judgement is posted; nothing of it stands in an address."""

    def __init__(self, house: "DeskHouse") -> None:
        self._house = house

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may open them."""
        room.add_url_rule("/evaluations", "evaluations", self.overall)
        room.add_url_rule("/evaluations/<call_id>", "evaluation", self.form)
        room.add_url_rule("/evaluations/<call_id>", "judge", self.judge, methods=["POST"])
        room.add_url_rule("/my-evaluations", "my_evaluations", self.mine)
        room.add_url_rule("/my-evaluations", "read_evaluation", self.read, methods=["POST"])
        supervisors = dict.fromkeys(("evaluations", "evaluation", "judge"), Access.SUPERVISOR)
        return {**supervisors, "my_evaluations": Access.AGENT, "read_evaluation": Access.AGENT}

    def overall(self) -> str:
        """What is to be judged, and what stands."""
        evaluating, agent = self._house.evaluating, request.args.get("agent", "")
        name = self._house.agents.get(agent, "")
        standing = evaluating.standing(name)
        return render_template(
            "desk/evaluations.html", proposed=evaluating.proposed(signed_in().person.name), standing=standing, house=self._house,
            averages=averages(standing), questions=by_question(standing), chosen=agent,
        )

    def form(self, call_id: str) -> str:
        """The questions, and what was said before. The conversation's page leads here."""
        return self._form(call_id)

    def judge(self, call_id: str) -> tuple[str, int] | Response:
        """Keep it, or say what is wrong with it; nothing that was typed is lost."""
        asked = request.form
        answers = {question.name: asked.get(f"answer_{question.name}", "") for question in self._house.evaluating.questions}
        try:
            against = self._house.evaluating.judge(
                signed_in().person.name, call_id, answers, asked.get("comment", ""), asked.get("why", "")
            )
        except StoreError:
            against = NO_SUCH_CALL
        if against:
            return self._form(call_id, against), 409
        return redirect(url_for("desk.evaluations"), 303)

    def mine(self) -> str:
        """What was said of the agent's own conversations, and stands."""
        standing = self._house.evaluating.standing(signed_in().person.name)
        return render_template("desk/my_evaluations.html", standing=standing, highest=HIGHEST)

    def read(self) -> Response:
        """The agent has read one. Twice is no harm."""
        number = request.form.get("number", "")
        if not number.isdigit():
            abort(400)
        call_id, reply = request.form.get("call", ""), request.form.get("reply", "")
        self._house.evaluating.read(signed_in().person.name, call_id, int(number), reply)
        return redirect(url_for("desk.my_evaluations"), 303)

    def _form(self, call_id: str, trouble: str = "") -> str:
        timeline = self._house.overview.timeline(signed_in().person.viewer, call_id)
        if timeline is None:
            abort(404)
        return render_template(
            "desk/evaluation.html", call=timeline.interaction, timeline=timeline, house=self._house, trouble=trouble,
            before=self._house.evaluating.of_call(call_id), asked=request.form, highest=HIGHEST, not_applicable=NOT_APPLICABLE,
        )
