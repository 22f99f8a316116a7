"""No message is lost or sent twice, whatever the carrier says or does not say, and whoever is killed over it."""

import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.mail.post_office import PostOffice, open_office
from tests.messages import killed
from voicebot.errors import DeliveryFailed
from voicebot.keyring import Keyring
from voicebot.mail.smtp import SmtpMail
from voicebot.messages.couriers import MailCourier, WebhookCourier
from voicebot.messages.sending import LOOK_FOR, MOST_TRIES, PAUSE, Sending, SendingPlan
from voicebot.ports.outgoing import Channel, Courier, MessageState, OutMessage
from voicebot.records.message_rows import message_of
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.schema import messages
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SMS = OutMessage("m1", Channel.SMS, "+12025550123", "+12025550100", "Hello", NOON, NOON)


@dataclass
class Carrier:
    """`fails` one after the other; what it takes it keeps, also where its answer is lost (`unknown`), unless `forgets`."""

    fails: list[DeliveryFailed] = field(default_factory=list)
    forgets: bool = False
    cannot_look: list[DeliveryFailed] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def post(self, message: OutMessage) -> str:
        failure = self.fails.pop(0) if self.fails else None
        if failure is None or (failure.unknown and not self.forgets):
            self.taken.append(message.name)
        if failure is not None:
            raise failure
        return f"SM{len(self.taken)}"

    def find(self, message: OutMessage, known: Collection[str]) -> str:
        if self.cannot_look:
            raise self.cannot_look.pop(0)
        found = [f"SM{n}" for n, name in enumerate(self.taken, 1) if name == message.name and f"SM{n}" not in known]
        return found[0] if found else ""


@dataclass
class Office:
    store: SqlStore
    at: datetime = NOON
    carrier: Carrier = field(default_factory=Carrier)

    def look(self, courier: Courier | None = None) -> int:
        plan = SendingPlan(
            SqlOutgoing(self.store), dict.fromkeys(Channel, courier or self.carrier), "a", lambda: self.at
        )  # fmt: skip
        return Sending(plan).send_due()

    def put(self, message: OutMessage = SMS) -> None:
        assert SqlOutgoing(self.store).put(message)

    def kept(self, name: str = "m1") -> OutMessage:
        with self.store.viewing() as books:
            return message_of(books, books.rows(select(messages).where(messages.c.name == name)).one())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = open_store(f"sqlite:///{tmp_path}/voicebot.db", Keyring.open(tmp_path / "keys"))
    yield Office(store)
    store.close()


def test_what_is_due_is_sent_once(office: Office) -> None:
    office.put()
    office.put(replace(SMS, name="m2", due_at=NOON + timedelta(hours=1)))
    assert (office.look(), office.look()) == (1, 0)
    assert office.carrier.taken == ["m1"]
    assert (office.kept().state, office.kept().sid) == (MessageState.SENT, "SM1")


def test_what_was_not_sent_is_tried_again_with_growing_pauses_and_then_given_up(office: Office) -> None:
    office.carrier.fails = [DeliveryFailed("busy")] * MOST_TRIES
    office.put()
    pauses = []
    for _ in range(MOST_TRIES):
        before = office.at
        assert office.look() == 1
        office.at = office.kept().due_at or office.at
        pauses.append(office.at - before)
    assert pauses[:3] == [2 * PAUSE, 4 * PAUSE, 8 * PAUSE]
    assert max(pauses) == timedelta(hours=1)
    assert (office.kept().state, office.kept().reason, office.carrier.taken) == (MessageState.FAILED, "busy", [])


def test_what_is_refused_for_what_it_is_is_not_tried_again(office: Office) -> None:
    office.carrier.fails = [DeliveryFailed("code 21211", for_good=True)]
    office.put()
    assert (office.look(), office.look()) == (1, 0)
    assert (office.kept().state, office.kept().reason) == (MessageState.FAILED, "code 21211")


def test_one_that_may_have_gone_out_is_found_and_not_sent_again(office: Office) -> None:
    office.carrier.fails = [DeliveryFailed("no answer", unknown=True)]
    office.carrier.cannot_look = [DeliveryFailed("busy")]
    office.put()
    office.look()
    assert office.kept().state is MessageState.UNKNOWN
    assert office.look() == 0
    office.at += LOOK_FOR
    assert office.look() == 1  # it cannot be asked now
    office.at += timedelta(hours=1)
    assert office.look() == 1
    assert (office.kept().state, office.kept().sid, office.carrier.taken) == (MessageState.SENT, "SM1", ["m1"])


