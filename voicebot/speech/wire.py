"""What goes over the pipe between the ear and a worker: frames of a small JSON header and raw audio, length first.

A frame is: header length and body length as two big-endian 32-bit numbers, the header, the body. Whoever reads one that does
not fit raises `WireBroken` and gives the pipe up; nothing in it is trusted.
"""

import json
import os
import select
import struct
from typing import Any, BinaryIO, Protocol

LENGTHS = struct.Struct(">II")
LONGEST_HEADER = 256 * 1024
LONGEST_BODY = 1024 * 1024
ONE_READ = 64 * 1024

Header = dict[str, Any]


class WireBroken(Exception):
    """The pipe brought something that is no frame."""


class Inlet:
    """The reading end of a pipe, which also tells whether more is waiting there."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = bytearray()

    def read(self, size: int) -> bytes:
        """So many bytes, or what there was before the end."""
        while len(self._rest) < size and (piece := os.read(self._descriptor, ONE_READ)):
            self._rest += piece
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found

    @property
    def waiting(self) -> bool:
        """Whether the next read finds something at once, be it the end."""
        return bool(self._rest) or bool(select.select([self._descriptor], [], [], 0)[0])


class Readable(Protocol):
    """What frames are read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, or what there was before the end."""
        ...


def write_frame(stream: BinaryIO, header: Header, body: bytes = b"") -> None:
    """Write one frame; raises OSError (BrokenPipeError) if nobody reads."""
    encoded = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    stream.write(LENGTHS.pack(len(encoded), len(body)) + encoded + body)
    stream.flush()


def read_frame(stream: Readable) -> tuple[Header, bytes] | None:
    """The next frame, or None at the end of the stream. Raises WireBroken."""
    lengths = stream.read(LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < LENGTHS.size:
        raise WireBroken("the stream ended within a frame")
    header_length, body_length = LENGTHS.unpack(lengths)
    if header_length > LONGEST_HEADER or body_length > LONGEST_BODY:
        raise WireBroken("a frame is too long")
    encoded, body = stream.read(header_length), stream.read(body_length)
    if len(encoded) < header_length or len(body) < body_length:
        raise WireBroken("the stream ended within a frame")
    try:
        header = json.loads(encoded)
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise WireBroken("a header is not a JSON object")
    return header, body
