"""A stream of µ-law: its pace and its pieces do not matter, keys are not words, and between questions little is kept."""

import numpy as np
import pytest

from voicebot.dialogue.values import Hearing
from voicebot.speech.activity import FRAME
from voicebot.speech.attention import BLOCK, PRE_ROLL_BLOCKS, Decision
from voicebot.speech.codec import SILENCE, to_mulaw
from voicebot.speech.level import Level
from voicebot.speech.line import LONGEST_FINISH, PAUSE_BLOCKS, Line

VOICE = to_mulaw((np.sin(np.arange(BLOCK) / 3) * 8000).astype(np.int16))
TIME = np.arange(BLOCK) / 8000
KEY = to_mulaw((6000 * (np.sin(2 * np.pi * 770 * TIME) + np.sin(2 * np.pi * 1336 * TIME))).astype(np.int16))


class Noted:
    """An attention that notes what it gets, and decides at the block with the number `at`."""

    speaking = False

    def __init__(self, at: int = 10**6) -> None:
        self.at, self.blocks, self.loud, self.recalled = at, [], [], []

    def recall(self, block: np.ndarray) -> None:
        self.recalled.append(block)

    def hear(self, block: np.ndarray, loud: list[bool]) -> Decision | None:
        self.blocks.append(block)
        self.loud.append(loud)
        return self.end() if len(self.blocks) == self.at else None

    def end(self) -> Decision:
        return Decision("one", Hearing.ACCEPTED, 0.1, Level(-9, -12, clipped=False))


@pytest.mark.parametrize("piece", [1, 160, 333, 800, 5000])
def test_audio_comes_in_blocks_whatever_its_pieces(piece: int) -> None:
    audio = VOICE * 3 + SILENCE * (BLOCK + 100)
    line, noted = Line(), Noted()
    line.attend(noted)
    for start in range(0, len(audio), piece):
        line.hear(audio[start : start + piece])
    assert [BLOCK] * 4 == [len(block) for block in noted.blocks]
    assert [[True] * 2] * 3 + [[False] * 2] == noted.loud


def test_what_follows_a_decision_is_dropped_but_for_its_last_300_ms() -> None:
    line, noted, following = Line(), Noted(at=2), Noted()
    line.attend(noted)
    decision, blocks = line.hear(VOICE * 12)
    assert decision is not None
    assert (12, 2) == (blocks, len(noted.blocks))
    line.attend(following)
    assert PRE_ROLL_BLOCKS == len(following.recalled)


def test_what_was_heard_before_a_decision_is_not_recalled_after_it() -> None:
    line, noted, following = Line(), Noted(at=2), Noted()
    line.attend(noted)
    line.hear(VOICE * 2)
    line.attend(following)
    assert not following.recalled


def test_after_ignore_nothing_is_known() -> None:
    line, noted, following = Line(), Noted(), Noted()
    line.attend(noted)
    line.hear(VOICE * 5)
    line.ignore()
    line.attend(following)
    assert not following.recalled
    line.ignore()
    assert line.end() is None


def test_the_end_of_a_stream_ends_the_question() -> None:
    line = Line()
    line.attend(Noted())
    assert line.end() is not None
    assert line.end() is None


def test_the_tone_of_a_key_is_neither_voice_nor_word() -> None:
    line, noted = Line(), Noted()
    line.attend(noted)
    line.hear(SILENCE * 800 + KEY * 3 + SILENCE * 800)
    assert not any(any(loud) for loud in noted.loud)
    heard = np.concatenate(noted.blocks)
    assert np.count_nonzero(heard) <= FRAME  # its first 20 ms are not known for a key yet


def test_speaking_is_what_the_open_question_says() -> None:
    line, noted = Line(), Noted()
    assert not line.speaking
    line.attend(noted)
    noted.speaking = True
    assert line.speaking


class Speaking(Noted):
    """An attention that is in the middle of an utterance."""

    speaking = True


@pytest.mark.parametrize("between", [False, True])
def test_an_utterance_cut_off_by_keys_is_not_taken_for_the_next_answer(between: bool) -> None:
    line, cut_off, following = Line(), Speaking(), Noted()
    line.attend(cut_off)
    line.hear(VOICE * 3)
    if between:
        line.ignore()
    line.attend(following)
    line.hear(VOICE * 6 + (SILENCE * BLOCK) * PAUSE_BLOCKS)
    assert (following.recalled, following.blocks) == ([], [])
    line.hear(VOICE * 2)
    assert len(following.blocks) == 2


def test_a_line_that_is_never_quiet_is_heard_again_after_a_while() -> None:
    line, following = Line(), Noted()
    line.attend(Speaking())
    line.attend(following)
    line.hear(VOICE * (LONGEST_FINISH + 3))
    assert 3 <= len(following.blocks) < LONGEST_FINISH
