"""Writes a network as Kaldi's binary `final.mdl`: transitions of a CTC topology and an nnet3. Numpy and struct, no Kaldi.

Format: kaldi's hmm/transition-model.cc, nnet3/nnet-nnet.cc, matrix/compressed-matrix.cc.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# By layer, and `output`: its matrix (outputs, inputs, frames) and its bias, with batch norms folded in.
Layers = Mapping[str, tuple[Floats, Floats]]
LEFT, RIGHT = 19, 13
SHORTCUT = 0.66
STREAM = "first"
SHAKEN = 0.15  # of a layer's spread
CORNERS = (0, 64, 192, 255)  # codes of a column's least, quarter, three quarters and most, of 8 bits
LEVELS = 65535  # of a compressed matrix, 16 bits
# name, input frames relative to the output, whether the input is added to the output
LAYERS = (
    ("first.0", (-2, -1, 0, 1, 2), False), ("first.1", (-1, 0, 1), False), ("first.2", (-1, 0, 1), False),
    ("around.0", (-3, 0, 3), True), ("around.1", (-3, 0, 3), True), ("around.2", (-3, 0, 3), True),
    ("back", (-6, -3, 0), True), ("last", (0,), False),
)  # fmt: skip


def placed_phones(phones: Sequence[str]) -> list[str]:
    """Kaldi's phones: the blank between words, the blank within, each phone at each place in a word."""
    return ["SIL", "BLK_I", *(f"{phone}_{place}" for phone in phones for place in "BIES")]


def output_of(number: int) -> int:
    """The network's output of the phone with this index in `placed_phones`."""
    return 0 if number < 2 else 1 + (number - 2) // 4


def folded(weights: Mapping[str, Floats]) -> Layers:
    """The layers of `weights`, which go by PyTorch's names; mean and scale of the features become part of the first."""
    made = {name: _without_norm(weights, name) for name, _, _ in LAYERS}
    matrix, bias = made["first.0"]
    bias = bias - (matrix * (weights["mean"] * weights["scale"])[None, :, None]).sum((1, 2))
    made["first.0"] = matrix * weights["scale"][None, :, None], bias
    return made | {"output": (weights["output.weight"], weights["output.bias"])}


def between(first: Layers, further: Layers, share: float) -> Layers:
    """The weighted mean of two networks of which one was trained further from the other; `share` is the further one's."""
    return {
        name: ((1 - share) * matrix + share * further[name][0], (1 - share) * bias + share * further[name][1])
        for name, (matrix, bias) in first.items()
    }


def widened(layers: Layers, wide: int, chance: np.random.Generator) -> Layers:
    """The same function with `wide` channels in the layers at 30 ms: some stand twice there, and share what they had to say.

    A little shaken (`SHAKEN`), so that the twins can part in a training.
    """
    has = len(layers[f"{STREAM}.2"][0])
    stream, last = (np.append(np.arange(has), chance.integers(0, has, wide - has)) for _ in range(2))
    told = {name: np.arange(len(matrix)) for name, (matrix, _) in layers.items()}
    told |= {name: last if name == "last" else stream for name, _, _ in LAYERS if name not in (f"{STREAM}.0", f"{STREAM}.1")}
    heard, made = np.arange(layers[f"{STREAM}.0"][0].shape[1]), {}
    for name, (matrix, bias) in layers.items():
        times = np.bincount(heard)[heard]
        weights = matrix[told[name]][:, heard] / times[None, :, None]
        weights = weights + SHAKEN * weights.std() * chance.standard_normal(weights.shape) * (times > 1)[None, :, None]
        made[name], heard = (weights, bias[told[name]]), told[name]
    return made


def final_mdl(layers: Layers, phones: Sequence[str], *, small: bool = False) -> bytes:
    """The whole file. `small`: a byte a weight instead of two."""
    network = _network(layers, _bytes if small else _matrix)
    contexts = _token("<LeftContext>") + _int(LEFT) + _token("<RightContext>") + _int(RIGHT)
    return b"\0B" + _transitions(len(placed_phones(phones))) + network + contexts + _token("<Priors>") + _vector([])


