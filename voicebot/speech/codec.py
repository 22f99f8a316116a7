"""G.711 µ-law, the telephone's code, to linear samples and back. Tables only; knows nothing of files or streams."""

from functools import cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

BIAS = 0x84
LOUDEST = 32635
SILENCE = b"\xff"  # µ-law for zero
RATE = 8000


@cache
def _decoding() -> Samples:
    """Linear value of each of the 256 codes (ITU-T G.711)."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + BIAS << ((code & 0x70) >> 4)) - BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


@cache
def _encoding() -> npt.NDArray[np.uint8]:
    """Code of each of the 65,536 linear values, by value + 32768."""
    value = np.arange(-32768, 32768, dtype=np.int32)
    magnitude = np.minimum(np.abs(value), LOUDEST) + BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(value < 0, 0x80, 0)
    return np.asarray(~(sign | (exponent << 4) | mantissa) & 0xFF, np.uint8)


def to_samples(mulaw: bytes) -> Samples:
    """Linear 16-bit samples of µ-law bytes, one each."""
    return _decoding()[np.frombuffer(mulaw, np.uint8)]


def to_mulaw(samples: Samples) -> bytes:
    """µ-law bytes of linear 16-bit samples, one each."""
    return _encoding()[samples.astype(np.int32) + 32768].tobytes()
