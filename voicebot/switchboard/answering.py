"""What people write is work of the floor: offered, handed to an agent, in line again when that agent leaves it lying.

The floor decides who has a thread, its rows say it; `look` makes the two agree. Whatever a crash leaves between them, the next
look puts right, so that no answer is lost and none is with two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.floor.events import FloorEvent, WorkBegun, WorkOffered, WorkWithdrawn
from voicebot.floor.values import Floor, Rules, WorkItem, WorkKind
from voicebot.ports.correspondence import Correspondence, OpenAnswers
from voicebot.ports.store import Effect, Ledger
from voicebot.switchboard.carry_out import Desk
from voicebot.switchboard.transactions import Transactions

MOST_IN_LINE = 50  # of them at once: the floor is read with every call, and must not grow with what anybody writes
NAMED = "message-"  # begins an item's name; the number of the thread's oldest open answer ends it


@dataclass(frozen=True)
class AnsweringPlan:
    """In which queue's line people's messages wait, and by which of its rules; which skills they need."""

    correspondence: Correspondence
    queue: str
    skills: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)


class Answering:
    """Methods may be called from any thread."""

    def __init__(self, plan: AnsweringPlan, work: Transactions) -> None:
        self._plan, self._work = plan, work

    def look(self) -> bool:
        """Make floor and threads agree; gives whether anything was to be done."""
        threads = {named(one.number): one for one in self._plan.correspondence.open_answers()}
        floor = self._work.read(lambda ledger: ledger.load_floor()[0])
        events = self._news(floor, threads)
        if events:
            self._tell(events)
            floor = self._work.read(lambda ledger: ledger.load_floor()[0])
        moved = [self._moved(one, floor) for one in threads.values()]
        return bool(events) or any(moved)

    def begun(self, number: int, agent: str) -> None:
        """This agent sees to the thread of which this answer is one, whoever it was handed to."""
        oldest = self._plan.correspondence.oldest_open(number)
        if oldest is not None:
            self._tell([WorkBegun(self._work.plan.clock.now(), named(oldest), agent)])

    def _news(self, floor: Floor, threads: Mapping[str, OpenAnswers]) -> list[FloorEvent]:
        """What the floor does not know of yet."""
        now = self._work.plan.clock.now()
        line = {item.id: item for item in floor.items if item.kind is WorkKind.MESSAGE}
        handed = {one.item.id: one for one in floor.handed}
        gone: list[FloorEvent] = [WorkWithdrawn(now, name) for name in (*line, *handed) if name not in threads]
        new = [one for name, one in threads.items() if name not in line and name not in handed]
        taken, free = [one for one in new if one.taken_by], [one for one in new if not one.taken_by]
        new = [*taken, *free[: max(0, MOST_IN_LINE - sum(name in threads for name in line))]]
        has_it = {name: one.agent for name, one in handed.items()}
        items = line | {name: one.item for name, one in handed.items()}
        begun = [
            WorkBegun(now, name, one.taken_by)
            for name, one in threads.items()
            if one.taken_by not in ("", has_it.get(name)) and not (name in items and _left(items[name], one.taken_by, now))
        ]
        return [*gone, *(WorkOffered(now, self._item(one)) for one in new), *begun]

    def _item(self, thread: OpenAnswers) -> WorkItem:
        plan = self._plan
        return WorkItem(
            named(thread.number), WorkKind.MESSAGE, plan.queue, thread.since, skills=plan.skills, preferred=thread.last_agent,
            rules=plan.rules,
        )  # fmt: skip

    def _moved(self, thread: OpenAnswers, floor: Floor) -> bool:
        """The rows say what the floor has decided."""
        now, name = self._work.plan.clock.now(), named(thread.number)
        agent = next((one.agent for one in floor.handed if one.item.id == name), "")
        if agent == thread.taken_by:
            return False
        correspondence = self._plan.correspondence
        freed = bool(thread.taken_by) and correspondence.release(thread.number, thread.taken_by, now)
        taken = bool(agent) and correspondence.take(thread.number, agent, now)
        return freed or taken

    def _tell(self, events: Sequence[FloorEvent]) -> None:
        def take(_: Ledger, desk: Desk) -> list[Effect]:
            return [effect for event in events for effect in desk.floor(event)[1]]

        self._work.on_floor(take)


def named(number: int) -> str:
    """The name of the work that a thread is."""
    return f"{NAMED}{number}"


def _left(item: WorkItem, agent: str, now: datetime) -> bool:
    """The floor has taken it back from them, and its rows do not say so yet."""
    return any(passed.agent == agent and passed.until > now for passed in item.passed)
