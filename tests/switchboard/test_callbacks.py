"""Wishes become calls that dial once: not over a crash, not where nobody knows, not for somebody who is not there any more."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.switchboard.house import (
    ADA,
    BAD_NUMBER,
    LINE,
    NO_ANSWER,
    NOT_THERE,
    OMAR,
    REFUSED,
    RUTH,
    House,
    open_house,
    question,
)
from voicebot.dialogue.actions import BookCallback, Hangup, Join
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import (
    DIAL_LASTS,
    DIAL_WITHIN,
    CalledOff,
    CallingState,
    NotReached,
    Window,
    WishStatus,
    called_leg,
)
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.dialogue.refusals import Refusal
from voicebot.dialogue.values import Ani, AniStanding, Assurance, Ending
from voicebot.errors import ImpossibleEvent
from voicebot.floor.values import AgentState, WorkKind
from voicebot.ports.callback_wishes import CallbackWish, PhraseState
from voicebot.ports.store import Leg, LegRole
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.switchboard.answers import Done, Refused
from voicebot.switchboard.booking import book
from voicebot.switchboard.callbacks import CLOSED_FOR

NUMBER = "+12025550123"
CUSTOMERS_OWN = Ani(AniStanding.USABLE, NUMBER)
Make = Callable[..., House]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    opened: list[House] = []

    def one(**changed: object) -> House:
        opened.append(open_house(tmp_path / str(len(opened)), **changed))  # type: ignore[arg-type]
        return opened[-1]

    yield one
    for house in opened:
        house.switchboard.close()
        house.store.close()


@pytest.fixture
def house(make: Make) -> House:
    return make()


def wish(house: House, call_id: str = "wished", number: str = NUMBER) -> None:
    """Ada, identified, has left the line to be called back."""
    call = Call(call_id, LINE, customer=ADA, assurance=Assurance.IDENTIFIED)
    with house.store.transaction() as ledger:
        ledger.open_call(call, Leg(f"CA-{call_id}", call.id, LegRole.CALLER), "", house.clock.now())
        book(ledger, house.keyring, call, BookCallback("billing", number), house.clock.now())


def later(house: House, seconds: float = 1) -> None:
    """So much time passes, and whatever was due has been done."""
    for pause in (seconds, 0):
        house.switchboard.tick(house.clock.pass_seconds(pause))
        assert house.switchboard.quiet(10)


def open_wish(house: House) -> CallbackWish | None:
    return next(iter(SqlCallbackWishes(house.store).open_wishes()), None)


def calls(house: House) -> list[Call]:
    """Those that we made, newest first."""
    with house.store.reading() as ledger:
        kept = [ledger.load_call(line.id) for line in house.store.recent_calls()]
    return [one.call for one in kept if one is not None and one.call.callback is not None]


def call(house: House) -> Call:
    return calls(house)[0]


def accepted(house: House) -> Call:
    """The agent has pressed 1, and the customer is being dialled, as far as the carrier allows."""
    later(house)
    [*_, (_, _, reservation)] = house.carrier.wait_for("ring")
    house.switchboard.agent_answered(reservation, f"leg-{reservation}")
    house.switchboard.agent_keyed(reservation, "1")
    assert house.switchboard.quiet(10)
    return call(house)


def dials(house: House) -> int:
    return sum(one[0] == "dial" for one in house.carrier.done)


def test_a_wish_becomes_work_at_its_place_and_one_call(house: House) -> None:
    house.switchboard.desk.set_state("ruth", AgentState.BREAK)
    began = house.clock.now()
    wish(house)
    for _ in range(3):
        later(house, 60)
    with house.store.reading() as ledger:
        [item] = ledger.load_floor()[0].items
    assert (item.kind, item.since, item.queue) == (WorkKind.CALLBACK, began, "billing")
    assert len(calls(house)) == 1
    assert (call(house).customer, call(house).assurance) == (ADA, Assurance.IDENTIFIED)


def test_a_wish_of_the_release_before_is_dialled_for_nobody(house: House) -> None:
    with house.store.transaction() as ledger:
        ledger.open_call(Call("old", LINE), Leg("CA-old", "old", LegRole.CALLER), "", house.clock.now())
        ledger.keep_wish(CallbackWish("old", "billing", NUMBER, house.clock.now(), house.clock.now()))
    later(house)
    assert calls(house) == []


def test_out_of_hours_nobody_is_rung(make: Make) -> None:
    there = [False]
    house = make(is_open=lambda: there[0])
    wish(house)
    later(house)
    there[0] = True
    later(house)
    assert calls(house) == []
    later(house, CLOSED_FOR.total_seconds())
    assert len(calls(house)) == 1


def test_agents_first_then_the_customer_and_the_key_connects(house: House) -> None:
    wish(house)
    made = accepted(house)
    assert house.carrier.wait_for("dial") == [("dial", NUMBER, called_leg(made.id))]
    turned = house.switchboard.called_answered(made.id, f"leg-{called_leg(made.id)}")
    again = house.switchboard.called_answered(made.id, f"leg-{called_leg(made.id)}")
    assert again.verbs == turned.verbs
    connected = house.enters(turned, "1")
    assert any(isinstance(verb, Join) for verb in connected.verbs)
    assert call(house).stage is Stage.TRANSFER
    house.switchboard.called_ended(made.id, None)
    assert call(house).stage is Stage.ENDED


@pytest.mark.parametrize("trouble", [NO_ANSWER, REFUSED, NOT_THERE])
def test_a_dial_that_may_have_been_made_is_not_made_again_and_one_that_was_not_is(
    house: House, trouble: Exception
) -> None:
    wish(house)
    house.carrier.fails["dial"] = [trouble]
    accepted(house)
    later(house, 2)
    assert dials(house) == (1 if trouble is REFUSED else 0)


def test_a_dial_whose_answer_was_lost_is_found_and_its_end_is_known(house: House) -> None:
    wish(house)
    house.carrier.fails["dial"] = [NO_ANSWER]
    made = accepted(house)
    later(house, 2)
    with house.store.reading() as ledger:
        assert [leg.role for leg in ledger.legs(made.id) if leg.reservation == called_leg(made.id)] == [LegRole.CALLER]
    house.switchboard.called_ended(made.id, NotReached.BUSY)
    wished = open_wish(house)
    assert wished is not None
    assert (wished.tries, wished.dialled_in) == (1, "")


def test_a_dial_of_which_nothing_is_ever_heard_ends_by_its_time(house: House) -> None:
    wish(house)
    house.carrier.fails["dial"] = [NO_ANSWER]
    house.carrier.fails["find_leg"] = [NO_ANSWER] * 10
    accepted(house)
    for _ in range(20):
        later(house, DIAL_LASTS.total_seconds() / 10)
    assert calls(house)[-1].ending is Ending.NOT_REACHED
    assert house.journal(calls(house)[-1].id)[-2][1]["why"] == "unknown"
    assert dials(house) == 0


@pytest.mark.parametrize("trouble", [BAD_NUMBER, NOT_THERE])
def test_a_number_that_cannot_be_dialled_is_not_reached(house: House, trouble: Exception) -> None:
    wish(house)
    house.carrier.fails["dial"] = [trouble]
    accepted(house)
    later(house)
    assert calls(house)[-1].ending is Ending.NOT_REACHED


def test_a_process_that_dies_when_it_has_dialled_is_followed_by_one_that_does_not(tmp_path: Path) -> None:
    """The lease of the dead one runs out; the next finds its intent, and the leg."""
    house = open_house(tmp_path)
    wish(house)
    house.carrier.fails["dial"] = [SystemExit()]  # type: ignore[list-item]
    made = accepted(house)
    assert dials(house) == 0  # it was made, and nobody lived to note it
    house.switchboard.close()
    house.store.close()
    after = open_house(tmp_path)
    after.clock.at = house.clock.now()
    after.carrier.legs |= house.carrier.legs
    later(after, 60)
    assert dials(after) == 0
    with after.store.reading() as ledger:
        assert [leg.id for leg in ledger.legs(made.id) if leg.role is LegRole.CALLER] == [f"leg-{called_leg(made.id)}"]
    after.switchboard.close()
    after.store.close()


def test_what_would_be_dialled_too_late_is_not(house: House) -> None:
    """We were away: the customer's telephone would ring, and be cut off before a key."""
    wish(house)
    house.carrier.fails["dial"] = [REFUSED]
    accepted(house)
    later(house, DIAL_WITHIN.total_seconds() + 1)
    assert calls(house)[-1].ending is Ending.NOT_REACHED
    assert dials(house) == 0


