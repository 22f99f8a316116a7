"""What people at the desk may see, and what it looks like now. Reads; changes nothing and decides nothing about calls.

An agent sees the calls that ring for them or that they have, and those that they had; a supervisor sees all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from voicebot.dialogue.card import card, path
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import NOTHING, Known
from voicebot.facts.tally import Assumed, Tally
from voicebot.floor.estimate import shrinkage
from voicebot.floor.values import Agent, AgentState, Floor, Reservation, WorkKind
from voicebot.ports.callback_wishes import CallbackWish, CallbackWishes
from voicebot.ports.clock import Clock
from voicebot.ports.interactions import Interaction, Interactions, Offered, Page, Sought
from voicebot.ports.store import JournalEntry, Ledger, Store
from voicebot.switchboard.figures import Figures, Promise, by_queue, figures, stretches
from voicebot.switchboard.leg_names import call_of_item
from voicebot.switchboard.shown_details import ShownDetails
from voicebot.switchboard.views import CallView, Offer, OnTheFloor, Place, QueueView, Timeline, Viewer, Wallboard, Worth

EACH = timedelta(minutes=15)
HOURS_SHOWN = 4
EARLIER = 5
MOST_WISHES, SHOWN_WISHES = 1000, 50
LATELY, RECENT = timedelta(minutes=60), 3  # calls that began so long ago, so many, can still be filed from the place

T = TypeVar("T")


@dataclass(frozen=True)
class OverviewPlan:
    """`queues` in the order in which they are shown; `chain_holds` says whether a call's journal is as it was written."""

    store: Store
    interactions: Interactions
    wishes: CallbackWishes
    clock: Clock
    details: ShownDetails
    chain_holds: Callable[[str], bool]
    queues: tuple[str, ...]
    promise: Promise
    assumed: Assumed = field(default_factory=Assumed)


@dataclass(frozen=True)
class Desks:
    """The floor, open wishes of all queues, and by agent's name the calls that they had just now, newest first."""

    floor: Floor
    wishes: tuple[CallbackWish, ...]
    recent: Mapping[str, tuple[str, ...]]


