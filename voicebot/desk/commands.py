"""What agents and supervisors do from their pages: one address a command, JSON in, JSON out. Who they are is the shell's."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from voicebot.errors import ImpossibleEvent
from voicebot.floor.values import AgentState
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.switchboard.answers import Answer, Done, Refused

if TYPE_CHECKING:
    from voicebot.desk.room import DeskHouse

Asked: TypeAlias = Mapping[str, str]
Does: TypeAlias = Callable[[str, Asked], Answer]
OWN_STATES = {state.value: state for state in (AgentState.READY, AgentState.BREAK, AgentState.OFFLINE)}
LONGEST = 2000  # characters of one value
NOT_THERE = "This call is not there any more."
CALLED_BACK_ALREADY = "Somebody has called back already."
NOT_UNDERSTOOD = "That could not be understood. Reload the page and try again."


class Commands:
    """The addresses `/desk/do/<command>`."""

    def __init__(self, house: "DeskHouse") -> None:
        desk = house.desk
        self._house = house
        self._agents: dict[str, Does] = {
            "state": self._state,
            "phone": lambda agent, asked: desk.choose_phone(agent, asked["phone"]),
            "accept": lambda agent, asked: desk.accept(agent, asked["reservation"]),
            "decline": lambda agent, asked: desk.decline(agent, asked["reservation"], self._decline(asked)),
            "hold": lambda agent, asked: desk.hold(agent, asked["call"]),
            "resume": lambda agent, asked: desk.resume(agent, asked["call"]),
            "mute": lambda agent, asked: desk.mute(agent, asked["call"]),
            "unmute": lambda agent, asked: desk.unmute(agent, asked["call"]),
            "consult": lambda agent, asked: desk.consult(agent, asked["call"], **_target(asked)),
            "complete": lambda agent, asked: desk.complete(agent, asked["call"]),
            "return": lambda agent, asked: desk.return_to_caller(agent, asked["call"]),
            "pass": lambda agent, asked: desk.pass_to(agent, asked["call"], note=asked.get("note", ""), **_target(asked)),
            "step_up": lambda agent, asked: desk.step_up(
                agent, asked["call"], asked["action"], asked.get("amount", ""), asked.get("proof", "")
            ),
            "take_back": lambda agent, asked: desk.take_back(agent, asked["call"]),
            "token": lambda agent, asked: desk.token(agent, asked["call"]),
            "phrase": lambda agent, asked: desk.phrases.read(agent, asked["call"]),
            "pay": lambda agent, asked: desk.payments.begin(agent, asked["call"], asked["amount"]),
            "pay_link": lambda agent, asked: desk.payments.begin(agent, asked["call"], asked["amount"], link=True),
            "pay_again": lambda agent, asked: desk.payments.ask_again(agent, asked["call"], asked["piece"]),
            "charge": lambda agent, asked: desk.payments.charge(agent, asked["call"]),
            "pay_cancel": lambda agent, asked: desk.payments.cancel(agent, asked["call"]),
            "end": lambda agent, asked: desk.end(agent, asked["call"]),
            "note": lambda agent, asked: desk.note(agent, asked["call"], asked["text"]),
            "wrap_up": lambda agent, asked: desk.wrap_up(agent, asked["call"], asked["code"]),
        }
        self._supervisors: dict[str, Does] = {
            "listen": lambda who, asked: desk.listen(who, asked["call"], supervises=True),
            "whisper": lambda who, asked: desk.whisper(who, asked["call"], supervises=True),
            "barge": lambda who, asked: desk.barge(who, asked["call"], supervises=True),
            "stop": lambda who, asked: desk.stop(who, asked["call"]),
        }

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may use them."""
        access: dict[str, Access] = {}
        for commands, whom in ((self._agents, Access.AGENT), (self._supervisors, Access.SUPERVISOR)):
            for name, does in commands.items():
                endpoint = f"do_{name}"
                room.add_url_rule(f"/desk/do/{name}", endpoint, _view(does, self._house.told), methods=["POST"])
                access[endpoint] = whom
        for name, view in (("look_up", self.look_up), ("link", self.link), ("called_back", self.called_back)):
            room.add_url_rule(f"/desk/do/{name}", f"do_{name}", view, methods=["POST"])
            access[f"do_{name}"] = Access.AGENT
        return access

    def look_up(self) -> tuple[Response, int]:
        """Find a customer by something that a person would say: `by`, `value` -> `name`, `identifier`."""
        asked = _asked("call", "by", "value")
        if asked is None:
            return _refused(NOT_UNDERSTOOD, 400)
        try:
            found = self._house.linking.look_up(signed_in().person.id, asked["call"], asked["by"], asked["value"])
        except ImpossibleEvent:
            return _refused(NOT_THERE, 404)
        if isinstance(found, str):
            return _refused(found, 409)
        return jsonify(name=found.name or "", identifier=found.identifier), 200

    def link(self) -> tuple[Response, int]:
        """Say that the caller is whoever `by` and `value` find."""
        asked = _asked("call", "by", "value")
        if asked is None:
            return _refused(NOT_UNDERSTOOD, 400)
        try:
            against = self._house.linking.link(signed_in().person.id, asked["call"], asked["by"], asked["value"])
        except ImpossibleEvent:
            return _refused(NOT_THERE, 404)
        return _refused(against, 409) if against is not None else (jsonify(), 200)

    def called_back(self) -> tuple[Response, int]:
        """A caller who left the line has been called back by this agent."""
        asked = _asked("call")
        if asked is None:
            return _refused(NOT_UNDERSTOOD, 400)
        done = self._house.called_back(asked["call"], signed_in().person.id)
        return (jsonify(), 200) if done else _refused(CALLED_BACK_ALREADY, 409)

    def _state(self, agent: str, asked: Asked) -> Answer:
        reason = asked.get("reason", "")
        return self._house.desk.set_state(agent, OWN_STATES[asked["state"]], reason if reason in self._house.plan.breaks else "")

    def _decline(self, asked: Asked) -> str:
        reason = asked.get("reason", "")
        return reason if reason in self._house.plan.declines else ""


def _view(does: Does, told: Callable[[str], None]) -> Callable[[], tuple[Response, int]]:
    def view() -> tuple[Response, int]:
        asked = _asked()
        if asked is None:
            return _refused(NOT_UNDERSTOOD, 400)
        try:
            answer = does(signed_in().person.id, asked)
        except KeyError:
            return _refused(NOT_UNDERSTOOD, 400)
        except ImpossibleEvent:
            return _refused(NOT_THERE, 404)
        match answer:
            case Refused():
                return _refused(answer.sentence, 409)
            case Done(pick_up=pick_up, token=token, phrase=phrase):
                told(asked.get("call", ""))
                once = {name: text for name, text in (("token", token), ("phrase", phrase)) if text}
                return jsonify(pickUp=pick_up, **once), 200

    return view


def _asked(*needed: str) -> Asked | None:
    """Texts by name, these among them; None for anything else."""
    content: Any = request.get_json(silent=True)
    if not isinstance(content, dict) or not set(needed) <= set(content):
        return None
    return content if all(isinstance(value, str) and len(value) <= LONGEST for value in content.values()) else None


def _target(asked: Asked) -> dict[str, str]:
    return {"to_agent": asked.get("to_agent", ""), "to_queue": asked.get("to_queue", "")}


def _refused(sentence: str, status: int) -> tuple[Response, int]:
    return jsonify(error=sentence), status