def test_who_is_called_off_while_it_is_dialled_is_hung_up(house: House) -> None:
    wish(house)
    made = accepted(house)
    house.carrier.wait_for("dial")
    assert house.switchboard.callbacks.call_off("wished", CalledOff.CANCELLED)
    assert house.switchboard.quiet(10)
    assert ("end_leg", f"leg-{called_leg(made.id)}") in house.carrier.done
    assert open_wish(house) is None
    turned = house.switchboard.called_answered(made.id, "leg-late")
    assert turned.verbs[-1] == Hangup()


def test_what_is_not_under_way_is_not_called_off(house: House) -> None:
    wish(house)
    assert not house.switchboard.callbacks.call_off("wished", CalledOff.CANCELLED)
    assert not house.switchboard.callbacks.call_off("nobody", CalledOff.CANCELLED)


def test_who_is_talked_with_already_is_not_called_off(house: House) -> None:
    wish(house)
    connected(house)
    assert not house.switchboard.callbacks.call_off("wished", CalledOff.CANCELLED)
    assert call(house).ending is None


def test_a_leg_is_learnt_for_a_callback_only(house: House) -> None:
    turned = house.switchboard.arrive("CA1", LINE.dnis, CUSTOMERS_OWN)
    for known in (turned.call_id, "nobody"):
        with pytest.raises(ImpossibleEvent):
            house.switchboard.called_answered(known, "CA2")


