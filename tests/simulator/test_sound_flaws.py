"""How sound comes out of shape on purpose."""

import base64

import pytest

from voicebot.simulator.settings import StreamFault
from voicebot.simulator.sound_flaws import BURST, GAP, SIZES, SWAPS, Piece, Shape

AFTER = 4


def frame(place: int) -> str:
    return base64.b64encode(bytes([place % 256]) * 160).decode()


def sent(fault: StreamFault | None, frames: int = 60) -> list[Piece]:
    shape = Shape(fault, AFTER)
    return [piece for place in range(frames) for piece in shape.pieces(place, frame(place))]


def test_without_a_fault_each_frame_is_a_message_twenty_milliseconds_after_the_one_before() -> None:
    assert sent(None, 3) == [Piece(1, 5, frame(0)), Piece(2, 25, frame(1)), Piece(3, 45, frame(2))]


@pytest.mark.parametrize("fault", [StreamFault.RAGGED, StreamFault.GAP, StreamFault.SWAPPED, StreamFault.BURST])
def test_nothing_is_out_of_shape_before_its_time(fault: StreamFault) -> None:
    assert sent(fault)[:AFTER] == sent(None)[:AFTER]


def test_ragged_sound_is_the_same_sound_in_messages_of_all_sizes() -> None:
    pieces = [base64.b64decode(piece.payload) for piece in sent(StreamFault.RAGGED)]
    whole = b"".join(base64.b64decode(piece.payload) for piece in sent(None))
    assert [len(piece) for piece in pieces[AFTER : AFTER + len(SIZES)]] == list(SIZES)
    assert whole.startswith(b"".join(pieces))
    assert [piece.chunk for piece in sent(StreamFault.RAGGED)] == list(range(1, len(pieces) + 1))


def test_a_gap_shows_in_the_times() -> None:
    times = [piece.timestamp for piece in sent(StreamFault.GAP)]
    assert times[AFTER] - times[AFTER - 1] == 20 * (GAP + 1)


def test_swapped_frames_keep_their_numbers_and_none_is_lost() -> None:
    numbers = [piece.chunk for piece in sent(StreamFault.SWAPPED)]
    assert numbers[AFTER : AFTER + 4] == [AFTER + 2, AFTER + 1, AFTER + 3, AFTER + 4]
    assert numbers[AFTER + SWAPS : AFTER + SWAPS + 2] == [AFTER + SWAPS + 2, AFTER + SWAPS + 1]
    assert sorted(numbers) == list(range(1, 61))


def test_a_burst_holds_back_and_then_sends_all_in_order() -> None:
    shape = Shape(StreamFault.BURST, AFTER)
    counts = [len(list(shape.pieces(place, frame(place)))) for place in range(AFTER + BURST + 2)]
    assert counts == [1] * AFTER + [0] * (BURST - 1) + [BURST, 1, 1]
    assert sent(StreamFault.BURST) == sent(None)
