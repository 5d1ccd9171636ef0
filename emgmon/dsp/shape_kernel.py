"""The compiled loops over active windows, as in `emgmon.dsp.shape`; a part of `emgmon.dsp.kernel`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.cached import compiled
from emgmon.dsp.sum_kernel import sum_of
from emgmon.model import Array


@compiled
def _below(row: Array, first: int, grown: Array) -> int:
    """Return how many bins from `first` on lie below the median frequency of a row."""
    total = row[first]
    grown[first] = total
    for at in range(first + 1, len(row)):
        total += row[at]
        grown[at] = total
    below = first
    while below < len(row) and grown[below] < total / 2.0:
        below += 1
    return below - first


@compiled
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


@compiled
def _db(part: float, other: float) -> float:
    return 10.0 * math.log10(part / other) if part > 0.0 and other > 0.0 else math.inf


@compiled
def shape_of(
    row: Array, k: int, bin_hz: float, f_hz: Array, top: int, width: int, first: int, low: int, wide: bool, out: Array
) -> None:
    """Put `emgmon.dsp.shape.Shape` of a row of powers into column k of `out`; NaN where there is no power."""
    size, total = top - 1, sum_of(row, 1, top - 1)
    out[:, k] = math.nan
    if not 0.0 < total < math.inf:
        return
    band, weighed, density = row[1:top], np.empty(size), np.empty(size - width + 1)
    _density_of(band, width, weighed, density)
    highest = lowest = first
    for j in range(first, len(density)):
        if density[j] > density[highest]:
            highest = j
        if density[j] < density[lowest]:
            lowest = j
    peak = density[highest] / width
    slope = peak / (bin_hz * (1.0 + highest + (width - 1) / 2))
    for j in range(low):
        weighed[j] = max(band[j] - slope * f_hz[j], 0.0)
    out[0, k], out[1, k], out[2, k] = _db(total, sum_of(weighed, 0, low)), math.inf, math.inf
    if wide:
        begin = int(0.8 * size)
        out[1, k] = _db(total, sum_of(band, begin, size - begin) / (size - begin) * size)
        out[2, k] = _db(peak, density[lowest] / width)
    for j in range(size):
        weighed[j] = band[j] * f_hz[j]
    mean_hz = sum_of(weighed, 0, size) / total
    for j in range(size):
        weighed[j] *= f_hz[j]
    out[3, k] = math.sqrt(sum_of(weighed, 0, size) / total) / mean_hz


@compiled
def active_of(
    power: Array,
    kept: Array,
    needed: Array,
    medians: Array,
    rows: Array,
    bins: tuple[int, int, int, int, bool],
    floats: tuple[float, Array],
    above: int,
    begin: int,
    stop: int,
    shapes: Array,
) -> None:
    """Put median frequencies of windows that are needed, and shapes of rows of four, where they are not known yet.

    Parameters
    ----------
    power, kept : (n, n_bins) and (3, n_bins) array
        Of the windows, and of the three active ones before them.
    needed, medians : (3 + n,) array
    rows : (n_columns, n) array
        The three windows before each (-1 where none), whether the four are steady, and loud.
    bins, floats : tuple
        Of `emgmon.dsp.shape`; `top` 0 where shapes are not told.
    above : int
        First bin of muscle.
    begin, stop : int
        Windows of which shapes are told.
    shapes : (4, n) array
    """
    grown, mean = np.empty(power.shape[1]), np.empty(power.shape[1])
    for at in range(len(needed)):
        if needed[at] > 0.0 and medians[at] != medians[at]:
            row = kept[at] if at < len(kept) else power[at - len(kept)]
            if above < len(row):
                medians[at] = (above + _below(row, above, grown)) * floats[0]
    for k in range(begin, stop):
        if rows[0, k] < 0.0 or not rows[4, k] > 0.0:
            continue
        shapes[:, k] = math.nan
        if bins[0] == 0:
            continue
        for which in range(4):
            at = int(rows[which, k]) if which < 3 else k + len(kept)
            row = kept[at] if at < len(kept) else power[at - len(kept)]
            for j in range(len(mean)):
                mean[j] = row[j] if which == 0 else mean[j] + row[j]
        for j in range(len(mean)):
            mean[j] /= 4.0
        shape_of(mean, k, floats[0], floats[1], bins[0], bins[1], bins[2], bins[3], bins[4], shapes)


@compiled
def singles_of(filtered: Array, hop: int, kept: Array, which: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return windows in single precision, to be sorted: below `len(kept)` those kept, then those a hop apart."""
    size, out = kept.shape[1], np.empty((len(which), kept.shape[1]), np.float32)
    for row in range(len(which)):
        at = which[row]
        values = kept[at] if at < len(kept) else filtered[(at - len(kept)) * hop : (at - len(kept)) * hop + size]
        for j in range(size):
            out[row, j] = values[j]
    return out


@compiled
def normals_of(
    ordered: NDArray[np.float32],
    filtered: Array,
    hop: int,
    kept: Array,
    which: NDArray[np.int64],
    scores: Array,
    out: Array,
) -> None:
    """Put `emgmon.dsp.shape.normality` of windows into `out`; `ordered` is `singles_of` them, sorted."""
    size = kept.shape[1]
    row = np.empty(size)
    for number in range(len(which)):
        at = which[number]
        values = kept[at] if at < len(kept) else filtered[(at - len(kept)) * hop : (at - len(kept)) * hop + size]
        mean = sum_of(values, 0, size) / size
        for j in range(size):
            away = ordered[number, j] - mean
            row[j] = away * away
        length = math.sqrt(sum_of(row, 0, size))
        for j in range(size):
            row[j] = (ordered[number, j] - mean) * scores[j]
        out[at] = sum_of(row, 0, size) / length if 0.0 < length < math.inf else math.nan
