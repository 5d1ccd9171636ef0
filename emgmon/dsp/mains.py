"""Mains hum: whether there is any, and at which frequency.

Live, `emgmon.dsp.canceller` takes it out; offline, `emgmon.dsp.offline.spectrum_interpolation`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.compiled import kernel
from emgmon.model import Array

Spectrum = NDArray[np.complex128]
Flags = NDArray[np.bool_]

MAINS_HZ = (50.0, 60.0)
HARMONICS = 3
FARTHEST_HZ = 0.7
"""A line farther from 50 or 60 Hz than this is not the mains."""
UNREAL = 1e12
"""No unit makes a voltage this large."""
MEDIAN_OF_TEN = 0.7456
"""Expected median of ten powers of noise, over their mean; the median does not see the other mains frequency."""


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


@dataclass(slots=True)
class Lines:
    """What `MainsWatch` looks at in n windows.

    Attributes
    ----------
    tops : (n, 2, 3) array
        Complex spectrum at 50 and 60 Hz and one bin to both sides.
    near : (n, n_lines, 17) array
        Power around each harmonic that the rate permits, first those of 50, then those of 60 Hz.
    depths : (n, 2) array
        Power at 50 and 60 Hz over that beside it.
    """

    tops: Spectrum
    near: Array
    depths: Array

    @classmethod
    def joined(cls, parts: Sequence[Lines]) -> Lines:
        """Return the windows of some, one after another."""
        if len(parts) == 1:
            return parts[0]
        tops, near, depths = ([getattr(part, name) for part in parts] for name in ("tops", "near", "depths"))
        return cls(np.concatenate(tops), np.concatenate(near), np.concatenate(depths))

    def part(self, first: int, stop: int) -> Lines:
        """Return windows `first` to `stop` of these alone."""
        return Lines(self.tops[first:stop], self.near[first:stop], self.depths[first:stop])


@dataclass(slots=True)
class MainsWatch:
    """Finds mains hum in relaxed windows of one second whose starts are a quarter second apart; online.

    Parameters
    ----------
    fs_hz : float
    size : int
        Samples of a window, four steps.
    """

    fs_hz: float
    size: int
    settings: MainsSettings = field(default_factory=MainsSettings)
    _centres: tuple[NDArray[np.int64], ...] = field(init=False)
    _around: NDArray[np.int64] = field(init=False)
    _firsts: NDArray[np.int64] = field(init=False)
    _tops: Spectrum = field(init=False)
    _near: Array = field(init=False)
    _when: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _count: int = 0
    _depths: list[float] = field(default_factory=lambda: [1.0 for _ in MAINS_HZ])

    def __post_init__(self) -> None:
        combs = ([harmonic * f0_hz for harmonic in range(1, HARMONICS + 1)] for f0_hz in MAINS_HZ)
        self._centres = tuple(
            np.array([self._bin(f_hz) for f_hz in comb if self._seen(f_hz)], np.int64) for comb in combs
        )
        self._around = np.concatenate(self._centres)[:, None] + np.arange(-8, 9)
        self._tops, self._near = np.empty((0, len(MAINS_HZ), 3), np.complex128), np.empty((0, *self._around.shape))
        ends = np.cumsum([len(centres) for centres in self._centres])
        self._firsts = np.array(
            [end - len(centres) if len(centres) else -1 for end, centres in zip(ends, self._centres, strict=True)]
        )

    def _bin(self, frequency_hz: float) -> int:
        return round(frequency_hz * self.size / self.fs_hz)

    def _seen(self, frequency_hz: float) -> bool:
        """Whether the rate permits to look around a line."""
        return frequency_hz <= 0.45 * self.fs_hz and self._bin(frequency_hz) + 9 <= self.size // 2 + 1

    def lines(self, spectra: Spectrum) -> Lines:
        """Look at complex spectra (mean removed, Hann) of windows, (n, n_bins); vectorised."""
        there = spectra[:, self._around]
        near = there.real**2 + there.imag**2
        tops = np.zeros((len(spectra), len(MAINS_HZ), 3), np.complex128)
        for line, centres in enumerate(self._centres):
            if len(centres):
                tops[:, line] = spectra[:, centres[0] - 1 : centres[0] + 2]
        loops = kernel()
        depths = loops.depths_of(near, self._firsts) if loops else _depths(near, self._firsts.tolist())
        return Lines(tops, near, depths)

    def take(self, lines: Lines, at: NDArray[np.int64], relaxed: Flags) -> None:
        """Take windows `at` of some as the next ones; `relaxed` tells which of these count for hum."""
        number, most = self._count, float(self.settings.hole_windows)
        first, second = self._depths
        for depth, other in lines.depths[at].tolist():
            number += 1
            n = min(number, most)
            first += (depth - first) / n
            second += (other - second) / n
        self._depths = [first, second]
        near, tops, when = self._joined(lines, at, relaxed)
        self._near, self._tops = near[-self.settings.windows :].copy(), tops[-self.settings.windows :].copy()
        self._when = when[-self.settings.windows :].copy()
        self._count += len(at)

    def _joined(self, lines: Lines, at: NDArray[np.int64], relaxed: Flags) -> tuple[Array, Spectrum, NDArray[np.int64]]:
        """Return what is kept of relaxed windows, followed by the relaxed ones of some windows."""
        where = relaxed.nonzero()[0]
        return (
            np.concatenate([self._near, lines.near[at[where]]]),
            np.concatenate([self._tops, lines.tops[at[where]]]),
            np.concatenate([self._when, self._count + 1 + where]),
        )

    def prominence_db(self, lines: Lines) -> Array:
        """Power of the more prominent comb over that beside it in each window alone, whatever the muscle does."""
        line, floor, _power = self._combs(lines.near)
        over = np.divide(line, floor, where=floor > 0.0, out=np.zeros(line.shape)).max(axis=0)
        return np.asarray(10.0 * np.log10(np.maximum(over, 1e-300)))

    def hole_hz(self) -> float:
        """Mains frequency at which the sensor has a notch of its own; NaN when there is none or too little was seen."""
        independent = min(self._count, self.settings.hole_windows) / 3.0
        if independent < 1.0:
            return math.nan
        depth, f0_hz = min(zip(self._depths, MAINS_HZ, strict=True))
        limit = min(self.settings.hole, 1.0 - self.settings.hole_sd / math.sqrt(independent))
        return f0_hz if depth < limit else math.nan

    def find(self) -> Hum | None:
        """Hum in the relaxed windows of late, None when there is none or too little was seen."""
        return self._found(self._near, self._tops, self._when, [len(self._when)])[0]

    def ahead(self, lines: Lines, at: NDArray[np.int64], relaxed: Flags, ends: NDArray[np.int64]) -> list[Hum | None]:
        """Return what `find` would after the first `ends` of these windows were taken."""
        stops = len(self._when) + np.cumsum(relaxed)[ends - 1]
        return self._found(*self._joined(lines, at, relaxed), stops.tolist())

    def _found(self, near: Array, tops: Spectrum, when: NDArray[np.int64], stops: list[int]) -> list[Hum | None]:
        """Hum in the relaxed windows of late, up to each of `stops`."""
        found: list[Hum | None] = [None] * len(stops)
        enough = [(k, stop) for k, stop in enumerate(stops) if stop >= self.settings.least_plain]
        if not enough:
            return found
        firsts = [max(0, stop - self.settings.windows) for _k, stop in enough]
        loops = kernel()
        ends = [stop for _k, stop in enough]
        if loops:
            means = loops.means_of(near, np.array(firsts), np.array(ends))
        else:
            pairs = zip(firsts, ends, strict=True)
            means = np.stack([np.add.reduce(near[first:stop]) / (stop - first) for first, stop in pairs])
        line, floor, power = self._combs(means)
        over = np.divide(line, floor, where=floor > 0.0, out=np.zeros(line.shape))
        for row in (over.max(axis=0) > 0.99 * 10.0 ** (0.1 * self.settings.prominence_db)).nonzero()[0].tolist():
            k, stop = enough[row]
            n, best = stop - firsts[row], int(over[:, row].argmax())
            prominence_db = 10.0 * math.log10(float(over[best, row]))
            limit_db = self.settings.prominence_db if n >= self.settings.least else self.settings.plain_db
            if prominence_db < limit_db:
                continue
            f0_hz = self._refined_hz(best, tops[firsts[row] : stop], when[firsts[row] : stop])
            if abs(f0_hz - MAINS_HZ[best]) <= FARTHEST_HZ:
                found[k] = Hum(f0_hz, math.sqrt(float(power[best, row])), prominence_db)
        return found

    def _combs(self, near: Array) -> Array:
        """Power of both combs' lines, of what is beside them, and of the hum, (3, 2, n), in each of `Lines.near`."""
        around = _beside(near)
        peak = near[..., 7:10].sum(axis=-1) / 3.0
        excess = np.where(peak > 2.0 * around, np.maximum(near[..., 6:11].sum(axis=-1) - 5.0 * around, 0.0), 0.0)
        out = np.zeros((3, len(MAINS_HZ), len(near)))
        there = [line for line, first in enumerate(self._firsts) if first >= 0]
        if there:
            out[:, there] = np.add.reduceat([peak, around, excess], self._firsts[there], axis=2).swapaxes(1, 2)
        out[2] = out[2] * 2.0 / (self.size * hann(self.size)[1])
        return out

    def _refined_hz(self, line: int, tops: Spectrum, when: NDArray[np.int64]) -> float:
        """Frequency from the advance of the phase between windows, first near ones, then ever farther ones."""
        f0_hz, values = MAINS_HZ[line], tops[:, line]
        for lag in (1, 4, 12):
            later = np.minimum(np.searchsorted(when, when + lag), len(when) - 1)
            pairs = (when[later] == when + lag).nonzero()[0]
            if not len(pairs):
                return f0_hz
            turn = complex((values[pairs].conj() * values[later[pairs]]).sum())
            step_s = lag * (self.size / 4) / self.fs_hz
            cycles = math.atan2(turn.imag, turn.real) / (2.0 * math.pi)
            f0_hz = (cycles + round(f0_hz * step_s - cycles)) / step_s
        return f0_hz


