"""A network that learns, as fast as this processor can, and the moving average of its weights, which plays.

What makes it fast, each measured on its own against plain float32: products in bfloat16 where the hardware has them,
with weights, batch norm and losses kept in float32; channels innermost in memory; an optimizer in one call. Weights
in bfloat16 with a copy in float32 are no faster.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import numpy.typing as npt
import torch
from torch import Tensor, nn

from agents.core.backends import NotFiniteError, fast_bfloat16

Net = TypeVar("Net", bound=nn.Module)


def descend(
    learner: Learner[Any],
    loss: Callable[[Any], tuple[Tensor, dict[str, Tensor]]],
    rate: float,
    batch: Mapping[str, npt.NDArray[Any]],
) -> dict[str, float]:
    """One step down `loss`, which says its parts by name; those. Raises NotFiniteError with the `batch` if it is not
    finite; nothing is learned from that."""
    parts: dict[str, Tensor] = {}

    def total(network: nn.Module) -> Tensor:
        sum_, named = loss(network)
        parts.update(named)
        if not torch.isfinite(sum_):
            said = ", ".join(name for name, part in named.items() if not torch.isfinite(part).all())
            raise NotFiniteError(f"the loss is NaN or infinity: {said or 'the sum of its parts'}", batch)
        return sum_

    learner.learn(total, rate)
    return {name: float(part.detach()) for name, part in parts.items()}


class Learner(Generic[Net]):
    """Learns by AdamW (Loshchilov and Hutter, 2019); weight decay is for matrices and filters alone."""

    def __init__(self, network: Net, rate: float, weight_decay: float, average: float) -> None:
        """`average`: the decay of the moving average a step, which is Polyak's (Polyak and Juditsky, 1992)."""
        self.decay = average
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average: Net = copy.deepcopy(network).eval().requires_grad_(False)
        parts: list[list[Tensor]] = [[], []]
        for parameter in network.parameters():
            parts[parameter.ndim > 1].append(parameter)
        groups = [{"params": parts[0], "weight_decay": 0.0}, {"params": parts[1], "weight_decay": weight_decay}]
        self.optimizer = torch.optim.AdamW(groups, rate, fused=True)
        self.bfloat16 = fast_bfloat16()

    def learn(self, loss: Callable[[Net], Tensor], rate: float) -> None:
        """One step down `loss` of the network, at the learning rate `rate`.

        The network answers in bfloat16 where that is fast: what follows in `loss` is for float32."""
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            total = loss(self.network)
        self.optimizer.zero_grad()
        total.backward()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self._follow()

    @torch.no_grad()
    def _follow(self) -> None:
        """Batch norm's statistics are averaged as the weights are; counters are copied."""
        ours, theirs = self.average.state_dict(), self.network.state_dict()
        floats = [name for name, tensor in ours.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([ours[name] for name in floats], [theirs[name] for name in floats], 1 - self.decay)
        for name in ours.keys() - set(floats):
            ours[name].copy_(theirs[name])

    def begin(self, tensors: Mapping[str, Tensor]) -> None:
        """Begin with these weights. Blocks that they lack stay new, and change nothing until they learn: a tower can
        grow (Net2DeeperNet: Chen et al., 2016). Raises RuntimeError if they are of another network."""
        own = self.network.state_dict()
        lacking = {name: own[name] for name in own.keys() - tensors.keys() if name.startswith("blocks.")}
        for module in (self.network, self.average):
            module.load_state_dict({**tensors, **lacking})

    def state(self) -> dict[str, Tensor]:
        """All that it takes to learn on, by name."""
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self.average.state_dict().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": tensor for name, tensor in moments.items()}
        return tensors

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        for part, module in (("network", self.network), ("average", self.average)):
            own = {name.removeprefix(f"{part}."): t for name, t in tensors.items() if name.startswith(f"{part}.")}
            module.load_state_dict(own)
        parameters = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, number, key = name.split(".")
                if tensor.ndim:  # in memory as its parameter is: the fused optimizer pairs them without looking
                    tensor = torch.empty_like(parameters[int(number)]).copy_(tensor)
                moments.setdefault(int(number), {})[key] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
