"""Trains the network, epoch by epoch; a broken-off training goes on where the last whole epoch ended."""

import copy
import math
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from models.training.begin import take_over
from models.training.examples import Example, Examples
from models.training.network import WIDE, Denominator, Network, frames_out, padded
from models.training.recordings import Clip
from models.training.sounds import Sounds

BATCH = 9000  # frames
WARM_UP = 100  # steps
HELD = 0.35  # of all steps at the full rate, then falling
CTC_SHARE = 0.15  # of plain CTC beside CTC-CRF
GUESSED, PLAIN = 2, 3  # epochs that begin with a guessed alignment; epochs with plain CTC
FEATURES_FOR_SCALE = 400  # examples
SMOOTHED = 0.995  # of the weights that are kept: the mean over the last some hundred steps


@dataclass(frozen=True)
class Plan:
    """How to train. `begin` is a model to start from: then fewer epochs, a lower rate and no guessing are enough.

    `wide`: channels of the network, which may be more than that model has.
    """

    epochs: int
    rate: float = 2e-3
    seed: int = 7
    begin: Path | None = None
    wide: int = WIDE


def fit(clips: Sequence[Clip], sounds: Sounds, plan: Plan, state: Path, told: Callable[[str], None]) -> dict[str, Tensor]:
    """The trained weights. `state` is a file of the training's own: present, it is gone on from; it is replaced as a whole."""
    torch.manual_seed(plan.seed)
    training = _Training(sounds, plan)
    if state.is_file():
        training.restore(torch.load(state, weights_only=False))
        told(f"going on after epoch {training.epoch} of {plan.epochs}")
    with _epochs(clips, sounds, plan, training.epoch) as made:
        for examples in made:
            began = time.monotonic()
            loss = training.run(examples)
            partial = state.with_suffix(".part")
            torch.save(training.kept(), partial)
            partial.replace(state)
            left = (plan.epochs - training.epoch) * (time.monotonic() - began) / 60
            told(f"epoch {training.epoch} of {plan.epochs}: loss {loss:.3f}, about {left:.0f} minutes left")
    return training.smooth


class _epochs:  # noqa: N801 - read as a function
    """Examples of each epoch, made one ahead by a process beside the training."""

    def __init__(self, clips: Sequence[Clip], sounds: Sounds, plan: Plan, first: int) -> None:
        context = multiprocessing.get_context("fork")
        self._queue: Any = context.Queue(1)
        self._count = plan.epochs - first
        numbers = range(first, plan.epochs)
        arguments = (self._queue, clips, sounds, [plan.seed * 1000 + number for number in numbers])
        self._maker = context.Process(target=_make_epochs, args=arguments, daemon=True)

    def __enter__(self) -> Iterator[list[Example]]:
        self._maker.start()
        return (self._queue.get() for _ in range(self._count))

    def __exit__(self, *_: object) -> None:
        self._maker.terminate()


def _make_epochs(queue: Any, clips: Sequence[Clip], sounds: Sounds, seeds: Sequence[int]) -> None:
    torch.set_num_threads(1)
    for seed in seeds:
        queue.put(Examples(clips, sounds, seed).make())