def _depths(near: Array, firsts: list[int]) -> Array:
    """Power in the lines that stand at `firsts` over that beside them, (n, n_firsts); 1 for those at -1."""
    depths = np.ones((len(near), len(firsts)))
    for line, first in enumerate(firsts):
        if first >= 0:
            beside = _beside(near[:, first]) / MEDIAN_OF_TEN
            there = beside > 0.0
            depth = np.minimum(near[:, first, 8] / np.where(there, beside, 1.0), 100.0)
            depths[:, line] = np.where(there, depth, 1.0)
    return depths


def _beside(near: Array) -> Array:
    """Median power of the ten bins beside a line, of (..., 17)."""
    ordered = np.sort(near[..., _BESIDE], axis=-1)
    return np.asarray((ordered[..., 4] + ordered[..., 5]) / 2.0)


_BESIDE = np.array([0, 1, 2, 3, 4, 12, 13, 14, 15, 16])


@lru_cache(maxsize=16)
def hann(size: int) -> tuple[Array, float]:
    """Return the Hann window and the sum of its squares."""
    window = np.hanning(size)
    return window, float((window * window).sum())


def line_rms(power: Array, bins: tuple[int, ...]) -> Array:
    """RMS of the first one, two, ... of some lines in powers of Hann windows whose bins add up to their mean squares.

    Parameters
    ----------
    power : (n, n_bins) array
    bins : tuple of int
        Where the lines lie (`line_bins`); those at the upper edge count as nothing.

    Returns
    -------
    (len(bins), n) array
    """
    loops = kernel()
    if loops is not None:
        return np.asarray(loops.lines_of(power, _array_of(bins)))
    centres = np.array([at for at in bins if at + 9 <= 0.9 * power.shape[1]], np.int64)
    near = power.T[centres[:, None] + np.arange(-8, 9)]
    around = 0.1 * (_five(near, 0) + _five(near, 12))
    above = np.maximum(_five(near, 6) - 5.0 * around, 0.0)
    total = np.zeros((len(bins), len(power)))
    for k in range(len(bins)):
        total[k] = total[k - 1] if k else 0.0
        if k < len(above):
            total[k] += above[k]
    return np.sqrt(total)


@lru_cache(maxsize=256)
def _array_of(bins: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(bins, np.int64)


def _five(near: Array, first: int) -> Array:
    """Sum of five neighbours along the second axis of three, one after another."""
    total = near[:, first] + near[:, first + 1]
    for k in range(first + 2, first + 5):
        total += near[:, k]
    return total


@lru_cache(maxsize=256)
def line_bins(bin_hz: float, f0_hz: float, harmonics: int) -> tuple[int, ...]:
    """Bins in which a line and its harmonics lie."""
    return tuple(round(harmonic * f0_hz / bin_hz) for harmonic in range(1, harmonics + 1))
