"""Residual towers in integers of eight bits, for processors that multiply those faster than anything else.

A convolution's weights are signed, with a scale an output channel; what it is asked has passed a ReLU and is unsigned,
with one scale. The way around a block stays as it is: rounded there, errors would add up from block to block.

How large the answers of a layer get is known without asking it anything: its batch norm has made them normal, with
its bias for a mean and its weight for a standard deviation (Nagel et al. 2019, section 4.2.2).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

from agents.core.networks import PolicyValueNet
from games.core.errors import ArenaError

SIGMAS = 6.0  # what is further from the mean is cut; of 5 to 8 none is worse, but 4 is: the largest answers matter most


@torch.no_grad()
def quantized(net: PolicyValueNet, folded: PolicyValueNet) -> nn.Sequential:
    """The blocks of `folded`, which is `net` with its batch norms folded, with quantised convolutions.

    What a block is asked is the sum of all layers before it on its way. Raises ArenaError if a weight is NaN or
    infinity, which integers could not tell."""
    if not all(weight.isfinite().all() for weight in folded.blocks.parameters()):
        raise ArenaError("the network's weights are broken: NaN or infinity")
    blocks = []
    pairs: Any = zip(net.blocks, folded.blocks, strict=True)
    mean, variance = net.stem.norm.bias, net.stem.norm.weight**2
    for block, plain in pairs:
        first, second = block.first.norm, block.second.norm
        inside = Convolution(plain.second, largest(first.bias, first.weight**2))
        blocks.append(Block(Convolution(plain.first, largest(mean, variance)), inside))
        mean, variance = mean + second.bias, variance + second.weight**2
    return nn.Sequential(*blocks)


def largest(mean: Tensor, variance: Tensor) -> float:
    """What no channel exceeds; mean, variance [C]."""
    return float((mean + SIGMAS * variance.sqrt()).max().clamp_min(1e-6))


class Convolution(nn.Module):
    """`plain` with weights and inputs of eight bits; inputs are from 0 to `limit`."""

    scales: Tensor  # of the weights, one an output channel
    zeros: Tensor

    def __init__(self, plain: nn.Conv2d, limit: float) -> None:
        super().__init__()
        self.scale, self.padding = limit / 255, plain.padding
        self.weight, self.bias = plain.weight, plain.bias
        self.register_buffer("scales", (plain.weight.abs().amax((1, 2, 3)) / 127).clamp_min(1e-9))
        self.register_buffer("zeros", torch.zeros(len(plain.weight), dtype=torch.int32))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.fake_quantize_per_tensor_affine(x, self.scale, 0, 0, 255)
        weight = torch.fake_quantize_per_channel_affine(self.weight, self.scales, self.zeros, 0, -127, 127)
        return nnf.conv2d(x, weight, self.bias, padding=self.padding)


class Block(nn.Module):
    """As in `networks.py`."""

    def __init__(self, first: Convolution, second: Convolution) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(torch.relu(self.first(x))) + x)