def read_layers(content: bytes) -> Layers:
    """What `final_mdl` wrote. ValueError if it is another network."""
    found: dict[str, tuple[Floats, Floats]] = {}
    at = 0
    for name, frames in (*((name, frames) for name, frames, _ in LAYERS), ("output", (0,))):
        matrix, at = _matrix_after(content, at)
        bias, at = _bias_after(content, at)
        if len(bias) != len(matrix) or matrix.shape[1] % len(frames):
            raise ValueError(f"{name} has {matrix.shape[1]} inputs and {len(bias)} biases")
        found[name] = (matrix.reshape(len(matrix), len(frames), -1).transpose(0, 2, 1), bias)
    return found


def _found(content: bytes, token: bytes, at: int) -> int:
    place = content.find(token, at)
    if place < 0:
        raise ValueError(f"{token.decode().strip()} is missing")
    return place + len(token)


def _matrix_after(content: bytes, at: int) -> tuple[Floats, int]:
    at = _found(content, _token("<LinearParams>"), at)
    kind, _, _ = content[at : at + 4].partition(b" ")
    at += len(kind) + 1
    if kind not in (b"CM", b"CM2"):
        raise ValueError("a layer's weights are not compressed")
    low, span, rows, columns = struct.unpack_from("<ffii", content, at)
    if kind == b"CM":
        corners = np.frombuffer(content, "<u2", 4 * columns, at + 16).reshape(columns, 4)
        codes = np.frombuffer(content, np.uint8, rows * columns, at + 16 + corners.nbytes).reshape(columns, rows)
        return _decoded(codes, low + span * corners / LEVELS).T, at + 16 + corners.nbytes + codes.nbytes
    levels = np.frombuffer(content, "<u2", rows * columns, at + 16).reshape(rows, columns)
    return low + span * levels.astype(np.float64) / LEVELS, at + 16 + levels.nbytes


def _bias_after(content: bytes, at: int) -> tuple[Floats, int]:
    at = _found(content, _token("<BiasParams>") + _token("FV"), at)
    (size,) = struct.unpack_from("<i", content, at + 1)
    return np.frombuffer(content, "<f4", size, at + 5).astype(np.float64), at + 5 + 4 * size


def _token(name: str) -> bytes:
    return name.encode() + b" "


