"""What a second of EMG looks like: its spectrum, where in it motion and noise lie, and how normal its values are.

Functions of windows; `emgmon.dsp.active_seconds` says of which. The four ratios follow Sinderby, Lindström and Grassino
(1995, J Appl Physiol 79:1803), the probability plot Blom's plotting positions.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy

from emgmon.dsp.device_class import upper_edge_hz
from emgmon.dsp.mains import Spectrum, hann
from emgmon.model import Array

MOTION_HZ = 20.0
"""Below this is motion, above it muscle."""
SMOOTH_HZ = 13.0
"""Densities are looked for in means over so much."""
AT_ONCE = 16
"""So many rows are taken together: more do not stay in the processor's cache, and memory is asked for anew."""
FROM_HZ = 35.0
"""The highest density of muscle lies above this."""
WIDE_HZ = 600.0
"""A band that reaches this far has a part that is noise alone."""


class Shape(NamedTuple):
    """Spectral quality of a second, dB but for the last.

    `motion_db` signal to motion, `noise_db` signal to noise, `drop_db` highest to lowest density, `deformation` Ω.
    `noise_db` and `drop_db` are infinite where the band ends below `WIDE_HZ`: it has no part without muscle then.
    """

    motion_db: float
    noise_db: float
    drop_db: float
    deformation: float


def spectrum_of(windows: Array) -> Spectrum:
    """Complex spectrum of windows without gaps, (..., n), mean removed, Hann."""
    centred = windows - windows.mean(axis=-1, keepdims=True)
    centred *= hann(windows.shape[-1])[0]
    return np.fft.rfft(centred)


def power_of(spectrum: Spectrum, size: int, out: Array | None = None) -> Array:
    """Power of each bin of `spectrum_of`; the bins add up to the mean square of the window."""
    scale = 2.0 / (size * hann(size)[1])
    parts = spectrum.view(np.float64)
    parts = parts * parts
    power: Array = np.add(parts[..., ::2], parts[..., 1::2], out=out)
    power *= scale
    return power


def motion(power: Array, bin_hz: float) -> tuple[float, float]:
    """RMS between 2 and 20 Hz, and its share in the power above 2 Hz."""
    low, high = math.ceil(2.0 / bin_hz), math.ceil(MOTION_HZ / bin_hz)
    slow, total = float(power[low:high].sum()), float(power[low:].sum())
    return math.sqrt(slow), slow / total if total > 0.0 else 0.0


def median_frequency_hz(power: Array, bin_hz: float) -> Array:
    """Frequency that halves the power above 20 Hz, of (..., n_bins); NaN where the band ends below."""
    first = math.ceil(MOTION_HZ / bin_hz)
    if first >= power.shape[-1]:
        return np.full(power.shape[:-1], math.nan)
    grown = np.cumsum(power[..., first:], axis=-1)
    below = (grown < grown[..., -1:] / 2.0).sum(axis=-1)
    return np.asarray((first + below) * bin_hz, np.float64)


class ShapeBins(NamedTuple):
    """Bins of a spectrum that `shape_of` looks at, and their frequencies."""

    top: int
    width: int
    first: int
    low: int
    wide: bool
    frequency_hz: Array


