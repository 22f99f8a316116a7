"""Forty callers at a back end that does not answer hold up nobody who does not need it: shown by order, not by time."""

import threading
from collections.abc import Callable
from dataclasses import replace

from tests.switchboard.house import ADA, LINE, RUTH, WITHHELD, House, kinds, question
from voicebot.dialogue.actions import Join
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, NoInput
from voicebot.dialogue.values import Hearing, Secret
from voicebot.switchboard import Turned

MANY = 40


def arrive(house: House, leg: str) -> Turned:
    return house.switchboard.arrive(leg, LINE.dnis, WITHHELD)


class Held:
    """Callers whose requests wait for the back end, each on a thread, as on a web server; those answered, in order."""

    def __init__(self, house: House) -> None:
        self.answered: list[Turned] = []
        calls = [arrive(house, f"CB{number}") for number in range(MANY)]
        house.crm.gate.clear()
        self._asked = house.crm
        self._threads = [threading.Thread(target=self._enter, args=(house, call)) for call in calls]
        for thread in self._threads:
            thread.start()

    def _enter(self, house: House, call: Turned) -> None:
        entry = EntryKeyed(house.clock.now(), question(call).turn, Secret(ADA.identifier))
        self.answered.append(house.switchboard.handle(call.call_id, entry, key=call.call_id))

    def let_go(self) -> None:
        """The back end answers again."""
        self._asked.gate.set()
        for thread in self._threads:
            thread.join(60)


def test_forty_callers_at_a_held_back_end_hold_up_no_question_no_agent_no_push_and_no_time(
    make_house: Callable[..., House],
) -> None:
    house = make_house(line=replace(LINE, queue=replace(LINE.queue, max_wait=120)), agents=(RUTH,), request_waits=50.0)
    first = house.enters(house.enters(arrive(house, "CA1"), ADA.identifier), "493817")
    reservation = house.carrier.wait_for("ring")[0][2]
    second = house.enters(house.enters(arrive(house, "CA2"), ADA.identifier), "493817")
    talking = arrive(house, "CA3")
    held = Held(house)

    newcomer = arrive(house, "CA4")  # a call that comes in now is asked at once
    assert question(newcomer).field == "account_number"
    silent = NoInput(house.clock.pass_seconds(10), question(newcomer).turn)
    assert question(house.switchboard.handle(newcomer.call_id, silent, key="silent")).turn == 2

    heard = EntrySpoken(house.clock.now(), question(talking).turn, Secret(""), Hearing.REJECTED)
    house.switchboard.handle(talking.call_id, heard)  # speech is pushed to its caller
    assert house.carrier.wait_for("push")[0][1] == "CA3"

    whisper = house.switchboard.agent_keyed(reservation, "1")  # an agent takes a call, and the caller is brought in
    assert isinstance(whisper.verbs[-1], Join)
    assert house.carrier.wait_for("push", 2)[1][1] == "CA1"
    assert isinstance(house.switchboard.document(first.call_id).verbs[-1], Join)

    house.switchboard.tick(house.clock.pass_seconds(121))  # and who has waited too long hears so
    assert house.carrier.wait_for("push", 3)[2][1] == "CA2"  # first: a document that was fetched is not pushed any more
    assert kinds(house.switchboard.document(second.call_id).verbs) == ["Say", "Hangup"]

    assert held.answered == []  # all of that while not one of the forty was answered
    held.let_go()
    assert len(held.answered) == MANY
    assert {question(turned).field for turned in held.answered} == {"pin"}
    assert house.crm.looks == MANY + 2
