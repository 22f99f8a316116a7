"""What the company chose to show of a customer on the card, fetched from its back end in the background and kept in memory.

A private detail is asked for verified callers only. Nothing here is stored, and what belongs to a call goes with it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Assurance
from voicebot.ports.crm import Crm
from voicebot.switchboard.views import Told

MOST_CALLS = 500  # whose details are kept; the oldest go first

log = structlog.get_logger(__name__)


class ShownDetails:
    """`changed` is told a call's id when its details have come. Methods may be called from any thread and never wait."""

    def __init__(self, crm: Crm, details: tuple[Detail, ...], work: Executor, changed: Callable[[str], None]) -> None:
        self._crm, self._details, self._work, self._changed = crm, details, work, changed
        self._known: dict[str, dict[str, tuple[Told, ...] | None]] = {}
        self._lock = threading.Lock()

    def of(self, call: Call) -> tuple[Told, ...] | None:
        """What may be shown of this call's customer now; None while it is fetched, and where the back end has no answer."""
        wanted = [detail for detail in self._details if _may_show(detail, call)]
        if call.customer is None or not wanted:
            return ()
        if call.stage is Stage.ENDED:
            self.forget(call.id)
            return None
        asked = ",".join(detail.name for detail in wanted)
        with self._lock:
            known = self._known.setdefault(call.id, {})
            if asked in known:
                return known[asked]
            known[asked] = None
            while len(self._known) > MOST_CALLS:
                self._known.pop(next(iter(self._known)))
        self._work.submit(self._fetch, call.id, call.customer.ref, wanted, asked)
        return None

    def forget(self, call_id: str) -> None:
        """The call is over."""
        with self._lock:
            self._known.pop(call_id, None)

    def _fetch(self, call_id: str, ref: str, wanted: list[Detail], asked: str) -> None:
        try:
            answer = self._crm.details(ref, tuple(detail.name for detail in wanted)).details
        except Exception as trouble:  # noqa: BLE001 - a card without details is a card still
            log.warning("details not fetched", trouble=type(trouble).__name__)
            return
        if answer is None:
            return
        told = tuple(
            Told(detail.name, detail.kind, answer[detail.name], detail.currency) for detail in wanted if detail.name in answer
        )
        with self._lock:
            if call_id not in self._known:
                return
            self._known[call_id][asked] = told
        self._changed(call_id)


def _may_show(detail: Detail, call: Call) -> bool:
    return call.assurance is Assurance.VERIFIED or (not detail.private and call.assurance is Assurance.IDENTIFIED)
