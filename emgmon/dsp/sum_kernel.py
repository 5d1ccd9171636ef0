"""NumPy's sum, compiled: the same order, hence the same bits. A part of `emgmon.dsp.kernel`."""

from __future__ import annotations

import numpy as np

from emgmon.dsp.cached import compiled
from emgmon.model import Array


@compiled
def run_of(values: Array, first: int, n: int) -> float:
    """Add up to 128 values as NumPy does: eight sums side by side."""
    if n < 8:
        few = 0.0
        for k in range(first, first + n):
            few += values[k]
        return few
    r0, r1, r2, r3 = values[first], values[first + 1], values[first + 2], values[first + 3]
    r4, r5, r6, r7 = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    stop = first + n - n % 8
    for k in range(first + 8, stop, 8):
        r0 += values[k]
        r1 += values[k + 1]
        r2 += values[k + 2]
        r3 += values[k + 3]
        r4 += values[k + 4]
        r5 += values[k + 5]
        r6 += values[k + 6]
        r7 += values[k + 7]
    total: float = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for k in range(stop, first + n):
        total += values[k]
    return total


@compiled
def sum_of(values: Array, first: int, n: int) -> float:
    """Add n values from index `first` on in the order of NumPy: halves of halves, down to runs of 128."""
    if n <= 128:
        return run_of(values, first, n)
    lefts, rights, halved = np.empty(48), np.empty(48, np.int64), np.zeros(48, np.bool_)
    depth = 0
    while True:
        while n > 128:
            half = n // 2 - n // 2 % 8
            rights[depth], halved[depth] = n - half, False
            n = half
            depth += 1
        total = run_of(values, first, n)
        first += n
        while depth and halved[depth - 1]:
            depth -= 1
            total = lefts[depth] + total
        if not depth:
            return total
        lefts[depth - 1], halved[depth - 1], n = total, True, rights[depth - 1]
