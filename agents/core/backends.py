"""Runs a network fast: arrays in, arrays out, as observations in, logits and values out.

Every call is padded to one batch size, so that what a position is answered does not depend on what else is asked.
On processors that multiply bfloat16 in hardware the network runs in it, with its outputs a few thousandths off; on
those that multiply integers of eight bits twice as fast, the residual tower runs in them (`quantize.py`).
A process that evaluates computes on one thread: two processes of one thread do more than one of two.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from agents.core.networks import Layer, PolicyValueNet, Runnable
from agents.core.quantize import quantized
from games.core.errors import ArenaError

Array = npt.NDArray[np.float32]
AnyRunnable = TypeVar("AnyRunnable", bound=Runnable)


class NotFiniteError(ArenaError):
    """A network broke down: `inputs` are what it was asked."""

    def __init__(self, said: str, inputs: Mapping[str, npt.NDArray[Any]]) -> None:
        super().__init__(said)
        self.inputs = inputs


def make_backend(net: Runnable, batch: int, prefer: str | None = None) -> Backend:
    """`net` ready to be asked, `batch` positions at a time: by the fastest backend here, or by the one named.

    Raises ArenaError if there is no such backend or it cannot run here."""
    if prefer is not None and prefer not in BACKENDS:
        raise ArenaError(f"there is no backend '{prefer}'; there are: {', '.join(BACKENDS)}")
    if prefer is None:
        prefer = next(name for name, kind in BACKENDS.items() if kind.missing() is None)
    if reason := BACKENDS[prefer].missing():
        raise ArenaError(f"backend '{prefer}' cannot run here: {reason}")
    torch.set_num_threads(1)
    return BACKENDS[prefer](net, batch)


def fast_bfloat16() -> bool:
    """Does this processor multiply bfloat16 in hardware?"""
    if not torch.backends.mkldnn.is_available():
        return False
    if torch.backends.cpu.get_cpu_capability().startswith("AVX"):
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def fast_int8() -> bool:
    """Does this processor multiply integers of eight bits faster than any other number (AVX512-VNNI, and AMX, which
    never comes without)?"""
    return bool(torch.cpu._is_vnni_supported())


class Backend(ABC):
    """A network that is asked `batch` positions at a time; `load` gives it new weights."""

    precision: str = "float32"

    def __init__(self, net: Runnable, batch: int) -> None:
        self.batch = batch
        self.inputs = [np.zeros((batch, *shape), np.float32) for shape in net.shapes]  # what `run` answers
        self.load(net)

    def __call__(self, *asked: npt.NDArray[Any]) -> Any:
        """What the network answers: observations [M, *shape] -> logits [M, A] and values [M, V] in [-1, 1], of a
        policy and value network; M may be larger than the batch.

        Raises NotFiniteError if an answer is not finite."""
        count, answers = len(asked[0]), []
        for begin in range(0, count, self.batch):
            some = [array[begin : begin + self.batch] for array in asked]
            for ours, theirs in zip(self.inputs, some, strict=True):
                ours[: len(theirs)] = theirs
            answers.append(tuple(part[: len(some[0])] for part in self.run()))
        whole = answers[0] if len(answers) == 1 else tuple(map(np.concatenate, zip(*answers, strict=True)))
        if not all(np.isfinite(part).all() for part in whole):
            said = "the network answered NaN or infinity: its weights are broken"
            raise NotFiniteError(said, {f"input_{n}": array for n, array in enumerate(asked)})
        return whole

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot run here, or None."""
        return None

    @abstractmethod
    def load(self, net: Runnable) -> None:
        """Answer with the weights of `net` from now on; its architecture is that of the network before."""

    @abstractmethod
    def run(self) -> tuple[Array, ...]:
        """New arrays: the answers to all of `inputs`."""


class Eager(Backend):
    """The network as it is, in float32: what the others are compared with."""

    def load(self, net: Runnable) -> None:
        self.module: Any = Inference(copy.deepcopy(net))
        self.tensors = [torch.from_numpy(array) for array in self.inputs]

    @torch.inference_mode()
    def run(self) -> tuple[Array, ...]:
        return tuple(part.float().cpu().numpy() for part in self.module(*self.tensors))


class Folded(Eager):
    """Batch norm folded into the layers, channels last, bfloat16 where that is fast."""

    def load(self, net: Runnable) -> None:
        self._arrange()
        dtype = torch.bfloat16 if fast_bfloat16() else torch.float32
        self.precision = str(dtype).removeprefix("torch.")
        self.module = Inference(fold(net), dtype)

    def _arrange(self) -> None:
        """Inputs with the channels innermost where there are any."""
        self.tensors = [_channels_last(array) for array in self.inputs]
        self.inputs = [tensor.numpy() for tensor in self.tensors]


class Fused(Folded):
    """Folded, and compiled by oneDNN Graph, which joins layers and what follows them; needs TorchScript."""

    @classmethod
    def missing(cls) -> str | None:
        if sys.version_info >= (3, 14):
            return "TorchScript ends with Python 3.13"
        return None if torch.backends.mkldnn.is_available() else "this torch is built without oneDNN"

    def load(self, net: Runnable) -> None:
        super().load(net)
        inner = torch._C._jit_set_autocast_mode(False)  # the trace records the casts; they are not to be made twice
        outer = torch.jit.onednn_fusion_enabled()
        torch.jit.enable_onednn_fusion(True)
        try:
            bfloat16 = self.precision == "bfloat16"
            with torch.inference_mode():
                with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16, cache_enabled=False):
                    self.module = torch.jit.freeze(torch.jit.trace(Inference(fold(net)), tuple(self.tensors)))
                for _ in range(2):  # the first call takes notes of shapes, the second compiles
                    self.module(*self.tensors)
        except RuntimeError:  # an operation that it cannot join with others
            super().load(net)
        finally:
            torch.jit.enable_onednn_fusion(outer)
            torch._C._jit_set_autocast_mode(inner)


