"""The spectrum of a short stretch of filtered EMG, and the three numbers that are taken from it."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from emgmon.model import Array

SEGMENT_S = 0.5
"""Length of the pieces whose spectra are averaged; they overlap by half. Resolution 2 Hz."""

LOW_HZ, HIGH_HZ, HIGH_SHARE = 20.0, 450.0, 0.45
"""Band of all three numbers: from 20 Hz to 450 Hz or 0.45 of the rate, whichever is lower."""


class Spectrum(NamedTuple):
    """Power density of one stretch within the band: `frequency_hz` and `density` (n,), and the RMS of what was used."""

    frequency_hz: Array
    density: Array
    rms: float


def spectrum(samples: Array, fs_hz: float) -> Spectrum | None:
    """Average the spectra of half-second pieces (Hann window, half overlap); pieces with lost samples are left out.

    Parameters
    ----------
    samples : (n,) array
        Filtered EMG, any unit; NaN where lost.
    fs_hz : float
        Sampling rate.

    Returns
    -------
    Spectrum or None
        None when no whole piece is there, or nothing in it.
    """
    n = round(SEGMENT_S * fs_hz)
    if n < 8 or len(samples) < n:
        return None
    whole = np.array([samples[first : first + n] for first in range(0, len(samples) - n + 1, n // 2)])
    there = np.isfinite(whole)
    if not there.all():
        whole = whole[there.all(axis=1)]
    if not len(whole):
        return None
    window, band, frequency_hz = _design(n, fs_hz)
    power = (np.abs(np.fft.rfft(whole * window, axis=1)) ** 2).mean(axis=0)[band]
    total = float(power.sum())
    if not (math.isfinite(total) and total > 0.0):
        return None
    return Spectrum(frequency_hz, power / total, math.sqrt(float((whole * whole).mean())))


@lru_cache(maxsize=8)
def _design(n: int, fs_hz: float) -> tuple[Array, slice, Array]:
    """Hann window of n samples, and which frequencies of their spectrum lie in the band."""
    window = np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n), np.float64)
    frequency_hz = np.arange(n // 2 + 1, dtype=np.float64) * (fs_hz / n)
    first, last = (
        frequency_hz.searchsorted(LOW_HZ),
        frequency_hz.searchsorted(min(HIGH_HZ, HIGH_SHARE * fs_hz), "right"),
    )
    band = slice(int(first), int(last))
    return window, band, frequency_hz[band]


def median_hz(found: Spectrum) -> float:
    """Frequency that halves the power, Hz, between the lines of the spectrum by interpolation."""
    return float(np.interp(0.5, np.cumsum(found.density) - 0.5 * found.density, found.frequency_hz))


def mean_hz(found: Spectrum) -> float:
    """Centre of the power, Hz."""
    return float(found.frequency_hz @ found.density / found.density.sum())


def log_finsm5(found: Spectrum) -> float:
    """Ratio of the spectral moments of order −1 and 5, as ln (Dimitrov et al. 2006); only its change means anything.

    Rises when power moves down. The moment of order 5 weighs what little power there is at the top, so that the number
    is sensitive to noise as well as to fatigue.
    """
    frequency_hz = found.frequency_hz
    return math.log(float((found.density / frequency_hz).sum()) / float((found.density * frequency_hz**5).sum()))