class _Training:
    """The network in training and all that going on needs."""

    def __init__(self, sounds: Sounds, plan: Plan) -> None:
        self.plan, self.outputs = plan, sounds.outputs
        torch.set_num_threads(os.cpu_count() or 1)
        self.network = Network(sounds.outputs, plan.wide)
        self.smooth: dict[str, Tensor] = copy.deepcopy(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=plan.rate, weight_decay=5e-3, betas=(0.9, 0.98))
        self.denominator: Denominator | None = None
        self.halves = can_halve()
        self.epoch = self.step = 0

    def kept(self) -> dict[str, Any]:
        """For `restore`."""
        names = ("smooth", "denominator", "epoch", "step")
        states = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
        return states | {name: getattr(self, name) for name in names}

    def restore(self, kept: dict[str, Any]) -> None:
        self.network.load_state_dict(kept.pop("network"))
        self.optimiser.load_state_dict(kept.pop("optimiser"))
        for name, value in kept.items():
            setattr(self, name, value)

    def run(self, examples: list[Example]) -> float:
        """One epoch. CTC loss a frame."""
        if self.denominator is None:
            self.denominator = Denominator([example.target for example in examples], self.outputs)
            some = [torch.from_numpy(example.features).float() for example in examples[:FEATURES_FOR_SCALE]]
            if self.plan.begin is None:
                self.network.begin_from(torch.cat(some))
            else:
                take_over(self.network, self.plan.begin, some)
                self.smooth = copy.deepcopy(self.network.state_dict())
        batches = list(_batches(examples, self.plan.seed + self.epoch))
        total = frames = 0.0
        self.network.train()
        for number, batch in enumerate(batches):
            loss, length = self._learn(batch, number, len(batches))
            total, frames = total + loss, frames + length
        self.epoch += 1
        return total / frames

    def _learn(self, batch: Sequence[Example], number: int, batches: int) -> tuple[float, float]:
        done = self.step / (self.plan.epochs * batches)
        falling = 0.5 * (1 + math.cos(math.pi * min(1, (done - HELD) / (1 - HELD)))) + 0.01
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * min(1, (self.step + 1) / WARM_UP) * (1 if done < HELD else falling)
        features, lengths = _stacked(batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.halves):
            log_probabilities = self.network(features).float()
        ctc = functional.ctc_loss(
            log_probabilities.transpose(0, 1),
            torch.tensor([output for example in batch for output in example.target], dtype=torch.long),
            lengths,
            torch.tensor([len(example.target) for example in batch]),
            reduction="none",
            zero_infinity=True,
        )
        loss = self._criterion(ctc, log_probabilities, lengths)
        if self.plan.begin is None and self.epoch < GUESSED:
            share = max(0.0, min(1.0, 2 - (self.epoch * batches + number) * 2 / (GUESSED * batches)))
            loss = share * _guessed(log_probabilities, lengths, batch) + (1 - share) * loss
        self.optimiser.zero_grad()
        (loss / lengths.sum() * 3).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        self._smoothen()
        return ctc.detach().sum().item(), lengths.sum().item()

    def _criterion(self, ctc: Tensor, log_probabilities: Tensor, lengths: Tensor) -> Tensor:
        if (self.plan.begin is None and self.epoch < PLAIN) or self.denominator is None:
            return ctc.sum()
        return (ctc + self.denominator.log_weight(log_probabilities, lengths)).sum() + CTC_SHARE * ctc.sum()

    def _smoothen(self) -> None:
        share = min(SMOOTHED, (self.step + 1) / (self.step + 10))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self.smooth[name].mul_(share).add_(value, alpha=1 - share)
            else:
                self.smooth[name] = value.clone()


def can_halve() -> bool:
    """Whether this processor multiplies numbers of two bytes (bfloat16) faster than of four: a third of an epoch's time less.

    The weights, their gradients and the loss keep four.
    """
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())  # noqa: SLF001 - nothing public says it


def _guessed(log_probabilities: Tensor, lengths: Tensor, batch: Sequence[Example]) -> Tensor:
    inside = torch.arange(log_probabilities.shape[1])[None] < lengths[:, None]
    guess = torch.cat([torch.from_numpy(example.guess) for example in batch])
    return functional.nll_loss(log_probabilities[inside], guess, reduction="sum")


def _batches(examples: list[Example], seed: int) -> Iterator[list[Example]]:
    """Examples of about the same length together."""
    chance = random.Random(seed)  # noqa: S311 - for training
    batches: list[list[Example]] = []
    for example in sorted(examples, key=lambda one: len(one.features) * chance.uniform(0.9, 1.1)):
        longest = max([len(example.features), *(len(one.features) for one in batches[-1])]) if batches else 0
        if not batches or (len(batches[-1]) + 1) * longest > BATCH:
            batches.append([])
        batches[-1].append(example)
    chance.shuffle(batches)
    yield from batches


def _stacked(batch: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Padded features (batch, frames, 40) and how many frames the network makes of each."""
    several = [torch.from_numpy(example.features).float() for example in batch]
    longest = max(map(len, several))
    stacked = [torch.cat([padded(one), one[-1:].expand(longest - len(one), -1)]) for one in several]
    return torch.stack(stacked), torch.tensor([frames_out(len(one)) for one in several])
