"""What is older than its days is forgotten by itself; what is open, or younger, or has no days, stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, select

from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.correspondence import Reply, ReplyState
from voicebot.ports.invitations import Invitation
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.correspondence import SqlCorrespondence
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.retention import AT_ONCE, forget_old
from voicebot.records.schema import calls, messages
from voicebot.records.store import SqlStore

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=31), NOW - timedelta(days=29)
LINE = LinePlan("billing", "+12025550110", "en", "US", QueuePlan("billing"), Grammar("en"))
ADA, OURS = "+12025550123", "+12025550100"


def call(store: SqlStore, name: str, at: datetime, *, over: bool = True) -> None:
    with store.transaction() as ledger:
        ledger.open_call(Call(name, LINE, stage=Stage.ENDED if over else Stage.WAIT, started_at=at), None, "", at)


def wished(store: SqlStore, name: str) -> None:
    call(store, name, OLD)
    with store.transaction() as ledger:
        ledger.keep_wish(CallbackWish(name, "billing", f"+120255502{len(name):02d}", OLD, OLD))


def known(store: SqlStore, table: Table, name: str) -> list[str]:
    """Those that can still be read."""
    with store.viewing() as books:
        readable = select(table.c[name]).where(table.c.wrapped_key.is_not(None)).order_by(table.c[name])
        return [row[0] for row in books.rows(readable)]


def test_calls_that_are_over_go_when_their_days_are_and_once(store: SqlStore) -> None:
    for number in range(AT_ONCE + 1):
        call(store, f"old-{number}", OLD)
    call(store, "young", YOUNG)
    call(store, "goes-on", OLD, over=False)
    assert forget_old(store, NOW, call_days=0, message_days=30) == 0
    assert forget_old(store, NOW, call_days=30, message_days=0) == AT_ONCE + 1
    assert known(store, calls, "id") == ["goes-on", "young"]
    assert forget_old(store, NOW, call_days=30, message_days=30) == 0


def test_a_callback_that_is_wanted_and_an_invitation_that_is_open_stay(store: SqlStore) -> None:
    wished(store, "wanted")
    wished(store, "done")
    assert SqlCallbackWishes(store).done("done", "Mira", OLD)
    for name, until in (("asked", NOW + timedelta(days=1)), ("unanswered", YOUNG)):
        call(store, name, OLD)
        with store.transaction() as ledger:
            ledger.keep_invitation(invitation(name, until))
    forget_old(store, NOW, call_days=30, message_days=0)
    assert known(store, calls, "id") == ["asked", "wanted"]
    with store.reading() as ledger:
        assert ledger.any_wish("wanted") is not None
        assert (ledger.any_wish("done") or CallbackWish("", "", "", NOW, NOW)).number == ""


def invitation(name: str, until: datetime) -> Invitation:
    number = f"+120255503{len(name):02d}"
    return Invitation(name, "invoice", "billing", number, "Your contract", "en", "agent:mira", OLD, OLD, until)


def test_messages_go_when_their_days_are_and_open_ones_stay(store: SqlStore) -> None:
    outgoing, threads = SqlOutgoing(store), SqlCorrespondence(store)
    for name, at, state in (
        ("n-old", OLD, MessageState.DELIVERED), ("n-waits", OLD, MessageState.QUEUED), ("n-young", YOUNG, MessageState.DELIVERED),
    ):  # fmt: skip
        outgoing.put(OutMessage(name, Channel.SMS, ADA, OURS, "Your parcel?", at, at, state=state))
    for sid, state in (("SM-new", ReplyState.NEW), ("SM-done", ReplyState.DONE), ("SM-stop", ReplyState.NOTED)):
        threads.arrived(Reply(sid, Channel.SMS, ADA, OURS, "Hello", OLD), state, True if state is ReplyState.NOTED else None)
    assert forget_old(store, NOW, call_days=30, message_days=0) == 0
    assert forget_old(store, NOW, call_days=0, message_days=30) == 3
    assert known(store, messages, "name") == ["SM-new", "n-waits", "n-young"]
    assert outgoing.opted_out(ADA, OURS)  # who wants nothing more is remembered, by a keyed hash
    assert len(threads.open_threads()) == 1


def test_a_letter_of_which_nobody_can_ever_tell_goes_like_one_that_was_sent(store: SqlStore) -> None:
    outgoing, sent = SqlOutgoing(store), MessageState.UNKNOWN
    letter = OutMessage("n-letter", Channel.MAIL, "ada@example.com", "us@example.com", "Booked", OLD, None, state=sent)
    outgoing.put(letter)
    outgoing.put(replace(letter, name="n-looked-for", due_at=NOW))
    assert forget_old(store, NOW, call_days=0, message_days=30) == 1
    assert known(store, messages, "name") == ["n-looked-for"]


def test_a_run_that_is_to_end_leaves_the_rest_to_the_next(store: SqlStore) -> None:
    call(store, "old", OLD)
    assert forget_old(store, NOW, call_days=30, message_days=30, is_over=lambda: True) == 0
    assert forget_old(store, NOW, call_days=30, message_days=30) == 1
