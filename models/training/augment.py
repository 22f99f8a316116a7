"""Makes a studio's recording sound like somebody's telephone: room, noise, microphone, band, level, codec. All by chance.

Numpy and scipy only.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.signal as sg

RATE = 8000
Wave = npt.NDArray[np.float64]
Noise = Callable[[int], Wave]
LOUDEST = 32700
LOUD_NOISE = (-1.0, 11.0)  # dB of speech over noise, for half of the noisy ones: calls from streets and cars
QUIET_NOISE = (3.0, 30.0)
TELEPHONES = [
    sg.butter(order, [low, high], btype="band", fs=RATE, output="sos")
    for order in (2, 4, 6) for low in (200, 300, 350) for high in (3200, 3400, 3600)
]  # fmt: skip


def _mu_law_levels() -> Wave:
    code = ~np.arange(256) & 255
    level = (((code & 15) << 3) + 132 << ((code >> 4) & 7)) - 132
    return np.unique(np.where(code & 128, -level, level)).astype(np.float64)


def _a_law_levels() -> Wave:
    code = np.arange(256) ^ 0x55
    exponent, level = (code >> 4) & 7, ((code & 15) << 4) + 8
    level = np.where(exponent > 0, level + 256 << np.maximum(exponent - 1, 0), level)
    return np.unique(np.where(code & 128, level, -level)).astype(np.float64)


MU_LAW, A_LAW = _mu_law_levels(), _a_law_levels()


def coded(sound: Wave, levels: Wave) -> Wave:
    """The nearest levels that a codec can send."""
    return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, sound)]


def faster(sound: Wave, times: float) -> Wave:
    """Faster and higher by the same factor."""
    return np.asarray(np.interp(np.arange(int(len(sound) / times)) * times, np.arange(len(sound)), sound))


def hiss(length: int, chance: np.random.Generator) -> Wave:
    """Noise of a colour, standard deviation 1."""
    colour = chance.choice([0, 0.5, 0.9, 0.9, 0.95, -0.5])
    noise = sg.lfilter([1], [1, -colour], chance.standard_normal(length))
    return np.asarray(noise / (noise.std() + 1e-9))


def hum(length: int, chance: np.random.Generator) -> Wave:
    """The mains and its harmonics, standard deviation 1."""
    time, mains = np.arange(length) / RATE, chance.choice([50, 60])
    noise = np.zeros(length)
    for number in range(1, 9):
        noise += chance.uniform(0.1, 1) / number * np.sin(2 * np.pi * mains * number * time + chance.uniform(0, 6))
    return np.asarray(noise / (noise.std() + 1e-9))


def tones(length: int, chance: np.random.Generator) -> Wave:
    """Chords as of music, signals or keys, each for a while, standard deviation 1."""
    time, noise, start = np.arange(length) / RATE, np.zeros(length), 0
    while start < length:
        end = start + int(chance.uniform(0.05, 0.8) * RATE)
        for hertz in chance.uniform(180, 1800, chance.integers(1, 5)):
            noise[start:end] += np.sin(2 * np.pi * hertz * time[start:end])
        start = end + int(chance.choice([0, 0.05, 0.3]) * RATE)
    return np.asarray(noise / (noise.std() + 1e-9))


def telephoned(sound: Wave, chance: np.random.Generator, babble: Noise) -> npt.NDArray[np.int16]:
    """The same over some telephone. `babble(length)` is noise of people and places, standard deviation 1."""
    if chance.random() < 0.25:
        sound = _in_a_room(sound, chance)
    if chance.random() < 0.85:
        before, after = int(chance.uniform(0, 0.5) * RATE), int(chance.uniform(0.1, 0.6) * RATE)
        sound = np.concatenate([np.zeros(before), sound, np.zeros(after)])
    sound = sound / (np.abs(sound).max() + 1)
    loud = sound[np.abs(sound) > 0.1]
    power = float(np.sqrt((loud**2).mean())) if len(loud) else 0.1
    narrow, first = chance.random() < 0.6, chance.random() < 0.5
    telephone = TELEPHONES[chance.integers(len(TELEPHONES))]
    if narrow and first:
        sound = sg.sosfilt(telephone, sound)
    if chance.random() < 0.7:
        sound = sound + power * _noise(len(sound), chance, babble)
    if narrow and not first:
        sound = sg.sosfilt(telephone, sound)
    return _over_the_ears_hiss(_sent(_through_a_microphone(sound, chance), chance), chance)


def _over_the_ears_hiss(heard: npt.NDArray[np.int16], chance: np.random.Generator) -> npt.NDArray[np.int16]:
    """Half of the time with the soft hiss that the ear puts under all that it hears, a little louder or softer."""
    if chance.random() < 0.5:
        return heard
    level = np.abs(heard.astype(np.float64)).max() * 10 ** (-chance.uniform(46, 60) / 20)
    hissing = np.round(heard + chance.standard_normal(len(heard)) * level)
    return np.asarray(hissing.clip(-LOUDEST, LOUDEST), np.int16)


def _in_a_room(sound: Wave, chance: np.random.Generator) -> Wave:
    length = int(chance.uniform(0.08, 0.5) * RATE)
    echo = chance.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    echo *= chance.uniform(0.1, 0.7) / np.sqrt((echo**2).sum())
    echo[0] = 1
    return np.asarray(sg.fftconvolve(sound, echo)[: len(sound) + RATE // 10])


def _noise(length: int, chance: np.random.Generator, babble: Noise) -> Wave:
    """Relative to the speech."""
    over = chance.uniform(*(LOUD_NOISE if chance.random() < 0.5 else QUIET_NOISE))
    which = chance.random()
    noise = hiss(length, chance) if which < 0.6 else hum(length, chance) if which < 0.7 else babble(length)
    if chance.random() < 0.15:  # it comes and goes
        places, heights = np.sort(chance.uniform(0, length, 8)), chance.uniform(0, 1.4, 8)
        noise = noise * np.interp(np.arange(length), places, heights)
    return np.asarray(noise * 10 ** (-over / 20))


def _through_a_microphone(sound: Wave, chance: np.random.Generator) -> Wave:
    if chance.random() < 0.3:
        peak = sg.iirpeak(chance.uniform(400, 3200), chance.uniform(1.3, 5), fs=RATE)
        sound = sound + chance.uniform(-0.7, 1.5) * sg.lfilter(*peak, sound)
    if chance.random() < 0.25:
        sound = sg.lfilter([1, chance.uniform(-0.6, 0.6)], [1], sound)
    return sound


def _sent(sound: Wave, chance: np.random.Generator) -> npt.NDArray[np.int16]:
    """At some level, now and then overdriven, with the line's own noise, through a codec."""
    sound = sound / (np.abs(sound).max() + 1e-6) * 32767 * 10 ** (chance.uniform(-30, -0.5) / 20)
    if chance.random() < 0.05:
        sound = sound * chance.uniform(1.5, 4)
    if chance.random() < 0.8:
        sound = sound + chance.normal(0, chance.uniform(0.3, 8), len(sound))
    sound = sound.clip(-LOUDEST, LOUDEST)
    codec = chance.random()
    sound = coded(sound, MU_LAW) if codec < 0.45 else coded(sound, A_LAW) if codec < 0.6 else sound
    return np.round(sound).astype(np.int16)
