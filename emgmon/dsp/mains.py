"""Mains hum: whether there is any, and at which frequency.

Live, `emgmon.dsp.canceller` takes it out; offline, `emgmon.dsp.offline.spectrum_interpolation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgmon.model import Array

Spectrum = NDArray[np.complex128]
Bins = NDArray[np.int64]

MAINS_HZ = (50.0, 60.0)
HARMONICS = 3
FARTHEST_HZ = 0.7
"""A line farther from 50 or 60 Hz than this is not the mains."""
UNREAL = 1e12
"""No unit makes a voltage this large."""


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains hum in a relaxed channel: `f0_hz`, `rms` of all harmonics in the unit of the signal, `prominence_db`."""

    f0_hz: float
    rms: float
    prominence_db: float


@dataclass(frozen=True, slots=True)
class MainsSettings:
    """How hum is looked for.

    Attributes
    ----------
    prominence_db : float
        Lines this far above their neighbourhood are mains.
    windows, least : int
        Relaxed windows of 1 s, 0.25 s apart, that are averaged, and how many there must be (4 s).
    plain_db, least_plain : float, int
        A line as prominent as this is believed after so few windows.
    hole, hole_sd, hole_windows : float, float, int
        Power at 50 or 60 Hz, over that beside it, below which the sensor itself has a notch there; by how many standard
        errors it must be lower than 1; and how many windows, relaxed or not, are averaged at most. A notch of quality
        10 shows in a good minute, one of 30 in about six.
    """

    prominence_db: float = 6.0
    windows: int = 16
    least: int = 13
    plain_db: float = 15.0
    least_plain: int = 4
    hole: float = 0.75
    hole_sd: float = 5.0
    hole_windows: int = 2400


@dataclass(frozen=True, slots=True)
class MainsBins:
    """Where in a spectrum of one second mains is looked at.

    Attributes
    ----------
    around : (n_lines, 17) array
        Bins around each harmonic that the rate permits, first those of 50, then those of 60 Hz.
    n_50 : int
        How many of them are harmonics of 50 Hz.
    centres : (2,) array
        Bins of 50 and 60 Hz, 0 where the rate does not permit them.
    """

    around: Bins
    n_50: int
    centres: Bins


@lru_cache(maxsize=16)
def mains_bins(fs_hz: float, size: int) -> MainsBins:
    """Return where mains is looked at in windows of so many samples."""
    combs = [
        [
            at
            for harmonic in range(1, HARMONICS + 1)
            if harmonic * f0_hz <= 0.45 * fs_hz and (at := round(harmonic * f0_hz * size / fs_hz)) + 9 <= size // 2 + 1
        ]
        for f0_hz in MAINS_HZ
    ]
    around = np.array([at for comb in combs for at in comb], np.int64)[:, None] + np.arange(-8, 9)
    return MainsBins(around, len(combs[0]), np.array([comb[0] if comb else 0 for comb in combs]))


@dataclass(slots=True)
class Lines:
    """What is looked at of mains in n windows.

    Attributes
    ----------
    near : (n, n_lines, 17) array
        Power around each line.
    tops : (n, 12) array
        Complex spectrum at 50 and 60 Hz and one bin to both sides, real and imaginary parts.
    """

    near: Array
    tops: Array

    @classmethod
    def of(cls, n: int, bins: MainsBins) -> Lines:
        """Return room for n windows."""
        return cls(np.empty((n, *bins.around.shape)), np.empty((n, 12)))

    def fill(self, spectra: Spectrum, first: int, bins: MainsBins) -> None:
        """Look at complex spectra (mean removed, Hann) of windows from `first` on, (m, n_bins); vectorised."""
        rows = slice(first, first + len(spectra))
        there = spectra[:, bins.around]
        np.add(there.real**2, there.imag**2, out=self.near[rows])
        tops = self.tops[rows].view(np.complex128)
        for comb, centre in enumerate(bins.centres.tolist()):
            tops[:, 3 * comb : 3 * comb + 3] = spectra[:, centre - 1 : centre + 2] if centre else 0.0

    def told(self) -> Array:
        """Say of each line what is enough to see whether it is hum, (3 · n_lines, n).

        Three numbers: mean power at a line and its neighbours, median power of ten bins beside it, and power at it: the
        muscle is beside it too, and the sensor's own notch is at it.
        """
        near, told = self.near, np.empty((self.near.shape[1], 3, len(self.near)))
        ordered = near[..., _BESIDE]
        ordered.sort(axis=-1)
        told[:, 0] = ((near[..., 7] + near[..., 8] + near[..., 9]) / 3.0).T
        told[:, 1] = ((ordered[..., 4] + ordered[..., 5]) / 2.0).T
        told[:, 2] = near[..., 8].T
        return told.reshape(-1, len(near))


_BESIDE = np.array([0, 1, 2, 3, 4, 12, 13, 14, 15, 16])


@lru_cache(maxsize=16)
def hann(size: int) -> tuple[Array, float]:
    """Return the Hann window and the sum of its squares."""
    window = np.hanning(size)
    return window, float((window * window).sum())


def line_rms(power: Array, bins: tuple[int, ...]) -> list[list[float]]:
    """RMS of the first one, two, ... of some lines in powers of Hann windows whose bins add up to their mean squares.

    Parameters
    ----------
    power : (n, n_bins) array
    bins : tuple of int
        Where the lines lie (`line_bins`); those at the upper edge count as nothing.

    Returns
    -------
    list of len(bins) lists of n floats
    """
    below = tuple(at for at in bins if at + 9 <= 0.9 * power.shape[1])
    if not below:
        return [[0.0] * len(power)] * len(bins)
    near = power[:, _near_of(below)]
    five = near[..., :3].copy()
    for k in range(3, 15, 3):
        five += near[..., k : k + 3]
    above = np.maximum(five[..., 1] - 5.0 * (0.1 * (five[..., 0] + five[..., 2])), 0.0)
    lines: list[list[float]] = np.sqrt(above.cumsum(axis=1)).T.tolist()
    return lines + [lines[-1]] * (len(bins) - len(below))


@lru_cache(maxsize=256)
def _near_of(bins: tuple[int, ...]) -> NDArray[np.int64]:
    """Bins in which the first, second, ... of five lie below, at and above each of some lines, (n, 15)."""
    return np.array([[at + first + k for k in range(5) for first in (-8, -2, 4)] for at in bins])


@lru_cache(maxsize=256)
def line_bins(bin_hz: float, f0_hz: float, harmonics: int) -> tuple[int, ...]:
    """Bins in which a line and its harmonics lie."""
    return tuple(round(harmonic * f0_hz / bin_hz) for harmonic in range(1, harmonics + 1))
