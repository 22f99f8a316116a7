"""A call retold: what the server knows of it, gathered from the journal and its last state. Reads only; shows no secret."""

from dataclasses import asdict, dataclass, field
from typing import Any

from voicebot.dialogue.call import Call
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.story import sentence
from voicebot.ports.store import JournalEntry
from voicebot.records.store import SqlStore


@dataclass(frozen=True)
class TurnTold:
    """One question and its answer. `seconds`: from the end of speech to the decision; None where nothing was said."""

    prompt: str
    attempt: int
    modality: str | None = None
    value: str | None = None
    verdict: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class CallStory:
    """One call. `assurance` is verified, identified or none; `outcome` how it ended, None while it goes on.

    `proof`, `payment`: how far the newest fresh proof and card payment came; None where there were none.
    """

    call_id: str
    assurance: str
    identifier: str | None = field(repr=False)
    customer: str | None = field(repr=False)
    reason: str | None
    evidence: tuple[dict[str, Any], ...]
    outcome: str | None
    turns: tuple[TurnTold, ...]
    journal: tuple[JournalEntry, ...] = field(repr=False)
    proof: str | None = None
    payment: str | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The journal in people's words."""
        return tuple(sentence(entry.what, entry.facts) for entry in self.journal)


def told(store: SqlStore, call_sid: str) -> CallStory | None:
    """The story of the call with this caller's leg; None if it is not known."""
    with store.reading() as ledger:
        leg = ledger.leg(call_sid)
        kept = ledger.load_call(leg.call_id) if leg is not None else None
        if kept is None:
            return None
        entries = tuple(ledger.journal(kept.call.id))
    call = kept.call
    return CallStory(
        call_id=call.id,
        assurance=call.assurance.value,
        identifier=call.customer.identifier if call.customer else None,
        customer=call.customer.name if call.customer else None,
        reason=call.reason.value if call.reason else None,
        evidence=tuple(_plain(asdict(one)) for one in call.evidence),
        outcome=call.ending.value if call.ending else None,
        turns=_turns(entries),
        journal=entries,
        proof=call.step_up.progress.value if call.step_up else None,
        payment=call.payment.state.value if call.payment else None,
    )


def state_of(store: SqlStore, call_sid: str) -> Call | None:
    """How the call with this caller's leg stands now; None if it is not known."""
    with store.reading() as ledger:
        leg = ledger.leg(call_sid)
        kept = ledger.load_call(leg.call_id) if leg is not None else None
    return kept.call if kept is not None else None


def _plain(evidence: dict[str, Any]) -> dict[str, Any]:
    return evidence | {"at": evidence["at"].isoformat()}


def _turns(entries: tuple[JournalEntry, ...]) -> tuple[TurnTold, ...]:
    """Each question with what came of it."""
    turns: list[TurnTold] = []
    for entry in entries:
        facts = entry.facts
        match entry.what:
            case Noted.ASKED:
                turns.append(TurnTold(str(facts.get("prompt")), int(facts.get("attempt") or 1)))
            case Noted.ENTERED if turns:
                spoken = facts.get("modality") == "speech"
                turns[-1] = TurnTold(
                    turns[-1].prompt,
                    turns[-1].attempt,
                    facts.get("modality"),
                    facts.get("value") or None,
                    facts.get("verdict"),
                    facts.get("seconds") if spoken else None,
                )
            case Noted.COMMANDED if turns:
                turns[-1] = TurnTold(turns[-1].prompt, turns[-1].attempt, facts.get("modality"), None, facts.get("command"))
            case Noted.SILENT if turns:
                turns[-1] = TurnTold(turns[-1].prompt, turns[-1].attempt, None, None, "silence")
    return tuple(turns)
