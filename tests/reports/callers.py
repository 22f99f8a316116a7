"""A robot caller who is asked who they are, and what they know of the call: what they did and heard, and when.

The robot reads no journal and asks no fact: what it counts, it counts when it does it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.dialogue.conversation import ACCOUNT, ACCOUNT_SAID, BILLING, PIN_KEYED, PIN_SAID, SELF_SERVICE, WEB
from tests.facts.journals import NotedConversation
from tests.reports.book import Book
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import LinePlan, PaymentPlan, QueuePlan
from voicebot.dialogue.values import Customer, Hearing, IdentifyResult, SecretVerdict

OFFERS = QueuePlan("billing", max_wait=600, offer_callback=True)
CARDS = PaymentPlan("EUR", 2, at_most=50_000, patience=60)
TALKS = replace(BILLING, queue=OFFERS, survey=True, payments=CARDS)
LINES: tuple[LinePlan, ...] = (
    TALKS,
    replace(TALKS, name="facturation", language="fr"),
    replace(SELF_SERVICE, queue=QueuePlan("balance", max_wait=600)),
    replace(WEB, queue=QueuePlan("web", max_wait=600)),
)
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # of each conversation, by its own clock
ALOUD = frozenset({
    "_says_the_number", "_is_read_back", "_mumbles", "_wants_it_again", "_has_none", "_says_the_pin",
})  # fmt: skip
ASKED_AGAIN = ("repeat", "help")


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@dataclass
class Caller:
    """Until somebody is to speak with them. `begins`: when it rings; `customer`: who calls."""

    chance: Random
    book: Book
    line: LinePlan
    begins: datetime
    customer: Customer
    asked: Counter[str] = field(default_factory=Counter)
    verified_at: datetime | None = None
    identified: bool = False
    denied: bool = False  # who has said no to their own number keys it from then on
    step: str = ""
    modality: str = ""
    down_since: datetime | None = None
    queue: str = ""
    queued_at: datetime | None = None
    reservations: int = 0
    parts: list[dict[str, Any]] = field(default_factory=list)
    code: str = ""
    filings: list[tuple[datetime, str, str]] = field(default_factory=list)
    wished: bool = False
    ending: str = "abandoned"

    def __post_init__(self) -> None:
        closed = self.chance.random() < 0.03 and not self.line.queue.offer_callback
        self.known: Counter[str] = Counter(closed=int(closed))
        self.ending = "closed" if closed else self.ending
        self.outage = timedelta()
        self.talk = NotedConversation(self.line, closed=closed)

    @property
    def shift(self) -> timedelta:
        """From the conversation's own clock to that of the day."""
        return self.begins - START

    @property
    def now(self) -> datetime:
        """By the clock of the day."""
        return self.talk.now + self.shift

    @property
    def called_back(self) -> bool:
        """Some are: the same ones each time."""
        return self.wished and int(self.customer.ref.removeprefix("ref-")) % 2 == 0

    def _does(self, *deeds: tuple[float, Callable[[], None]]) -> None:
        """One of these, by weight."""
        weights = [weight for weight, _ in deeds]
        self.chance.choices([deed for _, deed in deeds], weights)[0]()

    # ---- who is calling? -----------------------------------------------------------------------------------------

    def _before_any_line(self) -> None:
        while self.talk.stage is Stage.AUTHENTICATE:
            self.step = "pin" if self.identified else "account_number"
            self.asked[self.step] += 1
            deeds = self._secret() if self.identified else self._number()
            heard = self.talk.ask.listen and not self.denied
            self._does(*((weight, deed) for weight, deed in deeds if heard or deed.__name__ not in ALOUD))
            if self.talk.call.open_errand is None:
                self._hears_music()

    def _number(self) -> list[tuple[float, Callable[[], None]]]:
        return [
            (50, self._keys_the_number), (14, self._says_the_number), (8, self._is_read_back), (6, self._is_unknown),
            (4, self._mumbles), (4, self._is_silent), (5, self._wants_it_again), (4, self._keys_for_an_agent),
            (2, self._has_none), (3, self._finds_it_down), (4, self._leaves),
        ]  # fmt: skip

    def _secret(self) -> list[tuple[float, Callable[[], None]]]:
        return [
            (60, self._keys_the_pin), (12, self._says_the_pin), (14, self._keys_a_wrong_pin), (2, self._is_locked),
            (3, self._mumbles), (3, self._is_silent), (3, self._wants_it_again), (4, self._keys_for_an_agent),
            (3, self._has_none), (2, self._finds_it_down), (3, self._leaves),
        ]  # fmt: skip

    def _came(self, what: str, modality: str = "", **more: int) -> None:
        self.modality = modality
        where = (self.step, str(self.asked[self.step]), modality, self.line.language)
        self.book.add("funnel", where, questions=1, **{what: 1}, **more)

    def _spoken(self, what: str, *, understood: bool = True, **more: int) -> None:
        self._came(what, "speech", spoken=1, understood=int(understood), **more)

    def _found(self) -> None:
        self._is_up()
        self.talk.back_end.finds(self.customer)
        self.identified = True

    def _keys_the_number(self) -> None:
        self.talk.caller.keys(ACCOUNT)
        self._found()
        self._came("accepted", "keypad")

    def _says_the_number(self) -> None:
        self.talk.caller.says(ACCOUNT_SAID)
        self._found()
        self._spoken("accepted")

    def _is_read_back(self) -> None:
        self.talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
        right = self.chance.random() < 0.7
        self.talk.caller.says("yes" if right else "no")
        if right:
            self._found()
            self._spoken("accepted", confirmed=1)
        else:
            self.denied = True
            self._spoken("not_understood", understood=False, denied=1)

    def _is_unknown(self) -> None:
        self.talk.caller.keys("99999999")
        self._is_up()
        self.talk.back_end.finds_nobody()
        self._came("refused", "keypad")

    def _keys_the_pin(self) -> None:
        self.talk.caller.keys(PIN_KEYED)
        self._proven()
        self._came("accepted", "keypad")

    def _says_the_pin(self) -> None:
        self.talk.caller.says(PIN_SAID)
        self._proven()
        self._spoken("accepted")

    def _proven(self) -> None:
        self._is_up()
        self.talk.back_end.matches()
        self.verified_at = self.now

    def _keys_a_wrong_pin(self) -> None:
        self.talk.caller.keys("111111")
        self._is_up()
        self.talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
        self._came("refused", "keypad")
        self.book.add("security", ("wrong_proof", self.line.name), events=1)

    def _is_locked(self) -> None:
        self.talk.caller.keys(PIN_KEYED)
        self._is_up()
        self.talk.back_end.says_of_secret(SecretVerdict.LOCKED)
        self._came("refused", "keypad")
        self.book.add("security", ("account_is_locked", self.line.name), events=1)

    def _mumbles(self) -> None:
        self.talk.caller.says("mumble", Hearing.REJECTED)
        self._spoken("not_understood", understood=False)

    def _is_silent(self) -> None:
        self.talk.caller.is_silent()
        self._came("silent")

    def _wants_it_again(self) -> None:
        self.talk.caller.says(self.chance.choice(ASKED_AGAIN))
        self._spoken("helped")

    def _keys_for_an_agent(self) -> None:
        self.talk.caller.keys("0")
        self._came("opted_out", "keypad")

    def _has_none(self) -> None:
        self.talk.caller.says("i don't have it")
        self._spoken("opted_out")

    def _finds_it_down(self) -> None:
        """The back end cannot be reached just now."""
        self.talk.caller.keys(PIN_KEYED if self.identified else ACCOUNT)
        if self.identified:
            self.talk.back_end.says_of_secret(SecretVerdict.UNAVAILABLE)
        else:
            self.talk.back_end.says_of_identifier(IdentifyResult.UNAVAILABLE)
        self._came("not_checked", "keypad")
        self.known["checks_lost"] += 1
        self.down_since = self.down_since or self.now

    def _is_up(self) -> None:
        """It answers: 0.3 s from now, as it always takes."""
        if self.down_since is not None:
            self.outage += self.now + seconds(0.3) - self.down_since
            self.down_since = None

    def _leaves(self) -> None:
        self.talk.caller.hangs_up()
        self._came("left")
        self.known["left_before_line"] = 1
        self._gives_up_on_it()

    def _gives_up_on_it(self) -> None:
        if self.down_since is not None:
            self.outage += self.now - self.down_since
            self.down_since = None

    def _hears_music(self) -> None:
        """Whether the line has begun to play it; and what it said before, if the caller could not prove who they are."""
        if self.talk.stage is Stage.HANDED_OVER:
            self._gives_up_on_it()
        if self.talk.stage not in (Stage.WAIT, Stage.HANDED_OVER):
            return
        said = [one.removeprefix("unauthenticated.") for one in self.talk.hears if one.startswith("unauthenticated.")]
        if said:
            self.book.add("unproven", (self.step, said[0], self.modality, self.line.language), callers=1)
        if self.talk.stage is Stage.WAIT:
            self._gives_up_on_it()
            self._joins(self.line.queue.name)

    def _joins(self, queue: str) -> None:
        self.queue, self.queued_at = queue, self.now
