"""What the network hears: Kaldi's MFCC (8 kHz, 40 bands, 40 coefficients, no dither), the same numbers as at a call.

The settings are those of the model's `conf/mfcc.conf`.
"""

import numpy as np
import numpy.typing as npt
import torch

BANDS = 40
LOW, HIGH = 60.0, 3800.0  # Hz
RATE = 8000
WINDOW, STEP, TRANSFORM = 200, 80, 256  # samples
EMPHASIS = 0.97
LIFTER = 22
SMALLEST_POWER = 1.1920929e-07
KNEE = 3000.0  # Hz: up to here a longer or shorter vocal tract shifts frequencies evenly
SHORTEST_TRACT, LONGEST_TRACT, TRACTS = 0.83, 1.19, 15

Floats = npt.NDArray[np.float64]


def _mel(hertz: Floats | float) -> Floats:
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))


def _banks(warp: float = 1.0) -> torch.Tensor:
    """Triangular filters, (bands, 129). `warp` stretches the frequencies, as another speaker's vocal tract would."""
    hertz = np.arange(TRANSFORM // 2) * RATE / TRANSFORM
    above = KNEE * warp + (hertz - KNEE) * (RATE / 2 - KNEE * warp) / (RATE / 2 - KNEE)
    mel = _mel(np.where(hertz <= KNEE, hertz * warp, above))
    low, high = float(_mel(LOW)), float(_mel(HIGH))
    width = (high - low) / (BANDS + 1)
    banks = np.zeros((BANDS, TRANSFORM // 2 + 1), np.float32)
    for band in range(BANDS):
        left, middle, right = (low + (band + edge) * width for edge in range(3))
        rising, falling = (mel - left) / width, (right - mel) / width
        banks[band, :-1] = np.where((mel > left) & (mel < right), np.where(mel <= middle, rising, falling), 0)
        if not banks[band].any():  # so narrow that no frequency falls into it
            banks[band] = banks[band - 1] if band else 0
    return torch.from_numpy(banks)


def _cosines() -> torch.Tensor:
    """From log energies of bands to liftered coefficients, (coefficients, bands)."""
    number = np.arange(BANDS)[:, None]
    made = np.sqrt(2 / BANDS) * np.cos(np.pi / BANDS * (np.arange(BANDS)[None] + 0.5) * number)
    made[0] = np.sqrt(1 / BANDS)
    return torch.from_numpy((made * (1 + LIFTER / 2 * np.sin(np.pi * number / LIFTER))).astype(np.float32))


BANKS = _banks()
WARPED = tuple(_banks(warp) for warp in np.linspace(SHORTEST_TRACT, LONGEST_TRACT, TRACTS))
COSINES = _cosines()
POVEY = torch.from_numpy(((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))) ** 0.85).astype(np.float32))


def log_energies(sound: npt.NDArray[np.int16], banks: torch.Tensor = BANKS) -> torch.Tensor:
    """Log energies, (frames of 10 ms, bands)."""
    samples = torch.from_numpy(sound.astype(np.float32))
    if len(samples) < WINDOW:
        samples = torch.nn.functional.pad(samples, (0, WINDOW - len(samples)))
    frames = samples.unfold(0, WINDOW, STEP)
    frames = frames - frames.mean(1, keepdim=True)
    emphasised = torch.cat([frames[:, :1] * (1 - EMPHASIS), frames[:, 1:] - EMPHASIS * frames[:, :-1]], 1) * POVEY
    spectrum = torch.fft.rfft(emphasised, TRANSFORM)
    power = spectrum.real**2 + spectrum.imag**2
    return torch.log((power @ banks.T).clamp_min(SMALLEST_POWER))
