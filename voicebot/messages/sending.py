"""Sends what is in the outbox of messages, in a thread of its own, and finds out what became of what may have gone out.

None is lost: a message is a row until the carrier has it. None is sent twice: whatever may have gone out is looked for first.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from voicebot.errors import DeliveryFailed
from voicebot.ports.outgoing import Channel, Courier, MessageState, Outgoing, OutMessage

LEASE = timedelta(minutes=5)  # of one look: each message has its own, shorter limits
MOST_TRIES = 12
PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)  # doubled with each try
LOOK_FOR = timedelta(seconds=60)  # the carrier's list takes a moment to hold what it was given
LOOK = 1.0  # real seconds between two looks
PEOPLE = (Channel.SMS, Channel.WHATSAPP, Channel.MESSENGER)  # channels that can be opted out of

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SendingPlan:
    """Each of `prepare` writes what is to be told into the outbox, before each look."""

    outgoing: Outgoing
    couriers: Mapping[Channel, Courier]
    owner: str
    now: Callable[[], datetime]
    prepare: Sequence[Callable[[datetime], object]] = ()


@dataclass
class Sending:
    """From `start` to `close` in a thread; `send_due` is one look."""

    plan: SendingPlan
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="messages", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """After the message that is under way."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def send_due(self) -> int:
        """Prepare, then send or look for what is due, one by one; gives how many there were."""
        done = 0
        self._prepare()
        while not self._over.is_set():
            now = self.plan.now()
            leased = self.plan.outgoing.lease(self.plan.owner, now, now + LEASE, 1)
            if not leased:
                break
            self.plan.outgoing.settle(self.plan.owner, self._after(leased[0]), self.plan.now())
            done += 1
        return done

    def _run(self) -> None:
        while not self._over.wait(LOOK):
            try:
                self.send_due()
            except Exception as trouble:  # noqa: BLE001 - the next look comes all the same
                log.error("messages not sent", trouble=type(trouble).__name__)

    def _prepare(self) -> None:
        """What fails in one must not keep the others, nor what is in the outbox already."""
        for prepare in self.plan.prepare:
            try:
                prepare(self.plan.now())
            except Exception as trouble:  # noqa: BLE001 - the next look prepares anew
                log.error("messages not prepared", trouble=type(trouble).__name__)

    def _after(self, message: OutMessage) -> OutMessage:
        """What became of it."""
        courier = self.plan.couriers.get(message.channel)
        if not message.to:
            return replace(message, state=MessageState.DROPPED, reason="erased", due_at=None)
        if courier is None:
            return _failed(message, MessageState.FAILED, "no_way")
        if message.state is MessageState.UNKNOWN:
            return self._looked_for(message, courier)
        if message.channel in PEOPLE and self.plan.outgoing.opted_out(message.to, message.sender):
            return _failed(message, MessageState.REFUSED, "opted_out")
        return self._sent(message, courier)

    def _sent(self, message: OutMessage, courier: Courier) -> OutMessage:
        try:
            sid = courier.post(message)
        except DeliveryFailed as failed:
            return self._not_sent(message, failed)
        return replace(message, state=MessageState.SENT, sid=sid, reason="", due_at=None)

    def _not_sent(self, message: OutMessage, failed: DeliveryFailed) -> OutMessage:
        log.warning("a message did not go out", channel=message.channel.value, why=str(failed), unknown=failed.unknown)
        if failed.unknown:
            due = self.plan.now() + LOOK_FOR
            return replace(message, state=MessageState.UNKNOWN, reason=str(failed), due_at=due, tries=message.tries + 1)
        if failed.unwanted:  # the carrier knew before we did
            self.plan.outgoing.opt(message.to, message.sender, out=True, at=self.plan.now())
            return _failed(message, MessageState.REFUSED, "opted_out")
        if failed.for_good:
            return _failed(message, MessageState.FAILED, str(failed))
        return self._again(message, str(failed))

    def _looked_for(self, message: OutMessage, courier: Courier) -> OutMessage:
        """It may have gone out."""
        try:
            found = courier.find(message, self.plan.outgoing.known_sids(message.to))
        except DeliveryFailed as failed:
            pause = self.plan.now() + _pause(message.tries)
            return replace(message, reason=str(failed), due_at=pause, tries=message.tries + 1)
        if found is None:  # nobody can tell, ever
            log.error("nobody knows whether a message went out", channel=message.channel.value)
            return replace(message, due_at=None, reason=message.reason or "unknown")
        if found:
            return replace(message, state=MessageState.SENT, sid=found, reason="", due_at=None)
        return self._again(message, message.reason or "not_found")

    def _again(self, message: OutMessage, reason: str) -> OutMessage:
        tries = message.tries + 1
        if tries >= MOST_TRIES:
            return _failed(replace(message, tries=tries), MessageState.FAILED, reason)
        due = self.plan.now() + _pause(tries)
        return replace(message, state=MessageState.QUEUED, reason=reason, tries=tries, due_at=due)


def _failed(message: OutMessage, state: MessageState, reason: str) -> OutMessage:
    return replace(message, state=state, reason=reason, due_at=None)


def _pause(tries: int) -> timedelta:
    return min(PAUSE * (1 << min(tries, 20)), LONGEST_PAUSE)
