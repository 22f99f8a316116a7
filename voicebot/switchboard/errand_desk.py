"""Which errands are out, and the bounded pool that runs them. Takes no event itself: outcomes go to whoever opened the desk."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

import structlog

from voicebot.dialogue.actions import CheckSecret, Errand
from voicebot.dialogue.events import SecretChecked
from voicebot.dialogue.values import SecretVerdict
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.watch import Watch
from voicebot.switchboard.carry_out import ErrandOut
from voicebot.switchboard.errands import ErrandRunner, Outcome, unavailable

AT_ONCE = 16  # errands in flight
MOST_CALLS = 4096  # whose newest errand is remembered; more have never been open at once

log = structlog.get_logger(__name__)


@dataclass
class Pending:
    """An errand that is out: how many fillers its caller has heard, and whether they still wait for it."""

    errand: int
    done: threading.Event = field(default_factory=threading.Event)
    fillers: int = 0
    given_up: bool = False


class ErrandDesk:
    """At most one errand per call. `settle(call_id, out, outcome)` takes each outcome, once."""

    def __init__(
        self, crm: Crm, clock: Clock, settle: Callable[[str, ErrandOut, Outcome, bool], None], watch: Watch
    ) -> None:
        self._runner, self._clock, self._settle = ErrandRunner(crm, clock, watch), clock, settle
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errand")
        self._pending: dict[str, Pending] = {}
        self._newest: OrderedDict[str, int] = OrderedDict()  # that was ever out here, of each call
        self._lock = threading.Lock()

    def out(self, call_id: str) -> Pending | None:
        """The errand of a call that this process is running, or is about to."""
        with self._lock:
            return self._pending.get(call_id)

    def expect(self, call_id: str, errand: int) -> Pending:
        """One is about to be sent out. Before the commit that opens it, so that nobody finds it open and run by nobody."""
        with self._lock:
            return self._expected(call_id, errand)

    def take_up(self, call_id: str, out: ErrandOut) -> bool:
        """Run one that a process before us left open, unless it is out. False if it was out here before, or cannot be run.

        Once only: one whose outcome cannot be taken must not be run for ever.
        """
        with self._lock:
            if call_id in self._pending:
                return True
            if self._newest.get(call_id) == out.errand.errand:
                return False
            pending = self._expected(call_id, out.errand.errand)
        return self.send(call_id, out, pending, answering=True)

    def send(self, call_id: str, out: ErrandOut, pending: Pending, answering: bool) -> bool:
        """Run it as soon as there is room. False while closing: whoever asks next finds it lost."""
        try:
            self._pool.submit(copy_context().run, self._run, call_id, out, pending, answering)
        except RuntimeError:
            self.unexpect(call_id, pending)
            return False
        return True

    def _expected(self, call_id: str, errand: int) -> Pending:
        pending = self._pending[call_id] = Pending(errand)
        self._newest[call_id] = errand
        self._newest.move_to_end(call_id)
        if len(self._newest) > MOST_CALLS:
            self._newest.popitem(last=False)
        return pending

    def unexpect(self, call_id: str, pending: Pending) -> None:
        """It is not out any more, or never was."""
        with self._lock:
            if self._pending.get(call_id) is pending:
                del self._pending[call_id]
        pending.done.set()

    def give_up(self, call_id: str, errand: int) -> None:
        """Its caller waits no longer: if it has not begun, it need not."""
        with self._lock:
            pending = self._pending.get(call_id)
            if pending is not None and pending.errand == errand:
                pending.given_up = True
                del self._pending[call_id]

    def close(self) -> None:
        """Let those that run come to their end; begin none."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, call_id: str, out: ErrandOut, pending: Pending, answering: bool) -> None:
        try:
            begins = not pending.given_up
            outcome = self._runner.outcome(out.errand, out.key) if begins else not_begun(out.errand, self._clock)
            self._settle(call_id, out, outcome, answering)
        except Exception as trouble:  # noqa: BLE001 - a failure ends at an agent, never in a dead line
            # The next document request of this call finds the errand lost and asks again.
            log.error("outcome not taken", errand=type(out.errand).__name__, trouble=type(trouble).__name__)
        finally:
            self.unexpect(call_id, pending)


def not_begun(errand: Errand, clock: Clock) -> Outcome:
    """The outcome of an errand that was given up in the queue: a secret was certainly not checked, so its attempt goes back."""
    if isinstance(errand, CheckSecret):
        return SecretChecked(clock.now(), errand.errand, SecretVerdict.UNAVAILABLE)
    return unavailable(errand, clock.now())
