"""What a second of EMG looks like: its spectrum, where in it motion and noise lie, and how normal its values are.

Functions of one window, and `ActiveSeconds`, which remembers the last few in which the muscle worked. The four ratios
follow Sinderby, Lindström and Grassino (1995, J Appl Physiol 79:1803), the probability plot Blom's plotting positions.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
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


def power_of(spectrum: Spectrum, size: int) -> Array:
    """Power of each bin of `spectrum_of`; the bins add up to the mean square of the window."""
    power = np.abs(spectrum)
    power *= power
    power *= 2.0 / (size * hann(size)[1])
    return power


def motion(power: Array, bin_hz: float) -> tuple[float, float]:
    """RMS between 2 and 20 Hz, and its share in the power above 2 Hz."""
    slow, total = slow_and_all(power, bin_hz)
    return math.sqrt(slow), float(slow / total) if total > 0.0 else 0.0


def slow_and_all(power: Array, bin_hz: float) -> tuple[Array, Array]:
    """Power between 2 and 20 Hz, and all above 2 Hz, of (..., n_bins)."""
    low, high = math.ceil(2.0 / bin_hz), math.ceil(MOTION_HZ / bin_hz)
    return power[..., low:high].sum(axis=-1), power[..., low:].sum(axis=-1)


def median_frequency_hz(power: Array, bin_hz: float) -> Array:
    """Frequency that halves the power above 20 Hz, of (..., n_bins); NaN where the band ends below."""
    first = math.ceil(MOTION_HZ / bin_hz)
    grown = np.cumsum(power[..., first:], axis=-1)
    if not grown.shape[-1]:
        return np.full(grown.shape[:-1], math.nan)
    below = (grown < grown[..., -1:] / 2.0).sum(axis=-1)
    return np.asarray((first + below) * bin_hz, np.float64)


class _Bins(NamedTuple):
    """Bins of a spectrum that `shape_of` looks at, and their frequencies."""

    top: int
    width: int
    first: int
    low: int
    wide: bool
    frequency_hz: Array


@lru_cache(maxsize=16)
def _bins(n: int, bin_hz: float, fs_hz: float) -> _Bins | None:
    top_hz = min(WIDE_HZ, 0.45 * fs_hz) if 0.45 * fs_hz >= WIDE_HZ else upper_edge_hz(fs_hz)
    if top_hz < 2.0 * FROM_HZ + SMOOTH_HZ:
        return None
    top, width = min(n, int(top_hz / bin_hz)), max(3, round(SMOOTH_HZ / bin_hz))
    frequency_hz = bin_hz * np.arange(1.0, top)
    low = int((frequency_hz < MOTION_HZ).sum())
    return _Bins(top, width, math.ceil(FROM_HZ / bin_hz) - (width - 1) // 2, low, top_hz >= WIDE_HZ, frequency_hz)


def shape_of(power: Array, bin_hz: float, fs_hz: float) -> Shape | None:
    """Spectral quality of the power of each bin; None when there is no power or the band is too narrow.

    Motion is what exceeds, below 20 Hz, a straight line from zero to the highest density of muscle.
    """
    bins = _bins(len(power), bin_hz, fs_hz)
    if bins is None:
        return None
    band = power[1 : bins.top]
    total = float(band.sum())
    if not 0.0 < total < math.inf:
        return None
    density = np.convolve(band, np.full(bins.width, 1.0 / bins.width), "valid")
    highest = bins.first + int(density[bins.first :].argmax())
    peak = float(density[highest])
    peak_hz = bin_hz * (1.0 + highest + (bins.width - 1) / 2)
    moved = float(np.maximum(band[: bins.low] - peak * bins.frequency_hz[: bins.low] / peak_hz, 0.0).sum())
    noise_db = drop_db = math.inf
    if bins.wide:
        noise_db = _db(total, float(band[int(0.8 * len(band)) :].mean()) * len(band))
        drop_db = _db(peak, float(density[bins.first :].min()))
    shares = band / total
    mean_hz = float((shares * bins.frequency_hz).sum())
    spread_hz = math.sqrt(float((shares * bins.frequency_hz**2).sum()))
    return Shape(_db(total, moved), noise_db, drop_db, spread_hz / mean_hz)


def _db(part: float, other: float) -> float:
    return 10.0 * math.log10(part / other) if other > 0.0 and part > 0.0 else math.inf


@lru_cache(maxsize=16)
def _normal_scores(n: int) -> Array:
    """Return the expected order statistics of n normal values, unit length."""
    scores = scipy.special.ndtri((np.arange(1.0, n + 1) - 0.375) / (n + 0.25))
    return np.asarray(scores / math.sqrt(float((scores * scores).sum())))


def normality(values: Array) -> float:
    """Correlation of sorted values with those of a normal distribution, 1 when they lie on a line.

    NaN for fewer than 8 values or a constant. Artefacts of any kind lower it; so do few motor units.
    """
    n = len(values)
    if n < 8:
        return math.nan
    centred = np.sort(values) - values.mean()
    length = math.sqrt(float((centred * centred).sum()))
    return float(centred @ _normal_scores(n)) / length if 0.0 < length < math.inf else math.nan


@dataclass(slots=True)
class ActiveSeconds:
    """The last few windows in a row in which a muscle worked: what only shows in several of them together; online.

    Attributes
    ----------
    fs_hz : float
    n : int
        How many windows are judged together.
    """

    fs_hz: float
    n: int
    _medians: deque[float] = field(init=False)
    _powers: deque[Array] = field(init=False)
    _even: deque[Array] = field(init=False)
    _normal: deque[float] = field(init=False)

    def __post_init__(self) -> None:
        self._medians, self._powers = deque(maxlen=self.n), deque(maxlen=self.n)
        self._even, self._normal = deque(maxlen=self.n), deque(maxlen=self.n)

    def clear(self) -> None:
        """Begin anew: the muscle rests."""
        for kept in (self._medians, self._powers, self._even, self._normal):
            kept.clear()

    def add(
        self,
        power: Array,
        filtered: Array,
        steady: float,
        *,
        loud: bool,
        median_hz: float = math.nan,
        quarters: Sequence[float] = (),
    ) -> None:
        """Take the next active window.

        Parameters
        ----------
        power : (n_bins,) array
        filtered : (n,) array
            Without gaps; it must not change later.
        steady : float
            Normality is judged when the loudest quarter is at most so many times the quietest: muscle that swells is
            peaked of itself.
        loud : bool
            Whether noise is small enough for the shape of the spectrum.
        median_hz : float, optional
            Median frequency of `power`, where it is known.
        quarters : sequence of float, optional
            RMS of each quarter of `filtered`, where they are known.
        """
        if math.isnan(median_hz):
            median_hz = float(median_frequency_hz(power, self.fs_hz / len(filtered)))
        if not quarters:
            quarters = np.sqrt((filtered[: len(filtered) // 4 * 4].reshape(4, -1) ** 2).mean(axis=1)).tolist()
        self._medians.append(median_hz)
        self._powers.append(power if loud else _NONE)
        self._even.append(filtered if max(quarters) <= steady * min(quarters) else _NONE)
        self._normal.append(math.nan)

    @property
    def full(self) -> bool:
        """Whether there are enough windows to judge."""
        return len(self._medians) == self.n

    def median_hz(self) -> float:
        """Middle of the median frequencies."""
        return sorted(self._medians)[self.n // 2]

    def normality(self) -> float:
        """Best normality of the windows, as few motor units are peaked too; NaN when one was not steady."""
        if not all(len(window) for window in self._even):
            return math.nan
        for k, window in enumerate(self._even):
            if math.isnan(self._normal[k]):
                self._normal[k] = normality(window)
        return math.nan if any(math.isnan(value) for value in self._normal) else max(self._normal)

    def shape(self) -> Shape | None:
        """Shape of the mean spectrum; None below 1000 Hz, or when one window was not loud."""
        if self.fs_hz < 999.0 or not all(len(power) for power in self._powers):
            return None
        power = self._powers[0]
        for other in islice(self._powers, 1, None):
            power = power + other
        power = power / self.n
        return shape_of(power, 0.5 * self.fs_hz / (len(power) - 1), self.fs_hz)


_NONE = np.empty(0)