class Overview:
    """The reading side of the desk. Methods may be called from any thread."""

    def __init__(self, plan: OverviewPlan) -> None:
        self._plan = plan

    # ---- an agent's own ------------------------------------------------------------------------------------------

    def desks(self) -> Desks:
        """What everybody's place is made of, read once for all of them."""
        since = self._plan.clock.now() - LATELY
        wishes = self._plan.wishes.open_wishes(limit=MOST_WISHES)
        return Desks(self._floor(), wishes, self._plan.interactions.lately(since, RECENT))

    def place(self, viewer: Viewer, desks: Desks | None = None) -> Place | None:
        """The viewer's own place; None for somebody who takes no calls. `desks`: as somebody has just read them."""
        desks = desks or self.desks()
        agent = next((one for one in desks.floor.agents if one.id == viewer.agent), None)
        if agent is None:
            return None
        return Place(
            agent=agent.id,
            name=agent.name,
            state=agent.state,
            reason=agent.reason,
            since=agent.since,
            offers=tuple(map(_offer, _held_by(desks.floor, agent.id))),
            phones=tuple(name for name, _ in agent.phones),
            phone=agent.chosen,
            recent=desks.recent.get(agent.name, ()),
            wishes=tuple(replace(wish, customer="") for wish in desks.wishes if wish.queue in agent.queues)[:SHOWN_WISHES],
        )

    def call(self, viewer: Viewer, call_id: str) -> CallView | None:
        """One call; None where there is none, or it is none of the viewer's business, which look the same."""
        interaction = self._plan.interactions.get(call_id)
        if interaction is None:
            return None
        kept, rows, floor = self._read(
            lambda ledger: (ledger.load_call(call_id), ledger.journal(call_id), ledger.load_floor()[0])
        )
        if kept is None or not self._may_see(viewer, floor, interaction):
            return None
        call, mine = kept.call, next((r for r in _held_by(floor, viewer.agent) if call_of_item(r.item) == call_id), None)
        customer = call.customer.ref if call.customer else ""
        return CallView(
            card=card(call, path((row.at, row.what, row.facts) for row in rows)),
            reservation=mine.id if mine else "",
            accepted=mine is not None and mine.accepted,
            details=self._plan.details.of(call),
            earlier=self._plan.interactions.earlier(customer, interaction.started_at, EARLIER) if customer else (),
            wrap_up=interaction.wrap_up,
        )

    def _may_see(self, viewer: Viewer, floor: Floor, interaction: Interaction) -> bool:
        if viewer.supervises or any(call_of_item(held.item) == interaction.call_id for held in _held_by(floor, viewer.agent)):
            return True
        name = next((agent.name for agent in floor.agents if agent.id == viewer.agent), None)
        return bool(name) and interaction.agent == name

    # ---- looking back --------------------------------------------------------------------------------------------

    def find(self, viewer: Viewer, sought: Sought, *, older: str = "") -> Page:
        """Calls, for those who look after others; nobody else is given any. StoreError for a page that nobody gave."""
        return self._plan.interactions.find(sought, older=older) if viewer.supervises else Page(())

    def timeline(self, viewer: Viewer, call_id: str) -> Timeline | None:
        """A call's journal, with its proof; None where it is none of the viewer's business."""
        interaction = self._plan.interactions.get(call_id)
        if interaction is None:
            return None
        rows, tapes, floor = self._read(
            lambda ledger: (ledger.journal(call_id), ledger.recordings(call_id), ledger.load_floor()[0])
        )
        if not self._may_see(viewer, floor, interaction):
            return None
        steps = path(((row.at, row.what, row.facts) for row in rows), whole=True)
        heard = tuple(tapes) if viewer.supervises else ()
        worth = _worth(call_id, rows, self._plan.assumed)
        return Timeline(interaction, steps, self._plan.chain_holds(call_id), heard, worth)

    # ---- the wallboard -------------------------------------------------------------------------------------------

    def wallboard(self, hours: int = HOURS_SHOWN) -> Wallboard:
        """Agents, queues and the last hours, in whole quarters. Opens nothing that is sealed but the floor."""
        now = self._plan.clock.now()
        since = _quarter(now) - timedelta(hours=hours)
        floor = self._floor()
        callers = self._plan.interactions.offered(since)
        each = by_queue(callers)
        return Wallboard(
            at=now,
            since=since,
            agents=tuple(_on_the_floor(floor, agent) for agent in sorted(floor.agents, key=lambda one: one.name)),
            queues=tuple(self._queue(floor, name, each.get(name, ())) for name in self._plan.queues),
            together=self._figures(callers),
            shrinkage=shrinkage(floor),
            wishes=len(self._plan.wishes.open_wishes(limit=MOST_WISHES)),
            messages=sum(item.kind is WorkKind.MESSAGE for item in floor.items),
            last_hours=stretches(callers, since, _quarter(now) + EACH, EACH, self._plan.promise),
        )

    def _queue(self, floor: Floor, name: str, callers: Sequence[Offered]) -> QueueView:
        held = [one for one in floor.reservations if one.queue == name]
        waiting = [item.since for item in floor.items if item.queue == name and item.kind is WorkKind.CALL]
        free = [agent for agent in floor.agents if name in agent.queues and agent.state is AgentState.READY]
        return QueueView(
            name=name,
            waiting=len(waiting),
            longest_since=min(waiting, default=None),
            ringing=sum(not one.accepted for one in held),
            served=sum(one.accepted for one in held),
            ready=len(free),
            figures=self._figures(callers),
        )

    def _figures(self, callers: Sequence[Offered]) -> Figures:
        return figures(callers, self._plan.promise)

    def _floor(self) -> Floor:
        return self._read(lambda ledger: ledger.load_floor()[0])

    def _read(self, look: Callable[[Ledger], T]) -> T:
        with self._plan.store.reading() as ledger:
            return look(ledger)


def _held_by(floor: Floor, agent: str) -> list[Reservation]:
    return [held for held in floor.reservations if held.agent == agent]


def _worth(call_id: str, rows: Sequence[JournalEntry], assumed: Assumed) -> Worth | None:
    """None while the call goes on, and of an erased one, whose journal tells nothing of it."""
    facts = facts_of(Known(call_id), rows)
    if facts is None or not facts.assurance:
        return None
    after = facts.time_to_verify
    return Worth(
        verified_after=None if after is None else after.total_seconds(),
        before_pick_up=facts.picked_up_verified if facts.spells else None,
        handling=sum((one.handling for one in facts.spells), NOTHING).total_seconds() if facts.spells else None,
        saved=Tally(picked_up_verified=facts.picked_up_verified).saved(assumed).total_seconds(),
        assumed=assumed.manual_verification.total_seconds(),
    )


def _offer(held: Reservation) -> Offer:
    return Offer(held.id, call_of_item(held.item), held.queue, held.made_at, held.accepted)


def _on_the_floor(floor: Floor, agent: Agent) -> OnTheFloor:
    held = _held_by(floor, agent.id)
    call, queue = (call_of_item(held[0].item), held[0].queue) if held else ("", "")
    return OnTheFloor(
        id=agent.id,
        name=agent.name,
        state=agent.state,
        reason=agent.reason,
        since=agent.since,
        queues=agent.queues,
        skills=agent.skills,
        language=agent.language,
        call=call,
        queue=queue,
    )


def _quarter(at: datetime) -> datetime:
    """The beginning of the quarter of an hour."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
