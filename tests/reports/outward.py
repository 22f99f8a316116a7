"""What a house does beside its calls, and knows of it: callbacks booked without one, invitations, messages, judgements."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.dialogue.conversation import BILLING
from tests.reports.book import Book
from tests.reports.robot import OneCall
from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import BookedBy, NotReached, Window, WishResult
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.evaluations import Evaluation, Mark
from voicebot.ports.invitations import Invitation, InvitationState
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.evaluations import SqlEvaluations
from voicebot.records.outgoing import SqlOutgoing
from voicebot.records.store import SqlStore

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
WAYS = (BookedBy.PAGE, BookedBy.API, BookedBy.CALL)  # a call without a line: out of hours
ENDS = {
    "served": (SettleWish("", WishResult.SERVED, 2), "reached", ""),
    "by_hand": (None, "reached", ""),
    "busy": (SettleWish("", WishResult.NOT_REACHED, 3, why=NotReached.BUSY), "unreached", "busy"),
    "nobody_free": (SettleWish("", WishResult.NOT_REACHED), "unreached", "no_agent"),
    "called_off": (SettleWish("", WishResult.CALLED_OFF, 1), "not_needed", "called_off"),
    "otherwise": (SettleWish("", WishResult.SERVED_OTHERWISE), "not_needed", "served_otherwise"),
    "tried": (SettleWish("", WishResult.NOT_REACHED, 1, datetime.max.replace(tzinfo=UTC), NotReached.NO_ANSWER), "under_way", ""),
    "new": (None, "under_way", ""),
}  # fmt: skip
ANSWERS = {
    InvitationState.AGREED: ("reached", ""), InvitationState.DECLINED: ("reached", ""),
    InvitationState.EXPIRED: ("unreached", "expired"), InvitationState.REFUSED: ("unreached", "refused"),
    InvitationState.WITHDRAWN: ("not_needed", "withdrawn"), InvitationState.WAITING: ("under_way", ""),
    InvitationState.SENT: ("under_way", ""),
}  # fmt: skip
ASKED_BY = {"agent:ruth": "agent", "api:crm": "api", "rule:after_missed": "rule", "campaign:spring": "campaign:spring"}
POSTED = (
    (Channel.SMS, MessageState.DELIVERED, "", "reached", ""), (Channel.SMS, MessageState.SENT, "", "under_way", ""),
    (Channel.SMS, MessageState.UNDELIVERED, "carrier 30003", "unreached", "carrier 30003"),
    (Channel.WHATSAPP, MessageState.READ, "", "reached", ""), (Channel.WHATSAPP, MessageState.FAILED, "", "unreached", "failed"),
    (Channel.MAIL, MessageState.SENT, "", "reached", ""), (Channel.WEBHOOK, MessageState.DROPPED, "", "not_needed", "dropped"),
    (Channel.MESSENGER, MessageState.REFUSED, "opted_out", "unreached", "opted_out"),
)  # fmt: skip
QUESTIONS = (("greeting", 1, False), ("solution", 3, False), ("privacy", 1, True))


@dataclass
class Outward:
    """Over a store; what it does stands in the book."""

    store: SqlStore
    chance: Random
    book: Book
    made: int = 0

    def day(self, begins: datetime, times: int) -> None:
        """So many of each, within some hours."""
        for number in range(times):
            at = begins + timedelta(seconds=round(self.chance.uniform(0, 9 * 3600)))
            self.books_a_callback(at, WAYS[number % len(WAYS)], list(ENDS)[number % len(ENDS)])
            self.invites(at, list(ASKED_BY)[number % len(ASKED_BY)], list(ANSWERS)[number % len(ANSWERS)])
            self.posts(at, number)

    def reached_out(self, kind: str, way: str, queue: str, fate: str, why: str, **sums: Any) -> None:
        """Wherever such is reported."""
        sums = {"outreach": 1, fate: 1} | sums
        if kind == "callback":
            self.book.add("callbacks", (queue, way), **sums)
        self.book.add("outbound", (kind, way, queue), **sums)
        self.book.add("unreached", (why, kind, way), **sums)

    # ---- callbacks -------------------------------------------------------------------------------------------------

    def wished(self, call_id: str, call: OneCall, at: datetime) -> None:
        """Somebody left the line to be called back; some are, by hand, an hour after they have left."""
        with self.store.transaction() as ledger:
            ledger.keep_wish(CallbackWish(call_id, "billing", f"+1202556{self._number():04d}", call.begins, at))
        took: dict[str, Any] = {}
        if call.called_back:
            assert SqlCallbackWishes(self.store).done(call_id, "Mira", at + HOUR)
            took = {"timed": 1, "took": HOUR}
        self.reached_out("callback", "call", "billing", "reached" if call.called_back else "under_way", "", **took)

    def books_a_callback(self, at: datetime, way: BookedBy, end: str) -> None:
        """Without a call, or out of hours."""
        window = Window(at + HOUR, at + 2 * HOUR) if self._number() % 2 else None
        wish = self._opens(at, way.value)
        with self.store.transaction() as ledger:
            assert ledger.keep_wish(CallbackWish(wish, "billing", self._phone(), at, at, at, window=window, booked_by=way))
        settled, fate, why = ENDS[end]
        over = at + timedelta(seconds=5000)
        sums: dict[str, Any] = {}
        if settled is not None:
            with self.store.transaction() as ledger:
                again = at + 3 * HOUR if settled.again_at else None
                mine = SettleWish(wish, settled.result, settled.tries, again, settled.why)
                ledger.settle_wish(mine, over, "Mira")
            sums = {"dials": settled.tries}
        elif fate == "reached":
            assert SqlCallbackWishes(self.store).done(wish, "Mira", over)
        if fate == "reached":
            sums |= {"timed": 1, "took": over - (window.start if window else at)}
        told = "out_of_hours" if way is BookedBy.CALL else way.value
        self.reached_out("callback", told, "billing", fate, why, **sums)

    # ---- invitations and messages ----------------------------------------------------------------------------------

    def invites(self, at: datetime, by: str, state: InvitationState) -> None:
        """A customer, who answers, or does not."""
        mine, campaign = self._opens(at, "invitation"), by.partition("campaign:")[2]
        number = self._phone()
        sent = at + timedelta(minutes=2)
        invitation = Invitation(mine, "invoice", "delivery", number, "Your contract", "en", by, at, sent, sent + WEEK, campaign)
        took: dict[str, Any] = {}
        with self.store.transaction() as ledger:
            assert ledger.keep_invitation(invitation)
            if state is not InvitationState.WAITING:
                assert ledger.move_invitation(mine, state, sent)
            if state is InvitationState.AGREED:
                agreed = sent + timedelta(minutes=7)
                wish = CallbackWish(mine, "delivery", number, agreed, agreed, agreed, booked_by=BookedBy.ALERT)
                assert ledger.keep_wish(wish)
                took = {"timed": 1, "took": timedelta(minutes=7)}
                self.reached_out("callback", "alert", "delivery", "under_way", "")
        self.reached_out("invitation", ASKED_BY[by], "delivery", *ANSWERS[state], **took)

    def posts(self, at: datetime, number: int) -> None:
        """A message, by an agent or by the house."""
        channel, state, reason, fate, why = POSTED[number % len(POSTED)]
        by = "mira" if number % 3 else ""
        name, outgoing = f"m-{self._number()}", SqlOutgoing(self.store)
        assert outgoing.put(OutMessage(name, channel, self._phone(), "+15550100", "Hello", at, None, by=by))
        assert outgoing.learned(name, state, "SM1", reason, at + timedelta(seconds=9))
        took = {"timed": 1, "took": timedelta(seconds=9)} if fate == "reached" else {}
        self.reached_out("message" if by else "notice", channel.value, "", fate, why, **took)

    # ---- judgements --------------------------------------------------------------------------------------------------

    def judges(self, call_id: str, call: OneCall, at: datetime) -> None:
        """Some conversations, some of them twice: then only the second counts."""
        if call.ending != "served" or self.chance.random() < 0.6:
            return
        agent, queue = call.parts[-1]["agent"], call.parts[-1]["queue"]
        for number in range(1, self.chance.choice((2, 2, 3))):
            given = [(*one, self.chance.choice((None, 0, 3, 5))) for one in QUESTIONS]
            marks = tuple(Mark(name, name, weight, critical, points) for name, weight, critical, points in given)
            score = self.chance.choice((None, 0, 60, 85))
            judged = Evaluation(call_id, number, agent, "Vera", at, score, marks, why="again" if number > 1 else "")
            assert SqlEvaluations(self.store).keep(judged)
        seen = SqlEvaluations(self.store).seen(call_id, number, agent, "", at) if self.chance.random() < 0.5 else False
        failed = any(critical and points == 0 for _, _, critical, points in given)
        scored = int(score is not None)
        told = {"judged": 1, "scored": scored, "points": score or 0, "failed": int(failed), "seen": int(seen)}
        self.book.add("evaluations", (agent, queue), **told)
        for name, _, _, points in given:
            if points is not None:
                self.book.add("marks", (name, agent), marks=1, points=points)

    def _opens(self, at: datetime, what: str) -> str:
        call = Call(f"booked-{what}-{self._number()}", BILLING, stage=Stage.ENDED, started_at=at, ended_at=at)
        with self.store.transaction() as ledger:
            ledger.open_call(call, None, "prompts-1", at)
        return call.id

    def _number(self) -> int:
        self.made += 1
        return self.made

    def _phone(self) -> str:
        return f"+1202557{self._number():04d}"
