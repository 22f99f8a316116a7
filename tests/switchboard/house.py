"""A switchboard on a real database, with a back end and a carrier that do what the test says. No network, no waiting."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from voicebot.dialogue.actions import Among, Ask, Claim, Verb
from voicebot.dialogue.events import EntryKeyed
from voicebot.dialogue.forms import FieldPlan, Grammar, LinePlan, QueuePlan
from voicebot.dialogue.seats import Seat
from voicebot.dialogue.values import Ani, AniStanding, Customer, IdentifyResult, Secret, SecretVerdict, Shape, Tape
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.floor.values import Agent
from voicebot.keyring import Keyring
from voicebot.ports.crm import Details, Identified
from voicebot.records.store import SqlStore, open_store
from voicebot.switchboard import Switchboard, SwitchboardPlan, Turned
from voicebot.switchboard.approver import Approvals
from voicebot.switchboard.phoned import ByPhone
from voicebot.switchboard.plan import tells_nobody

ADA = Customer("c1", "40719238", "Ada Marsh")
WITHHELD = Ani(AniStanding.WITHHELD)
LINE = LinePlan(
    name="billing",
    dnis="+12025550110",
    language="en",
    region="US",
    queue=QueuePlan("billing"),
    grammar=Grammar("en"),
    identifiers=(FieldPlan("account_number", Shape.parse("digits:8")),),
    secrets=(FieldPlan("pin", Shape.parse("digits:6"), secret=True),),
)
RUTH = Agent("ruth", "Ruth", "+12025550131", ("billing",))
OMAR = Agent("omar", "Omar", "+12025550132", ("billing",))


@dataclass
class HandClock:
    """Call time, moved by hand."""

    at: datetime = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Where it was put."""
        return self.at

    def pass_seconds(self, seconds: float) -> datetime:
        """Move on."""
        self.at += timedelta(seconds=seconds)
        return self.at


@dataclass
class OneCustomer:
    """A back end that knows Ada Marsh and her PIN. `gate`: every answer waits until it is open."""

    pin: str = field(default="493817", repr=False)
    customer: Customer = ADA
    down: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    checks: int = 0
    keys: list[str] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def identify(self, by: str, value: str, within: Among | None = None) -> Identified:
        """Ada's account number finds her."""
        del by, within
        self.looks += 1
        self.gate.wait(10)
        if self.down:
            return Identified(IdentifyResult.UNAVAILABLE)
        found = value == self.customer.identifier
        return Identified(IdentifyResult.FOUND, self.customer) if found else Identified(IdentifyResult.NOT_FOUND)

    def customers(self, by: str) -> int | None:
        """Nobody knows."""
        del by
        return None

    def check_secret(self, claim: Claim, field: str, secret: Secret, key: str) -> SecretVerdict:
        """Her PIN matches."""
        del claim, field
        self.checks += 1
        self.keys.append(key)
        self.gate.wait(10)
        if self.down:
            return SecretVerdict.UNAVAILABLE
        return SecretVerdict.MATCHED if secret.reveal() == self.pin else SecretVerdict.MISMATCHED

    def details(self, ref: str, names: tuple[str, ...]) -> Details:
        """Whatever was asked for."""
        del ref
        return Details(dict.fromkeys(names, "1"))


