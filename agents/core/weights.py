"""Weights in files: safetensors, which hold numbers and text and can run nothing, with what they belong to.

A file is written beside its place and then renamed, so there is always a whole one. Its metadata, text in JSON:
`format`, a number that counts up when old programs could not read new files (2: numbers may have two bytes); `game`,
the spec of the game; `network`, the kind of network (by default one of policy and value), and `architecture`, what its
weights fit into; `about`, whatever else the writer wants to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save
from torch import Tensor

from agents.core.files import write_whole
from agents.core.networks import Architecture, Net, PolicyValueNet, architecture
from agents.core.world import StochasticWorldNet, WorldNet
from games.core.errors import ArenaError
from games.core.game import Game

FORMAT = 2

KINDS: dict[str, type[Net]] = {kind.kind: kind for kind in (PolicyValueNet, WorldNet, StochasticWorldNet)}

Tensors = dict[str, Tensor]


def save_weights(path: Path, net: Net, game: str, about: Mapping[str, Any]) -> None:
    """The weights of `net` and what they belong to. Raises ArenaError, and leaves the file that was there, if they
    cannot be written."""
    shape = {"network": net.kind, "architecture": asdict(net.architecture)}
    save_tensors(path, net.state_dict(), game=game, **shape, about=about)


def in_two_bytes(path: Path) -> bytes:
    """The content of a file of weights with the numbers of matrices and filters in two bytes in place of four. Raises
    ArenaError as `load_weights`, and where a number is too large."""
    tensors, about = load_tensors(path)
    small = {name: tensor.half() if tensor.ndim > 1 else tensor for name, tensor in tensors.items()}
    if not all(torch.isfinite(tensor).all() for tensor in small.values()):
        raise ArenaError(f"{path} holds numbers that two bytes cannot hold")
    return _content(small, about)


def load_weights(path: Path, game: str, kind: type[Net] = Net) -> tuple[Tensors, dict[str, Any]]:
    """Weights for `game` by name of that kind of network, by default of any, and what was said about them; they fit
    the architecture in the file.

    Raises ArenaError if there is no such file, if it is damaged or for something else, or if it is too new."""
    tensors, _, _, about = _read(path, game, kind)
    return tensors, about


def load_network(path: Path, game: Game, kind: type[Net] = Net) -> tuple[Any, dict[str, Any]]:
    """A network of that kind, by default of any, for `game` as it was saved, ready to be asked, and what was said
    about it. Raises as `load_weights`."""
    tensors, there, shape, about = _read(path, game.name, kind)
    wanted = architecture(game)
    if (shape.observation, shape.actions, shape.values) != (wanted.observation, wanted.actions, wanted.values):
        raise ArenaError(f"{path} holds weights for other rules of {game.name}")
    net = there(shape)
    net.load_state_dict(tensors)
    return net.eval(), about


def save_tensors(path: Path, tensors: Mapping[str, Tensor], **about: Any) -> None:
    """Tensors as a file, whole or not at all; `about` is whatever JSON can hold. Raises ArenaError as
    `save_weights`."""
    content = _content(tensors, about)
    try:
        write_whole(path, lambda file: file.write(content))
    except OSError as error:
        raise ArenaError(f"{path} cannot be written ({error.strerror}); what it held before stands")


def _content(tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> bytes:
    metadata = {**{name: json.dumps(value) for name, value in about.items()}, "format": str(FORMAT)}
    content: bytes = save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata)
    return content


def load_tensors(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """What `save_tensors` wrote: the tensors by name, and what was said about them. Raises ArenaError as
    `load_weights`."""
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - it is no mapping
        known = metadata.get("format", "")
        about = {name: json.loads(text) for name, text in metadata.items()}
    except FileNotFoundError:
        raise ArenaError(f"there is no file {path}")
    except OSError as error:
        raise ArenaError(f"{path} cannot be read: {error.strerror or error}")
    except (safetensors.SafetensorError, ValueError, RecursionError):
        raise ArenaError(f"{path} is no file of weights, or is damaged")
    if not known.isdecimal():
        raise ArenaError(f"{path} was not written by this program: it does not say its format")
    if int(known) > FORMAT:
        raise ArenaError(f"{path} has format {known}, and this version reads {FORMAT}: it needs a newer planning-arena")
    return tensors, about


def _read(path: Path, game: str, wanted_kind: type[Net]) -> tuple[Tensors, type[Net], Architecture, dict[str, Any]]:
    tensors, said = load_tensors(path)
    tensors = {name: tensor.float() if tensor.dtype == torch.half else tensor for name, tensor in tensors.items()}
    if said.get("game") != game:
        raise ArenaError(f"{path} holds weights for {said.get('game', 'no game')}, not for {game}")
    try:
        kind = KINDS[said.get("network", PolicyValueNet.kind)]
        shape = kind.described.of(said["architecture"])
        if shape.blocks > len(tensors):
            raise ValueError("more blocks than weights")
        with torch.device("meta"):
            wanted = kind(shape).state_dict()
        about = dict(said["about"])
    except (KeyError, TypeError, ValueError, RuntimeError):
        raise ArenaError(f"{path} does not say what its weights belong to: it is damaged")
    if wanted_kind is not Net and kind is not wanted_kind:
        raise ArenaError(f"{path} holds weights of a {kind.kind} network, not of a {wanted_kind.kind} network")
    for name in sorted(wanted.keys() | tensors.keys()):
        there = [_kind(named[name]) if name in named else "none" for named in (tensors, wanted)]
        if there[0] != there[1]:
            raise ArenaError(f"{path} is damaged: {name} is {there[0]} where the network has {there[1]}")
        if not torch.isfinite(tensors[name]).all():  # what follows may turn NaN into 0, and play on
            raise ArenaError(f"{path} is damaged: {name} holds NaN or infinity")
    return tensors, kind, shape, about


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
