"""The one thread that delivers times, runs what is left in the outbox, and shows that we are alive; chores are done beside it."""

import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from voicebot.ports.clock import Clock
from voicebot.records.sign_of_life import SignOfLife
from voicebot.records.store import SqlStore
from voicebot.switchboard import Switchboard

# Real seconds.
TICK = 0.1
AFTER_TROUBLE = 1.0
HEARTBEAT = 2.0
CHORES = 600.0

log = structlog.get_logger(__name__)


class Ticker:
    """Ticks from `start` to `close`. A heartbeat is a write, so it tells whether the database takes any.

    `life`: by it processes of one machine know of each other's death at once. `chores`: what is done now and then, by the words
    for its failure, on a thread of its own, so that a long one keeps no call waiting; it looks at `is_over` itself. `looks`: the
    same by words, here and with every heartbeat, for what other processes may have changed.
    """

    def __init__(
        self, switchboard: Switchboard, store: SqlStore, clock: Clock, life: SignOfLife,
        chores: Mapping[str, Callable[[], object]] = MappingProxyType({}),
        looks: Mapping[str, Callable[[], object]] = MappingProxyType({}),
    ) -> None:
        self._switchboard, self._store, self._clock, self._life = switchboard, store, clock, life
        self._chores, self.looks = chores, looks
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)
        self._at_chores: threading.Thread | None = None
        self._beat_at: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether `close` was called."""
        return self._over.is_set()

    def silent_for(self) -> float | None:
        """Seconds since the database last took a heartbeat; None before the first."""
        return None if self._beat_at is None else time.monotonic() - self._beat_at

    def start(self) -> None:
        """Begin to tick."""
        self._said("others cannot see that we live", self._life.begin)
        self._said("the dead not noted", self._note_the_dead)
        self._store.begin_boot(self._switchboard.owner, self._clock.now())
        self._beat_at = time.monotonic()
        self._thread.start()

    def close(self) -> None:
        """The last tick has come."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._at_chores is not None:
            self._at_chores.join()

    def end(self) -> None:
        """All that this process had begun has come to its end: others may take over what it leaves."""
        if self._beat_at is not None:
            self._said("end not noted", lambda: self._store.end_boot(self._switchboard.owner))
            self._said("sign of life not removed", self._life.end)

    def _run(self) -> None:
        done = tried = time.monotonic()
        pause = TICK
        while not self._over.wait(pause):
            # Each on its own: a call that cannot be stepped must not keep this process from showing that it is alive.
            pause = self._tick()
            now = time.monotonic()
            if now - tried > HEARTBEAT:
                tried = now
                self._said("heartbeat failed", self._beat)
                self._said("the dead not noted", self._note_the_dead)
                for failure, look in self.looks.items():
                    self._said(failure, look)
            if now - done > CHORES and not (self._at_chores is not None and self._at_chores.is_alive()):
                done = now
                self._at_chores = threading.Thread(target=self._do_chores, name="chores", daemon=True)
                self._at_chores.start()

    def _do_chores(self) -> None:
        for failure, chore in self._chores.items():
            self._said(failure, chore)

    def _tick(self) -> float:
        """One tick; gives the pause before the next one."""
        try:
            return 0.0 if self._switchboard.tick(self._clock.now()) else TICK
        except Exception as trouble:  # noqa: BLE001 - the next tick tries again
            log.error("tick failed", trouble=type(trouble).__name__)
            return AFTER_TROUBLE

    def _beat(self) -> None:
        self._store.seen(self._switchboard.owner, self._clock.now())
        self._beat_at = time.monotonic()

    def _note_the_dead(self) -> None:
        """What a killed process held is free at once, and need not wait for its leases to run out."""
        for owner in self._life.dead():
            self._store.end_boot(owner)
            self._life.forget(owner)
            log.warning("a process had ended without a word")

    @staticmethod
    def _said(what: str, do: Callable[[], object]) -> None:
        try:
            do()
        except Exception as trouble:  # noqa: BLE001 - the next tick tries again
            log.error(what, trouble=type(trouble).__name__)
