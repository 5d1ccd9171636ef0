"""The chain's loops compiled by numba, for who installed the extra ``fast``; `emgmon.dsp.compiled` hands this out.

Bit by bit the numbers of what they replace: no fast-math, the order of NumPy's sums and of SciPy's filter. Whoever
changes one changes both; ``tests/dsp/test_kernel.py`` compares them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.mains import MEDIAN_OF_TEN, UNREAL
from emgmon.model import Array

Function = TypeVar("Function", bound=Callable[..., Any])


def _compiled(function: Function) -> Function:
    return cast("Function", numba.njit(cache=True, nogil=True)(function))


@_compiled
def _run_of(values: Array, first: int, n: int) -> float:
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


@_compiled
def sum_of(values: Array, first: int, n: int) -> float:
    """Add n values from index `first` on in the order of NumPy: halves of halves, down to runs of 128."""
    if n <= 128:
        return _run_of(values, first, n)
    lefts, rights, halved = np.empty(48), np.empty(48, np.int64), np.zeros(48, np.bool_)
    depth = 0
    while True:
        while n > 128:
            half = n // 2 - n // 2 % 8
            rights[depth], halved[depth] = n - half, False
            n = half
            depth += 1
        total = _run_of(values, first, n)
        first += n
        while depth and halved[depth - 1]:
            depth -= 1
            total = lefts[depth] + total
        if not depth:
            return total
        lefts[depth - 1], halved[depth - 1], n = total, True, rights[depth - 1]


@_compiled
def filtered_of(samples: Array, sections: Array, state: Array, out: Array) -> bool:
    """Run second-order sections over samples, as `scipy.signal.lfilter` one by one; `state` (n_sections, 2) moves on.

    Returns False, and does nothing, where a sample is no voltage.
    """
    for x in samples:
        if not abs(x) < UNREAL:
            return False
    n = len(sections)
    if n > 1:
        _pair(samples, sections, state, 0, out)
    for first in range(2, n - 1, 2):
        _pair(out, sections, state, first, out)
    if n % 2:
        b0, b1, b2 = sections[n - 1, 0], sections[n - 1, 1], sections[n - 1, 2]
        a1, a2 = sections[n - 1, 4], sections[n - 1, 5]
        z0, z1 = state[n - 1, 0], state[n - 1, 1]
        for k in range(len(samples)):
            x = samples[k] if n == 1 else out[k]
            y = z0 + b0 * x
            z0 = z1 + x * b1 - y * a1
            z1 = x * b2 - y * a2
            out[k] = y
        state[n - 1, 0], state[n - 1, 1] = z0, z1
    return True


@_compiled
def _pair(samples: Array, sections: Array, state: Array, first: int, out: Array) -> None:
    """Run two sections at once: while one waits for its last value the other works."""
    b0, b1, b2 = sections[first, 0], sections[first, 1], sections[first, 2]
    a1, a2 = sections[first, 4], sections[first, 5]
    d0, d1, d2 = sections[first + 1, 0], sections[first + 1, 1], sections[first + 1, 2]
    c1, c2 = sections[first + 1, 4], sections[first + 1, 5]
    z0, z1, w0, w1 = state[first, 0], state[first, 1], state[first + 1, 0], state[first + 1, 1]
    for k in range(len(samples)):
        x = samples[k]
        y = z0 + b0 * x
        z0 = z1 + x * b1 - y * a1
        z1 = x * b2 - y * a2
        u = w0 + d0 * y
        w0 = w1 + y * d1 - u * c1
        w1 = y * d2 - u * c2
        out[k] = u
    state[first, 0], state[first, 1], state[first + 1, 0], state[first + 1, 1] = z0, z1, w0, w1


@_compiled
def chunk(samples: Array, sections: Array, state: Array, kept: Array, at: int) -> Array | None:
    """Filter a chunk and keep it, raw, without mains (there is none) and filtered, in `kept` (3, n) from `at` on."""
    out = np.empty(len(samples))
    if not filtered_of(samples, sections, state, out):
        return None
    for k in range(len(samples)):
        kept[0, at + k] = kept[1, at + k] = samples[k]
        kept[2, at + k] = out[k]
    return out


@_compiled
def facts_of(samples: Array, hop: int) -> Array:
    """Return `emgmon.dsp.contact.Facts` of each window of four hops, (n, 6)."""
    hops = len(samples) // hop
    each, squares = np.empty((hops, 7)), np.empty(hop)
    for h in range(hops):
        first = h * hop
        low = high = samples[first]
        least, same = math.inf, 0.0
        for k in range(first + 1, first + hop):
            x, step = samples[k], abs(samples[k] - samples[k - 1])
            low, high = min(low, x), max(high, x)
            if step == 0.0:
                same += 1.0
            else:
                least = min(least, step)
        mean = sum_of(samples, first, hop) / hop
        for k in range(hop):
            away = samples[first + k] - mean
            squares[k] = away * away
        spread = math.sqrt(sum_of(squares, 0, hop) / hop)
        joint = abs(samples[first] - samples[first - 1]) if h else math.inf
        each[h] = low, high, least, same, mean, spread, joint
    out = np.empty((hops - 3, 6))
    for k in range(hops - 3):
        low, high, least, same = each[k, 0], each[k, 1], each[k, 2], each[k, 3]
        for h in range(k + 1, k + 4):
            low, high = min(low, each[h, 0]), max(high, each[h, 1])
            least, same, joint = min(least, each[h, 2]), same + each[h, 3], each[h, 6]
            if joint == 0.0:
                same += 1.0
            else:
                least = min(least, joint)
        moved = (abs(each[k + 3, 4] - each[k, 4]) + each[k + 3, 5] + each[k, 5]) * (1.0 + 1e-9)
        out[k] = low, high, least, same, each[k + 3, 5], moved
    return out


@_compiled
def levels_of(filtered: Array, hop: int) -> tuple[Array, Array]:
    """RMS of each window of four hops, (n,), and of each hop, (n + 3,); NaN where one is missing."""
    hops = len(filtered) // hop
    squares = filtered * filtered
    windows, quarters = np.empty(hops - 3), np.empty(hops)
    for k in range(hops):
        quarters[k] = math.sqrt(sum_of(squares, k * hop, hop) / hop)
    for k in range(hops - 3):
        windows[k] = math.sqrt(sum_of(squares, k * hop, 4 * hop) / (4 * hop))
    return windows, quarters


@_compiled
def bands_of(power: Array, bin_hz: float, low: int, above: int) -> Array:
    """Return for each row of powers, (n, 4): all from bin `above` on, RMS and share of the slow part, median frequency.

    The slow part are the bins from `low` to `above`; its share is that in all from `low` on.
    """
    n, n_bins = power.shape
    out, grown = np.empty((n, 4)), np.empty(n_bins)
    for k in range(n):
        row = power[k]
        slow, wide = sum_of(row, low, above - low), sum_of(row, low, n_bins - low)
        total = 0.0
        for at in range(above, n_bins):
            total = total + row[at] if at > above else row[at]
            grown[at] = total
        below = above
        while below < n_bins and grown[below] < total / 2.0:
            below += 1
        median_hz = below * bin_hz if n_bins > above else math.nan
        share = slow / wide if wide > 0.0 else 0.0
        out[k] = sum_of(row, above, n_bins - above), math.sqrt(slow), share, median_hz
    return out


@_compiled
def lines_of(power: Array, bins: NDArray[np.int64]) -> Array:
    """Return RMS of the first one, two, ... of some lines in rows of powers, (n_lines, n)."""
    n, n_bins = power.shape
    out = np.empty((len(bins), n))
    for k in range(n):
        row, total = power[k], 0.0
        for line in range(len(bins)):
            at = bins[line]
            if at + 9 <= 0.9 * n_bins:
                around = 0.1 * (_five(row, at - 8) + _five(row, at + 4))
                total += max(_five(row, at - 2) - 5.0 * around, 0.0)
            out[line, k] = math.sqrt(total)
    return out


@_compiled
def _five(row: Array, first: int) -> float:
    total: float = row[first] + row[first + 1] + row[first + 2] + row[first + 3] + row[first + 4]
    return total


@_compiled
def depths_of(near: Array, firsts: NDArray[np.int64]) -> Array:
    """Power of lines over that beside them, from `emgmon.dsp.mains.Lines.near`; `firsts` are -1 for lines unseen."""
    out, beside = np.ones((len(near), len(firsts))), np.empty(10)
    for k in range(len(near)):
        for line in range(len(firsts)):
            if firsts[line] < 0:
                continue
            row = near[k, firsts[line]]
            beside[:5], beside[5:] = row[:5], row[12:]
            beside.sort()
            usual = (beside[4] + beside[5]) / 2.0 / MEDIAN_OF_TEN
            if usual > 0.0:
                out[k, line] = min(row[8] / usual, 100.0)
    return out


def warm() -> None:
    """Call each loop once with little, so that all are compiled or read from numba's cache."""
    samples, state, kept = np.zeros(64), np.zeros((2, 2)), np.zeros((3, 64))
    sections = np.ones((2, 6))
    filtered_of(samples, sections, state, np.empty(64))
    chunk(samples, sections, state, kept, 0)
    facts_of(samples, 8)
    levels_of(samples, 8)
    bands_of(np.ones((1, 64)), 1.0, 2, 20)
    lines_of(np.ones((1, 64)), np.array([20]))
    depths_of(np.ones((1, 2, 17)), np.array([0, -1]))
