"""Whether a prompt's recording is one that the telephone can play: WAV, 8000 Hz, mono, PCM16 or µ-law.

Must not change a recording: wrong ones are named, with what they are.
"""

import struct

PCM, MULAW = 1, 7
EXTENSIBLE = 0xFFFE
RATE = 8000
NAMES = {PCM: "PCM", 3: "floating point", 6: "A-law", MULAW: "µ-law", EXTENSIBLE: "extensible"}


def fault_of(wav: bytes) -> str:
    """What is wrong with a recording, in words; empty if nothing is."""
    wanted = "it must be WAV, 8000 Hz, mono, 16-bit PCM or µ-law"
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        return f"is no WAV file; {wanted}"
    chunks = _chunks(wav)
    form, sound = chunks.get(b"fmt "), chunks.get(b"data")
    if form is None or len(form) < 16 or sound is None:
        return f"is a broken WAV file; {wanted}"
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if (kind, bits) not in ((PCM, 16), (MULAW, 8)) or channels != 1 or rate != RATE:
        sort = NAMES.get(kind, f"format {kind}")
        return f"is {bits}-bit {sort}, {rate} Hz, {channels} channel{'s' if channels != 1 else ''}; {wanted}"
    return "" if sound else f"holds no sound; {wanted}"


def _chunks(wav: bytes) -> dict[bytes, bytes]:
    chunks: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(wav):
        name, size = wav[at : at + 4], int.from_bytes(wav[at + 4 : at + 8], "little")
        chunks.setdefault(name, wav[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return chunks
