"""Losses of models that are learned by following what was played for some steps (Schrittwieser et al. 2020).

`Window` in `agents/core/windows.py` is what they learn from; the sums over steps are means over the batch, in which
the steps together count as much as the beginning.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor

from agents.core.windows import Window
from agents.core.world import WorldNet, two_hot

DECODED = 4  # one in so many of a batch: the decoder learns fast, and its layer is a sixth of the work
CONSISTENT = "consistency", "distance", "apart"  # each with a weight in the settings, which may be 0
Losses = dict[str, Tensor]  # by name, of each of the batch and of each step: [B, K + 1], or [B, K]


class Targets(NamedTuple):
    """A window as tensors."""

    observations: Tensor  # [B, K + 1, *shape]
    action: Tensor  # [B, K, A] one-hot
    policy: Tensor  # [B, K + 1, A]
    value: Tensor  # [B, K + 1, V, bins]
    reward: Tensor  # [B, K, V, bins]
    follower: Tensor  # [B, K]
    alive: Tensor  # [B, K + 1] 1 or 0
    whole: Tensor  # [B, K + 1] 1 or 0
    weight: Tensor  # [B]

    @property
    def steps(self) -> int:
        return self.action.shape[1]


def targets(window: Window, net: WorldNet) -> Targets:
    """What `net` is to learn."""
    a = net.architecture
    action = nnf.one_hot(torch.from_numpy(window.action).long(), a.actions).float()
    value, reward = (
        two_hot(torch.from_numpy(np.ascontiguousarray(part)), a.largest, a.bins)
        for part in (window.value, window.reward)
    )
    return Targets(
        torch.from_numpy(window.observations).float(),
        action,
        torch.from_numpy(window.policy),
        value,
        reward,
        torch.from_numpy(window.follower).long(),
        torch.from_numpy(window.alive).float(),
        torch.from_numpy(window.whole).float(),
        torch.from_numpy(window.weight),
    )


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """[B] of distributions [B, n] or [B, V, n], summed over V."""
    losses = -(target * torch.log_softmax(logits.float(), -1)).sum(-1)
    return losses.flatten(1).sum(1) if losses.ndim > 1 else losses


def halved(latents: Tensor) -> Tensor:
    """The same; half of the gradient flows back (appendix G)."""
    return 0.5 * latents + 0.5 * latents.detach()


def together(latents: list[Tensor]) -> Tensor:
    """[B * n, *L] the latents of n steps, for what is asked of each alike: one large batch is faster than n."""
    return torch.stack(latents, 1).flatten(0, 1)


def predicted(net: WorldNet, latents: list[Tensor], t: Targets) -> Losses:
    """What is predicted at each of K + 1 latents: policy, value, and what the decoder draws."""
    flat = together(latents)
    logits, values = net.predict(flat)
    return {
        "policy": cross_entropy(logits, t.policy.flatten(0, 1)).view_as(t.alive) * t.alive,
        "value": cross_entropy(values, t.value.flatten(0, 1)).view_as(t.alive),
        "decoder": decoded(net, flat, t) * t.whole,
    }


def decoded(net: WorldNet, flat: Tensor, t: Targets) -> Tensor:
    """[B, K + 1] how far what the decoder draws is from what is seen; it learns from one in `DECODED` of the batch."""
    count = -(-len(t.whole) // DECODED)
    some = net.decode(flat[: count * t.whole.shape[1]]).float()
    off = nnf.mse_loss(some, t.observations[:count].flatten(0, 1), reduction="none").flatten(1).mean(1)
    rest = len(t.whole) - count
    return nnf.pad(off.view(count, -1) * (len(t.whole) / count), (0, 0, 0, rest))


def arrived(net: WorldNet, latents: list[Tensor], t: Targets) -> Losses:
    """What the steps to K latents are said to bring: rewards, and who follows."""
    rewards, followers = net.outcome(together(latents))
    follower = nnf.cross_entropy(followers.float(), t.follower.flatten(), reduction="none")
    return {
        "reward": cross_entropy(rewards, t.reward.flatten(0, 1)).view(t.follower.shape),
        "follower": follower.view(t.follower.shape),
    }


def consistent(net: WorldNet, latents: list[Tensor], t: Targets, settings: Any) -> Losses:
    """How far K latents that were imagined are from those of what is seen there, by what has a weight: minus the cosine
    of what is made of both (Ye et al. 2021); the square of their distance; and the divergence (Kullback and Leibler
    1951) of what they are said to be worth."""
    if not any(getattr(settings, f"{name}_weight") for name in CONSISTENT):
        return {}
    losses, here, whole = {}, together(latents), t.whole[:, 1:]
    with torch.no_grad():
        seen = net.represent(t.observations[:, 1:].flatten(0, 1))
    if settings.consistency_weight:
        with torch.no_grad():
            there = net.projection(seen).float()
        losses["consistency"] = -nnf.cosine_similarity(net.guess(net.projection(here)).float(), there, 1)
    if settings.distance_weight:
        losses["distance"] = (here - seen).float().square().flatten(1).mean(1)
    if settings.apart_weight:
        with torch.no_grad():
            worth = torch.log_softmax(net.predict(seen)[1].float(), -1)
        ours = torch.log_softmax(net.predict(here)[1].float(), -1)
        losses["apart"] = (worth.exp() * (worth - ours)).flatten(1).sum(1)
    return {name: part.view_as(whole) * whole for name, part in losses.items()}


def summed(losses: Losses, t: Targets) -> dict[str, Tensor]:
    """Each loss as a mean over the batch: where there are K + 1, the first and the mean of the others."""
    total = {}
    for name, part in losses.items():
        mean = (part * t.weight[:, None]).mean(0)
        total[name] = mean.mean() if len(mean) == t.steps else mean[0] + mean[1:].mean()
    return total


def weighed(parts: dict[str, Tensor], settings: Any) -> Tensor:
    """What is gone down: each part by its weight in the settings."""
    total: Tensor = parts["policy"] + parts["decoder"] + settings.value_weight * parts["value"]
    total = total + settings.reward_weight * parts["reward"] + settings.follower_weight * parts["follower"]
    for name in CONSISTENT:
        if name in parts:
            total = total + getattr(settings, f"{name}_weight") * parts[name]
    return total
