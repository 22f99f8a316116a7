"""A network is written as Kaldi reads it: Vosk opens it and hears nothing in silence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.training.kaldi import (
    LAYERS,
    SHORTCUT,
    Floats,
    Layers,
    between,
    final_mdl,
    folded,
    output_of,
    placed_phones,
    read_layers,
    widened,
)
from models.training.sounds import read_sounds
from voicebot.speech.graph import write_graph
from voicebot.speech.models import MODELS

ENGLISH = MODELS / "en-telephone"
SOUNDS = read_sounds(ENGLISH, {})
HEAR = """
import json, sys, vosk
vosk.SetLogLevel(-1)
recogniser = vosk.KaldiRecognizer(vosk.Model(sys.argv[1]), 8000)
recogniser.AcceptWaveform(bytes(16000))
print(recogniser.FinalResult())
"""


def weights() -> dict[str, np.ndarray]:
    """Of a network that has learned nothing and prefers the blank."""
    sizes = [(40, 128, 5), (128, 192, 3), (192, 256, 3), *[(256, 256, 3)] * 4, (256, 256, 1)]
    made: dict[str, np.ndarray] = {"mean": np.zeros(40), "scale": np.ones(40)}
    chance = np.random.default_rng(1)
    for (name, _, _), (inputs, outputs, frames) in zip(LAYERS, sizes, strict=True):
        made[f"{name}.affine.weight"] = chance.normal(0, 0.01, (outputs, inputs, frames))
        made |= {f"{name}.norm.{part}": np.ones(outputs) for part in ("weight", "running_var")}
        made |= {f"{name}.norm.{part}": np.zeros(outputs) for part in ("bias", "running_mean")}
    made["output.weight"] = np.zeros((SOUNDS.outputs, 256, 1))
    made["output.bias"] = np.array([10.0, *[0.0] * (SOUNDS.outputs - 1)])
    return made


def test_vosk_opens_what_was_written(tmp_path: Path) -> None:
    for part in ("conf", "graph"):
        shutil.copytree(ENGLISH / part, tmp_path / part)
    shutil.copyfile(ENGLISH / "lexicon.txt", tmp_path / "lexicon.txt")
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(final_mdl(folded(weights()), SOUNDS.phones))
    write_graph(tmp_path)
    heard = subprocess.run([sys.executable, "-c", HEAR, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(heard.stdout) == {"text": ""}


def test_what_was_written_is_read_back() -> None:
    written = weights()
    found = read_layers(final_mdl(folded(written), SOUNDS.phones))
    assert list(found) == [*(name for name, _, _ in LAYERS), "output"]
    for name, (matrix, bias) in found.items():
        if name != "output":  # its norm has a spread of 1 and a millionth more
            assert matrix == pytest.approx(written[f"{name}.affine.weight"], abs=1e-5)
            assert not bias.any()
    assert found["output"][1] == pytest.approx(written["output.bias"])


def test_a_byte_a_weight_is_half_the_size_and_nearly_the_same() -> None:
    layers = read_layers((ENGLISH / "second" / "final.mdl").read_bytes())
    small = final_mdl(layers, SOUNDS.phones, small=True)
    assert len(small) < 0.55 * len(final_mdl(layers, SOUNDS.phones))
    found = read_layers(small)
    for name, (matrix, bias) in layers.items():
        assert np.abs(found[name][0] - matrix).max() <= 0.02 * np.ptp(matrix)
        assert np.abs(found[name][0] - matrix).mean() < 0.01 * matrix.std()
        assert found[name][1] == pytest.approx(bias)


def test_what_lies_between_two_networks_is_the_weighted_mean_of_every_layer() -> None:
    here = folded(weights())
    there = {name: (matrix + 2, bias - 4) for name, (matrix, bias) in here.items()}
    for name, (matrix, bias) in between(here, there, 0.25).items():
        assert matrix == pytest.approx(here[name][0] + 0.5)
        assert bias == pytest.approx(here[name][1] - 1)


def test_a_wider_network_says_the_same() -> None:
    narrow = read_layers((ENGLISH / "am" / "final.mdl").read_bytes())
    wide = widened(narrow, 300, np.random.default_rng(3))
    assert [len(wide[name][0]) for name in ("first.0", "first.1")] == [128, 192]
    assert {len(wide[name][0]) for name in ("first.2", "around.2", "back", "last")} == {300}
    assert wide["output"][0].shape[:2] == (len(narrow["output"][0]), 300)
    frames = np.random.default_rng(4).standard_normal((40, 60))
    one, other = through(narrow, frames), through(wide, frames)
    assert np.abs(one - other).mean() < 0.2 * np.abs(one).mean()  # shaken a little
    still = widened(narrow, 300, Still(3))
    assert through(still, frames) == pytest.approx(one)


class Still(np.random.Generator):
    """Chance that shakes nothing."""

    def __init__(self, seed: int) -> None:
        super().__init__(np.random.PCG64(seed))

    def standard_normal(self, size: object = None) -> object:  # type: ignore[override]
        return np.zeros(size)  # type: ignore[arg-type]


def through(layers: Layers, frames: Floats) -> Floats:
    """What a network says of (coefficients, frames): each layer at the frames that it can be had of."""
    now, step = frames, 1
    for name, places, shortcut in LAYERS:
        matrix, bias = layers[name]
        offsets = [(place - places[0]) // step if step > 1 else place - places[0] for place in places]
        count = now.shape[1] - max(offsets)
        heard = sum(matrix[:, :, number] @ now[:, at : at + count] for number, at in enumerate(offsets))
        made = np.maximum(heard + bias[:, None], 0)
        if shortcut:
            middle = offsets[places.index(0)]
            made = made + SHORTCUT * now[:, middle : middle + count]
        if name == "first.2":
            made, step = made[:, ::3], 3
        now = made
    matrix, bias = layers["output"]
    return np.asarray(matrix[:, :, 0] @ now + bias[:, None])


def test_another_network_is_not_read() -> None:
    with pytest.raises(ValueError, match="LinearParams"):
        read_layers(b"\0B<TransitionModel>")


def test_phones_are_numbered_as_in_the_shipped_model() -> None:
    lines = (ENGLISH / "graph" / "phones.txt").read_text("utf-8").split("\n")[1:-1]
    assert [line.split()[0] for line in lines] == placed_phones(SOUNDS.phones)


@pytest.mark.parametrize(("place", "output"), [(0, 0), (1, 0), (2, 1), (5, 1), (6, 2)])
def test_a_phone_is_the_same_output_wherever_in_a_word(place: int, output: int) -> None:
    assert output_of(place) == output


def test_the_blank_and_all_phones_have_outputs() -> None:
    assert output_of(len(placed_phones(SOUNDS.phones)) - 1) == SOUNDS.outputs - 1
