"""Sets of up to 64 squares in a uint64: counting and picking, for the kernels of games played on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from games.core.kernels import helper

ONE = np.uint64(1)
_PAIRS, _FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_BYTES, _SUM = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@helper
def count(bits: Any) -> Any:
    """How many bits are set: sums over pairs, fours and bytes, which compilers turn into one instruction."""
    bits -= (bits >> ONE) & _PAIRS
    bits = (bits & _FOURS) + ((bits >> np.uint64(2)) & _FOURS)
    bits = (bits + (bits >> np.uint64(4))) & _BYTES
    return np.int64((bits * _SUM) >> np.uint64(56))


@helper
def lowest(bits: Any) -> Any:
    """The number of the lowest bit set; 64 if there is none."""
    return count(~bits & (bits - ONE))


@helper
def nth(bits: Any, number: Any) -> Any:
    """The number of the bit that has `number` set bits below it."""
    for _ in range(number):
        bits &= bits - ONE
    return lowest(bits)
