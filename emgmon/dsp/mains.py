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
    depths : n times two floats
        Power at 50 and 60 Hz over that beside it.
    """

    tops: Spectrum
    near: Array
    depths: list[list[float]]

    @classmethod
    def joined(cls, parts: Sequence[Lines]) -> Lines:
        """Return the windows of some, one after another."""
        if len(parts) == 1:
            return parts[0]
        tops, near = ([getattr(part, name) for part in parts] for name in ("tops", "near"))
        return cls(np.concatenate(tops), np.concatenate(near), [row for part in parts for row in part.depths])

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
    _around: NDArray[np.int64] = field(init=False)
    _firsts: NDArray[np.int64] = field(init=False)
    _tops: Spectrum = field(init=False)
    _near: Array = field(init=False)
    _when: list[int] = field(default_factory=list)
    _end: int = 0
    _count: int = 0
    _depths: list[float] = field(default_factory=lambda: [1.0 for _ in MAINS_HZ])

    def __post_init__(self) -> None:
        combs = [[harmonic * f0_hz for harmonic in range(1, HARMONICS + 1)] for f0_hz in MAINS_HZ]
        centres = [[self._bin(f_hz) for f_hz in comb if self._seen(f_hz)] for comb in combs]
        self._around = np.array([at for comb in centres for at in comb], np.int64)[:, None] + np.arange(-8, 9)
        ends = np.cumsum([len(comb) for comb in centres]).tolist()
        self._firsts = np.array([end - len(comb) if comb else -1 for end, comb in zip(ends, centres, strict=True)])
        room = 4 * self.settings.windows
        self._tops = np.empty((room, len(MAINS_HZ), 3), np.complex128)
        self._near = np.empty((room, *self._around.shape))

    def _bin(self, frequency_hz: float) -> int:
        return round(frequency_hz * self.size / self.fs_hz)

    def _seen(self, frequency_hz: float) -> bool:
        """Whether the rate permits to look around a line."""
        return frequency_hz <= 0.45 * self.fs_hz and self._bin(frequency_hz) + 9 <= self.size // 2 + 1

    def lines(self, spectra: Spectrum) -> Lines:
        """Look at complex spectra (mean removed, Hann) of windows, (n, n_bins); vectorised."""
        n, loops = len(spectra), kernel()
        tops = np.zeros((n, len(MAINS_HZ), 3), np.complex128)
        if loops:
            near, depths = np.empty((n, *self._around.shape)), np.empty((n, len(MAINS_HZ)))
            loops.around_of(spectra, self._around, self._firsts, tops, near, depths)
            return Lines(tops, near, depths.tolist())
        there = spectra[:, self._around]
        near = there.real**2 + there.imag**2
        firsts = self._firsts.tolist()
        for line, first in enumerate(firsts):
            if first >= 0:
                tops[:, line] = there[:, first, 7:10]
        each = near[:, [first for first in firsts if first >= 0]].tolist()
        return Lines(tops, near, [_depths(row, firsts) for row in each])

    def take(self, lines: Lines, at: int, *, relaxed: bool) -> None:
        """Take window `at` of some as the next one; `relaxed` tells whether it counts for hum."""
        self._count += 1
        n, windows = min(self._count, self.settings.hole_windows), self.settings.windows
        self._depths = [mean + (depth - mean) / n for mean, depth in zip(self._depths, lines.depths[at], strict=True)]
        if not relaxed:
            return
        if self._end == len(self._near):
            for kept in (self._near, self._tops):
                kept[:windows] = kept[-windows:]
            self._end = windows
        self._near[self._end], self._tops[self._end] = lines.near[at], lines.tops[at]
        self._end += 1
        self._when.append(self._count)
        del self._when[:-windows]

    def prominence_db(self, lines: Lines, at: int) -> float:
        """Power of the more prominent comb over that beside it in one window alone, whatever the muscle does."""
        over, _line, _power = self._prominent(lines.near[at : at + 1])
        return 10.0 * math.log10(max(over, 1e-300))

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
        n = len(self._when)
        if n < self.settings.least_plain:
            return None
        over, best, power = self._prominent(self._near[self._end - n : self._end])
        limit_db = self.settings.prominence_db if n >= self.settings.least else self.settings.plain_db
        if not over > 0.0 or (prominence_db := 10.0 * math.log10(over)) < limit_db:
            return None
        f0_hz = self._refined_hz(best, self._tops[self._end - n : self._end], np.array(self._when))
        if abs(f0_hz - MAINS_HZ[best]) > FARTHEST_HZ:
            return None
        return Hum(f0_hz, math.sqrt(power * 2.0 / (self.size * hann(self.size)[1])), prominence_db)

    def _prominent(self, near: Array) -> tuple[float, int, float]:
        """Power of the more prominent comb over that beside it in mean `Lines.near`, its place, and its hum's power."""
        loops = kernel()
        if loops:
            combs = loops.combs_of(near, self._firsts, np.zeros((len(MAINS_HZ), 3))).tolist()
        else:
            combs = _combs((np.add.reduce(near) / len(near)).tolist(), self._firsts.tolist())
        over = [line / floor if floor > 0.0 else 0.0 for line, floor, _power in combs]
        best = over.index(max(over))
        return over[best], best, combs[best][2]

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