@dataclass
class Switch:
    """A carrier that writes down what was done, and fails when told to."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    fails: dict[str, list[Exception]] = field(default_factory=dict)
    legs: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def _do(self, what: str, *about: str) -> None:
        with self.changed:
            if self.fails.get(what):
                raise self.fails[what].pop(0)
            self.done.append((what, *about))
            self.changed.notify_all()

    def ring(self, phone: str, reservation: str, call_id: str, timeout: int) -> str:
        """A new leg."""
        del call_id, timeout
        self._do("ring", phone, reservation)
        self.legs[reservation] = f"leg-{reservation}"
        return self.legs[reservation]

    def dial(self, number: str, leg: str, call_id: str, timeout: int) -> str:
        """A new leg, unless the answer gets lost."""
        del call_id, timeout
        self.legs[leg] = f"leg-{leg}"
        self._do("dial", number, leg)
        return self.legs[leg]

    def find_leg(self, reservation: str, phone: str | None = None) -> str | None:
        """The leg, if it rang; looked for as the carrier does, by phone."""
        self._do("find_leg", reservation, phone or "")
        return self.legs.get(reservation)

    def has_ended(self, leg: str) -> bool:
        """Whether the test has ended it."""
        self._do("has_ended", leg)
        return leg in self.ended

    def push(self, leg: str, call_id: str, seq: int) -> None:
        """Nothing to fetch it with here."""
        del call_id
        self._do("push", leg, str(seq))

    def push_agent(self, leg: str, reservation: str) -> None:
        """Nothing to fetch it with here."""
        self._do("push_agent", leg, reservation)

    def arrange(self, room: str, leg: str, seat: Seat, call_id: str, coached: str | None) -> None:
        """Nobody sits here."""
        del call_id
        how = (("held", seat.held), ("muted", seat.muted), ("coached", coached))
        self._do("arrange", room, leg, " ".join(f"{name}={value}" for name, value in how if value is not None))

    def who_is_in(self, room: str) -> frozenset[str]:
        """Whom the test has put there."""
        self._do("who_is_in", room)
        return frozenset(self.inside)

    def record(self, leg: str, call_id: str, tape: Tape) -> str | None:
        """One recording for each leg."""
        del call_id
        self._do("record", leg, tape.value)
        return f"RE-{leg}"

    def delete_recording(self, sid: str) -> None:
        """Gone."""
        self._do("delete_recording", sid)

    def end_leg(self, leg: str) -> None:
        """Gone."""
        self._do("end_leg", leg)

    def close_room(self, room: str) -> None:
        """Gone."""
        self._do("close_room", room)

    def wait_for(self, what: str, times: int = 1) -> list[tuple[str, ...]]:
        """What was done of this kind, as soon as it was done so often."""
        with self.changed:
            self.changed.wait_for(lambda: sum(1 for one in self.done if one[0] == what) >= times, timeout=10)
            return [one for one in self.done if one[0] == what]


NOT_THERE = LegGone("21220", perhaps_not_yet=True)
GONE = LegGone("20404")
REFUSED = CarrierUnavailable("429", refused=True)
BAD_NUMBER = CarrierUnavailable("400", refused=True, for_good=True)
NO_ANSWER = CarrierUnavailable("no answer")


@dataclass
class House:
    """Everything, open."""

    switchboard: Switchboard
    store: SqlStore
    clock: HandClock
    crm: OneCustomer
    carrier: Switch
    keyring: Keyring
    filed: list[tuple[str, str]] = field(default_factory=list)

    def enters(self, turned: Turned, keys: str, *, key: str | None = None) -> Turned:
        """The caller keys this at the open question."""
        turn = question(turned).turn
        self.clock.pass_seconds(5)
        event = EntryKeyed(self.clock.now(), turn, Secret(keys))
        return self.switchboard.handle(turned.call_id, event, key=key or f"{turned.call_id}:{turn}")

    def journal(self, call_id: str) -> list[tuple[str, dict[str, object]]]:
        """What happened."""
        with self.store.reading() as ledger:
            return [(entry.what, entry.facts) for entry in ledger.journal(call_id)]


def question(turned: Turned) -> Ask:
    """The question that a document asks."""
    return next(verb for verb in turned.verbs if isinstance(verb, Ask))


def kinds(verbs: tuple[Verb, ...]) -> list[str]:
    """The verbs by name."""
    return [type(verb).__name__ for verb in verbs]


def open_house(
    directory: Path, *, line: LinePlan = LINE, agents: tuple[Agent, ...] = (RUTH,), request_waits: float = 2.5,
    is_open: Callable[[], bool] = lambda: True, changed: Callable[[frozenset[str]], None] = tells_nobody,
    can_listen: bool = False,
    queues: dict[str, QueuePlan] | None = None,
    closes_at: datetime | None = None,
    approvals: Approvals | None = None,
    phone: ByPhone | None = None,
) -> House:
    """A house on its own database."""
    keyring = Keyring.open(directory / "keys")
    store = open_store(f"sqlite:///{directory / 'voicebot.db'}", keyring)
    clock, crm, carrier = HandClock(), OneCustomer(), Switch()
    filed: list[tuple[str, str]] = []
    plan = SwitchboardPlan(
        store=store, keyring=keyring, clock=clock, crm=crm, carrier=carrier,
        line_for=lambda _dnis, _at: (line, is_open()), can_listen=lambda _language: can_listen,
        closes_at=lambda _dnis, _at: closes_at, approvals=approvals,
        prompts_version=lambda: "p1", agents=agents, request_waits=request_waits, changed=changed,
        queues=queues or {}, wrap_up_codes=frozenset({"refund"}), wrapped_up=lambda call, code: filed.append((call, code)),
        phone=phone or ByPhone(),
    )
    switchboard = Switchboard(plan)
    switchboard.start()
    return House(switchboard, store, clock, crm, carrier, keyring, filed)
