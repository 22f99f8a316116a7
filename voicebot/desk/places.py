"""The pages that stay open all day: an agent's place with its cards, the supervisors' wallboard."""

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template

from voicebot.desk.browser_phones import own_browsers
from voicebot.dialogue.forms import StepUpPlan
from voicebot.pages.roles import Access

if TYPE_CHECKING:
    from voicebot.desk.room import DeskHouse


class Places:
    """The views. What they show comes live; they bring only the words that do not change."""

    def __init__(self, house: "DeskHouse") -> None:
        self._house = house

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may open them."""
        room.add_url_rule("/desk", "place", self.place)
        room.add_url_rule("/desk/bar", "bar", self.bar)
        room.add_url_rule("/wallboard", "wallboard", self.wallboard)
        return {"place": Access.AGENT, "bar": Access.AGENT, "wallboard": Access.SUPERVISOR}

    def place(self) -> str:
        """An agent's place."""
        return render_template("desk/place.html", setup=json.dumps(self._setup()))

    def bar(self) -> str:
        """The toolbar as a window of its own, where the browser cannot keep one on top."""
        return render_template("desk/bar.html")

    def wallboard(self) -> str:
        """The wallboard."""
        plan = self._house.plan
        return render_template("desk/wallboard.html", answer_within=plan.answer_within, queues=self._house.queues)

    def _setup(self) -> dict[str, Any]:
        house = self._house
        return {
            "wrapUp": dict(house.plan.wrap_up),
            "declines": dict(house.plan.declines),
            "breaks": dict(house.plan.breaks),
            "queues": list(house.queues),
            "agents": dict(house.agents),
            "stepUps": [_step_up(one) for one in house.step_ups],
            "payments": house.payments.currency if house.payments else "",
            "paymentLinks": bool(house.payments and house.payments.page),
            "lookUpBy": dict(house.looked_up_by),
            "replies": house.replies,
            "browserPhones": own_browsers(house.browser_phones),
        }


def _step_up(plan: StepUpPlan) -> dict[str, Any]:
    """What an agent may ask a proof for."""
    least = plan.told(plan.at_least) if plan.at_least else ""
    return {"action": plan.name, "currency": plan.currency, "atLeast": least, "proofs": [proof.name for proof in plan.proofs]}
