"""Callers who left the line are called back, over the simulated telephone company: an agent first, then they, by a key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.control.stage import CALLER, Office, Placed, office
from voicebot.booking_front import BookingParts, company_bookings
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import BookedBy, CalledOff, CallingState
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Ending
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.simulator.leg import Leg
from voicebot.simulator.script import Habit
from voicebot.simulator.settings import Faults
from voicebot.switchboard.answers import Done, Refused
from voicebot.switchboard.bookings import Bookings
from voicebot.switchboard.wanted import Late

OFFERS = """offer_callback = true
[callbacks]
again_after = 60
a_number_a_day = 1000
unverified_a_day = 1000
an_hour_an_agent = 1000
"""
DIGITS = "860917"
WISHES = ("keys:0", "keys:1@wait", "keys:1", "keys:1", "keys:1", f"keys:{DIGITS}#", "keys:1")  # number, soon, own digits


@dataclass
class Callbacks:
    """An office that calls back."""

    desks: Office

    def wished(self, *habits: Habit) -> Placed:
        """Somebody has left the line to be called back. `habits`: how their telephone behaves, ring by ring."""
        self.desks.ready()
        self.desks.twin.customers.add(CALLER)
        self.desks.twin.habits[CALLER] = list(habits or (Habit.ACCEPT,))
        placed = self.desks.call(*WISHES)
        assert self.desks.ended(placed).failures == []
        assert self.desks.state(placed).ending is Ending.CALLBACK_PROMISED
        return placed

    def wish(self) -> CallbackWish | None:
        return next(iter(SqlCallbackWishes(self.desks.house.store).open_wishes()), None)

    def bookings(self) -> Bookings:
        """What page and API cancel by."""
        house = self.desks.house
        call_off = house.switchboard.callbacks.call_off
        return company_bookings(
            BookingParts(house.settings, house.store, house.keyring, house.clock, call_off, lambda: "", lambda _: None)
        )

    def rings(self) -> list[Leg]:
        """Every leg to the customer, oldest first."""
        return [leg for leg in self.desks.legs if leg.party.to == CALLER and leg.party.direction == "outbound-api"]

    def call(self) -> Call | None:
        """The newest call that we made."""
        with self.desks.house.store.reading() as ledger:
            for line in self.desks.house.store.recent_calls():
                kept = ledger.load_call(line.id)
                if kept is not None and kept.call.callback is not None:
                    return kept.call
        return None

    def comes_to(self, so: Callable[[Call], object]) -> Call:
        self.desks.until(lambda: (call := self.call()) is not None and so(call))
        call = self.call()
        assert call is not None
        return call

    def talking(self) -> Call:
        return self.comes_to(lambda call: call.serving is not None and call.serving.joined_at is not None)

    def ends(self, call: Call) -> Call:
        self.desks.does(self.desks.desk.end("mira", call.id))
        return self.comes_to(lambda one: one.stage is Stage.ENDED)


@pytest.fixture(scope="module", params=[None, Faults(duplicate_webhooks=True)], ids=["calm", "twice"])
def opened(request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(project, tmp_path_factory.mktemp("callbacks"), request.param, OFFERS) as one:
        yield one


@pytest.fixture
def back(opened: Office) -> Iterator[Callbacks]:
    opened.before, opened.calls = len(opened.twin.legs), []
    callbacks = Callbacks(opened)
    yield callbacks
    if (wish := callbacks.wish()) is not None:
        SqlCallbackWishes(opened.house.store).done(wish.call_id, "", opened.house.clock.now())
    opened.until(lambda: not opened.floor().items and not opened.floor().reservations)
    assert [leg.record.failures for leg in opened.legs if leg.record.failures] == []


def test_an_agent_first_then_the_customer_whose_key_connects_them(back: Callbacks) -> None:
    back.wished()
    assert back.rings() == []
    back.desks.ready("mira")
    call = back.talking()
    [customer] = back.rings()
    mira = back.desks.leg("mira")
    assert mira.answered_at is not None
    assert customer.record.answered_at is not None
    assert mira.answered_at < customer.record.answered_at
    assert "This is a callback" in " ".join(one.what for one in mira.heard)
    assert [key.key for key in customer.record.keys] == ["1"]
    assert back.desks.hears_now(mira.sid, customer.sid)
    ended = back.ends(call)
    assert ended.ending is Ending.SERVED
    assert back.wish() is None
    back.desks.until(customer.ended.is_set)


def test_a_voicemail_is_connected_to_nobody_and_tried_again(back: Callbacks) -> None:
    back.wished(Habit.VOICEMAIL, Habit.ACCEPT)
    back.desks.ready("mira")
    back.comes_to(lambda call: call.ending is Ending.NOT_REACHED)
    [machine] = back.rings()
    back.desks.until(machine.ended.is_set)
    assert machine.record.rooms == []
    back.desks.ready("mira")
    call = back.talking()
    assert call.callback is not None
    assert call.callback.tries == 1
    assert len(back.rings()) == 2
    back.ends(call)


def test_busy_or_nobody_there_is_tried_so_often_and_then_closed(back: Callbacks) -> None:
    back.wished(Habit.BUSY, Habit.NONE, Habit.FAILS)
    back.desks.ready("mira")
    back.desks.until(lambda: back.wish() is None)
    assert len(back.rings()) == 3
    assert [leg.record.rooms for leg in back.rings()] == [[], [], []]


def test_an_agent_who_hangs_up_stops_the_ringing_and_nothing_is_lost(back: Callbacks) -> None:
    back.wished(Habit.NONE, Habit.ACCEPT)
    back.desks.ready("mira")
    back.desks.until(lambda: back.rings() and back.desks.leg("mira").rooms)
    back.desks.hang_up(back.desks.leg("mira").sid)
    [ringing] = back.rings()
    back.desks.until(ringing.ended.is_set)
    wish = back.wish()
    assert wish is not None
    assert wish.tries == 1
    call = back.talking()
    back.ends(call)


def test_who_calls_meanwhile_is_not_called_and_once_served_not_at_all(back: Callbacks) -> None:
    back.wished()
    back.comes_to(lambda call: call.stage is Stage.CALLBACK)
    placed = back.desks.call("keys:0")
    called_off = back.comes_to(lambda call: call.stage is Stage.ENDED)
    assert called_off.ending is Ending.CALLED_OFF
    wish = back.wish()
    assert wish is not None
    assert wish.due_at is not None
    assert wish.due_at - back.desks.house.clock.now() > timedelta(minutes=10)
    back.desks.ready("mira")
    back.desks.until(lambda: back.desks.has(placed, "mira"))
    back.desks.does(back.desks.desk.end("mira", placed.id))
    back.desks.ended(placed)
    back.desks.until(lambda: back.wish() is None)
    assert back.rings() == []


def test_what_an_agent_has_done_by_hand_rings_no_more(back: Callbacks) -> None:
    placed = back.wished(Habit.NONE)
    back.desks.ready("mira")
    back.desks.until(lambda: back.rings() and back.desks.leg("mira").rooms)
    assert back.desks.house.switchboard.callbacks.call_off(placed.id, CalledOff.DONE)
    ended = back.comes_to(lambda call: call.stage is Stage.ENDED)
    assert ended.ending is Ending.CALLED_OFF
    [ringing] = back.rings()
    back.desks.until(ringing.ended.is_set)
    assert back.desks.leg("mira").ended_by == "product"


def test_who_cancels_while_their_telephone_rings_is_not_talked_to(back: Callbacks) -> None:
    placed = back.wished(Habit.NONE)
    back.desks.ready("mira")
    back.desks.until(lambda: back.rings() and back.desks.leg("mira").rooms)
    assert back.bookings().cancel(placed.id, BookedBy.PAGE) is None
    ended = back.comes_to(lambda call: call.stage is Stage.ENDED)
    assert ended.ending is Ending.CALLED_OFF
    [ringing] = back.rings()
    back.desks.until(ringing.ended.is_set)
    back.desks.until(lambda: back.wish() is None)
    assert back.bookings().cancel(placed.id, BookedBy.PAGE) is Late.OVER
    back.desks.ready("mira")  # who is free at once, since nobody was there to be talked to
    assert back.rings() == [ringing]


def test_a_phrase_whose_time_is_over_is_shown_to_nobody_and_the_card_says_that_there_is_none(back: Callbacks) -> None:
    placed, now = back.wished(), back.desks.house.clock.now()
    with back.desks.house.store.transaction() as ledger:
        ledger.keep_phrase(placed.id, CallbackPhrase("heron"), now)
    back.desks.ready("mira")
    call = back.talking()
    assert back.desks.desk.phrases.read("mira", call.id) == Refused(Refusal.NO_PHRASE)
    call = back.comes_to(lambda one: one.callback is not None and not one.callback.has_phrase)
    back.ends(call)


def test_the_agent_is_shown_the_phrase_when_the_customer_has_pressed_the_key_and_once(back: Callbacks) -> None:
    back.wished()
    back.desks.ready("mira")
    call = back.talking()
    [customer] = back.rings()
    read = back.desks.desk.phrases.read
    assert read("mira", call.id) == Done(phrase=DIGITS)
    assert read("mira", call.id) == Refused(Refusal.NO_PHRASE)
    assert DIGITS not in " ".join(one.what for one in customer.record.heard)  # the agent says it, not we
    back.ends(call)


def test_a_voicemail_has_no_phrase_shown(back: Callbacks) -> None:
    back.wished(Habit.VOICEMAIL, Habit.ACCEPT)
    back.desks.ready("mira")
    back.comes_to(lambda call: call.callback is not None and call.callback.state is CallingState.ANSWERED)
    call = back.call()
    assert call is not None
    assert back.desks.desk.phrases.read("mira", call.id) == Refused(Refusal.NOT_YOURS)
    again = back.talking()
    assert back.desks.desk.phrases.read("mira", again.id) == Done(phrase=DIGITS)
    back.ends(again)
