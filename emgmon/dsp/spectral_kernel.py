"""The compiled loops over spectra, and NumPy's sum, which all of them need; a part of `emgmon.dsp.kernel`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.cached import compiled
from emgmon.dsp.mains import Spectrum
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


@compiled
def _bands(row: Array, low: int, above: int, k: int, bands: Array) -> None:
    """Put power above, RMS and share of the slow part into column k of `bands`: total, (total), slow RMS and share.

    The slow part are the bins from `low` to `above`; its share is that in all from `low` on.
    """
    slow, total = sum_of(row, low, above - low), sum_of(row, above, len(row) - above)
    bands[0, k], bands[2, k], bands[3, k] = total, math.sqrt(slow), 0.0
    if slow + total > 0.0:
        bands[3, k] = slow / (slow + total)


@compiled
def _power(spectrum: Spectrum, scale: float, out: Array) -> None:
    for j in range(len(spectrum)):
        x = spectrum[j]
        out[j] = (x.real * x.real + x.imag * x.imag) * scale


@compiled
def clean_of(spectra: Spectrum, first: int, scale: float, low: int, above: int, power: Array, bands: Array) -> None:
    """Put what windows from `first` on hold without mains into `power` (n, n_bins) and `bands`."""
    for row in range(len(spectra)):
        _power(spectra[row], scale, power[first + row])
        _bands(power[first + row], low, above, first + row, bands)


@compiled
def raw_of(
    spectra: Spectrum,
    first: int,
    scale: float,
    low: int,
    above: int,
    around: NDArray[np.int64],
    centres: NDArray[np.int64],
    power: Array,
    bands: Array,
    near: Array,
    tops: Array,
    told: Array,
) -> None:
    """Put what windows from `first` on hold with mains into `power`, `bands`, and what `emgmon.dsp.mains` looks at.

    That is power around lines, (n, n_lines, 17), spectra at two of them, (n, 12), and what is told of
    lines, (3 · n_lines, n).
    """
    ordered = np.empty(10)
    for row in range(len(spectra)):
        k, spectrum = first + row, spectra[row]
        _power(spectrum, scale, power[k])
        _bands(power[k], low, above, k, bands)
        bands[1, k] = bands[0, k]
        for line in range(len(around)):
            values = near[k, line]
            for j in range(around.shape[1]):
                x = spectrum[around[line, j]]
                values[j] = x.real * x.real + x.imag * x.imag
            told[3 * line, k] = (values[7] + values[8] + values[9]) / 3.0
            told[3 * line + 1, k] = _beside(values, ordered)
            told[3 * line + 2, k] = values[8]
        for comb in range(2):
            for j in range(3):
                at = 6 * comb + 2 * j
                x = spectrum[centres[comb] - 1 + j] if centres[comb] else 0.0j
                tops[k, at], tops[k, at + 1] = x.real, x.imag


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


@compiled
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
