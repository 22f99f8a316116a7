"""The server is killed at a named point between a wish that is due and the end of the conversation, and rises again.

The customer's telephone rings once, and nobody's wish is lost, nor the phrase by which we prove who is calling. The points at
which most is at stake are tried each time; VOICEBOT_CRASHES=all tries the whole table.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from tests.crash.clerk import TO_BE_READ
from tests.crash.points import ARMED, STRUCK
from tests.crash.rows import ASKED, opened
from tests.crash.stage import Stage, read
from tests.switchboard.house import LINE
from voicebot.dialogue.call import Call
from voicebot.dialogue.call import Stage as Journey
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.ports.callback_wishes import CallbackWish, PhraseState
from voicebot.ports.store import Leg, LegRole
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.simulator.leg import Leg as Telephone
from voicebot.simulator.script import Habit

SCALE = 8.0
PATIENCE = 60.0  # real seconds; a dial that was never made is given up after fifteen, and tried again eight later
LONG_AGO = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MIRA = "+12025550171"
AT_THE_DESK = "clerk"
POINTS = {
    "a wish is being taken up": "before commit of begin of a callback",
    "a wish was taken up": "after commit of begin of a callback",
    "an agent is about to hear the invitation": "answering agent answer",
    "an agent has accepted": "after commit of agent verdict",
    "dialling is begun": "after commit of lease of dial",
    "the intent to dial is kept": "before dial",
    "the customer's telephone rings": "after dial",
    "dialling is being finished": "before commit of end of dial",
    "somebody has picked up": "received called answer",
    "picking up is being noted": "before commit of called answer",
    "somebody is about to be asked for the key": "answering called answer",
    "the key was pressed": "received entry 1",
    "the key is being taken": "before commit of entry 1",
    "the way into the room is about to be told": "answering entry 1",
    "the phrase is about to be shown": f"before commit of {AT_THE_DESK}",
    "the phrase was shown": f"after commit of {AT_THE_DESK}",
    "the end is being noted": "before commit of end of a callback",
    "the end was noted": "after commit of end of a callback",
}
ALWAYS = {
    "before commit of begin of a callback", "before dial", "after dial", "before commit of entry 1",
    f"before commit of {AT_THE_DESK}", "before commit of end of a callback",
}  # fmt: skip
WHOLE = os.environ.get("VOICEBOT_CRASHES") == "all"
whole_table = pytest.mark.skipif(not WHOLE, reason="VOICEBOT_CRASHES=all tries these points too")
TABLE = [pytest.param(point, id=name, marks=[] if point in ALWAYS else [whole_table]) for name, point in POINTS.items()]
T = TypeVar("T")
counted = itertools.count(1)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    for one in opened(tmp_path_factory.mktemp("callbacks"), SCALE):
        one.twin.habits[MIRA] = [Habit.ACCEPT]
        yield one


def wished(stage: Stage, number: str, subject: str) -> str:
    """Somebody is to be called back, since long ago, and has a phrase."""
    call = Call(f"wished-{number[-2:]}", LINE)
    with stage.store.transaction() as ledger:
        ledger.open_call(call, Leg(f"CA-{call.id}", call.id, LegRole.CALLER), "", LONG_AGO)
        assert ledger.keep_wish(CallbackWish(call.id, "billing", number, LONG_AGO, LONG_AGO, due_at=LONG_AGO, subject=subject))
        ledger.keep_phrase(call.id, CallbackPhrase("anana"), datetime.now(UTC) + timedelta(days=1))
    return call.id


def told(stage: Stage, call: Call | None) -> list[str]:
    """The journal's rows by kind."""
    assert call is not None
    with stage.store.reading() as ledger:
        return [entry.what for entry in ledger.journal(call.id)]


def phrase(stage: Stage, wish: str) -> PhraseState | None:
    return SqlCallbackWishes(stage.store).phrases([wish]).get(wish)


def comes(so: Callable[[], T | None]) -> T:
    end = time.monotonic() + PATIENCE
    while (found := so()) is None:
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("point", TABLE)
def test_a_customer_is_rung_once_and_talks_with_an_agent(stage: Stage, point: str) -> None:
    assert LINE.dnis == ASKED
    number = f"+120255502{next(counted):02d}"
    stage.twin.customers.add(number)
    (stage.place / STRUCK).unlink(missing_ok=True)
    (stage.place / ARMED).write_text(point)
    reads_out = point.endswith(AT_THE_DESK)
    wish = wished(stage, number, TO_BE_READ if reads_out else "")

    def call() -> Call | None:
        with stage.store.reading() as ledger:
            kept = ledger.load_call(ledger.dialled_in(wish))
        return kept.call if kept is not None else None

    def together() -> Call | None:
        now = call()
        if now is None or now.stage is not Journey.TRANSFER or now.serving is None:
            return None
        return now if now.serving.joined_at is not None else None

    def rung() -> list[Telephone]:
        return [leg for leg in stage.twin.legs if leg.party.to == number]

    comes(together)
    if reads_out:
        comes(lambda: True if read(stage.place / STRUCK) and Noted.PHRASE_READ in told(stage, call()) else None)
    shown = phrase(stage, wish)
    assert shown is not None
    assert (shown.is_set, shown.read_by) == ((False, "Mira Holt") if reads_out else (True, ""))
    [customer] = rung()
    stage._loop.call_soon_threadsafe(customer.hang_up, "caller")
    comes(lambda: True if all(one.call_id != wish for one in SqlCallbackWishes(stage.store).open_wishes()) else None)
    comes(lambda: True if not stage._left_over() else None)
    assert read(stage.place / STRUCK) == point
    assert len(rung()) == 1
    assert phrase(stage, wish) == replace(shown, is_set=False)  # wiped, whether anybody has read it or not
    assert told(stage, call()).count(Noted.PHRASE_READ) == reads_out
