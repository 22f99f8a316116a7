"""Begins a training with the network of a model that is there: takes its layers apart again, as far as training needs.

A model's file has batch norms folded into its layers. They are set again to what some examples show, so that the network says
what it said before.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.training.kaldi import read_layers, widened
from models.training.network import Layer, Network, padded
from models.training.recordings import RecordingsRefused


def take_over(network: Network, model: Path, features: list[Tensor]) -> None:
    """Give `network` the weights of `model`'s `am/final.mdl`, which may be narrower. `features` are those of some examples,
    (frames, 40) each.

    Raises RecordingsRefused if that is no network as this recipe makes it.
    """
    file = model / "am" / "final.mdl"
    try:
        found = read_layers(file.read_bytes())
        if len(found["last"][0]) < network.wide:
            found = widened(found, network.wide, np.random.default_rng(1))
    except (OSError, ValueError) as error:
        raise RecordingsRefused(f"{file}: a training cannot begin with it ({error})") from None
    network.begin_from(torch.cat(features))
    layers = {name: layer for name, layer in network.named_modules() if isinstance(layer, Layer)}
    for name, (matrix, bias) in found.items():
        weight, shift = torch.from_numpy(matrix.copy()).float(), torch.from_numpy(bias.copy()).float()
        own = network.output.weight if name == "output" else layers[name].affine.weight
        if own.shape != weight.shape:
            raise RecordingsRefused(f"{file}: {name} is of another size, {tuple(weight.shape)}, not {tuple(own.shape)}")
        if name == "first.0":  # where mean and scale of the features were folded in too
            shift = shift + (weight * network.mean[None, :, None]).sum((1, 2))
            weight = weight / network.scale[None, :, None]
        with torch.no_grad():
            own.copy_(weight)
            (network.output.bias if name == "output" else layers[name].norm.bias).copy_(shift)
    _set_norms(network, list(layers.values()), features)


def _set_norms(network: Network, layers: list[Layer], features: list[Tensor]) -> None:
    """Let every batch norm, which so far only adds, know mean and spread of what it gets, and give back the same."""
    outputs: dict[Layer, list[Tensor]] = {layer: [] for layer in layers}

    def listen(layer: Layer) -> Any:
        return layer.affine.register_forward_hook(lambda _module, _given, made: outputs[layer].append(made[0]))

    listeners = [listen(layer) for layer in layers]
    network.eval()
    with torch.no_grad():
        for layer in layers:
            layer.norm.running_mean.zero_()
            layer.norm.running_var.fill_(1 - layer.norm.eps)
        for one in features:
            network(padded(one)[None])
        for layer in layers:
            made = torch.cat(outputs[layer], 1)
            mean, spread = made.mean(1), made.var(1)
            layer.norm.bias.add_(mean)
            layer.norm.weight.copy_((spread + layer.norm.eps).sqrt())
            layer.norm.running_mean.copy_(mean)
            layer.norm.running_var.copy_(spread)
    for listener in listeners:
        listener.remove()