class OpenVINO(Backend):
    """Compiled by OpenVINO; the fastest on a processor, the most so one position at a time."""

    @classmethod
    def missing(cls) -> str | None:
        found = importlib.util.find_spec("openvino") is not None
        return None if found else "it is not installed: pip install 'planning-arena[openvino]'"

    def load(self, net: Runnable) -> None:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # else each import is reported
        import openvino

        self.precision = "bfloat16" if fast_bfloat16() else "float32"
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if fast_bfloat16() else "f32",
            "INFERENCE_NUM_THREADS": 1,
            "ENABLE_CPU_PINNING": False,  # it would pin every process to the same core
        }
        example = tuple(torch.from_numpy(array) for array in self.inputs)
        model = openvino.convert_model(Inference(self.fold(net)), example_input=example)
        model.reshape({n: list(array.shape) for n, array in enumerate(self.inputs)})
        compiled = openvino.Core().compile_model(model, "CPU", settings)
        self.request, self.outputs = compiled.create_infer_request(), len(compiled.outputs)
        for number, array in enumerate(self.inputs):
            self.request.set_input_tensor(number, openvino.Tensor(array, shared_memory=True))

    def fold(self, net: Runnable) -> Runnable:
        """What is compiled."""
        return fold(net)

    def run(self) -> tuple[Array, ...]:
        self.request.infer()
        return tuple(self.request.get_output_tensor(n).data.copy() for n in range(self.outputs))


class Int8(OpenVINO):
    """OpenVINO with the residual tower in integers of eight bits; without such a tower, OpenVINO as it is."""

    @classmethod
    def missing(cls) -> str | None:
        found = None if fast_int8() else "this processor has no AVX512-VNNI"
        return super().missing() or found

    def fold(self, net: Runnable) -> Runnable:
        if not isinstance(net, PolicyValueNet) or not net.architecture.filters:
            return super().fold(net)
        self.precision, folded = "int8", fold(net)
        folded.blocks = quantized(net, folded)
        return folded


class Cuda(Folded):
    """Folded and channels last on a graphics card, in bfloat16."""

    @classmethod
    def missing(cls) -> str | None:
        return None if torch.cuda.is_available() else "torch finds no CUDA device"

    def load(self, net: Runnable) -> None:
        self._arrange()
        self.precision = "bfloat16"
        self.module = Inference(fold(net), torch.bfloat16, "cuda")


BACKENDS: dict[str, type[Backend]] = {  # the fastest first
    "cuda": Cuda,
    "int8": Int8,
    "openvino": OpenVINO,
    "fused": Fused,
    "folded": Folded,
    "eager": Eager,
}


class Crowd:
    """One network in two batch sizes, for crowds: what does not fill a large batch goes to small ones, so that little
    is padded. What a position is answered then differs in the last bits with how many are asked about."""

    LARGE, SMALL = 64, 8

    def __init__(self, net: Runnable) -> None:
        self.large, self.small = make_backend(net, self.LARGE), make_backend(net, self.SMALL)

    def load(self, net: Runnable) -> None:
        """Answer with the weights of `net` from now on."""
        self.large.load(net)
        self.small.load(net)

    def __call__(self, *asked: npt.NDArray[Any]) -> Any:
        """As a backend answers."""
        count = len(asked[0])
        rest = count % self.LARGE
        whole = count - (rest if rest <= self.LARGE - self.SMALL else 0)
        answers = [
            backend(*(array[part] for array in asked))
            for backend, part in ((self.large, slice(whole)), (self.small, slice(whole, count)))
            if part.stop > (part.start or 0)
        ]
        return answers[0] if len(answers) == 1 else tuple(map(np.concatenate, zip(*answers, strict=True)))


class Inference(nn.Module):
    """Inputs, float32 -> answers, float32; the network between them runs in `dtype` on `device`."""

    def __init__(self, net: Runnable, dtype: torch.dtype = torch.float32, device: str = "cpu") -> None:
        super().__init__()
        self.net: Runnable = net.to(device, dtype)
        self.dtype, self.device = dtype, device
        self.eval()

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        said = self.net(*(part.to(self.device, self.dtype) for part in inputs))
        return self.net.answers(*(part.float() for part in said))


def fold(net: AnyRunnable) -> AnyRunnable:
    """A copy of `net` for inference: every batch norm folded into the layer before it, channels last."""
    folded = copy.deepcopy(net).eval().requires_grad_(False)
    for module in [module for module in folded.modules() if not isinstance(module, Layer)]:
        for name, child in list(module.named_children()):
            if isinstance(child, Layer):
                fuse: Any = fuse_conv_bn_eval if isinstance(child.map, nn.Conv2d) else fuse_linear_bn_eval
                setattr(module, name, fuse(child.map, child.norm))
    if any(isinstance(module, nn.Conv2d) for module in folded.modules()):
        folded.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return folded


def _channels_last(inputs: Array) -> Tensor:
    """A tensor of that shape, with the channels innermost where there are any."""
    planes = inputs.ndim == 4
    return torch.zeros(inputs.shape).to(memory_format=torch.channels_last if planes else torch.preserve_format)
