"""How a conversation ends for the agent who has it: the caller is served, passed on, or back in line at the place from before."""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.dialogue.actions import Action, CloseRoom, OfferToFloor, Say, WithdrawFromFloor
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import CallPassed
from voicebot.dialogue.documents import Step, ended, hold, joined_steps
from voicebot.dialogue.journeys import supervision, survey
from voicebot.dialogue.journeys.room import of_agent, room_of, serving_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.patience import ends_of_waiting
from voicebot.dialogue.serving import PassedOn
from voicebot.dialogue.values import Ending


def had_by(call: Call, agent_id: str) -> Call:
    """This agent has it, or has had it."""
    return replace(call, served_by=(*(one for one in call.served_by if one != agent_id), *([agent_id] if agent_id else [])))


def passed(call: Call, deed: CallPassed) -> Step:
    """Back in line for somebody else, with all that is known and the place from before."""
    serving, target = serving_of(call), deed.target
    passed = PassedOn(serving.agent, deed.at, call.queue.name, deed.note)
    noted = Note(Noted.PASSED_ON, (("to", target.name), ("queue", target.queue.name), *of_agent(call)))
    assert call.waiting is not None  # set when the caller got in line  # noqa: S101
    here = replace(call.waiting, here_since=deed.at)
    call = replace(call, passed_on=(*call.passed_on, passed), passed_to=target.queue, waiting=here)
    until = deed.at + timedelta(seconds=target.queue.max_wait)
    offer = OfferToFloor(target.queue.name, target.queue.skills, target.agent)
    says = Say("transfer.passed_on" if deed.somebody_free else "transfer.passed_on_busy")
    return joined_steps((call, [noted]), back_in_line(call, deed.at, until, offer, says))


def back_in_line(call: Call, at: datetime, until: datetime, offer: OfferToFloor, says: Say) -> Step:
    """For another agent, with the place from before; until then the caller is kept, but not beyond `until` or closing time."""
    assert call.waiting is not None  # set when the caller got in line  # noqa: S101
    wishes: list[Action] = [*closing(call), offer, *ends_of_waiting(call, until, at)]
    call = replace(call, stage=Stage.WAIT, serving=None, waiting=replace(call.waiting, again_since=at))
    return joined_steps((call, wishes), hold(call, says))


def served(call: Call, at: datetime) -> Step:
    """The conversation has come to its end, and the caller is still there: perhaps to say how it was, else to hear goodbye."""
    last = survey.begin(call) if call.line.survey else ended(call, Ending.SERVED, at, Say("goodbye"))
    return joined_steps((call, closing(call)), last)


def closing(call: Call) -> list[Action]:
    """Everybody out, whatever they were doing there."""
    return [CloseRoom(room_of(call)), WithdrawFromFloor(), *supervision.dismissed(serving_of(call))]
