"""Goes on with an approval in a customer's app: asks the provider once, then looks until there is an answer, or nobody waits.

Its schedule is its outbox row, so that another process goes on after a restart. Must not run inside a transaction.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

import structlog

from voicebot.dialogue.approving import ApprovalResult, ApprovalVerdict
from voicebot.dialogue.call import Call
from voicebot.dialogue.events import ApprovalAnswered, ApprovalRequested
from voicebot.errors import ImpossibleEvent
from voicebot.keyring import Keyring
from voicebot.ports.approvals import ApprovalProvider, ApprovalWanted, KeptApproval, Looked, NotOpened, Opened, Pending
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.store import Effect, Ledger, Store
from voicebot.switchboard.approving import AFTERWARDS, PINGED, code_of, never_asked, ping_token, succeeded

SLOWER = 5.0  # seconds more between looks, as the provider asks for it (CIBA Core 1.0, 11)
LONGEST_INTERVAL = 30.0
JITTER = 0.1  # of an interval, so that calls of one moment do not stay together
AFTER_TROUBLE = 5.0

VERDICTS = {
    Looked.APPROVED: ApprovalVerdict.APPROVED, Looked.DENIED: ApprovalVerdict.DENIED, Looked.EXPIRED: ApprovalVerdict.EXPIRED,
    Looked.UNTRUE: ApprovalVerdict.UNTRUE, Looked.GONE: ApprovalVerdict.UNAVAILABLE,
}  # fmt: skip
Came = ApprovalRequested | ApprovalAnswered
Deliver = Callable[[str, Came, Callable[[Ledger], bool]], None]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Approvals:
    """Who is asked, and which of a customer's details name them there: what is sent, and what the provider's word must name."""

    provider: ApprovalProvider
    hint: str
    subject: str


class Approver:
    """`deliver(call, event, first)`: the event reaches the call in one transaction with `first`, unless that says False."""

    def __init__(
        self, approvals: Approvals | None, store: Store, keyring: Keyring, clock: Clock, crm: Crm, deliver: Deliver,
        time_scale: float = 1.0,
    ) -> None:  # fmt: skip
        self._approvals, self._store, self._keyring, self._clock, self._crm = approvals, store, keyring, clock, crm
        self._deliver, self._scale = deliver, time_scale

    def go_on(self, effect: Effect) -> datetime | None:
        """The next step of this outbox row; gives when the one after it is due, None if there is none."""
        try:
            with self._store.reading() as ledger:
                kept, held = ledger.approval(effect.call_id, effect.about["approval"]), ledger.load_call(effect.call_id)
            if kept is None or held is None:
                return None  # nobody waits for it any more
            match kept.pending:
                case Pending.WANTED:
                    return self._ask(kept, held.call, effect)
                case Pending.ASKING:
                    return self._not_opened(kept, held.call, ApprovalResult.UNAVAILABLE, reached=True)
                case Pending.OPEN:
                    return self._look(kept, held.call)
        except ImpossibleEvent:
            log.warning("event not taken", event="Approval")
            return None
        except Exception as trouble:  # noqa: BLE001 - the row is still there: it is gone on with later
            log.error("approval not gone on with", trouble=type(trouble).__name__)
            return self._in(AFTER_TROUBLE)

    def pinged(self, token: str, auth_req_id: str) -> bool:
        """The provider says that there is an answer: it is looked at now. False where nobody waits for that."""
        ping = self._keyring.blind(PINGED, token)
        with self._store.transaction() as ledger:
            kept = ledger.pinged_approval(ping)
            if kept is None or not compare_digest(kept.auth_req_id.encode(), auth_req_id.encode()):
                return False
            ledger.hasten_effect(kept.effect, self._clock.now())
        return True

    # ---- the request -----------------------------------------------------------------------------------------------------

    def _ask(self, kept: KeptApproval, call: Call, effect: Effect) -> datetime | None:
        """Noted before it is done: what may be on somebody's screen is not asked for again."""
        with self._store.transaction() as ledger:
            ledger.save_approval(replace(kept, pending=Pending.ASKING))
        named = self._named(call)
        if isinstance(named, ApprovalResult):
            return self._not_opened(kept, call, named, reached=False)
        hint, subject = named
        since = datetime.now(UTC).timestamp()
        opened = self._asked(kept, call, effect, hint)
        if isinstance(opened, NotOpened):
            return self._not_opened(kept, call, ApprovalResult(opened.value), reached=opened is NotOpened.NOT_SET_UP)
        until = self._in(opened.seconds) + AFTERWARDS * self._scale
        kept = replace(
            kept, pending=Pending.OPEN, auth_req_id=opened.auth_req_id, subject=subject, since=since, interval=opened.interval,
            until=until,
        )  # fmt: skip

        def open_now(ledger: Ledger) -> bool:
            ledger.save_approval(kept)
            return ledger.approval(kept.call_id, kept.number) is not None

        self._deliver(call.id, ApprovalRequested(self._clock.now(), kept.number, ApprovalResult.OPEN), open_now)
        return self._next(kept)

    def _named(self, call: Call) -> tuple[str, str] | ApprovalResult:
        """What names the customer at the provider: sent, and to be found in its word."""
        if self._approvals is None or call.customer is None:
            return ApprovalResult.UNAVAILABLE
        hint, subject = self._approvals.hint, self._approvals.subject
        details = self._crm.details(call.customer.ref, tuple(dict.fromkeys((hint, subject)))).details
        if details is None:
            return ApprovalResult.UNAVAILABLE
        if not details.get(hint) or not details.get(subject):
            return ApprovalResult.NOT_SET_UP
        return details[hint], details[subject]

    def _asked(self, kept: KeptApproval, call: Call, effect: Effect, hint: str) -> Opened | NotOpened:
        assert self._approvals is not None  # it was named with it  # noqa: S101
        code, token = code_of(self._keyring, call.id, kept.number), ping_token(self._keyring, call.id, kept.number)
        seconds, about = effect.about["seconds"], effect.about["about"]
        return self._approvals.provider.ask(ApprovalWanted(hint, code, call.line.language, about, seconds, token))

    def _not_opened(self, kept: KeptApproval, call: Call, result: ApprovalResult, *, reached: bool) -> datetime | None:
        """`reached`: the provider has, or may have, been asked; otherwise it does not count against the customer."""

        def over(ledger: Ledger) -> bool:
            if not reached and call.customer is not None:
                never_asked(ledger, self._keyring, call.customer.ref, kept.at)
            return ledger.drop_approval(kept.call_id, kept.number)

        self._deliver(call.id, ApprovalRequested(self._clock.now(), kept.number, result), over)
        return None

    # ---- the answer ------------------------------------------------------------------------------------------------------

    def _look(self, kept: KeptApproval, call: Call) -> datetime | None:
        looked = Looked.UNAVAILABLE
        if self._approvals is not None:
            looked = self._approvals.provider.look(kept.auth_req_id, kept.subject, kept.since)
        if (verdict := VERDICTS.get(looked)) is not None:
            return self._answered(kept, call, verdict)
        if self._clock.now() >= kept.until:
            lost = looked is Looked.UNAVAILABLE
            return self._answered(kept, call, ApprovalVerdict.UNAVAILABLE if lost else ApprovalVerdict.EXPIRED)
        later = kept
        if looked is Looked.SLOWER:
            later = replace(kept, interval=min(kept.interval + SLOWER, LONGEST_INTERVAL))
        later = replace(later, failed=kept.failed + 1 if looked is Looked.UNAVAILABLE else 0)
        if later != kept:
            with self._store.transaction() as ledger:
                ledger.save_approval(later)
        return self._next(later)

    def _answered(self, kept: KeptApproval, call: Call, verdict: ApprovalVerdict) -> datetime | None:
        def over(ledger: Ledger) -> bool:
            if verdict is ApprovalVerdict.APPROVED and call.customer is not None:
                succeeded(ledger, self._keyring, call.customer.ref, self._clock.now())
            return ledger.drop_approval(kept.call_id, kept.number)

        self._deliver(call.id, ApprovalAnswered(self._clock.now(), kept.number, verdict), over)
        return None

    def _next(self, kept: KeptApproval) -> datetime:
        """After its interval; after longer and longer while the provider does not answer."""
        pause = min(kept.interval * 2**min(kept.failed, 10), LONGEST_INTERVAL)
        return self._in(pause * (1 + random.uniform(0, JITTER)))  # noqa: S311 - only so that looks do not stay together

    def _in(self, seconds: float) -> datetime:
        """So many real seconds from now, in call time."""
        return self._clock.now() + timedelta(seconds=seconds * self._scale)