def test_a_customer_in_line_is_called_later_and_not_at_all_once_served(make: Make) -> None:
    house = make(agents=(RUTH, OMAR))
    for agent in ("ruth", "omar"):
        house.switchboard.desk.set_state(agent, AgentState.BREAK)
    wish(house)
    later(house)
    turned = house.switchboard.arrive("CA1", LINE.dnis, CUSTOMERS_OWN)
    house.enters(house.switchboard.document(turned.call_id), "0")
    assert call(house).ending is Ending.CALLED_OFF
    wished = open_wish(house)
    assert wished is not None
    assert wished.due_at is not None
    assert wished.due_at > house.clock.now() + timedelta(minutes=10)
    house.switchboard.desk.set_state("ruth", AgentState.READY)
    [(_, _, reservation)] = house.carrier.wait_for("ring")
    house.switchboard.agent_answered(reservation, "A1")
    house.switchboard.agent_keyed(reservation, "1")
    with house.store.reading() as ledger:
        kept = ledger.load_call(turned.call_id)
    assert kept is not None
    room = f"room-{turned.call_id}-1"
    house.switchboard.room_changed(turned.call_id, room, joined="CA1")
    house.switchboard.room_changed(turned.call_id, room, joined="A1")
    house.switchboard.caller_hung_up("CA1")
    assert open_wish(house) is None
    assert dials(house) == 0


def test_a_wish_that_is_not_due_yet_is_put_off_further(house: House) -> None:
    house.switchboard.desk.set_state("ruth", AgentState.BREAK)
    turned = house.switchboard.arrive("CA1", LINE.dnis, CUSTOMERS_OWN)
    wish(house)
    house.enters(house.switchboard.document(turned.call_id), "0")
    later(house)
    assert calls(house) == []


def test_the_customers_leg_that_ends_before_a_key_is_no_answer(house: House) -> None:
    wish(house)
    made = accepted(house)
    turned = house.switchboard.called_answered(made.id, "leg-x")
    assert question(turned).say[-1].prompt_id == "callback.called"
    house.switchboard.called_ended(made.id, None)
    assert call(house).ending is Ending.NOT_REACHED


def test_nobody_is_dialled_whose_callback_was_given_up_before(house: House) -> None:
    wish(house)
    house.carrier.fails["dial"] = [REFUSED]
    made = accepted(house)
    house.switchboard.callbacks.call_off("wished", CalledOff.CANCELLED)
    later(house, 5)
    assert (dials(house), made.callback is not None) == (0, True)
    assert made.callback is not None
    assert made.callback.state is CallingState.DIALLED


# ---- its window, and its phrase ------------------------------------------------------------------------------------


def booked(house: House, window: Window | None = None, phrase: str = "") -> None:
    """Ada is to be called then, and the agent to say this."""
    now = house.clock.now()
    with house.store.transaction() as ledger:
        ledger.open_call(Call("wished", LINE, customer=ADA, assurance=Assurance.IDENTIFIED), None, "", now)
        due, since = (window.start, window.start) if window else (now, now)
        ledger.keep_wish(CallbackWish("wished", "billing", NUMBER, since, now, due, window=window, subject="an invoice"))
        if phrase:
            ledger.keep_phrase("wished", CallbackPhrase(phrase), now + timedelta(days=1))


def connected(house: House) -> Call:
    """The customer has pressed the key, and both are in the room."""
    made = accepted(house)
    turned = house.switchboard.called_answered(made.id, f"leg-{called_leg(made.id)}")
    house.enters(turned, "1")
    room = next(verb.room for verb in call(house).verbs if isinstance(verb, Join))
    for leg in (f"leg-{made.serving.reservation}" if made.serving else "", f"leg-{called_leg(made.id)}"):
        house.switchboard.room_changed(made.id, room, joined=leg)
    return call(house)


