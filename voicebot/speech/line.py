"""One audio stream inside a worker: µ-law in, decisions out. Cuts the audio into blocks, so that its pace does not matter."""

from collections import deque

import numpy as np

from voicebot.speech.activity import FRAME, Activity, key_tones
from voicebot.speech.attention import BLOCK, PRE_ROLL_BLOCKS, Attention, Decision
from voicebot.speech.codec import Samples, to_samples
from voicebot.speech.level import FLOOR, levels

PAUSE_BLOCKS = 13  # half a second of quiet ends an utterance that was meant for the question before
LONGEST_FINISH = 100  # blocks; on a line that is never quiet the question is listened to all the same


class Line:
    """A stream with at most one open question. What is heard while none is open is dropped but for its last 300 ms.

    A question that closes in the middle of an utterance (keys were faster) takes the rest of it along: the next question hears
    nothing before the caller has paused, or the tail of an account number would be taken for a PIN.
    """

    def __init__(self) -> None:
        self._activity = Activity()
        self._rest = b""
        self._between: deque[Samples] = deque(maxlen=PRE_ROLL_BLOCKS)
        self._attention: Attention | None = None
        self._tone_before = False
        self._to_finish = 0  # blocks that an utterance for a closed question may still take
        self._quiet = 0

    @property
    def speaking(self) -> bool:
        """Whether the open question is being answered right now."""
        return self._attention is not None and self._attention.speaking

    def attend(self, attention: Attention) -> None:
        """A question is open from here on."""
        self._let_finish()
        for block in () if self._to_finish else self._between:
            attention.recall(block)
        self._between.clear()
        self._attention = attention

    def ignore(self) -> None:
        """No question is open; what was heard for one is forgotten."""
        self._let_finish()
        self._close_question()

    def _let_finish(self) -> None:
        if self.speaking:
            self._to_finish, self._quiet = LONGEST_FINISH, 0

    def _close_question(self) -> None:
        self._attention = None
        self._between.clear()

    def hear(self, mulaw: bytes) -> tuple[Decision | None, int]:
        """More audio. The decision if there is one, and how many whole blocks were worked off; what follows it is dropped."""
        audio = self._rest + mulaw
        blocks = len(audio) // BLOCK
        self._rest = audio[blocks * BLOCK :]
        decision = None
        for number in range(blocks):
            decision = self._block(to_samples(audio[number * BLOCK : (number + 1) * BLOCK])) or decision
        return decision, blocks

    def end(self) -> Decision | None:
        """The stream has ended."""
        decision = self._attention.end() if self._attention is not None else None
        self.ignore()
        return decision

    def _block(self, block: Samples) -> Decision | None:
        block, loud = self._listen_for_voice(block)
        if self._to_finish:
            self._quiet = 0 if any(loud) else self._quiet + 1
            self._to_finish = 0 if self._quiet >= PAUSE_BLOCKS else self._to_finish - 1
            return None
        if self._attention is None:
            self._between.append(block)
            return None
        decision = self._attention.hear(block, loud)
        if decision is not None:
            self._close_question()
        return decision

    def _listen_for_voice(self, block: Samples) -> tuple[Samples, list[bool]]:
        """The block without the tones of keys, which would be taken for words, and which of its frames are a voice."""
        frames = block.reshape(-1, FRAME)
        loudness = levels(frames)
        tones = key_tones(frames, loudness)
        if not any(tones):
            self._tone_before = False
            return block, [self._activity.is_speech(level) for level in loudness]
        frames, loud = frames.copy(), []
        for frame, tone, level in zip(frames, tones, loudness, strict=True):
            silenced = tone and self._tone_before
            if silenced:
                frame[:] = 0
            self._tone_before = tone
            loud.append(self._activity.is_speech(FLOOR if silenced else level) and not tone)
        return np.ravel(frames), loud
