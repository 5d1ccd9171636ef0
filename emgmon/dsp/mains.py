"""Mains hum: whether there is any, and at which frequency.

Live, `emgmon.dsp.canceller` takes it out; offline, `emgmon.dsp.offline.spectrum_interpolation`.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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
    """What `MainsWatch` looks at in windows, (n, …): bins up to the highest harmonic, and the depth at 50 and 60 Hz."""

    spectra: Spectrum
    power: Array
    depths: list[list[float]]
    prominence_db: list[float] | None = None


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
    _kept: deque[tuple[int, Spectrum, Array]] = field(init=False)
    _count: int = 0
    _depths: dict[float, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept = deque(maxlen=self.settings.windows)

    def lines(self, spectra: Spectrum) -> Lines:
        """Look at complex spectra (mean removed, Hann) of windows, (n, n_bins); vectorised."""
        low = spectra[:, : self._bin(HARMONICS * MAINS_HZ[-1]) + 9]
        power = np.abs(low) ** 2
        return Lines(low, power, np.stack([self._depth(power, f0_hz) for f0_hz in MAINS_HZ], axis=1).tolist())

    def add(self, spectrum: Spectrum, *, relaxed: bool) -> None:
        """Take the complex spectrum of the next window."""
        self.take(self.lines(spectrum[None]), 0, relaxed=relaxed)

    def take(self, lines: Lines, k: int, *, relaxed: bool) -> None:
        """Take window k of some as the next one."""
        self._count += 1
        if relaxed:
            self._kept.append((self._count, lines.spectra[k].copy(), lines.power[k].copy()))
        n = min(self._count, self.settings.hole_windows)
        for f0_hz, depth in zip(MAINS_HZ, lines.depths[k], strict=True):
            before = self._depths.get(f0_hz, 1.0)
            self._depths[f0_hz] = before + (depth - before) / n

    def stands_out(self, lines: Lines, k: int) -> bool:
        """Whether a line is plain in window k alone, whatever the muscle does."""
        if lines.prominence_db is None:
            combs = zip(*(self._hums(lines.power, f0_hz) for f0_hz in MAINS_HZ), strict=True)
            lines.prominence_db = [max(hum.prominence_db for hum in pair) for pair in combs]
        return lines.prominence_db[k] > self.settings.plain_db

    def hole_hz(self) -> float:
        """Mains frequency at which the sensor has a notch of its own; NaN when there is none or too little was seen."""
        independent = min(self._count, self.settings.hole_windows) / 3.0
        if independent < 1.0:
            return math.nan
        f0_hz = min(MAINS_HZ, key=lambda line_hz: self._depths[line_hz])
        limit = min(self.settings.hole, 1.0 - self.settings.hole_sd / math.sqrt(independent))
        return f0_hz if self._depths[f0_hz] < limit else math.nan

    def find(self) -> Hum | None:
        """Hum in the relaxed windows of late, None when there is none or too little was seen."""
        if len(self._kept) < self.settings.least_plain:
            return None
        mean = np.mean([power for _at, _spectrum, power in self._kept], axis=0)[None]
        found = max((self._hums(mean, f0_hz)[0] for f0_hz in MAINS_HZ), key=lambda hum: hum.prominence_db)
        enough = len(self._kept) >= self.settings.least
        if found.prominence_db < (self.settings.prominence_db if enough else self.settings.plain_db):
            return None
        f0_hz = self._refined_hz(found.f0_hz)
        return None if abs(f0_hz - found.f0_hz) > FARTHEST_HZ else Hum(f0_hz, found.rms, found.prominence_db)

    def _bin(self, frequency_hz: float) -> int:
        return round(frequency_hz * self.size / self.fs_hz)

    def _depth(self, power: Array, f0_hz: float) -> Array:
        """Power of windows (n, n_bins) in a line's bin over that beside it."""
        at = self._bin(f0_hz)
        if at + 9 > power.shape[1]:
            return np.ones(len(power))
        ordered = np.sort(np.concatenate([power[:, at - 8 : at - 3], power[:, at + 4 : at + 9]], axis=1), axis=1)
        beside = (ordered[:, 4] + ordered[:, 5]) / 2.0 / MEDIAN_OF_TEN
        there = beside > 0.0
        depth = np.minimum(power[:, at] / np.where(there, beside, 1.0), 100.0)
        return np.asarray(np.where(there, depth, 1.0))

    def _hums(self, power: Array, f0_hz: float) -> list[Hum]:
        """Prominence and RMS of a comb with this fundamental, in each of (n, n_bins); a line spreads over five bins."""
        line, floor, total = np.zeros((3, len(power)))
        for harmonic in range(1, HARMONICS + 1):
            at = self._bin(harmonic * f0_hz)
            if harmonic * f0_hz > 0.45 * self.fs_hz or at + 9 > power.shape[1]:
                break
            beside = np.sort(np.concatenate([power[:, at - 8 : at - 3], power[:, at + 4 : at + 9]], axis=1), axis=1)
            around = (beside[:, 4] + beside[:, 5]) / 2.0
            peak = power[:, at - 1 : at + 2].sum(axis=1) / 3.0
            line, floor = line + peak, floor + around
            excess = np.maximum(power[:, at - 2 : at + 3].sum(axis=1) - 5.0 * around, 0.0)
            total += np.where(peak > 2.0 * around, excess, 0.0)
        total = total * 2.0 / (self.size * hann(self.size)[1])
        return [
            Hum(f0_hz, math.sqrt(rms2), 10.0 * math.log10(up / down) if down > 0.0 and up > 0.0 else -math.inf)
            for up, down, rms2 in zip(line.tolist(), floor.tolist(), total.tolist(), strict=True)
        ]

    def _refined_hz(self, f0_hz: float) -> float:
        """Frequency from the advance of the phase between windows, first near ones, then ever farther ones."""
        at = self._bin(f0_hz)
        values = {when: spectrum[at - 1 : at + 2] for when, spectrum, _power in self._kept}
        for lag in (1, 4, 12):
            pairs = [(values[when], values[when + lag]) for when in values if when + lag in values]
            if not pairs:
                return f0_hz
            turn = complex(sum(np.vdot(earlier, later) for earlier, later in pairs))
            step_s = lag * (self.size / 4) / self.fs_hz
            cycles = math.atan2(turn.imag, turn.real) / (2.0 * math.pi)
            f0_hz = (cycles + round(f0_hz * step_s - cycles)) / step_s
        return f0_hz


@lru_cache(maxsize=16)
def hann(size: int) -> tuple[Array, float]:
    """Return the Hann window and the sum of its squares."""
    window = np.hanning(size)
    return window, float((window * window).sum())


def line_rms(power: Array, bin_hz: float, f0_hz: float, harmonics: int = HARMONICS) -> Array:
    """RMS of a line and its harmonics in powers of Hann windows, (n, n_bins), whose bins add up to their mean squares.

    Returns
    -------
    (n,) array
    """
    total = np.zeros(len(power))
    for at in line_bins(bin_hz, f0_hz, harmonics):
        if at + 9 > 0.9 * power.shape[1]:
            break
        around = 0.1 * (power[:, at - 8 : at - 3].sum(axis=1) + power[:, at + 4 : at + 9].sum(axis=1))
        total += np.maximum(power[:, at - 2 : at + 3].sum(axis=1) - 5.0 * around, 0.0)
    return np.sqrt(total)


@lru_cache(maxsize=256)
def line_bins(bin_hz: float, f0_hz: float, harmonics: int = HARMONICS) -> tuple[int, ...]:
    """Bins in which a line and its harmonics lie."""
    return tuple(round(harmonic * f0_hz / bin_hz) for harmonic in range(1, harmonics + 1))
