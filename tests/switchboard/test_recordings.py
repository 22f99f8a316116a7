"""Recordings: begun, paused and ended as the call says, deleted when their days are over, listened to by supervisors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.switchboard.house import BAD_NUMBER, GONE, LINE, NO_ANSWER, REFUSED, House
from tests.switchboard.test_agents import in_line, rung
from voicebot.dialogue.forms import QueuePlan, Recorded
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.floor.values import Role
from voicebot.ports.call_recordings import Sound
from voicebot.switchboard.tapes import TapeShelf
from voicebot.switchboard.views import Viewer

SUPERVISOR = Viewer("ruth", frozenset({Role.AGENT, Role.SUPERVISOR}))

TAPED = replace(LINE, queue=QueuePlan("billing", recording=Recorded.AFTER_VERIFICATION, recording_days=30))


def taped(make_house: Callable[..., House]) -> tuple[House, str]:
    """A verified caller and an agent who are recorded."""
    house = make_house(line=TAPED)
    turned = in_line(house)
    _, reservation = rung(house)
    assert house.switchboard.quiet(10)
    house.switchboard.agent_keyed(reservation, "1")
    room = f"room-{turned.call_id}-1"
    house.switchboard.room_changed(turned.call_id, room, joined="CA1")
    house.switchboard.room_changed(turned.call_id, room, joined=f"leg-{reservation}")
    assert house.switchboard.quiet(10)
    return house, turned.call_id


def recorded(house: House) -> list[tuple[str, ...]]:
    assert house.switchboard.quiet(10)
    return [one for one in house.carrier.done if one[0] == "record"]


def test_the_callers_leg_is_recorded_while_they_talk_and_the_row_says_until_when_it_is_kept(
    make_house: Callable[..., House],
) -> None:
    house, call = taped(make_house)
    assert recorded(house) == [("record", "CA1", "runs")]
    house.switchboard.desk.hold("ruth", call)
    assert recorded(house)[-1] == ("record", "CA1", "paused")
    house.switchboard.desk.resume("ruth", call)
    house.switchboard.desk.end("ruth", call)
    assert recorded(house)[-1] == ("record", "CA1", "off")
    with house.store.reading() as ledger:
        (row,) = ledger.recordings(call)
    assert (row.sid, row.delete_at - row.started_at) == ("RE-CA1", timedelta(days=30))


def test_a_spoken_answer_is_deleted_soon_and_never_one_of_a_conversation(make_house: Callable[..., House]) -> None:
    house, call = taped(make_house)
    house.switchboard.answer_recorded("RE-answer")
    house.switchboard.answer_recorded("RE-CA1")  # which is kept for its days
    for seconds, deleted in ((29, []), (2, [("delete_recording", "RE-answer")])):
        house.switchboard.tick(house.clock.pass_seconds(seconds))
        assert house.switchboard.quiet(10)
        assert [one for one in house.carrier.done if one[0] == "delete_recording"] == deleted
    with house.store.reading() as ledger:
        assert [row.sid for row in ledger.recordings(call)] == ["RE-CA1"]


def test_one_whose_beginning_was_never_answered_is_known_at_its_end(make_house: Callable[..., House]) -> None:
    house, call = taped(make_house)
    house.switchboard.recorded(call, "RE-unheard", 61)
    with house.store.reading() as ledger:
        assert [(one.sid, one.seconds) for one in ledger.recordings(call)] == [("RE-CA1", None), ("RE-unheard", 61)]


def test_of_a_call_that_is_forgotten_no_recording_is_noted(make_house: Callable[..., House]) -> None:
    house, call = taped(make_house)
    house.store.erase_call(call)
    house.switchboard.recorded(call, "RE-unheard", 61)
    with house.store.reading() as ledger:
        assert ledger.recording("RE-unheard") is None


def test_when_its_days_are_over_it_is_deleted_however_often_that_has_to_be_tried(make_house: Callable[..., House]) -> None:
    house, call = taped(make_house)
    house.carrier.fails["delete_recording"] = [NO_ANSWER, REFUSED, BAD_NUMBER, *[NO_ANSWER] * 12]
    house.clock.pass_seconds(30 * 86_400 + 1)
    for _ in range(40):
        house.switchboard.tick(house.clock.pass_seconds(1200))
        assert house.switchboard.quiet(10)
    assert [one for one in house.carrier.done if one[0] == "delete_recording"] == [("delete_recording", "RE-CA1")]
    with house.store.reading() as ledger:
        assert ledger.recordings(call)[0].deleted_at is not None
    assert ("recording_deleted", {"sid": "RE-CA1", "why": "its time was over"}) in house.journal(call)


def test_a_recording_whose_call_is_erased_is_deleted_at_once_and_nothing_is_written_of_it(
    make_house: Callable[..., House],
) -> None:
    house, call = taped(make_house)
    house.store.erase_call(call)
    house.switchboard.tick(house.clock.pass_seconds(1))
    assert house.switchboard.quiet(10)
    assert [one for one in house.carrier.done if one[0] == "delete_recording"] == [("delete_recording", "RE-CA1")]
    with house.store.reading() as ledger:
        assert ledger.recordings(call)[0].deleted_at is not None


def test_a_leg_that_is_gone_before_it_could_be_recorded_is_not(make_house: Callable[..., House]) -> None:
    house = make_house(line=TAPED)
    house.carrier.fails["record"] = [GONE]
    turned = in_line(house)
    _, reservation = rung(house)
    assert house.switchboard.quiet(10)
    house.switchboard.agent_keyed(reservation, "1")
    for leg in ("CA1", f"leg-{reservation}"):
        house.switchboard.room_changed(turned.call_id, f"room-{turned.call_id}-1", joined=leg)
    assert recorded(house) == []
    with house.store.reading() as ledger:
        assert ledger.recordings(turned.call_id) == []


# ---- listening ---------------------------------------------------------------------------------------------------


@dataclass
class Sounds:
    """A carrier's sounds, unless it fails."""

    fails: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def sound(self, sid: str) -> Sound:
        self.asked.append(sid)
        if self.fails:
            raise self.fails.pop()

        def pieces() -> Iterator[bytes]:
            yield b"sound"

        return Sound("audio/mpeg", pieces())


