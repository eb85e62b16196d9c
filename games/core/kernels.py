"""How compiled loops reach the rules of a game.

A native game is a handful of one-row kernels, plain Python functions in its file, and a tag: a NamedTuple of its
options. Loops over rows, rollouts and fused searches are written once and call `step(rules, row, ...)`; Numba looks
at the type of `rules` and puts in that game's kernel (`numba.extending.overload`). A tag's machine code is cached on
disk in a folder named by a hash of its sources, so an edit never runs stale code.

The kernels of a game, with the arguments they must have by name (`row` is one record of the game's dtype):

    start(rules, row, seed)                  make row a new game
    acting(rules, row) -> int                bit s set: seat s acts; bit `seats`: nature; 0: over
    legal(rules, row, seat, out)             out bool [actions], all written
    step(rules, row, joint, rewards)         joint int32 [seats + 1], -1 idle; adds to rewards float32 [seats]
    observe(rules, row, seat, out)           out [*observation_shape], zero on entry
  and where the game has something better than the defaults below
    choose(rules, row, seat, random, scratch) -> int    a uniformly random legal action; scratch bool [actions]
    odds(rules, row, out)                    out float32 [outcomes], zero on entry
    chance(rules, row, random, scratch) -> int    one of nature's moves, drawn by its odds; scratch float32 [outcomes]
    reseed(rules, row, seed)                 replace the noise still to come
    estimate(rules, row, out)                adds the return still to come, roughly, to out float32 [seats]
  and where something is hidden
    know(rules, row, seat, out)              out uint8 [knowledge], zero on entry: all that the seat knows
    redeal(rules, row, seat, random)         draw anew, in place, what the seat does not know: each position that is
                                             the same to it as often as the deal alone makes it; random uint64 [1]

Two positions are one information set of a seat where `know` writes the same bytes, and `redeal` never changes them.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.extending import overload, register_jitable

Function = TypeVar("Function", bound=Callable[..., Any])

# For functions that kernels call. Put in where they are called: a call hands over every field of every array of a
# tree on the stack, which took a third of a search's time.
helper = register_jitable(forceinline=True)
_TAGS: dict[type, Mapping[str, Callable[..., Any]]] = {}
_DIGESTS: dict[type, tuple[str, str]] = {}  # the name of a tag's file and a hash of what is in it


class Scratch(NamedTuple):
    """Memory that a loop over rows needs, made once by `make_scratch`."""

    row: npt.NDArray[Any]  # [1] of the game's dtype
    joint: npt.NDArray[np.int32]  # [seats + 1], all -1 between uses
    legal: npt.NDArray[np.bool_]  # [actions]
    odds: npt.NDArray[np.float32]  # [outcomes]
    prior: npt.NDArray[np.float32]  # [max(actions, outcomes)]
    returns: npt.NDArray[np.float32]  # [seats]
    random: npt.NDArray[np.uint64]  # [1] state of a generator


def make_scratch(dtype: npt.DTypeLike, seats: int, actions: int, outcomes: int) -> Scratch:
    return Scratch(
        row=np.zeros(1, dtype),
        joint=np.full(seats + 1, -1, np.int32),
        legal=np.zeros(actions, np.bool_),
        odds=np.zeros(outcomes, np.float32),
        prior=np.zeros(max(actions, outcomes), np.float32),
        returns=np.zeros(seats, np.float32),
        random=np.zeros(1, np.uint64),
    )


def register(tag: type, kernels: Mapping[str, Callable[..., Any]]) -> None:
    """Make `kernels` (name -> function) what loops reach through values of the NamedTuple class `tag`."""
    if tag not in _TAGS:
        # Numba tells NamedTuples apart by the name of the class and of its fields: all these are called Rules
        tag.__name__ = f"{tag.__module__}.{tag.__qualname__}"
        with suppress(OSError, TypeError):  # a tag without a file, such as a notebook's, is compiled in every process
            _DIGESTS[tag] = _tag_digest(tag)
    _TAGS[tag] = kernels


# -- compiled loops, cached by tag ---------------------------------------------------------------------------------


def compiled(function: Function) -> Function:
    """`numba.njit` for loops that take a tag among their arguments, cached on disk by tag.

    Without Numba's reference counts, whose atomic instructions took a third of a search's time; so neither loops nor
    kernels may allocate: whatever they need is handed to them."""
    dispatcher = numba.njit(nogil=True, error_model="numpy", _nrt=False)(function)  # type: ignore[call-overload]
    dispatcher._cache = _TagCache(function)
    return dispatcher  # type: ignore[no-any-return]


_DAMAGE = (EOFError, ImportError, AttributeError, ValueError, pickle.UnpicklingError)  # what a broken index raises


class _TagCache(FunctionCache):  # type: ignore[misc]
    """Numba's function cache with one folder for each set of tags in the signature and their sources."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._sources = [_folder_digest(Path(path).parent) for path in (inspect.getfile(function), __file__)]

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            self._cache_file = self._file(sig)
            return super()._load_overload(sig, target_context)
        except Exception:  # a damaged cache is no reason to fail: compile
            return None

    def _save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):  # a full or read-only disk costs compile time, nothing else
            self._cache_file = self._file(sig)
            Path(self._cache_file._cache_path).mkdir(parents=True, exist_ok=True)
            try:
                super()._save_overload(sig, data)
            except _DAMAGE:
                self._cache_file.flush()
                super()._save_overload(sig, data)

    def _file(self, sig: Any) -> IndexDataCacheFile:
        """One file a signature, so that processes that compile at the same time write the same or apart."""
        tags = sorted({_DIGESTS.get(tag, ("", "")) for tag in map(_tag, sig) if tag is not None})
        if ("", "") in tags:
            raise OSError("a tag has no source")
        folder = "+".join([*(stem for stem, _ in tags), _digest([*self._sources, *(digest for _, digest in tags)])])
        name = f"{self._impl.filename_base}.{_digest([str(sig)])}"
        return IndexDataCacheFile(str(cache_folder() / folder), name, numba.__version__)