def _depths(near: list[list[float]], firsts: list[int]) -> list[float]:
    """Power in the lines that are there, those whose `firsts` are not -1, over that beside them; 1 for the others."""
    depths, rows = [1.0] * len(firsts), iter(near)
    for line, first in enumerate(firsts):
        if first >= 0:
            row = next(rows)
            beside = _beside(row) / MEDIAN_OF_TEN
            if beside > 0.0:
                depths[line] = min(row[8] / beside, 100.0)
    return depths


def _combs(near: list[list[float]], firsts: list[int]) -> list[list[float]]:
    """Power of each comb's lines, of what is beside them, and of the hum; of (n_lines, 17)."""
    combs = [[0.0, 0.0, 0.0] for _ in firsts]
    ends = [*firsts[1:], len(near)]
    for comb, first, end in zip(combs, firsts, ends, strict=True):
        stop = len(near) if end < 0 else end
        for k in (*range(first + 1, stop), first) if first >= 0 else ():  # the order of NumPy's `reduceat`
            row = near[k]
            around, peak = _beside(row), (row[7] + row[8] + row[9]) / 3.0
            comb[0] += peak
            comb[1] += around
            if peak > 2.0 * around:
                comb[2] += max(row[6] + row[7] + row[8] + row[9] + row[10] - 5.0 * around, 0.0)
    return combs


def _beside(row: list[float]) -> float:
    """Median power of the ten bins beside a line, of 17."""
    ordered = sorted(row[:5] + row[12:])
    return (ordered[4] + ordered[5]) / 2.0


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
    loops = kernel()
    if loops is not None:
        lines: list[list[float]] = loops.lines_of(power, _array_of(bins)).tolist()
        return lines
    below = tuple(at for at in bins if at + 9 <= 0.9 * power.shape[1])
    if not below:
        return [[0.0] * len(power)] * len(bins)
    near = power[:, _near_of(below)]
    five = near[..., :3].copy()
    for k in range(3, 15, 3):
        five += near[..., k : k + 3]
    above = np.maximum(five[..., 1] - 5.0 * (0.1 * (five[..., 0] + five[..., 2])), 0.0)
    lines = np.sqrt(above.cumsum(axis=1)).T.tolist()
    return lines + [lines[-1]] * (len(bins) - len(below))


@lru_cache(maxsize=256)
def _near_of(bins: tuple[int, ...]) -> NDArray[np.int64]:
    """Bins in which the first, second, ... of five lie below, at and above each of some lines, (n, 15)."""
    return np.array([[at + first + k for k in range(5) for first in (-8, -2, 4)] for at in bins])


@lru_cache(maxsize=256)
def _array_of(bins: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(bins, np.int64)


@lru_cache(maxsize=256)
def line_bins(bin_hz: float, f0_hz: float, harmonics: int) -> tuple[int, ...]:
    """Bins in which a line and its harmonics lie."""
    return tuple(round(harmonic * f0_hz / bin_hz) for harmonic in range(1, harmonics + 1))
