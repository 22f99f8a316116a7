"""A call as the floor sees it: by which rules its queue gives it out, who had this customer last, what its place in line is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from voicebot.dialogue.actions import OfferToFloor
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.events import Event, NoInput
from voicebot.dialogue.spoken import InLine
from voicebot.floor.estimate import expected_wait, position
from voicebot.floor.values import Floor, Rules, WorkItem, WorkKind


@dataclass(frozen=True)
class Offering:
    """`rules` by queue; `last_agent(ref)` gives the id of the agent who had this customer last, empty where nobody did."""

    rules: Mapping[str, Rules] = field(default_factory=dict)
    last_agent: Callable[[str], str] = lambda _: ""

    def item(self, call: Call, offer: OfferToFloor, at: datetime) -> WorkItem:
        """The work."""
        rules = self.rules.get(offer.queue, Rules())
        if offer.consult:
            return WorkItem(offer.consult, WorkKind.CONSULT, offer.queue, at, skills=offer.skills, only=offer.agent)
        return WorkItem(
            call.id,
            WorkKind.CALLBACK if call.stage is Stage.CALLBACK else WorkKind.CALL,
            offer.queue,
            call.waiting.since if call.waiting else at,
            call.line.head_start,
            offer.skills,
            preferred=offer.agent or self._last(call, rules),
            rules=rules,
            here_since=call.waiting.here_since if call.waiting else None,
        )

    def _last(self, call: Call, rules: Rules) -> str:
        return self.last_agent(call.customer.ref) if rules.patience and call.customer is not None else ""


def with_place(call: Call, event: Event, floor: Callable[[], Floor], at: datetime) -> Event:
    """Somebody in line who says nothing may want to know how it stands."""
    queue = call.queue
    if call.stage is not Stage.WAIT or not isinstance(event, NoInput) or not (queue.tell_position or queue.tell_wait):
        return event
    now = floor()
    place = position(now, call.id)
    if place is None:
        return event
    wait = expected_wait(now, call.id, at)
    return replace(event, place=InLine(place, None if wait is None else max(1, ceil(wait.total_seconds() / 60))))
