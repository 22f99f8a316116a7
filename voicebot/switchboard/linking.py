"""An agent finds out who the caller is: looks a customer up in the back end, and says that this is the one.

What the agent says makes nobody more than *identified*, and is written down with the agent's name.
"""

from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import CustomerLinked
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Assurance, Customer, IdentifyResult
from voicebot.floor.values import Floor
from voicebot.ports.crm import Crm
from voicebot.ports.store import KeptCall, Ledger
from voicebot.switchboard.answers import SENTENCES
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.leg_names import call_of_item
from voicebot.switchboard.transactions import Transactions, kept_call

WORDS: dict[IdentifyResult, str] = {
    IdentifyResult.NOT_FOUND: "No customer has this.",
    IdentifyResult.SEVERAL: "Several customers have this. Ask for something that only one of them has.",
    IdentifyResult.UNAVAILABLE: "The customer system does not answer just now. Try again in a moment.",
}
KNOWN_ALREADY = "It is known already who this caller is."
NO_SUCH_FIELD = "Customers cannot be looked up by this."


class Linking:
    """`by` is one of the fields of `fields`. Methods may be called from any thread; they wait for the back end."""

    def __init__(self, work: Transactions, crm: Crm, fields: frozenset[str]) -> None:
        self._work, self._crm, self._fields = work, crm, fields

    def look_up(self, agent: str, call_id: str, by: str, value: str) -> Customer | str:
        """Whose this is; a sentence where there is nobody, or it is none of this agent's business."""
        kept, floor = self._work.read(lambda ledger: (kept_call(ledger, call_id), ledger.load_floor()[0]))
        if (why := _against(kept, floor, agent)) is not None:
            return why
        if by not in self._fields:
            return NO_SUCH_FIELD
        found = self._crm.identify(by, value.strip())
        return found.customer if found.customer is not None else WORDS.get(found.result, WORDS[IdentifyResult.NOT_FOUND])

    def link(self, agent: str, call_id: str, by: str, value: str) -> str | None:
        """The caller is whoever this finds; a sentence where that cannot be. Looked up again: no page is believed."""
        found = self.look_up(agent, call_id, by, value)
        if isinstance(found, str):
            return found
        against: list[str | None] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept, floor = kept_call(ledger, call_id), ledger.load_floor()[0]
            against.append(_against(kept, floor, agent))
            if against[-1] is not None:
                return Work(kept)
            name = next((one.name for one in floor.agents if one.id == agent), agent)
            return desk.take(kept, CustomerLinked(desk.at, name, found, by))

        self._work.transact(take, answering=False)
        return against[-1]


def _against(kept: KeptCall, floor: Floor, agent: str) -> str | None:
    """Why this agent may not say who the caller is."""
    has_it = any(one.accepted and one.agent == agent and call_of_item(one.item) == kept.call.id for one in floor.reservations)
    if not has_it or kept.call.stage is not Stage.TRANSFER:
        return SENTENCES[Refusal.NOT_YOURS]
    return KNOWN_ALREADY if kept.call.assurance is not Assurance.NONE else None