def test_one_that_is_not_found_is_sent_again(office: Office) -> None:
    office.carrier = Carrier([DeliveryFailed("no answer", unknown=True)], forgets=True)
    office.put()
    for _ in range(3):
        office.look()
        office.at += timedelta(minutes=5)
    assert (office.kept().state, office.carrier.taken) == (MessageState.SENT, ["m1"])


def test_who_wants_none_gets_none_and_the_carrier_may_know_it_first(office: Office) -> None:
    outgoing = SqlOutgoing(office.store)
    office.carrier.fails = [DeliveryFailed("code 21610", for_good=True, unwanted=True)]
    for name in ("m1", "m2"):
        office.put(replace(SMS, name=name))
    office.put(replace(SMS, name="m3", sender="+12025550109"))
    office.look()
    assert [office.kept(name).state for name in ("m1", "m2", "m3")] == [*[MessageState.REFUSED] * 2, MessageState.SENT]
    assert (office.kept("m2").reason, office.carrier.taken) == ("opted_out", ["m3"])
    outgoing.opt(SMS.to, SMS.sender, out=False, at=NOON)
    office.put(replace(SMS, name="m4"))
    office.look()
    assert office.kept("m4").state is MessageState.SENT


def test_a_letter_whose_answer_is_lost_stays_unknown_for_ever(office: Office) -> None:
    post = PostOffice(lost="DATA")
    office.put(replace(SMS, name="notice-1", channel=Channel.MAIL, to="ada@example.com", subject="Hello"))
    with open_office(post) as server:
        courier = MailCourier(SmtpMail(server, lambda: office.at))
        for _ in range(3):
            office.look(courier)
            office.at += timedelta(hours=1)
    assert (post.tried, office.kept("notice-1").state, office.kept("notice-1").due_at) == (1, MessageState.UNKNOWN, None)


def test_a_letter_goes_out_by_its_name(office: Office) -> None:
    post = PostOffice()
    office.put(replace(SMS, name="notice-1", channel=Channel.MAIL, to="ada@example.com", subject="Subject"))
    with open_office(post) as server:
        office.look(MailCourier(SmtpMail(server, lambda: office.at)))
    (letter,) = (letter for _, _, letter in post.taken)
    assert (letter["Message-ID"], letter["Subject"]) == ("<notice-1@larkfield.example>", "Subject")


def test_a_webhook_is_repeated_under_its_name_since_its_receiver_knows_it(office: Office) -> None:
    sent: list[tuple[str, str, bytes]] = []

    class Net:
        def send(self, url: str, name: str, _content_type: str, content: bytes, _at: datetime) -> None:
            sent.append((url, name, content))
            if len(sent) == 1:
                raise DeliveryFailed("lost", unknown=True)

    office.put(replace(SMS, channel=Channel.WEBHOOK, to="https://x.example", text="{}"))
    for _ in range(3):
        office.look(WebhookCourier(Net(), lambda: office.at))
        office.at += timedelta(minutes=5)
    assert sent == [("https://x.example", "m1", b"{}")] * 2
    assert office.kept().state is MessageState.SENT


def test_what_cannot_be_prepared_keeps_no_message_that_is_there(office: Office) -> None:
    def fails(_now: datetime) -> None:
        raise KeyError("a text")

    office.put()
    plan = SendingPlan(SqlOutgoing(office.store), {Channel.SMS: office.carrier}, "a", lambda: office.at, (fails,))
    assert Sending(plan).send_due() == 1
    assert office.carrier.taken == ["m1"]


def test_the_thread_looks_and_ends(office: Office) -> None:
    seen: list[datetime] = []
    sending = Sending(SendingPlan(SqlOutgoing(office.store), {}, "a", lambda: NOON, (seen.append,)))
    sending.start()
    sending.close()
    assert sending._thread is not None
    assert not sending._thread.is_alive()
    assert sending.send_due() == 0
    assert seen[-1] == NOON


# ---- kill -9 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", killed.POINTS)
def test_a_killed_process_loses_and_doubles_no_message(tmp_path: Path, point: str) -> None:
    killed.prepare(tmp_path)
    ask = [sys.executable, "-m", "tests.messages.killed", str(tmp_path), point]
    died = subprocess.run(ask, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr
    killed.go_on(tmp_path)
    assert sorted(killed.taken(tmp_path)) == sorted(killed.WANTED)
    assert killed.states(tmp_path) == {MessageState.SENT}