def _int(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _double(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def _ints(values: Iterable[int]) -> bytes:
    array = np.asarray(list(values), "<i4")
    return _int(len(array)) + array.tobytes()


def _vector(values: Sequence[float] | Floats) -> bytes:
    return _token("FV") + _int(len(values)) + np.asarray(values, "<f4").tobytes()


def _matrix(values: Floats) -> bytes:
    """Compressed to 16 bits with one scale, which Kaldi reads wherever it reads a matrix: half the size."""
    low, span = float(values.min()), float(np.ptp(values)) or 1.0
    levels = np.round((values - low) / span * LEVELS).astype("<u2")
    return _token("CM2") + struct.pack("<ffii", low, span, *values.shape) + np.ascontiguousarray(levels).tobytes()


def _bytes(values: Floats) -> bytes:
    """The same in 8 bits, finer in the middle half of each column."""
    low, span = float(values.min()), float(np.ptp(values)) or 1.0
    order = np.sort(values.T, axis=1)
    places = [0, order.shape[1] // 4, 3 * order.shape[1] // 4, order.shape[1] - 1]
    corners = np.round((order[:, places] - low) / span * LEVELS).astype("<u2")
    at = low + span * corners / LEVELS
    codes = np.stack([np.interp(column, corner, CORNERS) for column, corner in zip(values.T, _rising(at), strict=True)])
    header = struct.pack("<ffii", low, span, *values.shape)
    return _token("CM") + header + corners.tobytes() + np.round(codes).astype(np.uint8).tobytes()


def _decoded(codes: npt.NDArray[np.uint8], corners: Floats) -> Floats:
    """(columns, rows) of codes to values: straight between each column's four corners."""
    return np.stack([np.interp(column, CORNERS, corner) for column, corner in zip(codes, corners, strict=True)])


def _rising(corners: Floats) -> Floats:
    """Corners that do not fall together, which an interpolation from values to codes needs."""
    return corners + np.arange(4) * 1e-12


def _transitions(phones: int) -> bytes:
    """One state a phone, which stays or goes on with the same chance: CTC's loops."""
    topology = (
        _token("<Topology>") + _ints(range(1, phones + 1)) + _ints([-1, *[0] * phones]) + _int(1) + _int(2)
        + _int(0) + _int(2) + _int(0) + _float(0.5) + _int(1) + _float(0.5) + _int(-1) + _int(0) + _token("</Topology>")
    )  # fmt: skip
    triples = b"".join(_int(phone + 1) + _int(0) + _int(output_of(phone)) for phone in range(phones))
    chances = [0.0, *[float(np.log(0.5))] * (2 * phones)]
    return (
        _token("<TransitionModel>") + topology + _token("<Triples>") + _int(phones) + triples + _token("</Triples>")
        + _token("<LogProbs>") + _vector(chances) + _token("</LogProbs>") + _token("</TransitionModel>")
    )  # fmt: skip


@dataclass
class _Nodes:
    """The network's description line by line, and its components."""

    lines: list[str] = field(default_factory=lambda: ["input-node name=input dim=40"])
    components: list[bytes] = field(default_factory=list)

    def add(self, name: str, component: bytes, fed_by: str) -> str:
        self.lines.append(f"component-node name={name} component={name} input={fed_by}")
        self.components.append(_token("<ComponentName>") + _token(name) + component)
        return name


def _network(layers: Layers, written: Callable[[Floats], bytes]) -> bytes:
    nodes, node = _Nodes(), "input"
    for name, frames, shortcut in LAYERS:
        matrix, bias = layers[name]
        at = [node if not frame else f"Offset({node}, {frame})" for frame in frames]
        flat = matrix.transpose(0, 2, 1).reshape(len(matrix), -1)
        affine = nodes.add(f"{name}.affine", _affine(written(flat), bias), f"Append({', '.join(at)})" if len(at) > 1 else at[0])
        rectified = nodes.add(f"{name}.relu", _nonlinearity("RectifiedLinearComponent", len(bias)), affine)
        both = f"Sum(Scale({SHORTCUT}, {node}), {rectified})"
        node = nodes.add(f"{name}.sum", _nothing(len(bias)), both) if shortcut else rectified
    matrix, bias = layers["output"]
    node = nodes.add("output.affine", _affine(written(matrix[:, :, 0]), bias), node)
    node = nodes.add("output.log-softmax", _nonlinearity("LogSoftmaxComponent", len(bias)), node)
    nodes.lines.append(f"output-node name=output input={node} objective=linear")
    text = "\n".join(nodes.lines).encode()
    count = _token("<NumComponents>") + _int(len(nodes.components))
    return _token("<Nnet3>") + b"\n" + text + b"\n\n" + count + b"".join(nodes.components) + _token("</Nnet3>")


def _without_norm(weights: Mapping[str, Floats], layer: str) -> tuple[Floats, Floats]:
    """Affine and batch norm as one affine: (outputs, inputs, frames) and (outputs,)."""
    scale = weights[f"{layer}.norm.weight"] / np.sqrt(weights[f"{layer}.norm.running_var"] + 1e-5)
    bias = weights[f"{layer}.norm.bias"] - weights[f"{layer}.norm.running_mean"] * scale
    return weights[f"{layer}.affine.weight"] * scale[:, None, None], bias


def _affine(matrix: bytes, bias: Floats) -> bytes:
    parameters = _token("<LinearParams>") + matrix + _token("<BiasParams>") + _vector(bias)
    return _token("<FixedAffineComponent>") + parameters + _token("</FixedAffineComponent>")


def _nonlinearity(kind: str, size: int) -> bytes:
    parameters = (
        _token("<Dim>") + _int(size) + _token("<ValueAvg>") + _vector([]) + _token("<DerivAvg>") + _vector([])
        + _token("<Count>") + _double(0) + _token("<OderivRms>") + _vector([]) + _token("<OderivCount>") + _double(0)
        + _token("<NumDimsSelfRepaired>") + _double(0) + _token("<NumDimsProcessed>") + _double(0)
    )  # fmt: skip
    return _token(f"<{kind}>") + parameters + _token(f"</{kind}>")


def _nothing(size: int) -> bytes:
    parameters = _token("<Dim>") + _int(size) + _token("<BackpropScale>") + _float(1)
    return _token("<NoOpComponent>") + parameters + _token("</NoOpComponent>")
