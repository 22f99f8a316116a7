"""Who a person is, as far as the back end says: asked beside everything else, remembered for a while, never waited for."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from voicebot.dialogue.values import IdentifyResult
from voicebot.ports.crm import Crm, Identified

MOST = 1000  # people who are remembered

log = structlog.get_logger(__name__)


class Names:
    """`learned(person, customer)` is told whose number it is, by the back end's own key."""

    def __init__(self, crm: Crm, beside: Executor, learned: Callable[[str, str], None]) -> None:
        self._crm, self._beside, self._learned = crm, beside, learned
        self._known: OrderedDict[str, str] = OrderedDict()  # E.164 -> name or identifier, empty while it is asked
        self._lock = threading.Lock()

    def of(self, person: str) -> str:
        """What they are called; empty where it is not known, or not yet."""
        if not person.startswith("+"):
            return ""
        with self._lock:
            if person in self._known:
                return self._known[person]
            self._known[person] = ""
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        self._beside.submit(self._ask, person)
        return ""

    def _ask(self, person: str) -> None:
        found = Identified(IdentifyResult.UNAVAILABLE)
        try:
            found = self._crm.identify("ani", person)
        except Exception as trouble:  # noqa: BLE001 - a name is worth no trouble
            log.warning("a name was not found", trouble=type(trouble).__name__)
        with self._lock:
            if found.customer is not None:
                self._known[person] = found.customer.name or found.customer.identifier
            elif found.result is IdentifyResult.UNAVAILABLE:
                self._known.pop(person, None)  # whoever looks next asks again
        if found.customer is not None:
            self._learned(person, found.customer.ref)
