"""The compiled loops over spectra, and NumPy's sum, which all of them need; a part of `emgmon.dsp.kernel`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.mains import Spectrum
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
def bands_of(power: Array, low: int, above: int) -> Array:
    """Return for each row of powers all from bin `above` on, RMS and share of the slow part, (3, n).

    The slow part are the bins from `low` to `above`; its share is that in all from `low` on.
    """
    n, n_bins = power.shape
    out = np.zeros((3, n))
    for k in range(n):
        row = power[k]
        slow, wide = sum_of(row, low, above - low), sum_of(row, low, n_bins - low)
        out[0, k], out[1, k] = sum_of(row, above, n_bins - above), math.sqrt(slow)
        if wide > 0.0:
            out[2, k] = slow / wide
    return out


@_compiled
def halves_of(power: Array, first: int) -> NDArray[np.int64]:
    """Return how many bins from `first` on lie below the median frequency of each row, (n,)."""
    n, n_bins = power.shape
    out, grown = np.empty(n, np.int64), np.empty(n_bins)
    for k in range(n):
        total = power[k, first]
        grown[first] = total
        for at in range(first + 1, n_bins):
            total += power[k, at]
            grown[at] = total
        below = first
        while below < n_bins and grown[below] < total / 2.0:
            below += 1
        out[k] = below - first
    return out


@_compiled
def _density_of(band: Array, width: int, runs: Array, out: Array) -> None:
    """Sum each run of `width` values, of runs that double in length."""
    size, done, run = len(band), 0, 1
    runs[:] = band
    out[:] = 0.0
    while run <= width:
        if width & run:
            for j in range(len(out)):
                out[j] += runs[done + j]
            done += run
        run *= 2
        if run <= width:
            for j in range(size - run + 1):
                runs[j] = runs[j] + runs[j + run // 2]


@_compiled
def ratios_of(
    power: Array, totals: Array, bin_hz: float, f_hz: Array, top: int, width: int, first: int, low: int, wide: bool
) -> Array:
    """Return what `emgmon.dsp.shape` makes ratios of, of each row, (5, n)."""
    n, size = len(power), top - 1
    out, runs, weighed = np.zeros((5, n)), np.empty(size), np.empty(size)
    n_out = size - width + 1
    density = np.empty(n_out)
    for k in range(n):
        band = power[k, 1:top]
        _density_of(band, width, runs, density)
        highest = lowest = first
        for j in range(first, n_out):
            if density[j] > density[highest]:
                highest = j
            if density[j] < density[lowest]:
                lowest = j
        out[2, k] = density[highest] / width
        slope = out[2, k] / (bin_hz * (1.0 + highest + (width - 1) / 2))
        for j in range(low):
            weighed[j] = max(band[j] - slope * f_hz[j], 0.0)
        out[0, k] = sum_of(weighed, 0, low)
        if wide:
            begin = int(0.8 * size)
            out[1, k] = sum_of(band, begin, size - begin) / (size - begin) * size
            out[3, k] = density[lowest] / width
        for j in range(size):
            weighed[j] = band[j] * f_hz[j]
        mean_hz = sum_of(weighed, 0, size) / totals[k]
        for j in range(size):
            weighed[j] *= f_hz[j]
        out[4, k] = math.sqrt(sum_of(weighed, 0, size) / totals[k]) / mean_hz
    return out


@_compiled
def told_of(near: Array, out: Array) -> None:
    """Put what `emgmon.dsp.mains` tells of lines, (n, n_lines, 17) of power, into `out`, (n, n_lines, 3)."""
    ordered = np.empty(10)
    for k in range(len(near)):
        for line in range(near.shape[1]):
            row = near[k, line]
            out[k, line, 0] = (row[7] + row[8] + row[9]) / 3.0
            out[k, line, 1] = _beside(row, ordered)
            out[k, line, 2] = row[8]


@_compiled
def _beside(row: Array, ordered: Array) -> float:
    """Median of the ten values of 17 beside a line; `ordered` (10,) is room to sort them."""
    for k in range(10):
        value, at = row[k] if k < 5 else row[k + 7], k
        while at > 0 and ordered[at - 1] > value:
            ordered[at] = ordered[at - 1]
            at -= 1
        ordered[at] = value
    middle: float = (ordered[4] + ordered[5]) / 2.0
    return middle


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
def powers_of(spectra: Spectrum, scale: float, out: Array) -> None:
    """Put squares of the moduli of spectra times `scale` into `out`, (n, n_bins)."""
    for k in range(len(spectra)):
        for j in range(spectra.shape[1]):
            x = spectra[k, j]
            out[k, j] = (x.real * x.real + x.imag * x.imag) * scale


@_compiled
def around_of(spectra: Spectrum, around: NDArray[np.int64], out: Array) -> None:
    """Put the power of some bins of spectra into `out`, (n, n_lines, 17)."""
    for k in range(len(spectra)):
        for line in range(len(around)):
            for j in range(around.shape[1]):
                x = spectra[k, around[line, j]]
                out[k, line, j] = x.real * x.real + x.imag * x.imag