def _tag(numba_type: Any) -> type | None:
    """The registered tag class of an argument type, if it is one."""
    cls = getattr(numba_type, "instance_class", None)
    return cls if cls in _TAGS else None


def _digest(parts: Iterable[str | bytes]) -> str:
    """A hash of `parts`, and of what they are compiled with."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__} {sys.version}".encode())
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
    return digest.hexdigest()[:16]


@cache
def _folder_digest(folder: Path) -> str:
    """Of the sources in a folder as they were when it was first imported from: those are what is compiled."""
    return _digest(path.read_bytes() for path in sorted(folder.glob("*.py")))


def _tag_digest(tag: type) -> tuple[str, str]:
    """The name of the file that defines a tag, and a hash of it and of those that it imports."""
    path = Path(inspect.getfile(tag))
    names = {tag.__module__}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = sys.modules[tag.__module__].__package__
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    files = {getattr(sys.modules.get(name), "__file__", None) or "" for name in names}
    imported = [Path(file).read_bytes() for file in sorted(files) if file.endswith(".py")]
    return path.stem, _digest([tag.__module__, path.read_bytes(), *imported])


def cache_folder() -> Path:
    """Where machine code is kept: ARENA_CACHE, or the user's cache folder."""
    if "ARENA_CACHE" in os.environ:
        return Path(os.environ["ARENA_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "planning-arena" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "planning-arena"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "planning-arena"


# -- the kernels that loops call -----------------------------------------------------------------------------------


def dispatched(default: Callable[..., Any] | None = None) -> Callable[[Function], Function]:
    """Make a stub a kernel: in compiled code it becomes the function of its name of the tag in its first argument,
    or `default`."""

    def decorate(stub: Function) -> Function:
        def choose_kernel(tag, *args):  # type: ignore[no-untyped-def]
            kernels = _TAGS.get(getattr(tag, "instance_class", type(None)))
            return kernels.get(stub.__name__, default) if kernels is not None else None

        overload(stub, strict=False, jit_options={"error_model": "numpy", "forceinline": True})(choose_kernel)
        return stub

    return decorate


def _choose(rules, row, seat, random, scratch):  # type: ignore[no-untyped-def]
    legal(rules, row, seat, scratch)
    count = 0
    for action in range(len(scratch)):
        count += scratch[action]
    pick = below(random, count)
    for action in range(len(scratch)):
        if scratch[action]:
            if pick == 0:
                return action
            pick -= 1
    return -1


def _chance(rules, row, random, scratch):  # type: ignore[no-untyped-def]
    scratch[:] = 0
    odds(rules, row, scratch)
    return draw(random, scratch)


@dispatched()
def start(rules: Any, row: Any, seed: Any) -> None: ...
@dispatched()
def acting(rules: Any, row: Any) -> Any: ...
@dispatched()
def legal(rules: Any, row: Any, seat: Any, out: Any) -> None: ...
@dispatched()
def step(rules: Any, row: Any, joint: Any, rewards: Any) -> None: ...
@dispatched()
def observe(rules: Any, row: Any, seat: Any, out: Any) -> None: ...
@dispatched(_choose)
def choose(rules: Any, row: Any, seat: Any, random: Any, scratch: Any) -> Any: ...
@dispatched(_chance)
def chance(rules: Any, row: Any, random: Any, scratch: Any) -> Any: ...
@dispatched(lambda rules, row, out: None)
def odds(rules: Any, row: Any, out: Any) -> None: ...
@dispatched(lambda rules, row, seed: None)
def reseed(rules: Any, row: Any, seed: Any) -> None: ...
@dispatched(lambda rules, row, out: None)
def estimate(rules: Any, row: Any, out: Any) -> None: ...
@dispatched()
def know(rules: Any, row: Any, seat: Any, out: Any) -> None: ...
@dispatched(lambda rules, row, seat, random: None)
def redeal(rules: Any, row: Any, seat: Any, random: Any) -> None: ...


# -- chance --------------------------------------------------------------------------------------------------------

_STRIDE = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)


@helper
def mix(state: Any) -> Any:
    """The output function of splitmix64 (Steele et al. 2014): a uint64 well scrambled."""
    z = (state ^ (state >> np.uint64(30))) * _MIX1
    z = (z ^ (z >> np.uint64(27))) * _MIX2
    return z ^ (z >> np.uint64(31))


@helper
def next_bits(random: Any) -> Any:
    """64 random bits from the generator in `random` uint64 [1]."""
    random[0] += _STRIDE
    return mix(random[0])


@helper
def below(random: Any, count: Any) -> Any:
    """A whole number in [0, count), count < 2^31."""
    return np.int64(((next_bits(random) >> np.uint64(33)) * np.uint64(count)) >> np.uint64(31))


@helper
def uniform(random: Any) -> Any:
    """A float64 in [0, 1)."""
    return (next_bits(random) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@helper
def draw(random: Any, weights: Any) -> Any:
    """An index drawn in proportion to `weights`."""
    rest = uniform(random) * weights.sum()
    last = 0
    for i in range(len(weights)):
        if weights[i] > 0:
            last = i
            rest -= weights[i]
            if rest < 0:
                return i
    return last
