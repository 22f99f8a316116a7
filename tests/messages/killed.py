"""A process that tells news and sends messages until it kills itself at a point; and another one that goes on.

The carrier is a file: a line is a message that it has taken, whether anybody heard of it or not.
"""

import os
import signal
import sys
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from voicebot.config.notices import NoticesPlan, load_notice_texts
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import WishStatus
from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
from voicebot.keyring import Keyring
from voicebot.messages.notices import Notices, NoticesHouse
from voicebot.messages.sending import Sending, SendingPlan
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.schema import messages
from voicebot.records.store import SqlStore, open_store

PROJECT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
# Where it dies: before and after news become messages, before and after a message is taken up, given away, and written down.
POINTS = ("before_tell", "after_tell", "before_lease", "after_lease", "after_post", "after_settle")
NUMBERS = {"one": "+12025550123", "two": "+12025550124"}
WANTED = tuple(NUMBERS.values())


class FileCarrier:
    """Takes messages by appending to a file."""

    def __init__(self, place: Path, point: str) -> None:
        self._file, self._point = place / "carrier", point

    def post(self, message: OutMessage) -> str:
        with self._file.open("a") as file:
            file.write(f"{message.to}\n")
            file.flush()
            os.fsync(file.fileno())
        dies(self._point, "after_post")
        return f"SM-{message.to}"

    def find(self, message: OutMessage, known: Collection[str]) -> str:
        there = self._file.exists() and message.to in self._file.read_text().splitlines()
        return f"SM-{message.to}" if there and f"SM-{message.to}" not in known else ""


class Deadly(SqlOutgoing):
    """An outbox before and after whose deeds one may die."""

    def __init__(self, store: SqlStore, point: str) -> None:
        super().__init__(store)
        self._point = point

    def tell(self, *arguments: object) -> bool:
        dies(self._point, "before_tell")
        told = super().tell(*arguments)  # type: ignore[arg-type]
        dies(self._point, "after_tell")
        return told

    def lease(self, *arguments: object) -> list[OutMessage]:
        dies(self._point, "before_lease")
        leased = super().lease(*arguments)  # type: ignore[arg-type]
        dies(self._point, "after_lease")
        return leased

    def settle(self, *arguments: object) -> None:
        super().settle(*arguments)  # type: ignore[arg-type]
        dies(self._point, "after_settle")


def dies(point: str, here: str) -> None:
    if point == here:
        os.kill(os.getpid(), signal.SIGKILL)


def opened(place: Path) -> SqlStore:
    return open_store(f"sqlite:///{place}/voicebot.db", Keyring.open(place / "keys"))


def prepare(place: Path) -> None:
    """Two callbacks are booked."""
    store = opened(place)
    line = LinePlan("billing", "+12025550110", "en", "US", QueuePlan("billing"), Grammar("en"))
    with store.transaction() as ledger:
        for name, number in NUMBERS.items():
            ledger.open_call(Call(name, line), None, "p", NOON)
            ledger.keep_wish(CallbackWish(name, "billing", number, NOON, NOON, due_at=NOON))
    store.close()


def run(place: Path, point: str, owner: str, now: datetime) -> None:
    """Look until nothing is left."""
    store = opened(place)
    store.begin_boot(owner, now)
    outgoing = Deadly(store, point)
    house = NoticesHouse(
        "Larkfield", "America/New_York", NoticesPlan(sms=(WishStatus.BOOKED,)), load_notice_texts(PROJECT / "notices", ["en"]),
        outgoing, lambda _: "", "+12025550100", "", "en",
    )  # fmt: skip
    at = now
    sending = Sending(
        SendingPlan(outgoing, {Channel.SMS: FileCarrier(place, point)}, owner, lambda: at, (Notices(house).tell_due,))
    )
    for _ in range(4):
        sending.send_due()
        at += timedelta(minutes=10)
    store.close()


def go_on(place: Path) -> None:
    """The next process knows that the one before has ended."""
    store = opened(place)
    store.end_boot("first")
    store.close()
    run(place, "", "second", NOON + timedelta(minutes=1))


def taken(place: Path) -> list[str]:
    return (place / "carrier").read_text().splitlines()


def states(place: Path) -> set[MessageState]:
    store = opened(place)
    with store.viewing() as books:
        found = {MessageState(row.state) for row in books.rows(select(messages.c.state))}
    store.close()
    return found


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], "first", NOON)
