"""A verified caller's conversation is recorded: what is on the tape, for how long it is kept, and who hears it."""

from datetime import timedelta

from tests.control.stage import TAPED, VERIFIED, Office, Placed
from voicebot.dialogue.taping import tape
from voicebot.dialogue.values import Assurance
from voicebot.dialogue.values import Tape as Wanted
from voicebot.floor.values import Role
from voicebot.simulator.settings import Faults
from voicebot.simulator.taped import Tape
from voicebot.switchboard.tapes import TapeShelf
from voicebot.switchboard.views import Viewer

TOLD = "For training, and as a proof for you and us, your conversation with our agent will be recorded."


def tapes(desks: Office, placed: Placed) -> list[Tape]:
    return next(leg.tapes for leg in desks.legs if leg.sid == placed.sid)


def runs(desks: Office, placed: Placed) -> bool:
    return [one.status for one in tapes(desks, placed)] == ["in-progress"]


def test_what_is_recorded_is_the_conversation_and_nothing_before_on_hold_or_after(desks: Office) -> None:
    placed = desks.talking(*VERIFIED, line=TAPED)
    assert desks.state(placed).assurance is Assurance.VERIFIED
    desks.until(lambda: tapes(desks, placed) and runs(desks, placed))
    assert TOLD in [one.what for one in desks.caller(placed).heard]
    desks.does(desks.desk.hold("mira", placed.id))
    desks.until(lambda: tapes(desks, placed)[0].status == "paused")
    desks.does(desks.desk.resume("mira", placed.id))
    desks.until(lambda: runs(desks, placed))
    desks.does(desks.desk.end("mira", placed.id))
    record = desks.ended(placed)
    assert record.failures == []
    (one,) = tapes(desks, placed)
    assert (len(one.spans), one.channels) == (2, 2)
    with desks.house.store.reading() as ledger:
        (row,) = ledger.recordings(placed.id)
    assert (row.sid, row.delete_at - row.started_at) == (one.sid, timedelta(days=90))
    desks.until(lambda: desks.house.store and _length(desks, placed) is not None)


def _length(desks: Office, placed: Placed) -> int | None:
    with desks.house.store.reading() as ledger:
        return ledger.recordings(placed.id)[0].seconds


def test_who_is_not_verified_is_not_recorded(desks: Office) -> None:
    placed = desks.talking("keys:0", line=TAPED)
    desks.does(desks.desk.end("mira", placed.id))
    record = desks.ended(placed)
    assert TOLD not in [one.what for one in record.caller.heard]
    assert tapes(desks, placed) == []


def test_a_recording_whose_beginning_the_telephone_company_never_answered_is_one_and_known(desks: Office) -> None:
    placed = desks.talking(*VERIFIED, line=TAPED, faults=Faults(rest=("record:unanswered",)))
    desks.until(lambda: desks.house.switchboard.quiet(1))
    desks.until(lambda: _known(desks, placed))
    desks.does(desks.desk.end("mira", placed.id))
    desks.ended(placed)
    assert _known(desks, placed) == [one.sid for one in tapes(desks, placed)]


def _known(desks: Office, placed: Placed) -> list[str]:
    with desks.house.store.reading() as ledger:
        return [one.sid for one in ledger.recordings(placed.id)]


def test_a_call_passed_on_is_on_one_tape_without_the_time_in_line(desks: Office) -> None:
    placed = desks.talking(*VERIFIED, line=TAPED)
    desks.until(lambda: tapes(desks, placed) and runs(desks, placed))
    desks.does(desks.desk.pass_to("mira", placed.id, to_queue="law"))
    desks.until(lambda: tapes(desks, placed)[0].status == "paused")
    assert tape(desks.state(placed)) is Wanted.PAUSED
    desks.hang_up(placed.sid)
    desks.ended(placed)
    assert len(tapes(desks, placed)) == len(tapes(desks, placed)[0].spans) == 1


def test_a_supervisor_hears_it_and_erasing_the_call_deletes_it(desks: Office) -> None:
    placed = desks.talking(*VERIFIED, line=TAPED)
    desks.until(lambda: tapes(desks, placed) and runs(desks, placed))
    desks.does(desks.desk.end("mira", placed.id))
    desks.ended(placed)
    desks.until(lambda: _length(desks, placed) is not None)
    shelf = TapeShelf(desks.house.store, desks.house.clock, desks.house.sounds)
    sound = shelf.listen(Viewer("sofia", frozenset({Role.SUPERVISOR})), tapes(desks, placed)[0].sid)
    assert sound is not None
    assert b"".join(sound.pieces) == tapes(desks, placed)[0].sound
    assert "recording_heard" in desks.told(placed)
    assert desks.house.store.erase_call(placed.id)
    desks.until(lambda: not tapes(desks, placed))
