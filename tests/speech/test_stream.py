"""A stream is cut into blocks of 100 ms, whatever pieces it comes in."""

from voicebot.speech.stream import BLOCK_BYTES, SPEAKING_BYTES, Stream


def test_pieces_become_whole_blocks_that_count_as_given_out() -> None:
    stream = Stream(1, "call", 1, lambda _stream, _audio: None, lambda _stream, _lost: None)
    audio = bytes(range(250)) * 8
    blocks = [block for start in range(0, len(audio), 160) for block in stream.blocks(audio[start : start + 160], start / 8000)]
    assert [len(block) for block in blocks] == [BLOCK_BYTES] * 2
    assert b"".join(blocks) == audio[: 2 * BLOCK_BYTES]
    assert stream.backlog.behind(1.0) > 0


def test_what_is_dropped_is_not_in_the_next_block() -> None:
    stream = Stream(1, "call", 1, lambda _stream, _audio: None, lambda _stream, _lost: None)
    assert not list(stream.blocks(b"a" * 700, 0.0))
    stream.speaking = True
    stream.drop()
    assert not stream.speaking
    assert list(stream.blocks(b"b" * BLOCK_BYTES, 0.0)) == [b"b" * BLOCK_BYTES]


def test_while_the_caller_speaks_blocks_are_shorter() -> None:
    stream = Stream(1, "call", 1, lambda _stream, _audio: None, lambda _stream, _lost: None, speaking=True)
    assert [len(block) for block in stream.blocks(bytes(700), 0.0)] == [SPEAKING_BYTES] * 2


def test_its_face_hands_audio_and_end_to_the_ear() -> None:
    told: list[object] = []
    stream = Stream(1, "call", 1, lambda _stream, audio: told.append(audio), lambda _stream, lost: told.append(lost))
    stream.hear(b"abc")
    stream.close(lost=True)
    assert told == [b"abc", True]