@pytest.fixture
def shelf(make_house: Callable[..., House]) -> tuple[House, str, Sounds, TapeShelf]:
    """A call whose recording is complete."""
    house, call = taped(make_house)
    house.switchboard.desk.end("ruth", call)
    house.switchboard.recorded(call, "RE-CA1", 61)
    sounds = Sounds()
    return house, call, sounds, TapeShelf(house.store, house.clock, sounds)


def test_a_supervisor_listens_and_the_journal_says_so(shelf: tuple[House, str, Sounds, TapeShelf]) -> None:
    house, call, _, tapes = shelf
    sound = tapes.listen(SUPERVISOR, "RE-CA1")
    assert sound is not None
    assert b"".join(sound.pieces) == b"sound"
    told = dict(house.journal(call))["recording_heard"]
    assert told == {"supervisor": "Ruth", "supervisor_id": "ruth", "sid": "RE-CA1"}


def test_nobody_else_does(shelf: tuple[House, str, Sounds, TapeShelf]) -> None:
    house, call, sounds, tapes = shelf
    assert tapes.listen(Viewer("ruth", frozenset({Role.AGENT})), "RE-CA1") is None
    assert sounds.asked == []
    assert "recording_heard" not in dict(house.journal(call))


def test_one_that_is_unknown_deleted_or_of_a_call_that_is_forgotten_is_not_there(
    shelf: tuple[House, str, Sounds, TapeShelf],
) -> None:
    house, call, sounds, tapes = shelf
    assert tapes.listen(SUPERVISOR, "RE-nobody") is None
    with house.store.transaction() as ledger:
        ledger.recording_deleted("RE-CA1", house.clock.now())
    assert tapes.listen(SUPERVISOR, "RE-CA1") is None
    house.switchboard.recorded(call, "RE-2", 5)
    house.store.erase_call(call)
    assert tapes.listen(SUPERVISOR, "RE-2") is None
    assert sounds.asked == []


def test_one_that_the_carrier_has_no_more_is_not_there_and_one_that_cannot_be_had_now_is_said_to_be_so(
    shelf: tuple[House, str, Sounds, TapeShelf],
) -> None:
    _, _, sounds, tapes = shelf
    sounds.fails = [CarrierUnavailable("down"), LegGone("404")]
    assert tapes.listen(SUPERVISOR, "RE-CA1") is None
    with pytest.raises(CarrierUnavailable):
        tapes.listen(SUPERVISOR, "RE-CA1")
