"""Points at which a server kills itself when told to: at its ports, and where a request comes in and goes out.

A point is named by what is about to happen, or has just happened, and where. Nothing of this is in the product.
"""

import os
import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from voicebot.dialogue.actions import Among, Claim, Pay
from voicebot.dialogue.forms import PaymentPlan
from voicebot.dialogue.seats import Seat
from voicebot.dialogue.values import Secret, SecretVerdict, Tape
from voicebot.ports.approvals import ApprovalProvider, ApprovalWanted, Looked, NotOpened, Opened
from voicebot.ports.carrier import Carrier
from voicebot.ports.crm import Crm, Details, Identified
from voicebot.ports.payments import Payments
from voicebot.ports.store import Ledger, Store
from voicebot.switchboard import SwitchboardPlan

ARMED, STRUCK, PASSED = "armed", "struck", "passed"
REQUESTS = (
    (r"/voice/incoming", "incoming"),
    (r"/voice/entry/[^/]+/(\d+)-\d+/", "entry"),
    (r"/voice/(document|waiting|joined|room|status|payment)\b", ""),
    (r"/voice/called/[^/]+/(answer|status)/", "called"),
    (r"/voice/agent/[^/]+/(answer|verdict|left|status)/", "agent"),
)


class Scythe:
    """Strikes once, at the point that stands in the file `armed`: its name, or `2 NAME` for the second time it is reached.

    A `*` in it stands for anything: `3 received entry *` is the third entry, whatever turn it answers.
    """

    def __init__(self, place: Path) -> None:
        self._place, self._seen, self._lock = place, 0, threading.Lock()

    def reach(self, point: str) -> None:
        """This point has been reached."""
        with self._lock:
            with (self._place / PASSED).open("a") as passed:
                passed.write(point + "\n")
            wanted = re.fullmatch(r"(?:(\d+) )?(.+)", self._wanted())
            if wanted is None or not fnmatchcase(point, wanted[2]):
                return
            self._seen += 1
            if self._seen == int(wanted[1] or 1):
                (self._place / ARMED).rename(self._place / STRUCK)
                os.kill(os.getpid(), signal.SIGKILL)

    def _wanted(self) -> str:
        try:
            return (self._place / ARMED).read_text()
        except FileNotFoundError:
            return ""


@dataclass
class Where(threading.local):
    """On behalf of what this thread works: a request, or what its pool is for."""

    request: str = ""

    @property
    def name(self) -> str:
        """The request, or `errand`, `effect`, `ticker`."""
        return self.request or re.split(r"[-_]", threading.current_thread().name)[0]


