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
    told : n times 3 · n_lines floats
        Of each line what `_told` says.
    """

    tops: Spectrum
    near: Array
    told: list[list[float]]

    @classmethod
    def joined(cls, parts: Sequence[Lines]) -> Lines:
        """Return the windows of some, one after another."""
        if len(parts) == 1:
            return parts[0]
        tops, near = ([getattr(part, name) for part in parts] for name in ("tops", "near"))
        return cls(np.concatenate(tops), np.concatenate(near), [row for part in parts for row in part.told])

    def part(self, first: int, stop: int) -> Lines:
        """Return windows `first` to `stop` of these alone."""
        return Lines(self.tops[first:stop], self.near[first:stop], self.told[first:stop])


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
    _combs: list[tuple[int, ...]] = field(init=False)
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
        rows = [range(end - len(comb), end) for end, comb in zip(ends, centres, strict=True)]
        self._combs = [(*row[1:], *row[:1]) for row in rows]  # so they are added, the first last
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
        if loops:
            near = np.empty((n, *self._around.shape))
            loops.around_of(spectra, self._around, near)
        else:
            there = spectra[:, self._around]
            near = there.real**2 + there.imag**2
        tops = np.zeros((n, len(MAINS_HZ), 3), np.complex128)
        for line, comb in enumerate(self._combs):
            if comb:
                centre = int(self._around[comb[-1], 8])
                tops[:, line] = spectra[:, centre - 1 : centre + 2]
        return Lines(tops, near, _told(near))

    def take(self, lines: Lines, at: int, *, relaxed: bool) -> None:
        """Take window `at` of some as the next one; `relaxed` tells whether it counts for hum."""
        self._count += 1
        n, windows = min(self._count, self.settings.hole_windows), self.settings.windows
        told = lines.told[at]
        for line, comb in enumerate(self._combs):
            depth = 1.0
            if comb and (beside := told[3 * comb[-1] + 1]) > 0.0:
                depth = min(told[3 * comb[-1] + 2] / (beside / MEDIAN_OF_TEN), 100.0)
            self._depths[line] += (depth - self._depths[line]) / n
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
        over, _best = self._prominent(lines.told[at])
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
        near = np.add.reduce(self._near[self._end - n : self._end]) / n
        told = _told(near[None])[0]
        over, best = self._prominent(told)
        limit_db = self.settings.prominence_db if n >= self.settings.least else self.settings.plain_db
        if not over > 0.0 or (prominence_db := 10.0 * math.log10(over)) < limit_db:
            return None
        f0_hz = self._refined_hz(best, self._tops[self._end - n : self._end], np.array(self._when))
        if abs(f0_hz - MAINS_HZ[best]) > FARTHEST_HZ:
            return None
        power = 0.0
        for k in self._combs[best]:
            power += _excess(near[k].tolist(), told[3 * k], told[3 * k + 1])
        return Hum(f0_hz, math.sqrt(power * 2.0 / (self.size * hann(self.size)[1])), prominence_db)

    def _prominent(self, told: list[float]) -> tuple[float, int]:
        """Power of the more prominent comb over that beside it, from `Lines.told` of one window, and which it is."""
        most, best = 0.0, 0
        for line, comb in enumerate(self._combs):
            power = floor = 0.0
            for k in comb:
                power += told[3 * k]
                floor += told[3 * k + 1]
            if floor > 0.0 and power / floor > most:
                most, best = power / floor, line
        return most, best

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


def _told(near: Array) -> list[list[float]]:
    """Say of lines with the power around them, (n, n_lines, 17), what is enough to see whether they are hum.

    Three numbers: mean power at a line and its neighbours, median power of ten bins beside it, and power at it: the
    muscle is beside it too, and the sensor's own notch is at it.
    """
    loops, told = kernel(), np.empty((*near.shape[:-1], 3))
    if loops:
        loops.told_of(near, told)
    else:
        ordered = near[..., _BESIDE]
        ordered.sort(axis=-1)
        np.divide(near[..., 7] + near[..., 8] + near[..., 9], 3.0, out=told[..., 0])
        np.divide(ordered[..., 4] + ordered[..., 5], 2.0, out=told[..., 1])
        told[..., 2] = near[..., 8]
    rows: list[list[float]] = told.reshape(len(near), -1).tolist()
    return rows


def _excess(near: list[float], peak: float, beside: float) -> float:
    """Power of a hum's line over that beside it, where it stands out at all; of 17 and of `_told`."""
    if not peak > 2.0 * beside:
        return 0.0
    return max(near[6] + near[7] + near[8] + near[9] + near[10] - 5.0 * beside, 0.0)


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
