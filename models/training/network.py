"""The network, and the training criterion that Vosk's decoding wants: CTC minus the weight of all phone strings (CTC-CRF)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LEFT, RIGHT = 19, 13  # frames of context
COEFFICIENTS = 40
SUBSAMPLING = 3
SHORTCUT = 0.66  # how much of a layer's input is added to its output
NARROW, MIDDLE, WIDE = 128, 192, 256  # channels
PRIOR, LEAST = 6.0, 0.06  # counts that every phone is believed to have followed: as common phones do, and evenly


def frames_out(frames: int) -> int:
    """How many frames the network makes of so many."""
    return (frames + 2) // SUBSAMPLING


def padded(features: Tensor) -> Tensor:
    """With the first and last frame repeated, as Kaldi does at the edges."""
    return torch.cat([features[:1].expand(LEFT, -1), features, features[-1:].expand(RIGHT, -1)])


class Layer(nn.Module):
    """Affine over `width` frames, batch norm, rectifier."""

    def __init__(self, inputs: int, outputs: int, width: int, *, stride: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.affine = nn.Conv1d(inputs, outputs, width, stride=stride, bias=False)
        self.norm = nn.BatchNorm1d(outputs, momentum=0.05)
        self.dropout = nn.Dropout(dropout)

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, inputs, frames) -> (batch, outputs, frames')."""
        return self.dropout(functional.relu(self.norm(self.affine(frames))))


class Network(nn.Module):
    """A time-delay network: three layers at 10 ms, five of `wide` channels at 30 ms. Context: 190 ms back, 130 ms on.

    1.1 million parameters; 2.3 with 384 channels.
    """

    def __init__(self, outputs: int, wide: int = WIDE, dropout: float = 0.1) -> None:
        super().__init__()
        self.wide = wide
        self.register_buffer("mean", torch.zeros(COEFFICIENTS))
        self.register_buffer("scale", torch.ones(COEFFICIENTS))
        self.first = nn.Sequential(
            Layer(COEFFICIENTS, NARROW, 5),
            Layer(NARROW, MIDDLE, 3),
            Layer(MIDDLE, wide, 3, stride=SUBSAMPLING),
        )
        self.around = nn.ModuleList(Layer(wide, wide, 3, dropout=dropout) for _ in range(3))
        self.back = Layer(wide, wide, 3, dropout=dropout)
        self.last = Layer(wide, wide, 1, dropout=dropout)
        self.output = nn.Conv1d(wide, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Padded features (batch, frames, 40) -> log probabilities (batch, frames', outputs)."""
        frames = self.first(((features - self.mean) * self.scale).transpose(1, 2))
        for layer in self.around:
            frames = layer(frames) + SHORTCUT * frames[:, :, 1:-1]
        frames = self.last(self.back(frames) + SHORTCUT * frames[:, :, 2:])
        return functional.log_softmax(self.output(frames).transpose(1, 2), 2)

    def begin_from(self, features: Tensor) -> None:
        """Take mean and scale from these frames."""
        self.mean.copy_(features.mean(0))
        self.scale.copy_(1 / features.std(0))


class Denominator:
    """All phone strings, weighted by which phone follows which in the training: a graph with CTC's blanks.

    States 0 to n-1 are the blank after a phone (0: at the start), n to 2n-1 the phone itself.
    """

    def __init__(self, targets: list[list[int]], outputs: int) -> None:
        follows = torch.zeros(outputs, outputs)
        for target in targets:
            for one, following in zip([0, *target], [*target, 0], strict=True):  # 0 also ends a string
                follows[one, following] += 1
        common = follows.sum(0) + 1
        follows += PRIOR * common / common.sum() + LEAST
        chance = follows / follows.sum(1, keepdim=True)
        self.moves = torch.zeros(2 * outputs, 2 * outputs)
        self.final = torch.cat([chance[:, 0], chance[:, 0]])
        self.final[outputs] = 0
        self.initial = torch.zeros(2 * outputs)
        self.initial[0] = 1
        self.initial[outputs + 1 :] = chance[0, 1:]
        for phone in range(outputs):
            self.moves[phone, phone] = 1
            self.moves[phone, outputs + 1 :] = chance[phone, 1:]
            if phone:
                self.moves[outputs + phone, outputs:] = chance[phone]
                self.moves[outputs + phone, [outputs, outputs + phone]] = torch.tensor([0.0, 1.0])
                self.moves[outputs + phone, phone] = 1
        self.emits = torch.cat([torch.zeros(outputs, dtype=torch.long), torch.arange(outputs)])

    def log_weight(self, log_probabilities: Tensor, lengths: Tensor) -> Tensor:
        """Log weight of all strings, (batch,), with gradients."""
        return _LogWeight.apply(log_probabilities, lengths, self)


class _LogWeight(torch.autograd.Function):
    """Forward and backward sums over the graph by hand: autograd through hundreds of steps is ten times slower."""

    @staticmethod
    def forward(context: Any, log_probabilities: Tensor, lengths: Tensor, graph: Denominator) -> Tensor:
        batch, frames, outputs = log_probabilities.shape
        emission = log_probabilities.detach().exp().clamp_min(1e-20)[:, :, graph.emits]
        states = torch.zeros(frames, batch, len(graph.emits))
        total = torch.zeros(batch, dtype=torch.float64)
        state = graph.initial[None] * emission[:, 0]
        for frame in range(frames):
            if frame:
                state = (state @ graph.moves) * emission[:, frame]
            weight = state.sum(1, keepdim=True).clamp_min(1e-30)
            state = state / weight
            total += torch.where(frame < lengths, weight.log().squeeze(1).double(), 0.0)
            states[frame] = state
        last = states[lengths - 1, torch.arange(batch)]
        total += (last * graph.final).sum(1).clamp_min(1e-30).log().double()
        context.save_for_backward(_occupation(states, emission, lengths, graph, outputs))
        return total.float()

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (occupation,) = context.saved_tensors
        return gradients[0][:, None, None] * occupation, None, None


def _occupation(states: Tensor, emission: Tensor, lengths: Tensor, graph: Denominator, outputs: int) -> Tensor:
    """How likely each output is in each frame, over all strings: (batch, frames, outputs)."""
    frames, batch, count = states.shape
    shares = torch.zeros(batch, frames, count)
    back = graph.final[None].expand(batch, count)
    for frame in range(frames - 1, -1, -1):
        if frame < frames - 1:
            ends = (lengths - 1 == frame)[:, None]
            back = torch.where(ends, graph.final[None], (back * emission[:, frame + 1]) @ graph.moves.T)
        back = back / back.sum(1, keepdim=True).clamp_min(1e-30)
        share = states[frame] * back
        inside = (frame < lengths)[:, None]
        shares[:, frame] = torch.where(inside, share / share.sum(1, keepdim=True).clamp_min(1e-30), 0.0)
    return torch.zeros(batch, frames, outputs).index_add_(2, graph.emits, shares)
