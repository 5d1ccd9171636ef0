"""The compiled loops over the spectra that `emgmon.dsp.seconds` takes; a part of `emgmon.dsp.kernel`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.cached import compiled
from emgmon.dsp.mains import Spectrum
from emgmon.dsp.sum_kernel import sum_of
from emgmon.model import Array


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