@lru_cache(maxsize=16)
def shape_bins(n: int, bin_hz: float, fs_hz: float) -> ShapeBins | None:
    """Return the bins for a spectrum of n bins; None where the band is too narrow."""
    top_hz = min(WIDE_HZ, 0.45 * fs_hz) if 0.45 * fs_hz >= WIDE_HZ else upper_edge_hz(fs_hz)
    if top_hz < 2.0 * FROM_HZ + SMOOTH_HZ:
        return None
    top, width = min(n, int(top_hz / bin_hz)), max(3, round(SMOOTH_HZ / bin_hz))
    frequency_hz = bin_hz * np.arange(1.0, top)
    low = int((frequency_hz < MOTION_HZ).sum())
    return ShapeBins(top, width, math.ceil(FROM_HZ / bin_hz) - (width - 1) // 2, low, top_hz >= WIDE_HZ, frequency_hz)


def shape_of(power: Array, bin_hz: float, fs_hz: float) -> Shape | None:
    """Spectral quality of the power of each bin; None when there is no power or the band is too narrow."""
    row = shapes_of(power[None], bin_hz, fs_hz)[0].tolist()
    return None if math.isnan(row[-1]) else Shape(*row)


def shapes_of(power: Array, bin_hz: float, fs_hz: float) -> Array:
    """`Shape` of each row of powers, (n, 4); NaN where there is no power or the band is too narrow.

    Motion is what exceeds, below 20 Hz, a straight line from zero to the highest density of muscle.
    """
    if len(power) > AT_ONCE:
        parts = (power[first : first + AT_ONCE] for first in range(0, len(power), AT_ONCE))
        return np.concatenate([shapes_of(part, bin_hz, fs_hz) for part in parts])
    bins, out = shape_bins(power.shape[1], bin_hz, fs_hz), np.full((len(power), 4), math.nan)
    if bins is None:
        return out
    total = power[:, 1 : bins.top].sum(axis=1)
    if not all(0.0 < each < math.inf for each in total.tolist()):
        there = (total > 0.0) & (total < math.inf)
        out[there] = shapes_of(power[there], bin_hz, fs_hz)
        return out
    moved, noise, peak, lowest, spread = _ratios(power[:, 1 : bins.top], total, bin_hz, bins)
    out[:, 0], out[:, 1:3], out[:, 3] = _db(total, moved), math.inf, spread
    if bins.wide:
        out[:, 1], out[:, 2] = _db(total, noise), _db(peak, lowest)
    return out


def _ratios(band: Array, total: Array, bin_hz: float, bins: ShapeBins) -> Array:
    """Motion, noise, highest and lowest density, deformation of rows, (5, n); noise and lowest only in a wide band."""
    every, n = np.arange(len(band)), band.shape[1] - bins.width + 1
    density = _sliding(band, bins.width, n)
    highest = bins.first + density[:, bins.first :].argmax(axis=1)
    out = np.zeros((5, len(band)))
    out[2] = density[every, highest] / bins.width
    slope = out[2] / (bin_hz * (1.0 + highest + (bins.width - 1) / 2))
    moved = np.maximum(band[:, : bins.low] - slope[:, None] * bins.frequency_hz[: bins.low], 0.0)
    out[0] = moved.sum(axis=1)
    if bins.wide:
        first = int(0.8 * band.shape[1])
        out[1] = band[:, first:].sum(axis=1) / (band.shape[1] - first) * band.shape[1]
        out[3] = density[:, bins.first :].min(axis=1) / bins.width
    weighed = band * bins.frequency_hz
    mean_hz = weighed.sum(axis=1) / total
    weighed *= bins.frequency_hz
    out[4] = np.sqrt(weighed.sum(axis=1) / total) / mean_hz
    return out


def _sliding(rows: Array, width: int, n: int) -> Array:
    """Sum of each run of `width` values in rows, of which there are n: of runs that double in length."""
    total, done, size = np.zeros((len(rows), n)), 0, 1
    while size <= width:
        if width & size:
            total += rows[:, done : done + n]
            done += size
        size *= 2
        if size <= width:
            rows = rows[:, : -size // 2] + rows[:, size // 2 :]
    return total


def _db(part: Array, other: Array) -> list[float]:
    pairs = zip(part.tolist(), other.tolist(), strict=True)
    return [10.0 * math.log10(one / two) if one > 0.0 and two > 0.0 else math.inf for one, two in pairs]


@lru_cache(maxsize=16)
def normal_scores(n: int) -> Array:
    """Return the expected order statistics of n normal values, unit length."""
    scores = scipy.special.ndtri((np.arange(1.0, n + 1) - 0.375) / (n + 0.25))
    return np.asarray(scores / math.sqrt(float((scores * scores).sum())))


def normality(values: Array) -> float:
    """Correlation of sorted values with those of a normal distribution, 1 when they lie on a line.

    NaN for fewer than 8 values or a constant. Artefacts of any kind lower it; so do few motor units.
    """
    return float(normalities(values[None])[0])


def normalities(values: Array) -> Array:
    """Return `normality` of each row, (n,)."""
    n = values.shape[1]
    if len(values) > AT_ONCE:
        parts = (values[first : first + AT_ONCE] for first in range(0, len(values), AT_ONCE))
        return np.concatenate([normalities(part) for part in parts])
    if n < 8:
        return np.full(len(values), math.nan)
    centred = np.sort(values.astype(np.float32), axis=1).astype(np.float64)
    centred -= (np.add.reduce(values, axis=1) / n)[:, None]
    length = np.sqrt(np.add.reduce(centred * centred, axis=1))
    centred *= normal_scores(n)
    there = (length > 0.0) & (length < math.inf)
    total, unknown = np.add.reduce(centred, axis=1), np.full(len(values), math.nan)
    return np.asarray(np.divide(total, length, where=there, out=unknown))