def news(house: House) -> list[WishStatus]:
    with house.store.reading() as ledger:
        return [one.status for one in ledger.untold_news()]


def test_nobody_is_called_before_their_time_nor_after_it(house: House) -> None:
    start = house.clock.now() + timedelta(hours=1)
    booked(house, Window(start, start + timedelta(minutes=30)))
    later(house, 3590)
    assert calls(house) == []
    later(house, 20)
    assert call(house).stage is Stage.CALLBACK
    house.switchboard.desk.set_state("ruth", AgentState.OFFLINE)
    for _ in range(5):
        later(house, 900)  # nobody accepts
    assert open_wish(house) is None
    assert {one.ending for one in calls(house)} == {Ending.CLOSED_MEANWHILE}
    assert news(house) == [WishStatus.BOOKED, WishStatus.MISSED]
    assert dials(house) == 0


def test_the_phrase_is_shown_once_and_only_with_the_customer_on_the_line(house: House) -> None:
    booked(house, phrase="anana")
    made = accepted(house)
    read = house.switchboard.desk.phrases.read
    assert read("ruth", made.id) == Refused(Refusal.NOT_YOURS)
    assert read("ruth", "wished") == Refused(Refusal.NOT_YOURS)  # of the call in which it was agreed
    turned = house.switchboard.called_answered(made.id, f"leg-{called_leg(made.id)}")
    assert read("ruth", made.id) == Refused(Refusal.NOT_YOURS)  # a voicemail may have picked up
    house.enters(turned, "1")
    assert read("ruth", made.id) == Refused(Refusal.NOT_CONNECTED)


def test_a_second_look_is_refused_and_the_case_keeps_who_read_it_and_when(house: House) -> None:
    booked(house, phrase="anana")
    made = connected(house)
    read = house.switchboard.desk.phrases.read
    assert read("omar", made.id) == Refused(Refusal.NOT_YOURS)
    assert read("ruth", made.id) == Done(phrase="anana")
    at = house.clock.now()
    assert read("ruth", made.id) == Refused(Refusal.NO_PHRASE)
    with house.store.reading() as ledger:
        assert ledger.phrase_state("wished") == PhraseState(False, "Ruth", at)
    assert "anana" not in repr(house.journal(made.id))
    assert ("phrase_read", {"agent": "Ruth", "agent_id": "ruth"}) in house.journal(made.id)
    house.switchboard.called_ended(made.id, None)
    assert open_wish(house) is None
    assert news(house) == [WishStatus.BOOKED, WishStatus.ASSIGNED, WishStatus.DONE]


def test_two_clicks_at_once_show_it_once(house: House) -> None:
    booked(house, phrase="anana")
    made = connected(house)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.switchboard.desk.phrases.read("ruth", made.id), range(4)))
    assert sorted(isinstance(one, Done) for one in answers) == [False, False, False, True]


def test_one_that_is_over_its_time_is_not_shown(house: House) -> None:
    booked(house, phrase="anana")
    made = connected(house)
    house.clock.pass_seconds(86_400)
    assert house.switchboard.desk.phrases.read("ruth", made.id) == Refused(Refusal.NO_PHRASE)


def test_a_try_that_reached_nobody_keeps_the_phrase_and_one_that_read_it_does_not(house: House) -> None:
    booked(house, phrase="anana")
    made = accepted(house)
    house.switchboard.called_ended(made.id, NotReached.BUSY)
    later(house, LINE.callbacks.again_after)
    again = connected(house)
    assert again.callback is not None
    assert (again.callback.tries, again.callback.has_phrase) == (1, True)
    assert house.switchboard.desk.phrases.read("ruth", again.id) == Done(phrase="anana")


def test_a_thousand_wishes_of_one_attacker_ring_no_more_telephones_than_the_rules_allow(house: House) -> None:
    """One agent's share is promised, and each number is dialled so often and no oftener, however long it goes on."""
    rules = LINE.callbacks
    attacker = Ani(AniStanding.WITHHELD)
    with house.store.transaction() as ledger:
        for count in range(1000):
            made = Call(f"wish-{count}", LINE, ani=attacker)
            ledger.open_call(made, None, "", house.clock.now())
            book(ledger, house.keyring, made, BookCallback("billing", f"+1202555{count:04d}"), house.clock.now())
    most = rules.an_hour_an_agent * rules.tries
    for _ in range(most + 5):
        later(house, rules.again_after)
        if open_wish(house) is None:
            break
        called = accepted(house)
        house.switchboard.called_ended(called.id, NotReached.NO_ANSWER)
    assert open_wish(house) is None
    assert dials(house) == most