@dataclass(frozen=True)
class Watch:
    """What all watchers of one house share."""

    scythe: Scythe
    where: Where = field(default_factory=Where)

    def rewired(self, plan: SwitchboardPlan) -> SwitchboardPlan:
        """The same plan with its ports watched."""
        return replace(
            plan,
            store=WatchedStore(plan.store, self),
            crm=WatchedCrm(plan.crm, self.scythe),
            carrier=WatchedCarrier(plan.carrier, self.scythe),
            approvals=replace(plan.approvals, provider=WatchedProvider(plan.approvals.provider, self.scythe))
            if plan.approvals is not None
            else None,
            paying=replace(plan.paying, payments=WatchedPayments(plan.paying.payments, self.scythe))
            if plan.paying.payments is not None else plan.paying,
        )

    def requests(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """The same web application, watched where requests come in and answers go out."""

        def watched(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            self.where.request = named(environ["PATH_INFO"])
            self.scythe.reach(f"received {self.where.request}")
            answer = list(app(environ, start_response))
            self.scythe.reach(f"answering {self.where.request}")
            self.where.request = ""
            return answer

        return watched


def named(path: str) -> str:
    """A request's name: incoming, entry 1, document, agent verdict, …"""
    for pattern, name in REQUESTS:
        if found := re.match(pattern, path):
            return " ".join((*([name] if name else []), *found.groups()))
    return "other"


@contextmanager
def _around(scythe: Scythe, what: str) -> Iterator[None]:
    scythe.reach(f"before {what}")
    yield
    scythe.reach(f"after {what}")


class WatchedCrm:
    """A back end that is watched."""

    def __init__(self, crm: Crm, scythe: Scythe) -> None:
        self._crm, self._scythe = crm, scythe

    def identify(self, by: str, value: str, within: Among | None = None) -> Identified:
        """As the back end's."""
        with _around(self._scythe, "identify"):
            return self._crm.identify(by, value, within)

    def customers(self, by: str) -> int | None:
        """As the back end's."""
        return self._crm.customers(by)

    def check_secret(self, claim: Claim, field: str, secret: Secret, key: str) -> SecretVerdict:
        """As the back end's."""
        with _around(self._scythe, "check_secret"):
            return self._crm.check_secret(claim, field, secret, key)

    def details(self, ref: str, names: tuple[str, ...]) -> Details:
        """As the back end's."""
        with _around(self._scythe, "details"):
            return self._crm.details(ref, names)


class WatchedCarrier:
    """A carrier that is watched where it does something."""

    def __init__(self, carrier: Carrier, scythe: Scythe) -> None:
        self._carrier, self._scythe = carrier, scythe

    def ring(self, phone: str, reservation: str, call_id: str, timeout: int) -> str:
        """As the carrier's."""
        with _around(self._scythe, "ring"):
            return self._carrier.ring(phone, reservation, call_id, timeout)

    def dial(self, number: str, leg: str, call_id: str, timeout: int) -> str:
        """As the carrier's."""
        with _around(self._scythe, "dial"):
            return self._carrier.dial(number, leg, call_id, timeout)

    def push(self, leg: str, call_id: str, seq: int) -> None:
        """As the carrier's."""
        with _around(self._scythe, "push"):
            self._carrier.push(leg, call_id, seq)

    def end_leg(self, leg: str) -> None:
        """As the carrier's."""
        with _around(self._scythe, "end_leg"):
            self._carrier.end_leg(leg)

    def close_room(self, room: str) -> None:
        """As the carrier's."""
        with _around(self._scythe, "close_room"):
            self._carrier.close_room(room)

    def push_agent(self, leg: str, reservation: str) -> None:
        """As the carrier's."""
        with _around(self._scythe, "push_agent"):
            self._carrier.push_agent(leg, reservation)

    def arrange(self, room: str, leg: str, seat: Seat, call_id: str, coached: str | None) -> None:
        """As the carrier's."""
        with _around(self._scythe, "arrange"):
            self._carrier.arrange(room, leg, seat, call_id, coached)

    def record(self, leg: str, call_id: str, tape: Tape) -> str | None:
        """As the carrier's."""
        with _around(self._scythe, "record"):
            return self._carrier.record(leg, call_id, tape)

    def delete_recording(self, sid: str) -> None:
        """As the carrier's."""
        with _around(self._scythe, "delete_recording"):
            self._carrier.delete_recording(sid)

    def who_is_in(self, room: str) -> frozenset[str]:
        """As the carrier's."""
        return self._carrier.who_is_in(room)

    def find_leg(self, reservation: str, phone: str | None = None) -> str | None:
        """As the carrier's."""
        return self._carrier.find_leg(reservation, phone)

    def has_ended(self, leg: str) -> bool:
        """As the carrier's."""
        return self._carrier.has_ended(leg)


class WatchedPayments:
    """Card payments that are watched."""

    def __init__(self, payments: Payments, scythe: Scythe) -> None:
        self._payments, self._scythe = payments, scythe

    def ask(self, leg: str, call_id: str, pay: Pay, plan: PaymentPlan) -> str:
        """As theirs."""
        with _around(self._scythe, f"pay {pay.request}"):
            return self._payments.ask(leg, call_id, pay, plan)


class WatchedProvider:
    """A provider of approvals that is watched."""

    def __init__(self, provider: ApprovalProvider, scythe: Scythe) -> None:
        self._provider, self._scythe = provider, scythe

    def ask(self, wanted: ApprovalWanted) -> Opened | NotOpened:
        """As the provider's."""
        with _around(self._scythe, "ask for approval"):
            return self._provider.ask(wanted)

    def look(self, auth_req_id: str, subject: str, since: float) -> Looked:
        """As the provider's."""
        with _around(self._scythe, "look at approval"):
            return self._provider.look(auth_req_id, subject, since)

    def close(self) -> None:
        """As the provider's."""
        self._provider.close()


class WatchedStore:
    """A store whose transactions are watched before and after their commit, by what was done in them."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self._store, self._watch = store, watch
        self._kinds: dict[int, str] = {}

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """As the store's."""
        deeds: dict[str, Any] = {}
        with self._store.transaction() as ledger:
            yield cast("Ledger", WatchedLedger(ledger, deeds))
            name = self._named(deeds)
            self._watch.scythe.reach(f"before commit of {name}")
        self._watch.scythe.reach(f"after commit of {name}")

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """As the store's."""
        with self._store.reading() as ledger:
            yield ledger

    def _named(self, deeds: dict[str, Any]) -> str:
        """What this transaction does: the step of a request by the request's name, work on a row by the row's kind."""
        if leased := deeds.get("lease_effects"):
            self._kinds |= {effect.id: effect.kind.value for effect in leased}
            return f"lease of {leased[0].kind.value}"
        if "finish_effect" in deeds:
            return f"end of {self._kinds.get(deeds['finish_effect'], 'effect')}"
        if deeds.get("begin_wish"):
            return "begin of a callback"
        if "settle_wish" in deeds:
            return "end of a callback"
        if "lease_due" in deeds:
            return "lease of a time"
        if "finish_due" in deeds:
            return "delivery of a time"
        return f"answer of {self._watch.where.name}" if set(deeds) == {"answer"} else self._watch.where.name


class WatchedLedger:
    """Notes what is done in a transaction: method -> its result, or its argument where that says more."""

    def __init__(self, ledger: Ledger, deeds: dict[str, Any]) -> None:
        self._ledger, self._deeds = ledger, deeds

    def __getattr__(self, name: str) -> Any:
        done = getattr(self._ledger, name)

        def noted(*arguments: Any, **named: Any) -> Any:
            result = done(*arguments, **named)
            self._deeds[name] = arguments[0] if name == "finish_effect" else result
            return result

        return noted
