"""How a stream's sound comes out of shape on purpose: odd sizes, a gap, the wrong order, all at once. Opens no socket."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from voicebot.simulator.settings import StreamFault

SIZES = (1, 400, 7, 160, 33, 1600)  # bytes of the messages of a ragged stream
GAP = 15  # frames that get lost
SWAPS = 10  # frames from swap to swap
BURST = 50  # frames that are held back, then come at once
FRAME_MS = 20
BYTES_A_MS = 8
FIRST_MS = 5  # what the first message's timestamp says


@dataclass(frozen=True)
class Piece:
    """One message's worth of sound: its number, its time in milliseconds since the stream began, its payload."""

    chunk: int
    timestamp: int
    payload: str


class Shape:
    """Turns frames into messages; from frame `after` on they come as the fault has it."""

    def __init__(self, fault: StreamFault | None, after: int) -> None:
        self._fault, self._after = fault, after
        self._held: list[Piece] = []
        self._rest = bytearray()
        self._sizes = cycle(SIZES)
        self._size = next(self._sizes)
        self._ragged = 0

    def pieces(self, place: int, payload: str) -> Iterator[Piece]:
        """What is sent when the frame at `place` (from 0) has been spoken."""
        whole = Piece(place + 1, place * FRAME_MS + FIRST_MS, payload)
        since = place - self._after
        if since < 0:
            yield whole
            return
        match self._fault:
            case StreamFault.RAGGED:
                yield from self._cut(payload)
            case StreamFault.GAP if since < GAP:
                pass
            case StreamFault.SWAPPED if since % SWAPS == 0:
                self._held.append(whole)
            case StreamFault.BURST if since < BURST - 1:
                self._held.append(whole)
            case StreamFault.SWAPPED if since % SWAPS == 1:
                yield whole
                yield from self._all_held()
            case _:
                yield from self._all_held()
                yield whole

    def _all_held(self) -> Iterator[Piece]:
        held, self._held = self._held, []
        yield from held

    def _cut(self, payload: str) -> Iterator[Piece]:
        self._rest += base64.b64decode(payload)
        while len(self._rest) >= self._size:
            piece = base64.b64encode(self._rest[: self._size]).decode()
            del self._rest[: self._size]
            yield Piece(self._after + 1 + self._ragged, self._after * FRAME_MS + FIRST_MS, piece)
            self._ragged += 1
            self._size = next(self._sizes)
